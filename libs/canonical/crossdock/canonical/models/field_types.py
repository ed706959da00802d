"""What every canonical record has in common: immutability, strict fields, and the types of its scalars.

Invariant: an instance holds only values that its Avro schema can carry: finite decimals within their
precision, UTC instants with microseconds, known currencies, no unknown field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from crossdock.canonical.currencies import CURRENCY_EXPONENTS


class Canonical(BaseModel):
    """One Avro record, `FULL_NAME` its name in `schemas/avro`; in JSON bytes are base64, decimals text."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    FULL_NAME: ClassVar[str] = ""


_KNOWN_DECIMALS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class DecimalType:
    """Marks a Decimal field with its Avro `decimal(precision, scale)`; out of range is invalid.

    Invalid are: NaN and infinities, more digits before the point than `precision - scale`, more
    places behind it than `scale` (nothing is rounded silently). Text and int are accepted, float is not.
    """

    precision: int
    scale: int

    def __get_pydantic_core_schema__(self, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """A function that remembers valid decimals: pydantic's `max_digits` takes six times as long."""
        check = self._check()
        known: set[Decimal] = set()

        def validate(value: Decimal | str | int) -> Decimal:
            try:
                if type(value) is Decimal and value in known:
                    return value or abs(value)
            except TypeError:  # a signaling NaN has no hash; the check refuses it
                pass
            number = check(value)
            if len(known) >= _KNOWN_DECIMALS_MAX:
                known.clear()
            known.add(number)
            return number or abs(number)  # no negative zero

        return core_schema.no_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(_plain_text, when_used="json"),
        )

    def _check(self) -> Callable[[Decimal | str | int], Decimal]:
        bound, step = Decimal(10) ** (self.precision - self.scale), Decimal(1).scaleb(-self.scale)
        lower, refusal = -bound, f"a finite decimal({self.precision},{self.scale}) is needed"

        def check(value: Decimal | str | int) -> Decimal:
            try:
                number = value if type(value) is Decimal else _exact(value)
                if lower < number < bound and number.quantize(step) == number:
                    return number
            except InvalidOperation:
                pass
            raise ValueError(refusal)

        return check


def _plain_text(value: Decimal) -> str:
    return format(value, "f")


def _exact(value: Decimal | str | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | str | int):
        raise ValueError("a decimal number as Decimal, text or int is needed, never a float")
    if isinstance(value, str) and ("_" in value or not value.isascii()):  # Python reads 1_000 and ١
        raise ValueError("a decimal number in the digits 0 to 9 is needed")
    return Decimal(value)


@dataclass(frozen=True, slots=True)
class AvroType:
    """Names the Avro primitive of an int field, whose range alone does not show in its Python type."""

    name: str


class Member:
    """Text that must be one of a fixed set, looked up in Rust; statically still `str`."""

    def __init__(self, members: list[str], needed: str) -> None:
        self.members = members
        self.needed = needed

    def __get_pydantic_core_schema__(self, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.custom_error_schema(
            core_schema.literal_schema(self.members),
            custom_error_type="not_a_member",
            custom_error_message=f"{self.needed} is needed",
        )


class UtcInstant:
    """A datetime that has a zone, brought to UTC; a naive one is invalid."""

    def __get_pydantic_core_schema__(self, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            _utc, core_schema.datetime_schema(tz_constraint="aware")
        )


def _utc(value: datetime) -> datetime:
    return value if value.tzinfo is UTC else value.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Marks a field as personal data: its Avro field carries `pii: true`, logs never hold it."""


PII = PersonalData()

Amount = Annotated[Decimal, DecimalType(18, 4)]
"""Money in major units, decimal(18,4)."""
Price = Annotated[Decimal, DecimalType(18, 6)]
"""Price or quantity, decimal(18,6)."""
Percent = Annotated[Decimal, DecimalType(9, 6)]
"""Percent as said, 19 % = 19; decimal(9,6)."""
Rate = Annotated[Decimal, DecimalType(18, 9)]
"""Exchange rate, decimal(18,9)."""
Currency = Annotated[str, Member(sorted(CURRENCY_EXPONENTS), "an ISO 4217 currency code such as EUR")]
"""ISO 4217 code."""
Instant = Annotated[datetime, UtcInstant()]
"""UTC instant with microseconds (Avro timestamp-micros)."""
Text = Annotated[str, Field(min_length=1)]
"""Required text that may not be empty."""
Long = Annotated[int, Field(ge=-(2**63), lt=2**63), AvroType("long")]
"""64-bit integer (Avro long)."""
Int = Annotated[int, Field(ge=-(2**31), lt=2**31), AvroType("int")]
"""32-bit integer (Avro int)."""


class OwnState(StrEnum):
    """Base of our own enumerations; each has a member `unknown`, the default of its Avro enum."""
