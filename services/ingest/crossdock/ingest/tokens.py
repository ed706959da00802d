"""Bearer tokens of the ingest API: a file of SHA-256 hashes, each with its scope.

Invariant: no token stands anywhere in clear; a token opens only the tenant (and channel) of its entry.
The file is read again when it changes, so tokens rotate without a restart; a broken new version leaves
the last good one in force.

    {"tokens": [{"name": "portal", "sha256": "<hex of the token>", "tenant": "acme", "channel": "b2b"}]}
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from crossdock.ingest.problems import ProblemCode, Refused

_BEARER: Final = "bearer "


class ApiToken(BaseModel):
    """One entry of the tokens file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100, description="For people and logs; not secret.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the token, lower-case hex.")
    tenant: str = Field(min_length=1, max_length=200)
    channel: str | None = Field(default=None, max_length=200, description="Null: all of the tenant's.")
    expires_at: AwareDatetime | None = Field(default=None, description="Refused from this instant on.")

    def opens(self, tenant: str, channel: str) -> bool:
        """True where the token's scope holds this tenant and channel."""
        return self.tenant == tenant and self.channel in (None, channel)


class TokensFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: tuple[ApiToken, ...]


class TokensInvalid(ValueError):
    """The tokens file cannot be read; the text names the place, never a value."""


def read_tokens(path: Path) -> TokensFile:
    """The file's content. Raises TokensInvalid."""
    try:
        return TokensFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise TokensInvalid(f"{path.name} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(step) for step in fault['loc']) or 'file'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise TokensInvalid(f"{path.name} is invalid: " + "; ".join(faults)) from None


def mint(name: str, tenant: str, channel: str | None = None) -> tuple[str, ApiToken]:
    """A new random token (shown once) and its entry for the file."""
    token = f"cdk_{secrets.token_urlsafe(32)}"
    return token, ApiToken(name=name, sha256=_hash(token), tenant=tenant, channel=channel)


def write_tokens(path: Path, tokens: Iterable[ApiToken]) -> None:
    """Replace the file at once, readable for its owner only. Raises OSError."""
    content = TokensFile(tokens=tuple(tokens)).model_dump_json(indent=1, exclude_defaults=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        draft.write(content + "\n")  # the file is made with mode 0600
    Path(draft.name).replace(path)


class Tokens:
    """Who may use the ingest API.

    Args:
        path: the tokens file; None closes the API (every token is refused).
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._by_hash: Mapping[str, ApiToken] = {}

    def refresh(self) -> bool:
        """Read the file if it changed; True if it was read. Raises TokensInvalid, keeping the old state."""
        if self._path is None:
            return False
        try:
            status = self._path.stat()
        except OSError as error:
            raise TokensInvalid(f"{self._path.name} cannot be read: {error.strerror}") from error
        seen = (status.st_mtime_ns, status.st_size)
        if seen == self._seen:
            return False
        self._seen = seen
        self._by_hash = {token.sha256: token for token in read_tokens(self._path).tokens}
        return True

    def authorize(self, header: str | None, tenant: str, channel: str, now: datetime) -> ApiToken:
        """The token of an `Authorization` header, if it opens this tenant and channel. Raises Refused."""
        if header is None or not header.lower().startswith(_BEARER):
            raise _refused(ProblemCode.TOKEN_MISSING, "There is no bearer token.")
        # Looking a hash up by its digest tells nothing about near misses: nobody can choose the digest.
        token = self._by_hash.get(_hash(header[len(_BEARER) :].strip()))
        if token is None:
            raise _refused(ProblemCode.TOKEN_INVALID, "The bearer token is not known here.")
        if token.expires_at is not None and now >= token.expires_at.astimezone(UTC):
            raise _refused(ProblemCode.TOKEN_INVALID, "The bearer token has expired.")
        if not token.opens(tenant, channel):
            raise _refused(ProblemCode.TOKEN_OUT_OF_SCOPE, "The token is not for this tenant and channel.")
        return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("latin-1", errors="replace")).hexdigest()


def _refused(code: ProblemCode, detail: str) -> Refused:
    return Refused(code, detail, field="Authorization")
