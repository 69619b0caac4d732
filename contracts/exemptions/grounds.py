"""Which bans there are, and whether the law of this country knows exemptions from one: data, never a rule in code.

The topic ``destination_ban.exemption`` says for whom: ``person``, ``job_order``, or ``none``. Where no row speaks of it, it
is unknown, and officers of the ministry decide for a person, in writing.
"""

from dataclasses import dataclass
from datetime import date

from core.errors import DomainError
from core.i18n import _l
from law import engine
from law.engine import Applied, Found, Row, applies

BAN, EXEMPTION = "destination_ban", "destination_ban.exemption"
PERSON, JOB_ORDER, NOBODY = "person", "job_order", "none"


@dataclass(frozen=True, slots=True)
class Case:
    """Whom an exemption is for, as the law asks. None: it is not known, and any row may be meant."""

    destination: str | None = None
    occupation: str | None = None
    sex: str | None = None


def bans(on: date) -> list[Row]:
    """The bans in force on a day, those that were only reported among them."""
    return [row for row in engine.law().possible(BAN, on=on) if row.value is not None]


def ban(row_id: str, on: date) -> Row | None:
    return next((row for row in bans(on) if row.id == row_id), None)


def written(row_id: str) -> Row | None:
    """A ban row of the law's file, in force or not; None when it stands there no more."""
    return next((row for row in engine.law().by_topic.get(BAN, []) if row.id == row_id), None)


def speaks_of(row: Row, case: Case) -> bool:
    """Whether the ban can be meant for this case."""
    known = {"destination": case.destination, "occupation": case.occupation, "sex": case.sex}
    return all(known.get(key) in (None, wanted) for key, wanted in row.when.items())


def ground(row: Row, on: date) -> Found:
    """What the law says of exemptions from this ban."""
    return applies(EXEMPTION, on=on, **row.when)


def refuse_without_ground(row: Row, kind: str, on: date) -> Found:
    """The ground on which an exemption is given.

    :raises DomainError: where the law was seen to know none, or none of this kind.
    """
    found = ground(row, on)
    if isinstance(found, Applied) and found.may_refuse and NOBODY in found.value:
        raise DomainError(_l("The law knows no exemption from this ban (%(source)s).", source=found.row.source))
    if kind == JOB_ORDER and not (isinstance(found, Applied) and JOB_ORDER in found.value):
        raise DomainError(_l("No law here exempts a whole job order from this ban: exempt each worker."))
    if kind == PERSON and isinstance(found, Applied) and found.may_refuse and PERSON not in found.value:
        raise DomainError(
            _l("The law exempts only whole job orders from this ban (%(source)s).", source=found.row.source)
        )
    return found


def possible(row: Row, on: date) -> bool:
    """Whether somebody could be exempted at all: only what was seen in the law says no."""
    found = ground(row, on)
    return not (isinstance(found, Applied) and found.may_refuse and NOBODY in found.value)
