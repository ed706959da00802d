"""A file of EDIFACT interchanges: how its messages are named, and who may send it.

Invariant: as for every standard (`edi.splitting`).
"""

from __future__ import annotations

from typing import ClassVar, Final

from crossdock.formats.edi.envelope import Message
from crossdock.formats.edi.splitting import Splitter
from crossdock.formats.edi.text import Text
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.bare import enclosed
from crossdock.formats.edifact.envelope import Interchange
from crossdock.formats.edifact.payload import Payload, read_payload
from crossdock.formats.edifact.segment import Row, component, parse, tag_of
from crossdock.formats.edifact.tokenizer import decode

_ANSWERS: Final = frozenset({"CONTRL"})


class _Splitter(Splitter[Interchange]):
    standard: ClassVar[str] = "edifact"
    sender: ClassVar[tuple[str, str]] = ("UNB02 is", "UNB02")
    receiver: ClassVar[tuple[str, str]] = ("UNB03 is", "UNB03")

    def read(self, value: bytes | None) -> tuple[Text, Payload]:
        text = enclosed(decode(value))
        return text, read_payload(text)

    def is_party(self, said: str, declared: str) -> bool:
        """A profile writes a qualifier of one digit with a zero, and ZZ for none."""
        qualifier, _, identity = said.partition(":")
        expected, _, known = declared.partition(":")
        return identity == known and (qualifier.zfill(2) == expected or (not qualifier and expected == "ZZ"))

    def wants_answer(self, interchange: Interchange) -> bool:
        """A sender that is not named cannot be answered, an answer (CONTRL) never is."""
        kinds = {opened.kind for opened in interchange.messages}
        return bool(interchange.header.element(2)) and kinds != _ANSWERS

    def identity(self, interchange: Interchange, opened: Message[Row]) -> tuple[str, str]:
        """An order change stands under the key of the order that it changes, behind that order."""
        kind = "ORDERS" if opened.kind == codes.ORDER_CHANGE else opened.kind
        return kind, _business_number(opened, interchange)


SPLITTER: Final = _Splitter()


def _business_number(opened: Message[Row], interchange: Interchange) -> str:
    """Number of the document: BGM, of an order change the order's (RFF ON); empty where there is none."""
    if opened.head is None:
        return ""
    wants_order = opened.kind == codes.ORDER_CHANGE
    number = ""
    for raw in opened.segments:
        tag = tag_of(raw)
        if tag == "LIN":
            break
        if tag not in ("BGM", "RFF"):
            continue
        row = parse(raw, interchange.header.service)
        if tag == "BGM":
            number = number or component(row, 2)
        elif component(row, 1).upper() == "ON" and (wants_order or not number):
            return component(row, 1, 2) or number
        if number and not wants_order:
            break
    return number
