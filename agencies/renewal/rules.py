"""What law and policy say of a renewal: when it is asked for, how many workers, which fee, how long. No number stands here."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agencies.licensing.models import Licence
from agencies.renewal.activity import Span
from agencies.renewal.status import Verdict
from agencies.security.rules import months_after
from core.money import Money
from law.country import deployment
from law.engine import Applied, Found, Unknown, applies

YEAR = 12


def evidence_of(found: Found) -> dict[str, Any]:
    return found.row.as_evidence() if isinstance(found, Applied) else found.as_evidence()


def judge(met: bool, found: Found) -> Verdict:
    """What a test says of a fact, by the row that asks for it: only a row that was seen in the law refuses."""
    if met or (isinstance(found, Applied) and found.value is False):
        return Verdict.PASS
    if not isinstance(found, Applied):
        return Verdict.UNKNOWN
    return Verdict.FAIL if found.may_refuse else Verdict.WARN


def _part(name: str, on: date) -> Found:
    """One part of the law's terms of a renewal."""
    found = applies("licence.renewal", on=on)
    if not isinstance(found, Applied):
        return found
    value = found.value.get(name)
    return Unknown(f"licence.renewal.{name}") if value is None else Applied(value, found.row)


def _days(standard: str) -> int:
    return int(deployment().standard(standard))


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which a renewal can be asked for. ``until``: the last day that is in time; ``closes``: the last of all."""

    opens: date
    until: date
    ends: date
    closes: date
    found: Found
    evidence: dict[str, Any]


def window(ends: date, on: date) -> Window:
    """When the renewal of a licence with this last day is asked for: by the law, else by the standards of the office."""
    found = _part("apply_days_before", on)
    opens = _days("renewal_opens_days")
    in_time = int(found.value) if isinstance(found, Applied) else _days("renewal_latest_days")
    evidence = {**evidence_of(found), "opens_days": opens, "in_time_days": in_time}
    return Window(
        opens=ends - timedelta(days=max(opens, in_time)),
        until=ends - timedelta(days=in_time),
        ends=ends,
        closes=ends + timedelta(days=_days("renewal_late_days")),
        found=found,
        evidence=evidence,
    )


def floor(on: date) -> Found:
    """The fewest workers that an agency has to send in a year for its licence to go on.

    Where the law speaks of it in words alone, those words are the row: an officer reads them.
    """
    for found in (_part("min_workers", on), applies("licence.min_activity", on=on)):
        if isinstance(found, Applied):
            return found
    words = applies("licence.renewal.performance", on=on)
    return Unknown("licence.min_activity", words.row)


def years_back(on: date, since: date, first: date) -> tuple[list[Span], bool]:
    """The year up to ``on``, and each whole year of the term since ``since`` before it, the latest first.

    The latest may reach back into the term before, but not before the ``first`` day of the licence. The second value says
    whether they are whole years; else it is the one begun year of a young licence.
    """
    spans: list[Span] = []
    last = on
    while (day := months_after(on, -YEAR * (len(spans) + 1)) + timedelta(days=1)) >= (since if spans else first):
        spans.append(Span(day, last))
        last = day - timedelta(days=1)
    return (spans, True) if spans else ([Span(first, on)], False)


def fee(on: date) -> tuple[Money | None, Found]:
    """What the renewal costs; None where no fee is known."""
    found = _part("fee", on)
    amount = found.row.money("fee") if isinstance(found, Applied) else None
    return amount, found


def proposed_end(licence: Licence, began: date, on: date) -> date:
    """The last day that a renewal would give: the law's term, else one as long as the last, after the end of the old one."""
    found = applies("licence.validity", on=on)
    if isinstance(found, Applied):
        return months_after(licence.valid_until, YEAR * int(found.value))
    return licence.valid_until + (licence.valid_until - began)


def latest_end(licence: Licence, on: date) -> tuple[date | None, dict[str, Any]]:
    """The last day that the law allows, where it was seen in the law; None where nothing forbids a later one."""
    found = applies("licence.validity", on=on)
    if not isinstance(found, Applied) or not found.may_refuse:
        return None, evidence_of(found)
    return months_after(max(licence.valid_until, on), YEAR * int(found.value)), evidence_of(found)
