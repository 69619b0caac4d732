"""Corrections as pages and queues read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from contracts.employers.correction_models import EmployerCorrection, FormerSignatory
from contracts.employers.correction_status import CorrectionKind, CorrectionStatus
from contracts.employers.models import Employer
from core.actor import Actor
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import Permission

FIELDS = {
    "name": _l("Name of the employer"),
    "city": _l("City"),
    "address": _l("Address"),
    "sector": _l("What the company does"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One line of the comparison: what it is, how it stood before, how it is to stand. ``latin``: kept left to right."""

    title: Any
    before: str
    after: str
    changed: bool
    latin: bool = False


def corrections_of(session: Session, employer_id: UUID, limit: int = 50) -> Sequence[EmployerCorrection]:
    """What an employer proposed, the newest first."""
    query = select(EmployerCorrection).where(EmployerCorrection.employer_id == employer_id)
    return session.scalars(query.order_by(EmployerCorrection.created_at.desc()).limit(limit)).all()


def side_by_side(session: Session, made: EmployerCorrection, employer: Employer) -> list[Side]:
    """Old and new; once it is accepted, old is what was written down then."""
    if made.kind is CorrectionKind.DETAILS:
        return [Side(FIELDS[n], str(made.before.get(n, "")), str(v), True) for n, v in made.after.items()]
    former = session.scalars(select(FormerSignatory).where(FormerSignatory.correction_id == made.id)).one_or_none()
    old = (
        (former.name, former.title, former.phone, former.email)
        if former
        else (employer.signatory_name, employer.signatory_title, employer.signatory_phone, employer.signatory_email)
    )
    new = (made.name, made.signatory_title, made.phone, made.email)
    titles = (_l("Signs for the employer"), _l("Position"), _l("Telephone"), _l("E-mail"))
    latin = (False, False, True, True)
    return [
        Side(t, b or "", a or "", (a or "") != (b or ""), left)
        for t, b, a, left in zip(titles, old, new, latin, strict=True)
    ]


def waiting(actor: Actor) -> AnySelect:
    """Corrections that wait for the actor's mission."""
    mine = and_(
        Employer.mission_id.in_(actor.offices(Permission.EMPLOYER_VERIFY)),
        Employer.country.in_(actor.destinations(Permission.EMPLOYER_VERIFY)),
    )
    return (
        select(
            EmployerCorrection.id, EmployerCorrection.reference, EmployerCorrection.created_at, EmployerCorrection.due_on,
            EmployerCorrection.kind, Employer.name.label("employer"),
        )
        .join(Employer, Employer.id == EmployerCorrection.employer_id)
        .where(EmployerCorrection.status == CorrectionStatus.PROPOSED, mine)
    )  # fmt: skip
