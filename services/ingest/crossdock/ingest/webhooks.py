"""`POST /v1/webhooks/{tenant}/{channel}`: signed deliveries of channels.

Invariant: a record exists only for a body whose signature one of the profile's live secrets made; forged
requests cost a tenant nothing of its rate.
"""

from __future__ import annotations

import structlog
from starlette.requests import Request

from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.models.profile_sections import WebhookSection
from crossdock.ingest.answers import Accepted
from crossdock.ingest.intake import Intake, content_type, storable_or_empty
from crossdock.ingest.problems import ProblemCode, Refused
from crossdock.ingest.raw_record import Arrival
from crossdock.ingest.settings import Secrets
from crossdock.ingest.tracing import Trace
from crossdock.ingest.verifier import SCHEMES, Delivery, SecretUnusable, Trust, is_ping, named, verify

_log = structlog.get_logger()


class Webhooks:
    """The endpoint.

    Args:
        intake: what all endpoints share.
        secrets: where the profile's secret references lead to.
    """

    def __init__(self, intake: Intake, secrets: Secrets) -> None:
        self._intake = intake
        self._secrets = secrets

    async def receive(self, request: Request, trace: Trace) -> Accepted:
        """Take one delivery in. Raises Refused."""
        tenant, channel = request.path_params["tenant"], request.path_params["channel"]
        captured_at = self._intake.clock()
        profile = self._intake.profile(tenant, channel)
        section = webhook_section(profile)
        scheme = SCHEMES[section.scheme]
        with self._intake.enter(tenant) as reservation:
            stated_type = content_type(request)
            body = await self._intake.read_body(request, reservation)
            if is_ping(scheme, body):
                self._intake.metrics.count("crossdock_ingest_pings_total", tenant, channel)
                return Accepted("", None)
            delivery = Delivery(request.headers.raw, body, section.notification_url or "")
            self._verify(section, delivery, captured_at.timestamp())
            self._intake.rates.take(tenant)
            arrival = Arrival(
                tenant,
                channel,
                "webhook",
                body,
                stated_type,
                captured_at,
                storable_or_empty(named(delivery, scheme.delivery_id)),
                storable_or_empty(named(delivery, scheme.event)),
                trace=trace,
            )
            record = self._intake.record(arrival, profile)
            return Accepted(record.header("ce_id"), await self._intake.deliver(record))

    def _verify(self, section: WebhookSection, delivery: Delivery, now: float) -> None:
        found = [self._secrets.find(reference) for reference in section.secrets]
        live = [secret for secret in found if secret is not None]
        if not live:
            raise _unusable("None of the secrets that the profile names can be found.")
        try:
            verify(SCHEMES[section.scheme], delivery, Trust(live, section.tolerance_seconds), now)
        except SecretUnusable as error:
            raise _unusable(f"The operator sees to it: {error}.") from None


def webhook_section(profile: PartnerProfile) -> WebhookSection:
    """How the channel signs. Raises Refused where its profile opens no webhook."""
    section = profile.connection.webhook if profile.connection else None
    if section is None:
        raise Refused(ProblemCode.UNKNOWN_ENDPOINT, "There is no webhook for this tenant and channel.")
    return section


def _unusable(detail: str) -> Refused:
    return Refused(ProblemCode.SECRET_UNAVAILABLE, detail, retry_after_s=60)
