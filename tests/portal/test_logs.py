"""Logs tell the kind and the place of an error, never what somebody typed."""

import json
import logging

import pytest
import structlog

from portal.logs import PlainFormatter, configure_logs


@pytest.fixture
def configured():
    handlers, level = logging.root.handlers[:], logging.root.level
    configure_logs()
    yield
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = handlers, level


def fail(secret: str) -> None:
    try:
        raise KeyError(secret)
    except KeyError as error:
        raise ValueError(f"no such person: {secret}") from error


def test_an_error_is_told_without_its_message_and_variables(configured: None, capsys: pytest.CaptureFixture[str]):
    # The logger writes to standard error as it was when it was set up.
    configure_logs()
    try:
        fail("asha@people.example")
    except ValueError:
        structlog.get_logger().exception("job failed", job="core.deliver")
    line = capsys.readouterr().err
    assert "asha" not in line
    told = json.loads(line)
    assert (told["event"], told["job"], told["level"], told["error"]) == (
        "job failed",
        "core.deliver",
        "error",
        "ValueError",
    )
    assert told["at"][-1].startswith("tests/portal/test_logs.py:")
    assert told["at"][-1].endswith(" fail")
    assert told["cause"]["error"] == "KeyError"


def test_libraries_errors_are_told_the_same_way(configured: None):
    try:
        fail("9841000000")
    except ValueError as error:
        record = logging.LogRecord(
            "procrastinate", logging.ERROR, "x", 1, "Job ended", None, (ValueError, error, error.__traceback__)
        )
    line = PlainFormatter().format(record)
    assert "9841000000" not in line
    assert json.loads(line)["error"] == "ValueError"
