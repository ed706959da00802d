"""Amazon's Finances API: transactions of 2024-06-19, the financial events of v0 and their groups.

Invariant: a transaction is one line of its total, an event a line per amount, a group a settlement; until a
settlement is named lines are provisional.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Entity, PartnerProfile, Payout, Settlement, SettlementLine
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.bookings import Booking
from crossdock.formats.amazon.event_answers import Event, events_apart, events_of, groups_apart, groups_of
from crossdock.formats.amazon.event_groups import EventGroups
from crossdock.formats.amazon.fields import AmazonFields, either, unwrapped
from crossdock.formats.amazon.financial_events import FinancialEvents
from crossdock.formats.amazon.transactions import read_transaction
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import json_documents, split_documents
from crossdock.formats.json_fields import identity
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts
from crossdock.formats.refusals import refuse_all
from crossdock.formats.settlement_lines import SettlementAccount
from crossdock.formats.xml_document import is_xml, xml_document

MAPPING_VERSION: Final = "amazon_transfers/1"
_LISTS: Final = ("transactions", "FinancialEventGroupList", "financialEventGroupList")
_WRAPPERS: Final = (*_LISTS, *(f"payload.{name}" for name in _LISTS))


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
    groups = groups_of(document.root) or ()
    if len(groups) == 1:
        return f"group:{identity(groups[0][0], either(groups[0][0], 'FinancialEventGroupId'), groups[0][1])}"
    found = _transactions(document.root)
    return f"transaction:{identity(found[0][0], 'transactionId', found[0][1])}" if len(found) == 1 else None


key = key_by(_key)
"""`transaction:<id>` or `group:<id>` of a payload of one that has an id, None for any other."""


def split(record: Record, profile: PartnerProfile) -> Reading:
    """The transactions or groups of an answer, of an array or of JSON lines. Events stay together, but for
    those that cannot be read."""
    data = record.value or b""
    documents = (groups_apart(data) or [data]) if is_xml(data) else json_documents(data, _WRAPPERS, ())
    apart = [
        part
        for document in documents
        for part in events_apart(document, lambda found: _unreadable(found, record, profile))
    ]
    if len(apart) > PARTS_MAX:
        raise too_many_parts("$")
    return split_documents(record, apart, key, "transaction")


def _unreadable(document: Document, record: Record, profile: PartnerProfile) -> list[Event]:
    account = SettlementAccount(record, profile, "amazon", MAPPING_VERSION)
    reader = FinancialEvents(account, AmazonFields(document, profile))
    found = events_of(document.root)
    return [event for event, _ in reader.bookings(found[0])[1]] if found else []


def read(record: Record, profile: PartnerProfile) -> Reading:
    """A line per transaction or per amount of an event, settlement and payout of a group. Raises Rejected."""
    if is_xml(record.value):
        return _reading(xml_document(record.value or b""), record, profile)
    return read_document(record.value, lambda document: _reading(document, record, profile))


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    account = SettlementAccount(record, profile, "amazon", MAPPING_VERSION)
    fields = AmazonFields(document, profile)
    groups = groups_of(document.root)
    entities: list[Entity] = []
    if groups is not None:
        reader = EventGroups(account, fields)
        for group, path in groups:
            entities += reader.entities(group, path)
    else:
        bookings = _bookings(account, fields, document.root)
        lines = account.lines([one.draft for one in bookings])
        entities += [one.completed(line) for one, line in zip(bookings, lines, strict=True)]
    return reading_of_entities(entities, record, warnings=[*document.warnings, *account.warnings])


def _bookings(account: SettlementAccount, fields: AmazonFields, root: Node) -> list[Booking]:
    answer = events_of(root)
    if answer is None:
        return [read_transaction(account, fields, one, place) for one, place in _transactions(root)]
    events, place = answer
    found, refused = FinancialEvents(account, fields).bookings(events)
    if refused:
        problems = [(refusal.path, refusal.detail) for _, refusal in refused]
        raise refuse_all(refused[0][1].code, problems) from refused[0][1]
    if not found:
        account.warn_once("report_empty", "the answer holds no event that moves money", place)
    return found


FORMAT: Final = Format(
    name="amazon_transfers",
    title="Amazon transactions (Finances API 2024-06-19), financial events and their groups (v0)",
    content_types=("application/json", "text/xml", "application/xml"),
    key=key,
    read=read,
    split=split,
    entities=(SettlementLine, Settlement, Payout),
    field_table=(
        Field("transactionId", "line_id", "a hash where it is missing"),
        Field(
            "transactionType", "transaction_type, transaction_type_raw", "table, settlement.vocabulary first"
        ),
        Field("description", "amount_description_raw"),
        Field("totalAmount", "net", "of the transaction as a whole, never of its parts"),
        Field("breakdowns", "gross, fee, extensions", "Sales is gross, Expenses are fees; compared with net"),
        Field("relatedIdentifiers ORDER_ID, SHIPMENT_ID, INVOICE_ID", "order_reference, reference_kind"),
        Field(
            "relatedIdentifiers SETTLEMENT_ID, else FINANCIAL_EVENT_GROUP_ID",
            "settlement_id",
            "provisional without one",
        ),
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
        Field("FinancialEventGroupId (v0)", "settlement_id, payout_id"),
        Field("… OriginalTotal", "Settlement.deposit, currency", "of a closed group; else an extension"),
        Field("… ConvertedTotal, else OriginalTotal", "Payout.amount", "in the currency of the bank"),
        Field("… FinancialEventGroupStart, FinancialEventGroupEnd", "Settlement.period_from, period_to"),
        Field("… FundTransferDate", "Settlement.deposit_date, Payout.arrival_date"),
        Field("… FundTransferStatus, TraceId", "Payout.status, status_raw, bank_reference"),
        Field("… ProcessingStatus", "Settlement.is_final", "Closed"),
        Field("… BeginningBalance", "extensions"),
    ),
    quirks=(
        "Amounts are JSON numbers and stay exact.",
        "Breakdowns stand in a list, or in an object that holds the list.",
        "A transaction without an id is known by its content.",
        "A deferred transaction comes again when it is released: same id, other status.",
        "Breakdowns need not add up to the total, nor to the one that holds them: each difference is told.",
        "Financial events of v0 are a line per amount; parts that explain one of them are left out.",
        "The legacy XML of listFinancialEvents holds each list in elements of its own.",
        "An event without an amount that is read is told; one that cannot be read is cut out of its answer.",
        "A group states no lines; an open one has no deposit and no payout yet.",
        "A group is paid in the currency of the bank, which may differ from its own.",
    ),
    key_rule="account of the profile (else the partner), settlement or `-`, `transactionId`; a group's id",
    revision_rule="none: a transaction or group that comes again replaces what was said of it",
    intake="payment",
    needs=(),
    looks_like=most(
        json_with("transactionType", "totalAmount", "postedDate", score=90, without=("notificationType",)),
        json_with(
            "transactionType", "transactionStatus", "totalAmount", score=85, without=("notificationType",)
        ),
        json_with("FinancialEvents", score=90),
        json_with("financialEvents", score=85),
        json_with("FinancialEventGroupId", "OriginalTotal", score=90),
        json_with("financialEventGroupId", "originalTotal", score=85),
        text_with("<FinancialEvents>", "EventList", score=90, opening="<"),
        text_with("<FinancialEventGroupList>", score=90, opening="<"),
    ),
)
