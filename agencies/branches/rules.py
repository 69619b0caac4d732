"""What the law says of branches and representatives: a switch for each country, never a number here."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agencies.branches.status import PresenceKind
from core.money import Money
from law.country import deployment
from law.engine import Applied, Row, Unknown, applies


@dataclass(frozen=True, slots=True)
class Rule:
    """The law for one kind of presence. ``forbidden`` only by a row that was seen in the law; ``doubtful`` where it speaks
    against it, or is not known, so that an officer decides."""

    forbidden: bool
    doubtful: bool
    row: Row | None
    deposit: Money | None
    min_workers_sent: int | None
    evidence: dict[str, Any]

    @property
    def deposit_is_certain(self) -> bool:
        return self.deposit is not None and self.evidence.get("status") == "V"


def rule(kind: PresenceKind, country: str, on: date) -> Rule:
    """What applies to a branch or representative at home (``country`` empty) or abroad, on a day."""
    where = "abroad" if country else "domestic"
    if kind is PresenceKind.REPRESENTATIVE and not country:
        found = applies("representative.domestic.allowed", on=on)
        against = isinstance(found, Applied) and found.value is False
        return Rule(
            forbidden=against and found.may_refuse,
            doubtful=against or not isinstance(found, Applied) or not found.may_refuse,
            row=found.row,
            deposit=None,
            min_workers_sent=None,
            evidence=_evidence(found),
        )
    found = applies(f"{kind}.{where}", on=on)
    if isinstance(found, Unknown):
        return Rule(False, True, found.row, None, None, _evidence(found))
    return Rule(
        forbidden=False,
        doubtful=not found.may_refuse,
        row=found.row,
        deposit=found.row.money("deposit"),
        min_workers_sent=found.value.get("min_workers_sent"),
        evidence=_evidence(found),
    )


def _evidence(found: Applied | Unknown) -> dict[str, Any]:
    return found.row.as_evidence() if isinstance(found, Applied) else found.as_evidence()


def card_until(kind: PresenceKind, country: str, today: date, licence_until: date) -> date:
    """The last day of a card issued today: the law's years where it names them, else the ministry's standard; never past
    the principal's licence."""
    found = applies("representative.abroad", on=today) if kind is PresenceKind.REPRESENTATIVE and country else None
    years = found.value.get("card_years") if isinstance(found, Applied) else None
    if years:
        end = _years_after(today, years) - timedelta(1)
    else:
        end = today + timedelta(deployment().standard("presence_card_days") - 1)
    return min(end, licence_until)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
