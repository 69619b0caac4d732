"""Refusals that a person can understand. Each carries the HTTP status it becomes at the edge."""

from typing import Any


class DomainError(Exception):
    """Something asked for can't be done; ``message`` is a whole sentence for the person who asked."""

    status = 422

    def __init__(self, message: Any, *, field: str | None = None) -> None:
        # A lazy translation stays lazy until it is shown: the worker and the page may differ in language.
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Denied(DomainError):
    """The actor may see the record but not do this."""

    status = 403


class NotVisible(DomainError):
    """The record does not exist for this actor: the same answer whether it exists or not."""

    status = 404

    def __init__(self, message: Any = "", *, field: str | None = None) -> None:
        super().__init__(message, field=field)


class TooLate(DomainError):
    """The record has moved on since the page was shown."""

    status = 409


class TooMany(DomainError):
    """Asked too often; ``retry_after`` in seconds."""

    status = 429

    def __init__(self, message: Any, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConfigurationError(Exception):
    """A setting is missing or malformed: the start stops with this sentence."""
