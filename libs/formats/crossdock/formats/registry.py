"""All wire formats by name.

Invariant: a format is one module, one folder of examples and one line here; what a family shares
stands in the package of its name.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.formats import (
    adyen_accounting,
    adyen_settlement,
    amazon_mws_order,
    amazon_notification,
    amazon_order,
    amazon_order_v0,
    amazon_settlement,
    amazon_transfers,
    bigcommerce_order,
    bigcommerce_webhook,
    canal,
    canonical_json,
    checkout_settlement,
    debezium,
    declarative,
    ebay_order,
    magento_order,
    maxwell,
    medusa_order,
    paypal_activity,
    paypal_settlement,
    paypal_transactions,
    shopify_fulfillment,
    shopify_fulfillment_event,
    shopify_inventory_level,
    shopify_order,
    shopify_payout,
    shopify_payout_transactions,
    shopify_product,
    shopify_refund,
    square_inventory,
    square_order,
    square_payout,
    square_refund,
    stripe_balance_transaction,
    stripe_payout,
    stripe_report,
    unicommerce_order,
    vendure_order,
    walmart_inventory,
    walmart_order,
    walmart_return,
    woocommerce_order,
    woocommerce_product,
    woocommerce_refund,
)
from crossdock.formats.carriers.catalog import CARRIER_FORMATS
from crossdock.formats.declaration import Field, Format
from crossdock.formats.edifact_catalog import EDIFACT_FORMATS
from crossdock.formats.x12_catalog import X12_FORMATS

__all__ = ["FORMATS", "Field", "Format", "format_named"]

FORMATS: Final[dict[str, Format]] = {
    one.name: one
    for one in (
        *CARRIER_FORMATS,
        *EDIFACT_FORMATS,
        *X12_FORMATS,
        adyen_accounting.FORMAT,
        adyen_settlement.FORMAT,
        amazon_mws_order.FORMAT,
        amazon_notification.FORMAT,
        amazon_order.FORMAT,
        amazon_order_v0.FORMAT,
        amazon_settlement.FORMAT,
        amazon_transfers.FORMAT,
        bigcommerce_order.FORMAT,
        bigcommerce_webhook.FORMAT,
        canal.FORMAT,
        canonical_json.FORMAT,
        checkout_settlement.FORMAT,
        debezium.FORMAT,
        declarative.FORMAT,
        ebay_order.FORMAT,
        magento_order.FORMAT,
        maxwell.FORMAT,
        medusa_order.FORMAT,
        paypal_activity.FORMAT,
        paypal_settlement.FORMAT,
        paypal_transactions.FORMAT,
        shopify_fulfillment.FORMAT,
        shopify_fulfillment_event.FORMAT,
        shopify_inventory_level.FORMAT,
        shopify_order.FORMAT,
        shopify_payout.FORMAT,
        shopify_payout_transactions.FORMAT,
        shopify_product.FORMAT,
        shopify_refund.FORMAT,
        square_inventory.FORMAT,
        square_order.FORMAT,
        square_payout.FORMAT,
        square_refund.FORMAT,
        stripe_balance_transaction.FORMAT,
        stripe_payout.FORMAT,
        stripe_report.FORMAT,
        unicommerce_order.FORMAT,
        vendure_order.FORMAT,
        walmart_inventory.FORMAT,
        walmart_order.FORMAT,
        walmart_return.FORMAT,
        woocommerce_order.FORMAT,
        woocommerce_product.FORMAT,
        woocommerce_refund.FORMAT,
    )
}


def format_named(name: str | None) -> Format:
    """The format of that name. Raises Rejected FORMAT_UNKNOWN."""
    found = FORMATS.get(name or "")
    if found is None:
        known = ", ".join(sorted(FORMATS))
        detail = f"no format is called {shown(name or '')}; set `format` in the profile to one of {known}"
        raise Rejected(RejectionCode.FORMAT_UNKNOWN, detail, "format")
    return found
