"""Amazon's Finances API: transactions of 2024-06-19, and the financial events of v0.

Invariant: a transaction is one line of its total, an event a line per amount; until a settlement is named
they are provisional.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile, SettlementLine
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.bookings import Booking
from crossdock.formats.amazon.fields import AmazonFields, either, unwrapped
from crossdock.formats.amazon.financial_events import FinancialEvents
from crossdock.formats.amazon.transactions import read_transaction
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_documents, split_json
from crossdock.formats.json_fields import identity
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.refusals import refuse_all
from crossdock.formats.settlement_lines import SettlementAccount
from crossdock.formats.xml_document import is_xml, xml_document

MAPPING_VERSION: Final = "amazon_transfers/1"
_GROUPS: Final = "FinancialEventGroupList"
_XML_LAYERS: Final = ("Response", "Result")


def _transactions(root: Node) -> list[tuple[Node, str]]:
    """The transactions of an answer, or the one that a payload is. Raises Rejected FIELD_INVALID."""
    node, path = unwrapped(root, "$")
    listed = node.get("transactions")
    if not isinstance(listed, list):
        return [(node, path)]
    found = []
    for index, one in enumerate(listed):
        place = f"{path}.transactions[{index}]"
        if not isinstance(one, dict):
            raise Rejected(RejectionCode.FIELD_INVALID, "a transaction is not an object", place)
        found.append((one, place))
    return found


def _key(document: Document) -> str | None:
    found = _transactions(document.root)
    return f"transaction:{identity(found[0][0], 'transactionId', found[0][1])}" if len(found) == 1 else None


key = key_by(_key)
"""`transaction:<id>` of a payload of one transaction that has an id, None for any other."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The transactions of an answer, of an array or of JSON lines; events stay together."""
    if is_xml(record.value):
        return split_documents(record, [record.value or b""], key, "transaction")
    return split_json(
        record, key, kind="transaction", wrappers=("transactions", "payload.transactions"), own_arrays=()
    )


def read(record: Record, profile: PartnerProfile) -> Reading:
    """A line per transaction, or per amount of an event. Raises Rejected."""
    if is_xml(record.value):
        return _reading(xml_document(record.value or b""), record, profile)
    return read_document(record.value, lambda document: _reading(document, record, profile))


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    account = SettlementAccount(record, profile, "amazon", MAPPING_VERSION)
    fields = AmazonFields(document, profile)
    bookings = _bookings(account, fields, document.root)
    lines = account.lines([one.draft for one in bookings])
    completed = [one.completed(line) for one, line in zip(bookings, lines, strict=True)]
    return reading_of_entities(completed, record, warnings=[*document.warnings, *account.warnings])


def _answer(root: Node) -> tuple[Node, str]:
    """What holds the events: the payload, or the result in the response of the legacy XML.

    Raises Rejected FIELD_INVALID for the answer of a failed call.
    """
    node, path = unwrapped(root, "$")
    if "ErrorResponse" in node:
        detail = "the service answered with an error, not with events; repeat the call"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.ErrorResponse")
    while (name := next((one for one in node if one.endswith(_XML_LAYERS)), None)) is not None:
        inner = node[name]
        if not isinstance(inner, dict):
            break
        node, path = inner, f"{path}.{name}"
    return node, path


def _capitalised(value: Node) -> Node:
    """The names as the interface has them: some client libraries write them out with a small first letter."""
    return {name[:1].upper() + name[1:]: _inside(inner) for name, inner in value.items()}


def _inside(value: object) -> object:
    if isinstance(value, list):
        return [_inside(one) for one in value]
    return _capitalised(value) if isinstance(value, dict) else value


def _bookings(account: SettlementAccount, fields: AmazonFields, root: Node) -> list[Booking]:
    node, path = _answer(root)
    if (groups := either(node, _GROUPS)) in node:
        detail = "these are groups of events, which hold sums alone; send what listFinancialEvents answers"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.{groups}")
    name = either(node, "FinancialEvents")
    events = node.get(name)
    if not isinstance(events, dict):
        return [read_transaction(account, fields, one, place) for one, place in _transactions(root)]
    found, refused = FinancialEvents(account, fields).bookings(_capitalised(events), f"{path}.{name}")
    if refused:
        problems = [(refusal.path, refusal.detail) for refusal in refused]
        raise refuse_all(refused[0].code, problems) from refused[0]
    if not found:
        account.warn_once("report_empty", "the answer holds no event that moves money", f"{path}.{name}")
    return found


FORMAT: Final = Format(
    name="amazon_transfers",
    title="Amazon transactions (Finances API 2024-06-19) and financial events (v0)",
    content_types=("application/json", "text/xml", "application/xml"),
    key=key,
    read=read,
    split=split,
    entities=(SettlementLine,),
    field_table=(
        Field("transactionId", "line_id", "a hash where it is missing"),
        Field(
            "transactionType", "transaction_type, transaction_type_raw", "table, settlement.vocabulary first"
        ),
        Field("description", "amount_description_raw"),
        Field("totalAmount", "net", "of the transaction as a whole, never of its parts"),
        Field("breakdowns", "gross, fee, extensions", "Sales is gross, Expenses are fees; compared with net"),
        Field("relatedIdentifiers ORDER_ID, SHIPMENT_ID, INVOICE_ID", "order_reference, reference_kind"),
        Field("relatedIdentifiers SETTLEMENT_ID", "settlement_id", "provisional without one"),
        Field("relatedIdentifiers DISBURSEMENT_ID, TRANSFER_ID", "payout_id"),
        Field("postedDate", "posted"),
        Field("items[].contexts[ProductContext]", "sku, quantity", "where there is one item"),
        Field("transactionStatus, marketplaceDetails, accountType", "extensions"),
        Field("FinancialEvents.…EventList (v0)", "transaction_type_raw", "Shipment, Refund, ServiceFee, …"),
        Field("… ItemChargeList, ItemFeeList, PromotionList, TaxesWithheld, …", "net", "a line per amount"),
        Field("… ChargeType, FeeType, PromotionType", "amount_description_raw, transaction_type"),
        Field(
            "… AmazonOrderId, OrderItemId, SellerSKU, QuantityShipped", "order_reference, item_reference, sku"
        ),
    ),
    quirks=(
        "Amounts are JSON numbers and stay exact.",
        "Breakdowns stand in a list, or in an object that holds the list.",
        "A transaction without an id is known by its content.",
        "A deferred transaction comes again when it is released: same id, other status.",
        "Breakdowns need not add up to the total: the difference is told.",
        "Financial events of v0 are a line per amount; parts that explain one of them are left out.",
        "The legacy XML of listFinancialEvents holds each list in elements of its own.",
        "An event without an amount that is read is told.",
    ),
    key_rule="account of the profile (else the partner), settlement or `-`, `transactionId`",
    revision_rule="none: a transaction that comes again replaces what was said of it",
    intake="payment",
    needs=(),
    looks_like=most(
        json_with("transactionType", "totalAmount", "postedDate", score=90, without=("notificationType",)),
        json_with(
            "transactionType", "transactionStatus", "totalAmount", score=85, without=("notificationType",)
        ),
        json_with("FinancialEvents", score=90),
        json_with("financialEvents", score=85),
        json_with("FinancialEventGroupId", score=80),
        text_with("<FinancialEvents>", "EventList", score=90, opening="<"),
    ),
)
