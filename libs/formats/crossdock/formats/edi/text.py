"""From bytes to text, whatever the EDI standard: payloads, control numbers, lines broken at one width.

Invariant: what is decoded encodes back to the very same bytes; each repair is reported as a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning

BLANKS: Final = " \t\r\n\x00\x1a\ufeff"
"""What may stand between segments: blanks, line ends, NUL padding, DOS end-of-file, a stray BOM.
Never all of `str.isspace()`: 0x1C–0x1F are blanks to Python and delimiters to X12."""
_CONTROL: Final = re.compile(r"[A-Za-z0-9]{0,14}")
_COUNT: Final = re.compile(r"[0-9]{1,18}")
_BOM: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")

_WINDOWS: Final[dict[str, str]] = {
    **dict.fromkeys(("ascii", "utf-8", "iso8859-1"), "cp1252"),
    "iso8859-9": "cp1254",
}
"""Character set of Windows that senders take for the one that they should use; all its other characters are
the same, so a message of a file reads the same whether or not it has one of those that tell."""
_CONTROLS: Final = re.compile(rb"[\x80-\x9f]")
"""Control characters in every set of ISO 8859; quotes, dashes and the euro in those of Windows."""


@dataclass(frozen=True, slots=True)
class Text:
    """A payload as text, and how to get its bytes back."""

    text: str
    encoding: str
    warnings: tuple[Warning, ...] = ()

    def encode(self, part: str) -> bytes:
        """The very bytes that this part of the text had."""
        return part.encode(self.encoding)

    def warn(self, code: str, detail: str) -> Text:
        """The same text with one more warning."""
        return replace(self, warnings=(*self.warnings, Warning(code, detail)))


def content_of(value: bytes | None, standard: str, encodings: str) -> bytes:
    """The bytes of a payload behind its BOM.

    Args:
        value: the payload.
        standard: name of the standard, for the refusal.
        encodings: what to send instead of UTF-16, for the refusal.

    Raises:
        Rejected: `envelope_broken` for no content, `encoding_invalid` for UTF-16.
    """
    if value is None or not value.strip():
        detail = f"the payload is empty; send one {standard} interchange"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "interchange")
    if value.startswith(_UTF16_MARKS) or value[1:4:2] == b"\0\0" or value[0:3:2] == b"\0\0":
        detail = f"the payload is UTF-16; send {encodings}"
        raise Rejected(RejectionCode.ENCODING_INVALID, detail, "interchange")
    return value.removeprefix(_BOM)


def decoded(value: bytes, declared: str) -> Text:
    """The text of bytes that should be in a character set, by Python's name of it.

    Bytes that are UTF-8 and not ASCII are read as UTF-8 whatever was declared: by chance that does not
    happen. What the declared set has as control characters is of its sibling of Windows; others that it does
    not have are read as Latin-1. All are warned of.
    """
    if value.isascii():
        return Text(value.decode("ascii"), "utf-8" if declared == "ascii" else declared)
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return _single_byte(value, declared)
    if declared == "utf-8":
        return Text(text, "utf-8")
    detail = f"the payload should be {declared.upper()}, its bytes are UTF-8; read as UTF-8"
    return Text(text, "utf-8").warn("encoding_differs", detail)


def _single_byte(value: bytes, declared: str) -> Text:
    text = _of_windows(value, declared)
    if text is not None:
        return text
    try:
        return Text(value.decode(declared), declared)
    except UnicodeDecodeError as error:
        detail = f"byte {error.start} is not {declared.upper()}; the payload was read as Latin-1"
        return Text(value.decode("latin-1"), "latin-1").warn("encoding_latin1", detail)


def _of_windows(value: bytes, declared: str) -> Text | None:
    """The text where it has what only a set of Windows has."""
    windows = _WINDOWS.get(declared)
    if windows is None or not _CONTROLS.search(value):
        return None
    try:
        text = Text(value.decode(windows), windows)
    except UnicodeDecodeError:
        return None
    detail = f"the payload should be {declared.upper()}, its bytes are {windows}; read so"
    return text.warn("encoding_differs", detail)


def warn_of_losses(payload: Text) -> Text:
    """The payload with a warning where its sender has already lost characters."""
    if "\ufffd" not in payload.text:
        return payload
    detail = "the sender already lost characters: U+FFFD stands in the payload"
    return payload.warn("replacement_character", detail)


def unwrapped(payload: Text, widths: range) -> Text:
    """Joins a payload that was broken into lines of one of these widths, as mainframes do."""
    lines = payload.text.split("\n")
    if len(lines) < 3 or not _is_wrapped([line.removesuffix("\r") for line in lines], widths):
        return payload
    joined = "".join([line.removesuffix("\r") for line in lines])
    detail = f"the payload was broken into lines of {len(lines[0].removesuffix(chr(13)))} characters; joined"
    return replace(payload, text=joined).warn("lines_wrapped", detail)


def _is_wrapped(lines: list[str], widths: range) -> bool:
    while lines and not lines[-1].strip(BLANKS):
        lines.pop()
    width = len(lines[0]) if lines else 0
    return (
        len(lines) >= 3
        and width in widths
        and all(len(line) == width for line in lines[:-1])
        and len(lines[-1]) <= width
    )


def count_of(text: str) -> int | None:
    """A control count or number; None where it is anything but 1 to 18 digits."""
    return int(text) if _COUNT.fullmatch(text) else None


def same_number(left: str, right: str) -> bool:
    """Control numbers compare as numbers where they are (leading zeros differ between senders)."""
    return left == right or (count_of(left) is not None and count_of(left) == count_of(right))


def label(control: str) -> str:
    """A control number or count as a refusal may repeat it.

    What does not look like one may be a name that slipped there: only its length is told.
    """
    return control if _CONTROL.fullmatch(control) else f"<{len(control)} characters>"
