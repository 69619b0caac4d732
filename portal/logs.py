"""Logs as JSON lines on standard error. An error is told by its kind and its place.

Its message and its variables stay out: they may hold what a person typed, a code, an address.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from core.settings import ROOT

FRAMES = 12
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def place(error: BaseException) -> list[str]:
    """Where it happened, innermost last: file, line and function, and no more."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{frame.filename.removeprefix(f'{ROOT}/')}:{frame.lineno} {frame.name}" for frame in frames]


def told(error: BaseException) -> dict[str, Any]:
    """An error, and what it came from, without their messages."""
    found: dict[str, Any] = {"error": type(error).__name__, "at": place(error)}
    if error.__cause__ is not None:
        found["cause"] = told(error.__cause__)
    return found


def _without_message(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if isinstance(given, tuple):
        error = given[1]
    if error is not None:
        event.update(told(error))
    return event


class PlainFormatter(logging.Formatter):
    """Libraries' own messages in the same form."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            event.update(told(record.exc_info[1]))
        return str(structlog.processors.JSONRenderer(ensure_ascii=False)(None, "", event))


def configure_logs() -> None:
    """Make every log of this process speak this way."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_message,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
