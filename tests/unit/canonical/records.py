"""Records and settings that the codec's tests share."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any, Final

import fastavro
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from crossdock.canonical.codec import schema_of
from crossdock.canonical.models import (
    BusinessException,
    ExchangeEvent,
    Money,
    Order,
    PartnerProfileVersion,
    Product,
    ReplayRequest,
    Variance,
)
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.common import DualMoney, TaxLine, VarianceCode
from tests.kit.canonical_models import instances
from tests.kit.examples import example

ANY_RECORD: Final[st.SearchStrategy[Canonical]] = st.one_of(
    [
        instances(record)
        for record in (
            Order,
            Product,
            PartnerProfileVersion,
            ExchangeEvent,
            BusinessException,
            ReplayRequest,
            Variance,
        )
    ]
)
FEW: Final = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking an order takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
MONEY: Final = Money(amount=Decimal("19.99"), currency="EUR")
VARIANCE: Final = Variance(
    code=VarianceCode.ORDER_TOTAL,
    subject="total",
    stated=Decimal("75.00"),
    computed=Decimal("72.50"),
    difference=Decimal("2.50"),
    unit="USD",
    tolerance=Decimal("0.01"),
    is_within=False,
)
TAX: Final = TaxLine(amount=DualMoney.single(Decimal("3.80"), "EUR"))
EXCHANGE: Final = ExchangeEvent.model_validate(example("partner.exchange.v1", "inbound-accepted").value)
PRODUCT: Final = Product.model_validate(example("catalog.product.v1", "bundle").value)
ORDER: Final = Order.model_validate(example("sales.order.v1", "shop-paid").value)


def by_fastavro(model: Canonical) -> bytes:
    """The model's bytes as fastavro writes them."""
    return written(schema_of(model.FULL_NAME), model.model_dump())


def written(schema: dict[str, Any], datum: dict[str, Any]) -> bytes:
    """Bytes of a datum under any schema, by fastavro."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), datum)
    return out.getvalue()


def with_fields(model: type[Canonical], **change: dict[str, Any] | None) -> dict[str, Any]:
    """Another version of a model's schema: fields replaced or added, left out where None stands."""
    schema = schema_of(model.FULL_NAME)
    fields = {field["name"]: field for field in schema["fields"]}
    changed = [{"name": name, **field} for name, field in (fields | change).items() if field is not None]
    return {**schema, "fields": changed}
