"""PayPal's activity download: signed amounts, memos, dates that can be read two ways."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.formats.registry import FORMATS
from tests.kit.paypal_payloads import Report, booking
from tests.kit.settlement_reading import (
    PROFILE,
    Outcome,
    cents,
    differences,
    figures,
    outcome,
    profile,
    settlement,
)

FORM = "paypal_activity"
COLUMNS = (
    *("Date", "Time", "TimeZone", "Name", "Type", "Status", "Currency", "Gross", "Fee", "Net"),
    *("From Email Address", "Transaction ID", "Reference Txn ID", "Invoice Number", "Balance Impact"),
)


def row(**changes: str) -> dict[str, str]:
    cells = {
        "Date": "05/24/2026",
        "Time": "01:00:30",
        "TimeZone": "PDT",
        "Name": "Testperson",
        "Type": "Express Checkout Payment",
        "Status": "Completed",
        "Currency": "EUR",
        "Gross": "119.00",
        "Fee": "-3.85",
        "Net": "115.15",
        "From Email Address": "buyer@example.com",
        "Transaction ID": "TRN1",
        "Invoice Number": "ORDER-1",
        "Balance Impact": "Credit",
    }
    return cells | {
        name.replace("_", " ").title().replace("Id", "ID"): value for name, value in changes.items()
    }


def text(*rows: dict[str, str]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([one.get(name, "") for name in COLUMNS] for one in rows)
    return written.getvalue()


def read(*rows: dict[str, str]) -> Outcome:
    return outcome(FORM, text(*rows))


@settings(max_examples=40, deadline=None)
@given(st.integers(-(10**8), 10**8), st.integers(-500, 500), st.sampled_from([0, 0, 4]))
def test_amounts_are_signed_and_the_fee_is_a_cost(gross: int, fee: int, odd: int) -> None:
    net = gross - fee + odd
    (line,) = read(row(gross=cents(gross), fee=cents(-fee), net=cents(net))).lines
    assert figures(line) == (cents(gross), cents(fee), cents(net))
    assert differences(line) == ({("net_amount", "line 2"): cents(odd)} if odd else {})
    assert line.transaction_type == ("other" if net < 0 else "sale")


def test_the_settlement_report_names_the_same_line() -> None:
    (early,) = read(row()).lines
    (settled,) = outcome("paypal_settlement", Report().open().add(booking()).text()).lines
    assert (early.line_id, figures(early)) == (settled.line_id, figures(settled))
    assert (early.key, early.is_provisional) == ("acme/psp-eu/-/TRN1", True)


@pytest.mark.parametrize(
    "changes", [{"balance_impact": "Memo"}, {"status": "Denied"}, {"status": "Canceled"}]
)
def test_memos_and_what_did_not_succeed_move_no_money(changes: dict[str, str]) -> None:
    found = read(row(**changes))
    assert (found.lines, found.warned) == ([], ["transactions_not_moved", "report_empty"])


@pytest.mark.parametrize(
    ("date", "zone", "day"),
    [
        ("05/24/2026", "PDT", "2026-05-24"),
        ("05/06/2026", "PDT", "2026-05-06"),
        ("24/05/2026", "CEST", "2026-05-24"),
        ("05/24/2026", "CEST", "2026-05-24"),
        ("05/05/2026", "CEST", "2026-05-05"),
        ("06.05.2026", "CEST", "2026-05-06"),
        ("2026-05-06", "Europe/Berlin", "2026-05-06"),
        ("5/6/26", "America/New_York", "2026-05-06"),
        ("05/06/2026", "CEST", None),
        ("31/02/2026", "CEST", None),
        ("May 6", "PDT", None),
        ("05/24/2026", "IST", None),
    ],
)
def test_a_date_is_read_where_it_has_one_meaning(date: str, zone: str, day: str | None) -> None:
    found = outcome(FORM, text(row(date=date) | {"TimeZone": zone}))
    posted = found.lines[0].posted
    assert (posted and posted.date.isoformat()) == day
    assert found.warned == ([] if day else ["time_invalid"])


def test_holds_and_releases_of_one_transaction_are_two_lines() -> None:
    hold = row(type="Hold on Balance for Dispute Investigation", gross="-5.00", fee="0", net="-5.00")
    release = row(type="Cancellation of Hold for Dispute Resolution", gross="5.00", fee="0", net="5.00")
    lines = read(hold, release).lines
    assert [line.transaction_type.value for line in lines] == ["reserve", "reserve"]
    assert len({line.line_id for line in lines}) == 2


GERMAN = "Datum,Uhrzeit,Zeitzone,Beschreibung,Währung,Brutto,Entgelt,Netto,Transaktionscode,Rechnungsnummer"
FRENCH = (
    "Date,Heure,Fuseau horaire,Type,Devise,Avant commission,Commission,Net,Numéro de transaction,"
    "Numéro de facture"
)
ITALIAN = "Data,Orario,Fuso orario,Tipo,Valuta,Lordo,Tariffa,Netto,Codice transazione,N° ordine commerciante"
DUTCH = "Datum,Tijd,Tijdzone,Omschrijving,Valuta,Bruto,Kosten,Net,Transactiereferentie,Factuurreferentie"


@pytest.mark.parametrize(
    ("header", "date", "word"),
    [
        (GERMAN, "06.05.2026", "PayPal Express-Zahlung"),
        (FRENCH, "06/05/2026", "Paiement sur site marchand"),
        (FRENCH, "06/05/2026", "Paiement"),
        (ITALIAN, "06/05/2026", "Pagamento Express Checkout"),
        (DUTCH, "6/5/2026", "Algemene betaling"),
    ],
)
def test_a_download_in_another_language_says_the_same(header: str, date: str, word: str) -> None:
    lines = (
        f'{header}\n{date},18:12:18,Europe/Berlin,{word},EUR,"1.119,00","-38,50","1.080,50",TRN9,ORDER-9\n'
    )
    for encoding in ("utf-8-sig", "cp1252"):
        data = lines.encode(encoding)
        found = outcome(FORM, data)
        (line,) = found.lines
        assert (line.line_id, figures(line), line.transaction_type, line.order_reference) == (
            *("TRN9", ("1119.00", "38.50", "1080.50"), "sale", "ORDER-9"),
        )
        assert line.posted is not None
        assert line.posted.instant.isoformat() == "2026-05-06T16:12:18+00:00"
        recognise = FORMATS[FORM].looks_like
        assert recognise is not None
        assert recognise(data) == 60


SPANISH = "Fecha,Hora,Zona horaria,Tipo,Divisa,Bruto,Tarifa,Neto,Id. de transacción"
PORTUGUESE = "Data,Hora,Fuso horário,Tipo,Moeda,Bruto,Tarifa,Líquido,ID da transação"


@pytest.mark.parametrize("header", [SPANISH, PORTUGUESE])
@pytest.mark.parametrize(
    "amounts", ['"-1.119,00","38,50","-1.080,50"', '"-1,119.00","38.50","-1,080.50"'], ids=["comma", "point"]
)
def test_two_decimals_show_the_decimal_mark_whatever_the_language(header: str, amounts: str) -> None:
    data = f"{header}\n06/05/2026,18:12:18,Europe/Madrid,Reembolso,MXN,{amounts},TRN9\n".encode()
    found = outcome(FORM, data)
    (line,) = found.lines
    assert (line.line_id, figures(line), line.transaction_type) == (
        *("TRN9", ("-1119.00", "-38.50", "-1080.50"), "refund"),
    )
    assert (found.warned, line.variances) == ([], ())
    assert line.posted is not None
    assert line.posted.instant.isoformat() == "2026-05-06T16:12:18+00:00"
    recognise = FORMATS[FORM].looks_like
    assert recognise is not None
    assert recognise(data) == 60
    assert recognise(data.decode().encode("utf-16")) == 60


def test_amounts_without_decimals_are_written_as_the_language_writes() -> None:
    yen = "06/05/2026,18:12:18,Europe/Madrid,Reembolso,JPY,-5.400,0,-5.400,TRN9"
    (line,) = outcome(FORM, f"{SPANISH}\n{yen}\n").lines
    assert figures(line) == ("-5400", "0", "-5400")


def test_a_language_that_is_not_known_is_the_profiles_to_map() -> None:
    words = {"Expressbetalning": "sale"}
    columns = {"fee": "Avgift", "id": "Transaktions-ID"}
    partner = profile(
        settlement=settlement(vocabulary=words, columns=columns),
        money={"amounts": "major_comma", "tax_mode": "none"},
        zone="Europe/Stockholm",
    )
    swedish = (
        '"Datum","Typ","Valuta","Brutto","Avgift","Netto","Transaktions-ID"\n'
        '"06.05.2026","Expressbetalning","JPY","1.119","-38","1.081","TRN9"\n'
    )
    (line,) = outcome(FORM, swedish, partner=partner).lines
    assert (line.line_id, figures(line), line.transaction_type) == ("TRN9", ("1119", "38", "1081"), "sale")


def test_a_fee_without_its_sign_is_a_cost_where_the_net_amount_says_so() -> None:
    found = read(row(gross="100.00", fee="2.90", net="97.10"))
    assert figures(found.lines[0]) == ("100.00", "2.90", "97.10")
    assert (found.lines[0].variances, found.warned) == ((), ["fee_sign_turned"])
    given_back = read(row(type="Payment Refund", gross="-100.00", fee="2.90", net="-97.10"))
    assert figures(given_back.lines[0]) == ("-100.00", "-2.90", "-97.10")
    neither = read(row(gross="100.00", fee="2.90", net="97.00"))
    assert differences(neither.lines[0]) == {("net_amount", "line 2"): "-5.90"}


def test_a_row_with_two_decimal_marks_is_refused() -> None:
    found = read(row(gross="119,00"))
    assert found.refused == [("amount_unparsable", "line 2 column Net")]
    (line,) = read(row(gross="119,00", fee="-3,85", net="115,15")).lines
    assert figures(line) == ("119.00", "3.85", "115.15")


def test_nothing_personal_is_read() -> None:
    assert "Testperson" not in read(row()).lines[0].model_dump_json()
    assert "buyer" not in read(row()).lines[0].model_dump_json()


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"net": ""}, "amount_unparsable", "Net"),
        ({"gross": "x"}, "amount_unparsable", "Gross"),
        ({"currency": "EURO"}, "currency_unknown", "Currency"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_alone(changes: dict[str, str], code: str, column: str) -> None:
    found = outcome(FORM, text(row(**changes), row()), partner=PROFILE)
    assert found.refused == [(code, f"line 2 column {column}")]
    assert len(found.lines) == 1
