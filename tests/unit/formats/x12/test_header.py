"""Identity, purpose, dates, currency and references of an 850."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import CancellationStatus, Change, Order, TaxMode
from crossdock.canonical.models import PartnerProfile as Profile
from crossdock.formats import x12_850
from tests.kit.edi_reading import Outcome, part_record
from tests.kit.x12_reading import PROFILE, outcome_of, profile
from tests.kit.x12_writer import Group, Interchange, Set, Style, one_set, payload, rows

LINE = "PO1*1*10*EA*12.50**VN*SKU-1"


def outcome(*header: str, partner: Profile = PROFILE, line: str = LINE) -> Outcome:
    return outcome_of(one_set(rows("\n".join([*header, line]))), partner)


def order(*header: str, partner: Profile = PROFILE, line: str = LINE) -> Order:
    return outcome(*header, partner=partner, line=line).order


def refusal(*header: str, partner: Profile = PROFILE, line: str = LINE) -> Rejected:
    (found,) = outcome(*header, partner=partner, line=line).refusals
    return found


BEG = "BEG*00*SA*4500000001**20260105"


@pytest.mark.parametrize(
    ("purpose", "change", "is_original", "status"),
    [
        ("00", Change.CREATED, True, CancellationStatus.NONE),
        ("06", Change.CREATED, True, CancellationStatus.NONE),
        ("07", Change.CREATED, True, CancellationStatus.NONE),
        ("15", Change.CREATED, False, CancellationStatus.NONE),
        ("18", Change.CREATED, False, CancellationStatus.NONE),
        ("04", Change.UPDATED, False, CancellationStatus.NONE),
        ("05", Change.UPDATED, False, CancellationStatus.NONE),
        ("01", Change.CANCELLED, False, CancellationStatus.CANCELLED),
        ("03", Change.CANCELLED, False, CancellationStatus.CANCELLED),
        ("17", Change.CANCELLED, False, CancellationStatus.CANCELLED),
    ],
)
def test_purpose_decides_change_and_cancellation_and_never_the_key(
    purpose: str, change: Change, is_original: bool, status: CancellationStatus
) -> None:
    found = outcome(f"BEG*{purpose}*SA*4500000001**20260105")
    assert found.order.key == "acme/dist/4500000001"
    assert (found.order.change, found.readings[0].is_original) == (change, is_original)
    assert found.order.cancellation.status is status
    assert found.order.lines[0].ordered.value == 10


def test_a_resent_duplicate_has_the_digest_of_its_original_and_a_replacement_has_not() -> None:
    digests = [
        outcome(f"BEG*{purpose}*SA*1**20260105").readings[0].digest for purpose in ("00", "07", "05", "01")
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_cancellation_may_name_its_lines_without_quantities() -> None:
    found = outcome("BEG*01*SA*4500000001**20260105", line="PO1*1\nPO1*2*5*EA*1")
    assert [(one.line_id, one.ordered.value) for one in found.order.lines] == [
        ("1", Decimal(0)),
        ("2", Decimal(5)),
    ]
    assert found.order.cancellation.status is CancellationStatus.CANCELLED
    assert found.warnings == {"line_reference_only"}
    assert refusal("BEG*05*SA*4500000001**20260105", line="PO1*1").path.endswith("PO1/PO102")


def test_estimated_quantities_are_reported() -> None:
    assert outcome("BEG*00*BE*1**20260105").warnings == {"estimated_quantities"}


@pytest.mark.parametrize("purpose", ["02", "22", "24", "", "99", "X"])
def test_a_purpose_that_is_no_complete_order_is_refused_at_beg01(purpose: str) -> None:
    found = refusal(f"BEG*{purpose}*SA*4500000001**20260105")
    assert found.code is RejectionCode.FIELD_INVALID
    assert found.path == "interchange 000000055/group 1/set 0001/segment 2 BEG/BEG01"


@pytest.mark.parametrize(
    ("number", "release", "expected"),
    [("4500000001", "", "4500000001"), ("4500000001", "2", "4500000001.2"), (" PO-7 ", " A ", "PO-7.A")],
)
def test_the_release_number_is_part_of_the_identity(number: str, release: str, expected: str) -> None:
    assert order(f"BEG*00*RL*{number}*{release}*20260105").order_id == expected


def test_an_empty_purchase_order_number_is_refused() -> None:
    assert refusal("BEG*00*SA* **20260105").code is RejectionCode.ID_MISSING
    assert refusal("REF*IA*1").code is RejectionCode.ID_MISSING


@pytest.mark.parametrize("day", ["20260105", "260105", "2026-01-05"])
def test_the_order_date_is_the_business_day_in_the_partners_zone(day: str) -> None:
    placed = order(f"BEG*00*SA*1**{day}").placed
    assert (placed.date.isoformat(), placed.precision, placed.zone) == (
        "2026-01-05",
        "day",
        "America/Chicago",
    )
    assert placed.instant.isoformat() == "2026-01-05T06:00:00+00:00"


@pytest.mark.parametrize(
    ("day", "expected"), [("691231", "2069-12-31"), ("700101", "1970-01-01"), ("991231", "1999-12-31")]
)
def test_two_digit_years_turn_at_70(day: str, expected: str) -> None:
    assert order(f"BEG*00*SA*1**{day}").placed.date.isoformat() == expected


@pytest.mark.parametrize("day", ["20261305", "20260230", "2026", "JAN0526", "00000000", "２０２６０１０５"])
def test_an_unreadable_order_date_is_refused(day: str) -> None:
    found = refusal(f"BEG*00*SA*1**{day}")
    assert found.code is RejectionCode.TIME_INVALID
    assert found.path.endswith("BEG/BEG05")


def test_an_empty_order_date_takes_dtm_004_and_is_refused_without_it() -> None:
    assert order("BEG*00*SA*1", "DTM*004*20260104").placed.date.isoformat() == "2026-01-04"
    assert refusal("BEG*00*SA*1", "DTM*002*20260104").code is RejectionCode.TIME_INVALID


def test_without_a_zone_in_the_profile_no_date_is_guessed() -> None:
    zoneless = profile(channel={"commitment": "requested"})
    found = refusal(BEG, partner=zoneless)
    assert (found.code, "channel.zone" in found.detail) == (RejectionCode.TIME_INVALID, True)


@pytest.mark.parametrize(
    ("qualifier", "name"),
    [
        ("010", "requested_ship"),
        ("10", "requested_ship"),
        ("002", "requested_delivery"),
        ("038", "ship_by"),
        ("063", "deliver_by"),
        ("106", "deliver_by"),
        ("001", "cancel_after"),
        ("061", "cancel_after"),
    ],
)
def test_date_qualifiers_are_promise_clocks(qualifier: str, name: str) -> None:
    found = getattr(order(BEG, f"DTM*{qualifier}*20260120"), name)
    assert found.date.isoformat() == "2026-01-20"


@pytest.mark.parametrize(
    ("elements", "instant", "date"),
    [
        ("20260120*0830", "2026-01-20T14:30:00+00:00", "2026-01-20"),
        ("20260120*083015*CT", "2026-01-20T14:30:15+00:00", "2026-01-20"),
        ("20260120*0830*ET", "2026-01-20T13:30:00+00:00", "2026-01-20"),
        ("20260720*0830*ET", "2026-07-20T12:30:00+00:00", "2026-07-20"),
        ("20260120*0830*ES", "2026-01-20T13:30:00+00:00", "2026-01-20"),
        ("20260120*0830*UT", "2026-01-20T08:30:00+00:00", "2026-01-20"),
        ("20260120*0130*UT", "2026-01-20T01:30:00+00:00", "2026-01-19"),
        ("20260120*0130*01", "2026-01-20T00:30:00+00:00", "2026-01-19"),
        ("20260120*0830*24", "2026-01-20T09:30:00+00:00", "2026-01-20"),
        ("20260120*0830*LT", "2026-01-20T14:30:00+00:00", "2026-01-20"),
        ("***D8*20260120", "2026-01-20T06:00:00+00:00", "2026-01-20"),
    ],
)
def test_times_take_their_code_else_the_partners_zone(elements: str, instant: str, date: str) -> None:
    found = order(BEG, f"DTM*002*{elements}").requested_delivery
    assert found is not None
    assert (found.instant.isoformat(), found.date.isoformat()) == (instant, date)


@pytest.mark.parametrize(
    "elements", ["20261399", "20260120*2561", "20260120*0830*QQ", "junk", "***RD8*20260101-20260131"]
)
def test_an_unreadable_promise_date_is_kept_and_reported(elements: str) -> None:
    found = outcome(BEG, f"DTM*002*{elements}")
    assert found.order.requested_delivery is None
    assert [extension.value for extension in found.order.extensions if extension.name == "DTM.002"] == [
        elements
    ]
    assert found.warnings == {"date_unreadable"}


def test_when_it_occurred_is_the_time_of_the_group() -> None:
    assert order(BEG).occurred.instant.isoformat() == "2026-01-05T15:36:00+00:00"


@pytest.mark.parametrize(
    ("header", "expected"),
    [([], "USD"), (["CUR*BY*USD"], "USD"), (["CUR*BY*usd"], "USD"), (["CUR*BY*USD", "CUR*SE*USD"], "USD")],
)
def test_the_currency_is_the_stated_one_and_agrees_with_the_profile(header: list[str], expected: str) -> None:
    assert order(BEG, *header).currency == expected


@pytest.mark.parametrize(
    ("header", "line", "code", "place"),
    [
        (["CUR*BY*CAD"], LINE, RejectionCode.CURRENCY_MIXED, "CUR/CUR02"),
        (["CUR*BY*USD**SE*CAD"], LINE, RejectionCode.CURRENCY_MIXED, "CUR/CUR05"),
        ([], f"{LINE}\nCUR*BY*CAD", RejectionCode.CURRENCY_MIXED, "CUR/CUR02"),
        (["CUR*BY*DOLLARS"], LINE, RejectionCode.CURRENCY_UNKNOWN, "CUR/CUR02"),
    ],
)
def test_a_currency_that_disagrees_is_refused_where_it_stands(
    header: list[str], line: str, code: RejectionCode, place: str
) -> None:
    found = refusal(BEG, *header, line=line)
    assert (found.code, found.path.endswith(place)) == (code, True)


def test_no_currency_anywhere_is_refused_and_a_stated_one_is_enough() -> None:
    silent = profile(money={"amounts": "major_text", "tax_mode": "exclusive"})
    assert refusal(BEG, partner=silent).code is RejectionCode.CURRENCY_MISSING
    assert order(BEG, "CUR*BY*CAD", partner=silent).currency == "CAD"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [("exclusive", TaxMode.EXCLUSIVE), ("inclusive", TaxMode.INCLUSIVE), ("stated", TaxMode.UNKNOWN)],
)
def test_the_tax_mode_is_the_profiles(declared: str, expected: TaxMode) -> None:
    partner = profile(money={"currency": "USD", "amounts": "major_text", "tax_mode": declared})
    assert order(BEG, partner=partner).tax_mode is expected


def test_references_terms_and_unmapped_segments_are_kept_as_extensions() -> None:
    found = order(
        BEG + "*C-77",
        "REF*DP*038",
        "REF*CO*CUST-9",
        "REF*OQ*111-3**OS>2",
        "ITD*14*3*2**45**46",
        "FOB*DF****EXW*KL*Dock 4",
        "DTM*037*20260110",
        "TD5*O*2*UPSN**GROUND*******ON",
    )
    kept = {extension.name: extension.value for extension in found.extensions}
    assert kept == {
        "BEG.02": "SA",
        "BEG.06": "C-77",
        "REF.DP": "038",
        "REF.CO": "CUST-9",
        "REF.OQ": "111-3 OS>2",
        "ITD": "14*3*2**45**46",
        "FOB": "DF****EXW*KL*Dock 4",
        "DTM.037": "20260110",
        "TD5": "O*2*UPSN**GROUND*******ON",
    }
    assert (found.buyer_reference, found.shipping_method_raw, found.service_level) == (
        "CUST-9",
        "GROUND",
        "ON",
    )


@pytest.mark.parametrize(
    ("td5", "expected"),
    [("TD5*O*2*UPSN", "2:UPSN"), ("TD5****M", "M"), ("TD5*****UPSG", "UPSG"), ("TD5*O", None)],
)
def test_the_shipping_method_is_routing_text_else_carrier_code_else_mode(
    td5: str, expected: str | None
) -> None:
    assert order(BEG, td5).shipping_method_raw == expected


def test_free_text_is_a_note_and_never_an_extension() -> None:
    found = order(
        BEG, "N9*L1*Notes", "MSG*call Test Buyer 1", "NTE*GEN*at the gate", line=f"{LINE}\nMSG*gift"
    )
    assert found.notes == "call Test Buyer 1\nGEN at the gate\nline 1: gift"
    assert not any("Test Buyer" in extension.value for extension in found.extensions)


def test_an_unknown_segment_is_kept_and_reported() -> None:
    found = outcome(BEG, "PX1*1*10*EA*12.50")
    assert found.warnings == {"segment_unknown"}
    assert ("PX1", "1*10*EA*12.50") in [(e.name, e.value) for e in found.order.extensions]


def test_lower_case_tags_and_codes_are_read() -> None:
    value = one_set(rows(f"{BEG}\ncur*by*usd\nn1*st*Test Buyer*92*0100\npo1*1*10*ea*12.50*pe*vn*SKU-1"))
    found = outcome_of(
        value.replace(b"BEG*", b"beg*").replace(b"ST*850", b"st*850").replace(b"SE*", b"se*")
    ).order
    assert (found.lines[0].ordered.unit, found.parties[0].role, found.currency) == ("EA", "ship_to", "USD")


def test_an_order_without_lines_is_refused() -> None:
    assert [r.code for r in outcome_of(one_set(rows(BEG))).refusals] == [RejectionCode.LINES_MISSING]


def test_the_source_names_the_record_and_the_mapping() -> None:
    source = order(BEG).source
    assert (source.system, source.account, source.object_type, source.object_id) == (
        "x12",
        "dist",
        "850",
        "4500000001",
    )
    assert (source.raw_topic, source.raw_offset, source.mapping_version) == (
        "raw.transaction-set.v1",
        7,
        "x12_850/1",
    )


def test_no_refusal_repeats_personal_text() -> None:
    value = one_set(rows(f"{BEG}\nN1*ST*Test Buyer Secret\nN3*1 Secret St\nPO1*Secret*Secret*Secret*Secret"))
    (found,) = outcome_of(value).refusals
    assert "Secret" not in str(found)


def test_a_test_interchange_is_read_and_reported() -> None:
    test = Interchange((Group((Set(rows(f"{BEG}\n{LINE}")),)),), usage="T")
    found = outcome_of(payload(test))
    assert (found.order.line_count, found.warnings) == (1, {"test_indicator"})
    assert ("ISA.15", "T") in [(extension.name, extension.value) for extension in found.order.extensions]


def test_a_file_in_lower_case_is_the_same_order() -> None:
    text = f"{BEG}\nCUR*BY*USD\nN1*ST*store*92*1\nSAC*C*D240***100\nPO1*1*10*EA*4*HP*VN*sku-1\nAMT*TT*1.40"
    upper = outcome_of(one_set(rows(text)))
    lower = outcome_of(one_set(rows(text)).lower())
    assert lower.order.lines == upper.order.lines
    assert lower.order.computed == upper.order.computed
    assert (lower.order.variances, lower.order.parties[0].role) == ((), "ship_to")


def test_a_record_that_is_one_complete_file_is_read_without_splitting() -> None:
    reading = x12_850.read(
        part_record("acme/dist/850:1", one_set(rows(f"{BEG}\n{LINE}"), Style("|"))), PROFILE
    )
    assert len(reading.entities) == 1
