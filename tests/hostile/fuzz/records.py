"""One good record of each kind that strangers may frame."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from crossdock.canonical.models import ExchangeEvent, Order, Product
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.ops import ReplayAction, ReplayRequest
from tests.hostile.reading import versions
from tests.kit.examples import example

REQUEST: Final = ReplayRequest(
    request_id="r-1",
    job="job-1",
    action=ReplayAction.RETRY,
    group="normalize",
    slot=0,
    store="channel-objects",
    key="acme/shop/order:1",
    actor="operator-1",
    reason="Test Buyer Secret 7 called",
    requested_at=datetime(2026, 1, 5, tzinfo=UTC),
    signature="ü",
)
ORDER: Final = Order.model_validate(example("sales.order.v1", "shop-paid").value)
RECORDS: Final[tuple[Canonical, ...]] = (
    ORDER,
    REQUEST,
    versions()[0][1],
    ExchangeEvent.model_validate(example("partner.exchange.v1", "inbound-accepted").value),
    Product.model_validate(example("catalog.product.v1", "bundle").value),
)
