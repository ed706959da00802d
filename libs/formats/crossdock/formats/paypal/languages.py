"""What PayPal's activity download calls its columns and bookings, by the language of the account.

Invariant: a name stands here as a download was seen to write it; a booking that is not named is unknown,
never guessed from its sound.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import TransactionType
from crossdock.formats.report_file import Columns, Header, plain_name
from crossdock.formats.settlement_lines import word_table

ACTIVITY: Final = Columns(
    {
        "date": ("Date", "Datum", "Data", "Fecha"),
        "time": ("Time", "Uhrzeit", "Heure", "Orario", "Ora", "Tijd", "Hora"),
        "zone": (
            *("TimeZone", "Zeitzone", "Fuseau horaire", "Fuso orario", "Tijdzone", "Zona horaria"),
            *("Fuso horário",),
        ),
        "type": ("Type", "Description", "Typ", "Beschreibung", "Tipo", "Descrizione", "Omschrijving"),
        "status": ("Status", "État", "Stato", "Estado"),
        "currency": ("Currency", "Währung", "Devise", "Valuta", "Divisa", "Moneda", "Moeda"),
        "gross": ("Gross", "Brutto", "Avant commission", "Lordo", "Bruto"),
        "fee": (
            *("Fee", "Fees", "Gebühr", "Entgelt", "Commission", "Tariffa", "Kosten", "Tarifa", "Comisión"),
        ),
        "net": ("Net", "Netto", "Neto", "Líquido"),
        "id": (
            *("Transaction ID", "Transaktionscode", "Numéro de transaction", "Codice transazione"),
            *("Transactiereferentie", "Id. de transacción", "ID da transação"),
        ),
        "reference_id": (
            *("Reference Txn ID", "Zugehöriger Transaktionscode", "Numéro de la transaction de référence"),
            *("Codice transazione di riferimento",),
        ),
        "invoice": (
            *("Invoice Number", "Invoice ID", "Rechnungsnummer", "Numéro de facture"),
            *("Identifiant de facture", "N° ordine commerciante", "Factuurreferentie"),
        ),
        "custom": ("Custom Number", "Numéro de client", "Numero personalizzato"),
        "impact": ("Balance Impact", "Auswirkung auf Guthaben", "Impatto sul saldo"),
    },
    ("currency", "gross", "net", "id"),
    {
        "line_id": "id",
        "transaction_type": "type",
        "order_reference": "invoice",
        "posted": "date",
    },
)
"""English, German, French, Italian, Dutch, Spanish, Portuguese."""
_WITH_COMMA: Final = frozenset({"währung", "devise", "valuta", "divisa", "moneda", "moeda"})
"""The column of the currency in languages that write a decimal comma and the day before the month."""

WORDS: Final = word_table(
    {
        TransactionType.SALE: "ExpressCheckoutPayment ExpressCheckoutPaymentReceived WebsitePayment "
        "MobilePayment GeneralPayment SubscriptionPayment PaymentReceived DirectCreditCardPayment "
        "DonationPayment DonationReceived eBayAuctionPayment PreApprovedPaymentBillUserPayment Payment "
        "InvoicePayment WebAcceptPaymentReceived ShoppingCartPayment ShoppingCartPaymentReceived "
        "VirtualTerminalPayment PayPalHerePayment AuctionPaymentReceived eCheckReceived "
        "SubscriptionPaymentReceived "
        "PayPalExpressZahlung Handyzahlung AllgemeineZahlung Spendenzahlung "
        "ZahlungimEinzugsverfahrenmitZahlungsrechnung "
        "Paiement Paiementsursitemarchand Paiementpréapprouvéd'unutilisateurdefacturedepaiement "
        "PaiementExpressCheckout Paiementdedon "
        "Pagamentodacellulare PagamentoExpressCheckout Pagamentoabbonamento Pagamentopreautorizzatoutenza "
        "Algemenebetaling",
        TransactionType.REFUND: "PaymentRefund Refund PaymentReversal Reversal PartialRefund Rückzahlung "
        "Reembolso",
        TransactionType.CHARGEBACK: "Chargeback ChargebackSettlement",
        TransactionType.CHARGEBACK_REVERSAL: "ChargebackReversal CancelledChargeback",
        TransactionType.FEE: "PaymentFee ChargebackFee PartnerFee Fee OtherFee PaymentReviewFee "
        "Rücklastschriftgebühr",
        TransactionType.FEE_REFUND: "FeeReversal FeeRefund CanceledFee",
        TransactionType.SUBSCRIPTION: "WebsitePaymentsProFee",
        TransactionType.PAYOUT: "GeneralWithdrawal UserInitiatedWithdrawal WithdrawFundstoBankAccount "
        "CheckWithdrawalfromPayPal GeneralWithdrawalBankAccount Autosweep TransfertoBank BankTransfer "
        "Withdrawal VonNutzereingeleiteteAbbuchung AllgemeineAbbuchung",
        TransactionType.TRANSFER: "GeneralCurrencyConversion UserInitiatedCurrencyConversion "
        "CurrencyConversion BankDeposittoPPAccount GeneralCreditCardDeposit Transfer GeneralFunding "
        "AddFundsfromaBankAccount "
        "AllgemeineWährungsumrechnung BankgutschriftaufPayPalKonto Versamentogenericoconcarta",
        TransactionType.RESERVE: "HoldonBalanceforDisputeInvestigation "
        "CancellationofHoldforDisputeResolution AccountHoldforOpenAuthorization "
        "ReversalofGeneralAccountHold GeneralHold GeneralHoldRelease PaymentHold PaymentRelease "
        "PaymentReviewHold PaymentReviewRelease ReserveHold ReserveRelease TemporaryHold",
        TransactionType.OTHER: "MassPayPayment MassPayment PaymentSent AuctionPaymentSent eCheckSent "
        "ShoppingCartPaymentSent DonationSent DebitCardPurchase GeneralIncentiveRedemption Bonus "
        "GeneralAuthorization Authorization VoidofAuthorization Paiementenvoyé",
        TransactionType.SHIPPING_LABEL: "PostagePayment ShippingLabelPayment",
        TransactionType.TAX_WITHHELD: "Taxcollectedbypartner",
        TransactionType.ADJUSTMENT: "GeneralAccountAdjustment GeneralAccountCorrection Adjustment "
        "PayPalBalanceAdjustment",
    }
)
"""Meaning of `Type`."""

NOT_MOVED: Final = frozenset(
    {
        *("denied", "canceled", "cancelled", "voided", "expired", "removed", "failed", "declined"),
        *("abgelehnt", "storniert", "abgebrochen", "abgelaufen", "fehlgeschlagen"),
        *("refusé", "annulé", "expiré", "échoué"),
        *("rifiutata", "negata", "annullata", "scaduta", "non riuscita"),
        *("geweigerd", "geannuleerd", "verlopen", "mislukt"),
        *("denegado", "rechazado", "cancelado", "anulado", "negado", "recusado"),
    }
)
"""Statuses of what moved no money, in lower case."""
MEMOS: Final = frozenset({"memo", "mémo", "promemoria"})
"""Impacts on the balance of what other bookings move."""


def has_comma(header: Header) -> bool:
    """Whether the download is in a language with a decimal comma and the day before the month."""
    return plain_name(header.cells[header.places["currency"]]) in _WITH_COMMA
