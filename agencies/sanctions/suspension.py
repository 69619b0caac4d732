"""The last day of a suspension: what the law allows, and the licence that comes back after it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from agencies.licensing.services import open_licence
from agencies.licensing.status import LICENCE, LicenceStatus
from agencies.registration.models import Agency
from agencies.sanctions.case_ends import HOLDING, end_case
from agencies.sanctions.documents import keep_suspension
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SANCTION, SanctionKind, SanctionStatus
from core import audit
from core.actor import SYSTEM, Actor
from core.db import db_now, legal_today
from core.errors import DomainError
from core.i18n import _l
from core.permissions import Permission
from law.engine import Applied, applies

TIMED = frozenset({SanctionKind.SUSPENSION, SanctionKind.EXTENSION})


@dataclass(frozen=True, slots=True)
class Limit:
    """The latest last day of a suspension ordered today. ``day`` is None where the law file names no limit.

    ``certain`` is False when the row may not refuse: then the officer is warned and decides.
    """

    day: date | None
    certain: bool
    evidence: dict[str, Any]

    def exceeded(self, last_day: date) -> bool:
        return self.day is not None and last_day > self.day


def limit(today: date) -> Limit:
    """The law's longest suspension before a hearing, counted from today (day one)."""
    found = applies("licence.suspension_max_days", on=today)
    if not isinstance(found, Applied):
        return Limit(None, False, found.as_evidence())
    return Limit(today + timedelta(days=int(found.value) - 1), found.may_refuse, found.row.as_evidence())


def check_last_day(session: Session, agency_id: Any, kind: SanctionKind, last_day: date | None) -> dict[str, Any]:
    """Refuse a last day that is missing, gone, past the law's limit, or no extension; gives the law as evidence."""
    if kind not in TIMED:
        return {}
    today = legal_today(session)
    allowed = limit(today)
    if last_day is None:
        raise DomainError(_l("Write the last day of the suspension."), field="last_day")
    if last_day < today:
        raise DomainError(_l("This day has passed."), field="last_day")
    if allowed.certain and allowed.exceeded(last_day):
        raise DomainError(_l("The law does not allow a suspension that is this long."), field="last_day")
    running = in_force(session, agency_id) if kind is SanctionKind.EXTENSION else None
    if running is not None and running.last_day is not None and last_day <= running.last_day:
        raise DomainError(_l("The suspension stands until this day already."), field="last_day")
    return {
        "last_day": last_day.isoformat(),
        "law": allowed.evidence,
        "past_unverified_limit": allowed.exceeded(last_day),
    }


def in_force(session: Session, agency_id: Any) -> Sanction | None:
    """The suspension that holds today, locked; after its last day it holds no more, also before the job says so."""
    return session.scalars(
        select(Sanction)
        .where(
            Sanction.agency_id == agency_id,
            Sanction.kind == SanctionKind.SUSPENSION,
            Sanction.status == SanctionStatus.IN_FORCE,
            or_(Sanction.last_day.is_(None), Sanction.last_day >= legal_today(session)),
        )
        .order_by(Sanction.created_at.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()


def give_back(session: Session, actor: Actor, sanction: Sanction, reason: str) -> None:
    """The licence after the end of a suspension: active, or expired when its last day has passed.

    Nothing changes while another suspension of the same agency holds, or when the licence is suspended no more.
    """
    licence = open_licence(session, sanction.agency_id)
    if licence is None or licence.status is not LicenceStatus.SUSPENDED or _another(session, sanction):
        return
    evidence = {"sanction_id": sanction.id}
    if licence.valid_until < legal_today(session):
        LICENCE.apply(session, licence, "expire", actor=SYSTEM, evidence=evidence)
    else:
        # An officer's own lift is "reinstate"; time, the system, a stay and an appeal bring it back by themselves.
        action = "reinstate" if actor.can(Permission.SANCTION_DECIDE) else "come_back"
        LICENCE.apply(session, licence, action, actor=actor, reason=reason, evidence=evidence)


def _another(session: Session, sanction: Sanction) -> bool:
    other = exists().where(
        Sanction.agency_id == sanction.agency_id,
        Sanction.id != sanction.id,
        Sanction.kind == SanctionKind.SUSPENSION,
        Sanction.status == SanctionStatus.IN_FORCE,
    )
    return bool(session.scalar(select(other)))


def end_extensions(session: Session, actor: Actor, agency_id: Any, reason: str, *, action: str = "lift") -> None:
    """An extension ends with the suspension that it made longer."""
    for row in session.scalars(
        select(Sanction)
        .where(
            Sanction.agency_id == agency_id,
            Sanction.kind == SanctionKind.EXTENSION,
            Sanction.status == SanctionStatus.IN_FORCE,
        )
        .with_for_update()
    ).all():
        SANCTION.apply(session, row, action, actor=actor, reason=reason)
        row.lifted_by, row.lifted_on = actor.account_id, legal_today(session)


def lapse(session: Session, batch: int) -> int:
    """End every sanction whose last day has passed, stayed or not, each locked; gives how many."""
    today = legal_today(session)
    due = session.scalars(
        select(Sanction)
        .where(Sanction.status.in_(HOLDING), Sanction.last_day < today)
        .order_by(Sanction.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for sanction in due:
        evidence = {"last_day": sanction.last_day}
        # One UPDATE, with the status: a second one of the same row makes PostgreSQL look at the agency again and wait for an
        # officer who holds it and waits for this row.
        sanction.lifted_on = today
        SANCTION.apply(session, sanction, "lapse", actor=SYSTEM, reason="last day passed", evidence=evidence)
        if sanction.kind is SanctionKind.SUSPENSION:
            give_back(session, SYSTEM, sanction, "the suspension has lapsed")
        end_case(session, sanction.case_id, "expire", reason="last day passed")
    session.flush()
    return len(due)


# --- made and ended by the system, such as for a security that was not topped up ----------------------------------------


def suspend_by_system(
    session: Session, agency_id: UUID, reason: str, cause: str, last_day: date | None = None
) -> Sanction | None:
    """Suspend an agency without an officer. Twice for one cause gives the same row; None where no licence is open.

    :param cause: a word of the caller, such as ``security.unpaid``; ``lift_by_system`` names it again.
    :param last_day: when it lapses by itself; None holds until the cause is gone.
    """
    session.scalars(select(Agency.id).where(Agency.id == agency_id).with_for_update()).one()
    running = _held_for(session, agency_id, cause)
    if running is not None:
        return running
    licence = open_licence(session, agency_id)
    if licence is None:
        return None
    sanction = Sanction(
        agency_id=agency_id, kind=SanctionKind.SUSPENSION, reason=reason, cause=cause, last_day=last_day,
        decided_at=db_now(session),
    )  # fmt: skip
    session.add(sanction)
    session.flush()
    evidence = {"agency_id": agency_id, "cause": cause, "last_day": last_day}
    evidence["document_sha256"] = keep_suspension(session, SYSTEM, sanction, {})
    audit.record(session, SYSTEM, subject=("sanction", sanction.id), action="propose", reason=reason, evidence=evidence)
    SANCTION.apply(session, sanction, "impose", actor=SYSTEM, reason=reason, evidence=evidence)
    if licence.status is LicenceStatus.ACTIVE:
        LICENCE.apply(
            session, licence, "hold", actor=SYSTEM, reason=reason, evidence={"sanction_id": sanction.id, "cause": cause}
        )
    return sanction


def lift_by_system(session: Session, agency_id: UUID, cause: str, reason: str = "the cause is gone") -> Sanction | None:
    """End the suspension that one cause made; None where there is none. The licence stays suspended while another
    suspension of the agency holds it."""
    session.scalars(select(Agency.id).where(Agency.id == agency_id).with_for_update()).one()
    running = _held_for(session, agency_id, cause)
    if running is None:
        return None
    SANCTION.apply(session, running, "release", actor=SYSTEM, reason=reason, evidence={"cause": cause})
    running.lifted_on = legal_today(session)
    give_back(session, SYSTEM, running, reason)
    session.flush()
    return running


def _held_for(session: Session, agency_id: UUID, cause: str) -> Sanction | None:
    return session.scalars(
        select(Sanction)
        .where(Sanction.agency_id == agency_id, Sanction.cause == cause, Sanction.status == SanctionStatus.IN_FORCE)
        .with_for_update()
    ).one_or_none()
