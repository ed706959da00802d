"""Everything the registry answers that is not success, with Confluent's codes.

    RegistryError(status, code, message)
    ├── NotFound          404: 40401 subject · 40402 version · 40403 schema · 4040x deleted or not, no config
    ├── Conflict          409: incompatible with earlier versions
    ├── Unprocessable     422: 42201 schema · 42202 version · 42203 level · 42204 mode · 42205 read only ·
    │                     42206 referenced
    └── StoreUnavailable  500: 50001 the log cannot be reached or another registry writes it · 50002 timeout

The code, not the text, is what clients act on.
"""

from __future__ import annotations

SUBJECT_NOT_FOUND = 40401
VERSION_NOT_FOUND = 40402
SCHEMA_NOT_FOUND = 40403
SUBJECT_SOFT_DELETED = 40404
SUBJECT_NOT_SOFT_DELETED = 40405
VERSION_SOFT_DELETED = 40406
VERSION_NOT_SOFT_DELETED = 40407
LEVEL_NOT_CONFIGURED = 40408
MODE_NOT_CONFIGURED = 40409
INVALID_SCHEMA = 42201
INVALID_VERSION = 42202
INVALID_LEVEL = 42203
INVALID_MODE = 42204
OPERATION_NOT_PERMITTED = 42205
REFERENCE_EXISTS = 42206
STORE_FAILED = 50001
STORE_TIMED_OUT = 50002


class RegistryError(Exception):
    """An answer other than success.

    Args:
        status: HTTP status.
        code: Confluent's `error_code`.
        message: text for a person.
    """

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class NotFound(RegistryError):
    """The thing does not exist."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(404, code, message)


class Conflict(RegistryError):
    """The schema is not compatible with what is registered."""

    def __init__(self, obstacles: list[str]) -> None:
        super().__init__(409, 409, "Schema being registered is incompatible: " + "; ".join(obstacles))


class Unprocessable(RegistryError):
    """The request is understood and refused."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(422, code, message)


class StoreUnavailable(RegistryError):
    """The request may be repeated; the log did not take it now."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(500, code, message)


def subject_not_found(subject: str) -> NotFound:
    """40401."""
    return NotFound(SUBJECT_NOT_FOUND, f"Subject '{subject}' not found.")


def version_not_found(version: object) -> NotFound:
    """40402."""
    return NotFound(VERSION_NOT_FOUND, f"Version {version} not found.")
