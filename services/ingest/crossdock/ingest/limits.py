"""How much the intake takes: requests per second of a tenant, bytes and requests in flight.

Invariant: the counters never exceed their caps, and what was taken is given back exactly once.
Buckets exist only for tenants whose request was authentic, so their number is bounded by the profiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType

from pydantic import BaseModel, ConfigDict, Field

from crossdock.ingest.problems import ProblemCode, Refused


class Rate(BaseModel):
    """A tenant's allowance: a token bucket of `burst` requests, refilled with `per_second`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_second: float = Field(gt=0, le=100_000, description="Requests per second in the long run.")
    burst: int = Field(ge=1, le=1_000_000, description="Requests that may come at once after a pause.")


@dataclass(slots=True)
class TokenBucket:
    """Tokens of one tenant; `at` is the monotonic second of the last refill."""

    rate: Rate
    tokens: float
    at: float

    def wait_s(self, now: float) -> float:
        """Seconds until a request may pass; 0 where it may pass now. Takes nothing."""
        self.tokens = min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_second)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate.per_second

    def take(self) -> None:
        """Use one token; call only after `wait_s` said 0."""
        self.tokens -= 1


class TenantRates:
    """The buckets of all tenants.

    Args:
        default: allowance of a tenant that is not listed.
        by_tenant: allowances of listed tenants.
        clock: monotonic seconds.
    """

    def __init__(self, default: Rate, by_tenant: Mapping[str, Rate], clock: Callable[[], float]) -> None:
        self._default = default
        self._by_tenant = by_tenant
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}

    def check(self, tenant: str) -> None:
        """Refuse a request early, before its body is read; takes nothing. Raises Refused."""
        bucket = self._buckets.get(tenant)
        wait_s = bucket.wait_s(self._clock()) if bucket else 0.0
        if wait_s > 0:
            raise Refused(
                ProblemCode.RATE_LIMITED,
                "The tenant's requests per second are used up.",
                retry_after_s=wait_s,
            )

    def take(self, tenant: str) -> None:
        """Count an authentic request; forged ones cannot use a tenant's allowance up. Raises Refused."""
        self.check(tenant)
        bucket = self._buckets.get(tenant)
        if bucket is None:
            rate = self._by_tenant.get(tenant, self._default)
            bucket = self._buckets[tenant] = TokenBucket(rate, rate.burst, self._clock())
        bucket.take()


class InFlight:
    """Requests and body bytes that have been taken in and not yet answered.

    Args:
        requests_max, bytes_max: caps; above them a request is refused with `overloaded`.
        held_elsewhere: bytes that still wait in the producer although their request was answered.
    """

    def __init__(self, requests_max: int, bytes_max: int, held_elsewhere: Callable[[], int]) -> None:
        self._requests_max = requests_max
        self._bytes_max = bytes_max
        self._held_elsewhere = held_elsewhere
        self.requests = 0
        self.bytes = 0

    def enter(self) -> Reservation:
        """A place for one request. Raises Refused (overloaded)."""
        if self.requests >= self._requests_max:
            raise _overloaded("requests")
        self.requests += 1
        return Reservation(self)

    def add(self, size: int) -> None:
        """Count bytes. Raises Refused (overloaded) without counting them."""
        if self.bytes + self._held_elsewhere() + size > self._bytes_max:
            raise _overloaded("bytes")
        self.bytes += size


class Reservation:
    """One request's share of the caps, given back when the `with` block ends."""

    def __init__(self, owner: InFlight) -> None:
        self._owner = owner
        self._bytes = 0

    def reserve(self, total: int) -> None:
        """Hold `total` bytes in all; a smaller total than before changes nothing. Raises Refused."""
        if total > self._bytes:
            self._owner.add(total - self._bytes)
            self._bytes = total

    def __enter__(self) -> Reservation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owner.requests -= 1
        self._owner.bytes -= self._bytes
        self._bytes = 0


def _overloaded(what: str) -> Refused:
    return Refused(ProblemCode.OVERLOADED, f"Too many {what} wait for Kafka.", retry_after_s=1)
