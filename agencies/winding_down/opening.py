"""The file opens in the transaction that ends a licence, and ends with the licence's return. A job finds what was missed."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from agencies.licensing.models import Licence
from agencies.licensing.status import LICENCE, LicenceStatus
from agencies.security.models import SecurityAccount, SecurityEntry
from agencies.security.proposals import ended_on
from agencies.winding_down import rules, workers
from agencies.winding_down.models import CustodyItem, WindingDown
from agencies.winding_down.status import LIVE, WINDING, WindingStatus
from core import audit, messages
from core.accounts import Membership, UserAccount
from core.actor import SYSTEM, Actor
from core.db import db_now, legal_today
from core.jobs import enqueue
from core.permissions import SubjectKind
from core.workflow import Transition

OPEN = (LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED)
ENDED = (LicenceStatus.EXPIRED, LicenceStatus.SURRENDERED, LicenceStatus.CANCELLED)


def _moved(session: Session, licence: Licence, transition: Transition[LicenceStatus], actor: Actor) -> None:
    """After each move of a licence."""
    if transition.target in OPEN:
        restore(session, licence.id, "the licence came back")
    elif transition.action != "expire":
        open_file(session, licence, legal_today(session))
    elif licence.valid_until < legal_today(session):
        # One that "expires" before its last day was replaced by a newer licence: nothing is wound down.
        open_file(session, licence, licence.valid_until)


LICENCE.watch(_moved)


def of_licence(session: Session, licence_id: UUID) -> WindingDown | None:
    """The file of a licence, locked."""
    return session.scalars(
        select(WindingDown)
        .where(WindingDown.licence_id == licence_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def open_file(session: Session, licence: Licence, ended: date) -> WindingDown:
    """The file of a licence that has ended, made, opened again, or kept. Its due day follows how the licence ended."""
    due = rules.give_back_by(licence.status, ended)
    found = of_licence(session, licence.id)
    evidence = {"licence_id": licence.id, "licence": licence.status, "due_on": due.day, "law": due.evidence}
    if found is None:
        found = WindingDown(
            agency_id=licence.agency_id, licence_id=licence.id, ended_on=ended, due_on=due.day, law=due.evidence
        )
        session.add(found)
        session.flush()
        audit.record(
            session, SYSTEM, subject=(WINDING.name, found.id), action="open", evidence=evidence, to_status=found.status
        )
    elif found.status is WindingStatus.RESTORED:
        _forget_decision(found)
        found.ended_on, found.due_on, found.law, found.told_at = ended, due.day, due.evidence, None
        WINDING.apply(session, found, "reopen", actor=SYSTEM, reason="the licence has ended again", evidence=evidence)
    elif found.status in LIVE and licence.status is LicenceStatus.CANCELLED:
        # An expired licence that is cancelled as well: the time of the law counts, never a later day.
        found.law, found.due_on = due.evidence, min(found.due_on, due.day)
        audit.record(session, SYSTEM, subject=(WINDING.name, found.id), action="due_anew", evidence=evidence)
    if found.told_at is None:
        enqueue(session, "agencies.tell_of_winding_down", winding_id=str(found.id))
    return found


def _forget_decision(file: WindingDown) -> None:
    """What was declared and decided counts no more; the audit log keeps it. Items stay as they are."""
    file.declared_by = file.declared_at = file.outcome = file.proposed_by = file.decided_by = None
    file.closed_on = file.certificate_id = file.reminded_on = file.unpaid_currency = None
    file.unpaid_count = file.unpaid_minor = 0


def restore(session: Session, licence_id: UUID, reason: str) -> WindingDown | None:
    """A stay, an appeal or a new licence ends the winding down; what workers are owed stays written down."""
    found = of_licence(session, licence_id)
    if found is not None and WINDING.allows(found.status, "restore"):
        WINDING.apply(session, found, "restore", actor=SYSTEM, reason=reason, evidence={"licence_id": licence_id})
    return found


def tell(session: Session, winding_id: UUID) -> int:
    """Tell the agency and every worker in its pipeline or on its list, each once; gives how many. An SMS names nobody."""
    file = session.get(WindingDown, winding_id, with_for_update=True)
    if file is None or file.status not in LIVE or file.told_at is not None:
        return 0
    own = select(Membership.account_id).where(
        Membership.kind == SubjectKind.AGENCY,
        Membership.subject_id == file.agency_id,
        Membership.ended_at.is_(None),
    )
    listed = select(CustodyItem.account_id).where(
        CustodyItem.winding_id == file.id, CustodyItem.account_id.is_not(None)
    )
    pipeline = {w.account_id for w in workers.source().pipeline(session, file.agency_id) if w.account_id}
    told = {*session.scalars(own), *session.scalars(listed), *pipeline}
    for account in session.scalars(select(UserAccount).where(UserAccount.id.in_(told)).order_by(UserAccount.id)):
        messages.send(session, template="winding_news", account=account)
    file.told_at = db_now(session)
    return len(told)


def tell_one(session: Session, account_id: UUID | None, template: str = "winding_news") -> None:
    """News for one worker about an item; the messages name nobody and no amount."""
    account = session.get(UserAccount, account_id) if account_id else None
    if account is not None:
        messages.send(session, template=template, account=account)


def follow(session: Session, batch: int) -> tuple[int, int]:
    """Open what was missed (an import, a repair), end where a licence is in force again; gives both numbers. May run twice."""
    newer = aliased(Licence)
    newest = ~exists().where(newer.agency_id == Licence.agency_id, newer.serial > Licence.serial)
    covered = exists().where(WindingDown.licence_id == Licence.id, WindingDown.status != WindingStatus.RESTORED)
    # Of the old register, those whose money stands here; the others were wound down, or not, before this portal.
    holds = exists().where(
        SecurityEntry.account_id == SecurityAccount.id, SecurityAccount.agency_id == Licence.agency_id
    )
    missed = session.scalars(
        select(Licence)
        .where(Licence.status.in_(ENDED), newest, ~covered, or_(Licence.imported_record_id.is_(None), holds))
        .order_by(Licence.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for licence in missed:
        open_file(session, licence, ended_on(session, licence.agency_id) or licence.valid_until)
    back = session.execute(
        select(WindingDown.licence_id)
        .join(Licence, Licence.agency_id == WindingDown.agency_id)
        .where(WindingDown.status.in_(LIVE), Licence.status.in_(OPEN), Licence.valid_until >= legal_today(session))
        .distinct()
        .limit(batch)
    ).all()
    for (licence_id,) in back:
        restore(session, licence_id, "a licence is in force")
    return len(missed), len(back)


def winding_agencies(session: Session) -> dict[UUID, UUID]:
    """Agencies that are wound down now, with the file: their workers are looked at one by one."""
    rows: Any = session.execute(
        select(WindingDown.agency_id, WindingDown.id).where(WindingDown.status.in_(LIVE)).order_by(WindingDown.id)
    )
    return dict(rows.all())
