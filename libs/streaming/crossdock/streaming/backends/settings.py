"""How a process reaches Kafka and the registry; read from the environment once, at start.

Invariant: every problem of the configuration is reported at once, before any client is made.
"""

from __future__ import annotations

import ssl
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """Connection to the broker and the schema registry (`CROSSDOCK_*`)."""

    model_config = SettingsConfigDict(env_prefix="CROSSDOCK_", frozen=True, extra="ignore")

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092", min_length=1, description="Kafka bootstrap servers, host:port[,host:port]."
    )
    registry_url: str = Field(
        default="http://127.0.0.1:8081",
        min_length=1,
        description="Schema registry with the Confluent REST API.",
    )
    namespace: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9_-]*$",
        description="Prefix of all topics and groups of this installation.",
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="Security protocol of the broker."
    )
    kafka_sasl_mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="", description="SASL mechanism, with a SASL protocol."
    )
    kafka_sasl_username: str = Field(default="", description="SASL user name.")
    kafka_sasl_password: SecretStr = Field(default=SecretStr(""), description="SASL password.")
    kafka_ssl_ca_location: str = Field(
        default="", description="File with the certificate authorities of the broker."
    )

    @model_validator(mode="after")
    def _is_sasl_complete(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL") and not self.kafka_sasl_mechanism:
            raise ValueError(
                "CROSSDOCK_KAFKA_SASL_MECHANISM is missing: a SASL protocol needs PLAIN, SCRAM-SHA-256 or "
                "SCRAM-SHA-512"
            )
        return self

    def topic(self, logical: str) -> str:
        """Physical name of a logical topic or group."""
        return f"{self.namespace}.{logical}" if self.namespace else logical

    def logical(self, topic: str) -> str:
        """Logical name of a physical topic or group."""
        return topic.removeprefix(f"{self.namespace}.") if self.namespace else topic

    def client(self) -> dict[str, str]:
        """librdkafka properties of the connection; empty values are left out."""
        properties = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.kafka_security_protocol,
            "sasl.mechanism": self.kafka_sasl_mechanism,
            "sasl.username": self.kafka_sasl_username,
            "sasl.password": self.kafka_sasl_password.get_secret_value(),
            "ssl.ca.location": self.kafka_ssl_ca_location,
        }
        return {name: value for name, value in properties.items() if value}

    def aiokafka(self) -> dict[str, Any]:
        """Keyword arguments of the connection for the clients of aiokafka, which is untyped."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.kafka_security_protocol,
        }
        if self.kafka_security_protocol.endswith("SSL"):
            options["ssl_context"] = ssl.create_default_context(cafile=self.kafka_ssl_ca_location or None)
        if self.kafka_security_protocol.startswith("SASL"):
            options["sasl_mechanism"] = self.kafka_sasl_mechanism
            options["sasl_plain_username"] = self.kafka_sasl_username
            options["sasl_plain_password"] = self.kafka_sasl_password.get_secret_value()
        return options
