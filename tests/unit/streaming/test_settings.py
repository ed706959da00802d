"""How a process reaches Kafka: what cannot work is refused at start, by the name of its variable."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from crossdock.streaming.backends.settings import KafkaSettings


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_sasl_protocol_without_a_mechanism_is_refused(protocol: str) -> None:
    with pytest.raises(ValidationError, match="CROSSDOCK_KAFKA_SASL_MECHANISM is missing"):
        KafkaSettings.model_validate({"kafka_security_protocol": protocol})


def test_both_clients_are_told_the_same_connection() -> None:
    settings = KafkaSettings(
        bootstrap_servers="broker.example:9092",
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="SCRAM-SHA-256",
        kafka_sasl_username="crossdock",
        kafka_sasl_password=SecretStr("synthetic"),
    )
    told = settings.client()
    assert settings.aiokafka() == {
        "bootstrap_servers": told["bootstrap.servers"],
        "security_protocol": told["security.protocol"],
        "sasl_mechanism": told["sasl.mechanism"],
        "sasl_plain_username": told["sasl.username"],
        "sasl_plain_password": told["sasl.password"],
    }
