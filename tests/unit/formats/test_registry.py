"""The registry: every format by its name, with what its documentation needs."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest

from crossdock import formats
from crossdock.canonical.errors import DETAIL_CHARACTERS_MAX, Rejected
from crossdock.formats.registry import FORMATS, Format, format_named
from tests.kit.shop_reading import record
from tests.kit.shopify_documents import order
from tests.kit.woo_documents import woo_order


def test_formats_are_found_by_their_name() -> None:
    assert all(name == form.name for name, form in FORMATS.items())
    modules = [
        import_module(f"{formats.__name__}.{module.name}") for module in iter_modules(formats.__path__)
    ]
    declared = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    assert declared
    assert [form.name for form in declared if form not in FORMATS.values()] == []


@pytest.mark.parametrize("name", ["", None, "shopify", "x" * 500])
def test_an_unknown_format_is_refused_and_the_known_ones_are_named(name: str | None) -> None:
    with pytest.raises(Rejected) as refused:
        format_named(name)
    assert refused.value.code == "format_unknown"
    assert "shopify_order" in refused.value.detail
    assert len(refused.value.detail) < DETAIL_CHARACTERS_MAX


@pytest.mark.parametrize(
    "form", [one for one in FORMATS.values() if one.name != "x12_850"], ids=lambda one: one.name
)
def test_a_format_documents_its_fields_and_quirks(form: Format) -> None:
    assert form.title
    assert form.field_table
    assert form.quirks
    assert all(field.source and field.target for field in form.field_table)


@pytest.mark.parametrize(
    ("form", "payload", "key"),
    [
        ("shopify_order", order(), "order:820982911946154508"),
        ("shopify_order", {"order": order(id="77")}, "order:77"),
        ("shopify_order", order(id=None), None),
        ("shopify_order", b"{", None),
        ("woocommerce_order", woo_order(), "order:727"),
        ("woocommerce_order", {"id": []}, None),
        ("canonical_json", {"order_id": "B-1"}, "order:B-1"),
        ("canonical_json", b"[]", None),
    ],
)
def test_the_key_names_the_object_or_nothing(form: str, payload: object, key: str | None) -> None:
    assert FORMATS[form].key(record(payload)) == key
