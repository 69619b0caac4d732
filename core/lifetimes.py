"""How long codes, links, sessions and drafts are good: service standards of the deployment's country.

The numbers stand in the country package (``policy.json``). This layer is below the law: the portal gives them at the start,
once, and pages and messages tell the number from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from core.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Whole numbers of the unit in the name, all above 0; ``code_tries`` wrong tries end a code."""

    code_minutes: int
    code_tries: int
    second_step_minutes: int
    invitation_days: int
    session_idle_minutes: int
    session_hours: int
    draft_days: int

    @property
    def code(self) -> timedelta:
        return timedelta(minutes=self.code_minutes)

    @property
    def second_step(self) -> timedelta:
        return timedelta(minutes=self.second_step_minutes)

    @property
    def session_idle(self) -> timedelta:
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def session(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def draft(self) -> timedelta:
        return timedelta(days=self.draft_days)

    @property
    def invitation(self) -> timedelta:
        return timedelta(days=self.invitation_days)


_now: Lifetimes | None = None


def configure(policy: Mapping[str, Any]) -> None:
    """Take the numbers of the country package.

    :raises ConfigurationError: naming the one that is missing or no whole number above 0.
    """
    global _now
    found: dict[str, int] = {}
    for name in (f.name for f in fields(Lifetimes)):
        value = policy.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigurationError(f"policy.json: {name} must be a whole number above 0, not {value!r}.")
        found[name] = value
    _now = Lifetimes(**found)


def lifetimes() -> Lifetimes:
    """Those of this deployment.

    :raises ConfigurationError: before the start has given them.
    """
    if _now is None:
        raise ConfigurationError("The country package was not read yet.")
    return _now
