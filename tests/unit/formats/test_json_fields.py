"""Why an object has no identity: it is an error answer, or an object without one."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.formats.json_fields import identity


@pytest.mark.parametrize(
    ("node", "is_error"),
    [
        ({"errors": "Not Found"}, True),
        ({"type": "about:blank", "title": "Not Found", "status": 404}, True),
        ({"message": "Not Found"}, True),
        ({"message": "Not Found", "status": "error", "path": "/orders", "timestamp": 1}, True),
        ({"id": 7, "status": "in_transit", "message": "left the hub"}, False),
        ({"message": {"data": ""}, "subscription": "s"}, False),
        ({"title": "A product", "status": "active"}, False),
        ({}, False),
    ],
)
def test_an_error_answer_is_told_from_an_object_without_identity(
    node: dict[str, Any], is_error: bool
) -> None:
    with pytest.raises(Rejected) as refusal:
        identity(node, "order_id", "$")
    assert (refusal.value.code, refusal.value.path) == ("id_missing", "$.order_id")
    assert refusal.value.detail.startswith("the payload is an error answer") is is_error
