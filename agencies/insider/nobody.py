"""Lines of drawn work for which nobody could be found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import url_for

from core.queues import QueueRow


def at_the_offices(of: Callable[[Any], QueueRow]) -> Callable[[Any], QueueRow]:
    """The administrator opens no file: the offices are where somebody is found."""
    return lambda row: replace(of(row), url=url_for("staff_people.offices"))
