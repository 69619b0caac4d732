"""What an order does: put in force, paused by a stay, undone by an appeal. For an agency a ``Sanction`` and its licence,
for everybody else a ``SanctionBar``; a fine for either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.services import open_licence
from agencies.licensing.status import LICENCE, LicenceStatus
from agencies.registration.models import Agency, AgencyDirector
from agencies.sanctions.case_ends import BAR_HOLDING, HOLDING
from agencies.sanctions.case_models import SanctionBar, SanctionCase, SanctionFine
from agencies.sanctions.case_status import BAR, FINE, BarKind, BarStatus, CaseSubject, FineStatus, OrderKind
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.status import SANCTION, SanctionKind, SanctionStatus
from agencies.sanctions.suspension import end_extensions, give_back
from core.actor import SYSTEM, Actor
from core.db import db_now, legal_today
from core.errors import DomainError
from core.i18n import _l
from core.money import Money
from core.permissions import Permission

SANCTION_OF = {
    OrderKind.SUSPEND: SanctionKind.SUSPENSION,
    OrderKind.CANCEL: SanctionKind.CANCELLATION,
    OrderKind.BLACKLIST: SanctionKind.BLACKLISTING,
}
BAR_OF = {OrderKind.SUSPEND: BarKind.SUSPENSION, OrderKind.BLACKLIST: BarKind.BLACKLISTING}


@dataclass(frozen=True, slots=True)
class Effect:
    """What is put in force, by whom prepared and decided."""

    kind: OrderKind
    reason: str
    prepared_by: Any
    last_day: date | None = None
    fine: Money | None = None
    fine_due_on: date | None = None


def put_in_force(session: Session, actor: Actor, case: SanctionCase, effect: Effect) -> None:
    """Everything changes at once: licence, register, blacklist. An interim suspension of the proceeding ends with it."""
    interim = rows_of(session, case)
    if effect.fine is not None:
        _fine(session, case, effect)
    if case.agency_id is None:
        _bar(session, actor, case, effect)
        return
    if effect.kind in SANCTION_OF:
        _sanction(session, actor, case, effect)
    for row in interim:
        SANCTION.apply(session, row, "release", actor=actor, reason="the order takes its place")
        row.lifted_by, row.lifted_on = actor.account_id, legal_today(session)
        if row.kind is SanctionKind.SUSPENSION:
            end_extensions(session, actor, row.agency_id, effect.reason)
            give_back(session, actor, row, effect.reason)
    session.flush()


def end_interim(session: Session, actor: Actor, case: SanctionCase, reason: str) -> None:
    """A dismissal ends the suspension that waited for it."""
    for row in rows_of(session, case):
        SANCTION.apply(session, row, "release", actor=actor, reason=reason)
        row.lifted_by, row.lifted_on = actor.account_id, legal_today(session)
        if row.kind is SanctionKind.SUSPENSION:
            end_extensions(session, actor, row.agency_id, reason)
            give_back(session, actor, row, reason)


def rows_of(session: Session, case: SanctionCase) -> Sequence[Sanction]:
    """What stands of a proceeding against an agency, stayed or not, locked."""
    return session.scalars(
        select(Sanction)
        .where(Sanction.case_id == case.id, Sanction.status.in_(HOLDING))
        .order_by(Sanction.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _fine(session: Session, case: SanctionCase, effect: Effect) -> None:
    assert effect.fine is not None
    assert effect.fine_due_on is not None
    session.add(
        SanctionFine(
            case_id=case.id,
            amount_minor=effect.fine.minor,
            currency=effect.fine.currency,
            due_on=effect.fine_due_on,
        )
    )


def _bar(session: Session, actor: Actor, case: SanctionCase, effect: Effect) -> None:
    kind = BAR_OF.get(effect.kind)
    if kind is None:
        return
    assert effect.last_day is not None
    bar = SanctionBar(
        case_id=case.id, kind=kind, subject_kind=case.subject_kind, subject_id=case.subject_id,
        identifier_index=case.identifier_index, first_day=legal_today(session), last_day=effect.last_day,
    )  # fmt: skip
    session.add(bar)
    session.flush()
    BAR.apply(session, bar, "impose", actor=actor, reason=effect.reason, evidence={"case_id": case.id})
    if case.subject_kind is CaseSubject.DIRECTOR:
        session.add(BlacklistedPerson(bar_id=bar.id))
        session.flush()


def _sanction(session: Session, actor: Actor, case: SanctionCase, effect: Effect) -> None:
    agency = session.get_one(Agency, case.agency_id)
    kind = SANCTION_OF[effect.kind]
    waiting = exists().where(
        Sanction.agency_id == agency.id, Sanction.kind == kind, Sanction.status == SanctionStatus.PROPOSED
    )
    if session.scalar(select(waiting)):
        raise DomainError(_l("The same step is proposed apart from this proceeding. Decide that first."))
    sanction = Sanction(
        agency_id=agency.id, case_id=case.id, kind=kind, reason=effect.reason, last_day=effect.last_day,
        proposed_by=effect.prepared_by, decided_by=actor.require_account(), decided_at=db_now(session),
        decision_reason=effect.reason,
    )  # fmt: skip
    session.add(sanction)
    session.flush()
    arrow = "order" if actor.can(Permission.SANCTION_DECIDE) else "impose"
    SANCTION.apply(session, sanction, arrow, actor=actor, reason=effect.reason, evidence={"case_id": case.id})
    if agency.listed_at is None:
        agency.listed_at = db_now(session)
    if kind is SanctionKind.SUSPENSION:
        _hold(session, actor, sanction, effect.reason)
    else:
        _cancel(session, actor, sanction, effect.reason)
    if kind is SanctionKind.BLACKLISTING:
        list_directors(session, sanction)


def list_directors(session: Session, sanction: Sanction) -> None:
    """Every director, also one who was taken off the list before: leaving in time is no way out."""
    for director_id in session.scalars(
        select(AgencyDirector.id).where(AgencyDirector.agency_id == sanction.agency_id)
    ).all():
        session.add(BlacklistedPerson(sanction_id=sanction.id, director_id=director_id))


def _hold(session: Session, actor: Actor, sanction: Sanction, reason: str) -> None:
    licence = open_licence(session, sanction.agency_id)
    if licence is not None and licence.status is LicenceStatus.ACTIVE:
        arrow = "suspend" if actor.can(Permission.SANCTION_DECIDE) else "hold"
        LICENCE.apply(session, licence, arrow, actor=actor, reason=reason, evidence={"sanction_id": sanction.id})


def _cancel(session: Session, actor: Actor, sanction: Sanction, reason: str) -> None:
    licence = cancellable(session, sanction.agency_id)
    if licence is None:
        return
    arrow = "cancel" if actor.can(Permission.SANCTION_DECIDE) else "cancel_again"
    sanction.licence_id = licence.id
    LICENCE.apply(session, licence, arrow, actor=actor, reason=reason, evidence={"sanction_id": sanction.id})


def cancellable(session: Session, agency_id: Any) -> Licence | None:
    """The newest licence that can still be cancelled, locked: an expired one too, so that it can't be renewed."""
    return session.scalars(
        select(Licence)
        .where(
            Licence.agency_id == agency_id,
            Licence.status.in_([LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED, LicenceStatus.EXPIRED]),
        )
        .order_by(Licence.serial.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()


def pause(session: Session, actor: Actor, case: SanctionCase, reason: str) -> None:
    """A stay: nothing of the order works until the appeal is decided. The licence comes back for so long."""
    for row in rows_of(session, case):
        SANCTION.apply(session, row, "stay", actor=actor, reason=reason)
        _free(session, actor, row, reason)
    for bar in bars_of(session, case):
        BAR.apply(session, bar, "stay", actor=actor, reason=reason)
    for fine in fines_of(session, case, FineStatus.DUE):
        FINE.apply(session, fine, "stay", actor=actor, reason=reason)


def resume(session: Session, actor: Actor, case: SanctionCase, reason: str) -> None:
    """The stay ends: what was paused works again, unless its last day passed meanwhile (the nightly job ends that)."""
    for row in rows_of(session, case):
        if row.status is not SanctionStatus.STAYED:
            continue
        SANCTION.apply(session, row, "resume", actor=actor, reason=reason)
        if row.kind is SanctionKind.SUSPENSION:
            _hold(session, actor, row, reason)
        else:
            _cancel_again(session, actor, row, reason)
    for bar in bars_of(session, case):
        if bar.status is BarStatus.STAYED:
            BAR.apply(session, bar, "resume", actor=actor, reason=reason)
    for fine in fines_of(session, case, FineStatus.STAYED):
        FINE.apply(session, fine, "resume", actor=actor, reason=reason)


def undo(session: Session, actor: Actor, case: SanctionCase, reason: str, *, action: str) -> None:
    """``reverse`` or ``vary``: the effect goes, the rows stay and say so. What ended before stays as it ended."""
    for row in rows_of(session, case):
        was_working = row.status is SanctionStatus.IN_FORCE
        SANCTION.apply(session, row, action, actor=actor, reason=reason)
        row.lifted_by, row.lifted_on = actor.account_id, legal_today(session)
        if was_working:
            _free(session, actor, row, reason)
    for bar in bars_of(session, case):
        BAR.apply(session, bar, action, actor=actor, reason=reason)
        bar.lifted_on = legal_today(session)
    for fine in fines_of(session, case, FineStatus.DUE, FineStatus.STAYED):
        FINE.apply(session, fine, "cancel", actor=actor, reason=reason)
    for fine in fines_of(session, case, FineStatus.PAID):
        FINE.apply(session, fine, "owe_back", actor=actor, reason=reason)


def bars_of(session: Session, case: SanctionCase) -> Sequence[SanctionBar]:
    return session.scalars(
        select(SanctionBar)
        .where(SanctionBar.case_id == case.id, SanctionBar.status.in_(BAR_HOLDING))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def fines_of(session: Session, case: SanctionCase, *states: FineStatus) -> Sequence[SanctionFine]:
    return session.scalars(
        select(SanctionFine)
        .where(SanctionFine.case_id == case.id, SanctionFine.status.in_(states))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _free(session: Session, actor: Actor, row: Sanction, reason: str) -> None:
    """The licence without this sanction: what another one holds, or the calendar has ended, does not come back."""
    if row.kind is SanctionKind.SUSPENSION:
        give_back(session, actor, row, reason)
        return
    licence = session.get(Licence, row.licence_id, with_for_update=True) if row.licence_id else None
    if licence is None or licence.status is not LicenceStatus.CANCELLED:
        return
    if _held_by(session, row, SanctionKind.CANCELLATION, SanctionKind.BLACKLISTING):
        return
    if open_licence(session, row.agency_id) is not None:
        return
    evidence = {"sanction_id": row.id}
    LICENCE.apply(session, licence, "restore", actor=actor, reason=reason, evidence=evidence)
    if licence.valid_until < legal_today(session):
        LICENCE.apply(session, licence, "expire", actor=SYSTEM, reason="last day passed", evidence=evidence)
    elif _held_by(session, row, SanctionKind.SUSPENSION):
        LICENCE.apply(session, licence, "hold", actor=actor, reason="another suspension holds", evidence=evidence)


def _cancel_again(session: Session, actor: Actor, row: Sanction, reason: str) -> None:
    licence = session.get(Licence, row.licence_id, with_for_update=True) if row.licence_id else None
    if licence is not None and LICENCE.allows(licence.status, "cancel_again"):
        LICENCE.apply(session, licence, "cancel_again", actor=actor, reason=reason, evidence={"sanction_id": row.id})


def _held_by(session: Session, row: Sanction, *kinds: SanctionKind) -> bool:
    other = exists().where(
        Sanction.agency_id == row.agency_id,
        Sanction.id != row.id,
        Sanction.kind.in_(kinds),
        Sanction.status == SanctionStatus.IN_FORCE,
    )
    return bool(session.scalar(select(other)))
