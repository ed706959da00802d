"""What the words of Amazon's settlement reports mean.

A row says three words: transaction type, amount type, amount description. The profile's vocabulary is asked
first, for the most specific of them; then these tables.

Invariant: only listed words have a meaning; any other is unknown, never guessed from its spelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.models import TransactionType
from crossdock.formats.settlement_lines import plain_word, word_table


class Words(NamedTuple):
    """The three words of an amount, as said."""

    transaction: str
    amount_type: str
    description: str


_BY_DESCRIPTION: Final = word_table(
    {
        TransactionType.RESERVE: (
            "CurrentReserveAmount PreviousReserveAmountBalance ReserveDebit ReserveCredit"
        ),
        TransactionType.SUBSCRIPTION: "SubscriptionFee Subscription MonthlySubscriptionFee",
        TransactionType.SHIPPING_LABEL: (
            "ShippingLabelPurchase ShippingLabelPurchaseForReturn ShippingLabelRefund ShippingServices "
            "ShippingServicesRefund PostageBilling_Postage PostageBilling_PostageAdjustment "
            "PostageBilling_DeliveryConfirmation PostageBilling_SignatureConfirmation PostageRefund_Postage "
            "ReturnPostageBilling_Postage CarrierShippingLabelAdjustments"
        ),
        TransactionType.TAX_WITHHELD: "IncomeTaxCharged TCS-CGST TCS-SGST TCS-IGST TCS-UTGST",
        TransactionType.OTHER: "SellerRewards",
        TransactionType.ADJUSTMENT: (
            "REVERSAL_REIMBURSEMENT WAREHOUSE_DAMAGE WAREHOUSE_DAMAGE_EXCEPTION WAREHOUSE_LOST "
            "WAREHOUSE_LOST_MANUAL MISSING_FROM_INBOUND MISSING_FROM_INBOUND_CLAWBACK COMPENSATED_CLAWBACK "
            "FREE_REPLACEMENT_REFUND_ITEMS INCORRECT_FEES_ITEMS CS_ERROR_ITEMS CS_ERROR_NON_ITEMIZED "
            "RE_EVALUATION REMOVAL_ORDER_LOST REMOVAL_ORDER_DAMAGED SAFE-TReimbursement BuyerRecharge "
            "NonSubscriptionFeeAdj Non-SubscriptionFeeAdjustment BalanceAdjustment FeeAdjustment "
            "MiscAdjustment Goodwill Adjustment PromotionAdjustment"
        ),
        TransactionType.FEE: (
            "StorageFee FBALongTermStorage FBALong-TermStorageFee FBAStorageFee StorageRenewalBilling "
            "LongTermStorageFee AgedInventorySurcharge RemovalComplete DisposalComplete FBARemovalFee "
            "FBADisposalFee InboundTransportationFee FBAInboundTransportationFee "
            "FBAInboundTransportationProgramFee FBAInboundConvenienceFee FBAInternationalInboundFreightFee "
            "LabelingFee PrepFee VineEnrollmentFee LightningDealFee DealFee CouponRedemptionFee "
            "HighVolumeListingFee PremiumExperienceFee EPRPayOnBehalf PaidServicesFee "
            "UnplannedServiceFeeBarcodeLabel FBAMultitierPerUnitFee AmazonUpstreamStorageTransportation "
            "FBAInboundPlacementServiceFee AGSGlobalInboundTransportation AmazonEasyShipCharges "
            "SponsoredProducts SponsoredBrands SponsoredDisplay LightningDealFees"
        ),
        TransactionType.TRANSFER: (
            "PayableToAmazon SuccessfulCharge UnsuccessfulCharge FailedDisbursement "
            "TransferOfFundsUnsuccessful MicroDeposit"
        ),
    }
)
_BY_AMOUNT_TYPE: Final = word_table(
    {
        TransactionType.TAX_WITHHELD: (
            "ItemWithheldTax MarketplaceWithheldTax MarketplaceFacilitatorTax MarketplaceFacilitatorVAT "
            "ItemTCS ItemTDS"
        ),
        TransactionType.FEE: (
            "ItemFees ShipmentFees OrderFees OtherFees MiscFees CostOfAdvertising CouponRedemptionFee "
            "FBALiquidationFee CostOfPoints Points InboundDefectFee CapacityReservationFee "
            "AmazonWarehousing&Distribution(AWD) "
            "LightningDealFee VineEnrollmentFee DealFee FBAFees ServiceFee"
        ),
        TransactionType.ADJUSTMENT: "FBAInventoryReimbursement MCFInventoryReimbursement",
    }
)
_BY_TRANSACTION: Final = word_table(
    {
        TransactionType.SALE: (
            "Order OrderPayment LiquidationsShipment Shipment ShipmentSettle FBALiquidation "
            "PayWithAmazon RentalTransaction RemovalShipment"
        ),
        TransactionType.REFUND: "Refund A-to-zGuaranteeRefund GuaranteeClaim GuaranteeRefund",
        TransactionType.CHARGEBACK: "ChargebackRefund Chargeback",
        TransactionType.FEE: (
            "ServiceFee FBAFees AmazonFees FBAInventoryFee PromotionFee CouponParticipationFee "
            "AdvertisingTransactionDetails SellerCouponPayment StorageFee FBALong-TermStorageFee "
            "VineEnrollmentFee DealFee "
            "LightningDealFee CouponRedemptionFee FBAInboundTransportationFee CostOfAdvertising "
            "StorageRenewalBilling RemovalComplete DisposalComplete ProductAdsPayment SellerDealPayment "
            "CouponPayment SellerReviewEnrollmentPayment ImagingServicesFee ChargeRefund "
            "ValueAddedServiceCharge CapacityReservationBilling AffordabilityExpense "
            "AffordabilityExpenseReversal"
        ),
        TransactionType.SUBSCRIPTION: "SubscriptionFee",
        TransactionType.RESERVE: "CurrentReserveAmount PreviousReserveAmountBalance",
        TransactionType.SHIPPING_LABEL: "ShippingServices ShippingLabelPurchase ShippingServicesRefund",
        TransactionType.ADJUSTMENT: (
            "Order_Retrocharge Refund_Retrocharge Retrocharge Adjustment "
            "BalanceAdjustment FeeAdjustment BuyerRecharge "
            "DebtAdjustment SAFE-TReimbursement REVERSAL_REIMBURSEMENT WAREHOUSE_DAMAGE WAREHOUSE_LOST "
            "COMPENSATED_CLAWBACK MISSING_FROM_INBOUND NonSubscriptionFeeAdj LiquidationsAdjustments "
            "RemovalShipmentAdjustment EBTRefundReimbursementOnly ServiceProviderCredit"
        ),
        TransactionType.PAYOUT: "Transfer AdhocDisbursement",
        TransactionType.TAX_WITHHELD: "TaxWithholding TDSReimbursement",
        TransactionType.TRANSFER: (
            "DebtRecovery LoanServicing DebtPayment PayableToAmazon SuccessfulCharge FailedDisbursement "
            "FailedAdhocDisbursement"
        ),
    }
)
_OF_THE_TRANSACTION: Final = frozenset({"itemprice", "promotion", "directpayment"})
"""Amount types that leave the meaning to the transaction."""
_OF_THE_DESCRIPTION: Final = frozenset({"othertransaction", "transfer", ""})
"""Amount types that leave it to the description, or to the transaction where that has none."""
_WITHHELD_PREFIX: Final = "marketplacefacilitator"


def meaning(words: Words, amount: Decimal, vocabulary: Mapping[str, TransactionType]) -> TransactionType:
    """What an amount is; unknown where neither profile nor tables list its words."""
    named = _named(words, vocabulary)
    if named is not None:
        return named
    found = _listed(*(plain_word(word) for word in words))
    if found is TransactionType.FEE and amount > 0:
        return TransactionType.FEE_REFUND
    return found or TransactionType.UNKNOWN


def _listed(transaction: str, kind: str, description: str) -> TransactionType | None:
    if _BY_DESCRIPTION.get(description) is TransactionType.RESERVE:
        return TransactionType.RESERVE
    if kind in _BY_AMOUNT_TYPE:
        return _BY_AMOUNT_TYPE[kind]
    if description.startswith(_WITHHELD_PREFIX):
        return TransactionType.TAX_WITHHELD
    if kind in _OF_THE_TRANSACTION:
        return _BY_TRANSACTION.get(transaction)
    found = _BY_DESCRIPTION.get(description.partition(":")[0]) or _BY_DESCRIPTION.get(kind)
    return found or _of_all(transaction, kind) or _BY_DESCRIPTION.get(transaction)


def _of_all(transaction: str, kind: str) -> TransactionType | None:
    """What a transaction says of each of its amounts: one of goods says nothing of an amount type of its
    own, where all that e.g. `FBAFees` books is fees."""
    found = _BY_TRANSACTION.get(transaction)
    return found if kind in _OF_THE_DESCRIPTION or found not in _GROSS else None


_GROSS: Final = frozenset({TransactionType.SALE, TransactionType.REFUND, TransactionType.CHARGEBACK})
_FEES: Final = frozenset({TransactionType.FEE, TransactionType.FEE_REFUND, TransactionType.SUBSCRIPTION})


def parts_of(kind: TransactionType, amount: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """(gross, fee) of an amount that is one or the other; a fee is a cost."""
    return amount if kind in _GROSS else None, -amount if kind in _FEES else None


def _named(words: Words, vocabulary: Mapping[str, TransactionType]) -> TransactionType | None:
    """What the profile says, of the most specific word that it names."""
    if not vocabulary:
        return None
    transaction, kind, description = words
    for word in (f"{kind}:{description}", description, kind, transaction):
        if word and word in vocabulary:
            return vocabulary[word]
    return None
