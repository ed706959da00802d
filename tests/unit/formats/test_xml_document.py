"""XML payloads: read like JSON, and never followed outside of their bytes."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.formats.xml_document import DEPTH_MAX, is_xml, xml_document


def test_elements_become_objects_leaves_text_and_repetitions_lists() -> None:
    found = xml_document(b'<?xml version="1.0"?><a id="1"><b>2</b><b> 3 </b><c/><d x="y">z</d></a>').root
    assert found == {"a": {"@id": "1", "b": ["2", "3"], "c": "", "d": {"@x": "y", "#text": "z"}}}


def test_namespaces_and_a_byte_order_mark_are_dropped() -> None:
    found = xml_document(b'\xef\xbb\xbf\r\n<s:E xmlns:s="urn:s"><s:B s:nil="true"/></s:E>').root
    assert found == {"E": {"B": {"@nil": "true"}}}


def test_escapes_and_declared_encodings_are_read() -> None:
    assert xml_document(b"<a>&#233;&amp;<![CDATA[<x>]]></a>").root == {"a": "é&<x>"}
    assert xml_document('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1")).root == {
        "a": "é"
    }


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "envelope_broken"),
        (b"<a>", "envelope_broken"),
        (b"<a></b>", "envelope_broken"),
        (b"<a>&lol;</a>", "envelope_broken"),
        (b'<!DOCTYPE a [<!ENTITY l "ha">]><a>&l;</a>', "envelope_broken"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a>&l;</a>', "envelope_broken"),
        (b"<a>" * (DEPTH_MAX + 1) + b"</a>" * (DEPTH_MAX + 1), "envelope_broken"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "encoding_invalid"),
        (b"<a>\x00</a>", "envelope_broken"),
    ],
)
def test_what_is_broken_or_uses_an_entity_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        xml_document(data)
    assert refused.value.code == code
    assert refused.value.path


def test_a_document_type_that_is_only_named_is_passed_over() -> None:
    data = b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a>1 &amp; 2</a>'
    assert xml_document(data).root == {"a": "1 & 2"}


def test_xml_is_told_from_json() -> None:
    assert is_xml(b"\xef\xbb\xbf\n <a/>")
    assert not is_xml(b'{"a": "<b>"}')
    assert not is_xml(None)


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_xml_too(mark: str) -> None:
    data = "\ufeff<a>ä</a>".encode(mark)
    assert is_xml(data)
    assert xml_document(data).root == {"a": "ä"}
