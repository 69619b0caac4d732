"""The end: everything that still stands in the way is named; one officer proposes, another closes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import FINAL, Procedure
from agencies.registration.models import Agency
from agencies.sanctions.case_models import SanctionCase, SanctionOrder
from agencies.sanctions.case_status import CaseStatus
from agencies.security.rules import claims_until
from agencies.winding_down import opening, owed, policies, unpaid, workers
from agencies.winding_down.models import CustodyItem, OwedItem, WindingDown
from agencies.winding_down.status import CUSTODY_OPEN, OWED_OPEN, WINDING, Outcome, WindingStatus
from core.actor import Actor
from core.db import legal_today
from core.documents import render_pdf
from core.errors import Denied, DomainError
from core.files import keep
from core.i18n import _l, format_date, format_number
from core.money import plain_amount
from core.permissions import Permission
from law.country import deployment

UNDECIDED = (
    CaseStatus.REPORTED, CaseStatus.SCREENED, CaseStatus.NOTICE, CaseStatus.REPLY, CaseStatus.HEARING,
    CaseStatus.DECISION, CaseStatus.APPEALED, CaseStatus.STAYED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One thing that keeps a file from being closed. ``code`` is for tests and the log, ``text`` for people."""

    code: str
    text: Any


def hindrances(session: Session, file: WindingDown) -> list[Hindrance]:
    """Everything that stands in the way today; empty when the file can be closed."""
    found = []
    if file.declared_at is None:
        found.append(Hindrance("not_declared", _l("The agency has not signed its list.")))
    if held := _count(session, CustodyItem, file, CUSTODY_OPEN):
        found.append(
            Hindrance(
                "custody", _l("Documents that are not back with their workers: %(number)s", number=format_number(held))
            )
        )
    if debts := unpaid.open_items(session, file)[0]:
        found.append(Hindrance("owed", _l("Sums that are not paid: %(number)s", number=format_number(debts))))
    if undecided := _other_claims(session, file):
        found.append(
            Hindrance(
                "claim",
                _l("Claims against the security to decide or to pay: %(number)s", number=format_number(undecided)),
            )
        )
    if unseen := workers.source().unreviewed(session, file.agency_id):
        found.append(
            Hindrance("pipeline", _l("Workers whom nobody has looked at yet: %(number)s", number=format_number(unseen)))
        )
    until = claims_until(file.ended_on)
    if legal_today(session) <= until:
        found.append(Hindrance("claims", _l("Claims are taken until %(day)s.", day=format_date(until))))
    if _proceeding(session, file.agency_id):
        found.append(Hindrance("proceeding", _l("A proceeding is open, or an appeal may still come.")))
    if _asks_for_renewal(session, file.agency_id):
        found.append(Hindrance("renewal", _l("A renewal of the licence is asked for and not decided.")))
    if _licensed_again(session, file.agency_id):
        found.append(Hindrance("licensed", _l("The agency has a licence again.")))
    return found


def _count(session: Session, kind: Any, file: WindingDown, states: Any) -> int:
    query = select(func.count()).select_from(kind).where(kind.winding_id == file.id, kind.status.in_(states))
    return session.scalar(query) or 0


def _other_claims(session: Session, file: WindingDown) -> int:
    """Claims that wait, those left out whose sum stands on the file's own list."""
    own = session.scalars(
        select(OwedItem.claim_id).where(OwedItem.winding_id == file.id, OwedItem.status.in_(OWED_OPEN))
    ).all()
    return len(unpaid.waiting_claims(session, file.agency_id) - set(own))


def _proceeding(session: Session, agency_id: UUID) -> bool:
    appealable = exists().where(
        SanctionOrder.case_id == SanctionCase.id, SanctionOrder.appeal_until >= legal_today(session)
    )
    open_one = exists().where(
        SanctionCase.agency_id == agency_id,
        or_(SanctionCase.status.in_(UNDECIDED), and_(SanctionCase.status == CaseStatus.ORDERED, appealable)),
    )
    return bool(session.scalar(select(open_one)))


def _asks_for_renewal(session: Session, agency_id: UUID) -> bool:
    """An ended licence may still come back by its renewal."""
    asked = exists().where(
        LicenceApplication.agency_id == agency_id,
        LicenceApplication.procedure == Procedure.RENEWAL,
        LicenceApplication.status.not_in(list(FINAL)),
    )
    return bool(session.scalar(select(asked)))


def _licensed_again(session: Session, agency_id: UUID) -> bool:
    in_force = exists().where(
        Licence.agency_id == agency_id,
        Licence.status.in_(opening.OPEN),
        Licence.valid_until >= legal_today(session),
    )
    return bool(session.scalar(select(in_force)))


def _refuse_unready(session: Session, file: WindingDown, outcome: Outcome | None) -> None:
    owed.follow_claims(session, file.id)
    for hindrance in hindrances(session, file):
        raise DomainError(hindrance.text)
    unpaid.refuse_other_outcome(session, file.agency_id, outcome)


def propose(session: Session, actor: Actor, winding_id: UUID, outcome: Outcome, reason: str) -> WindingDown:
    """An officer proposes to close the file and says what becomes of the rest of the security.

    :raises DomainError: naming the first thing that stands in the way.
    """
    file = policies.officer(session, actor, winding_id, Permission.LICENCE_REVIEW)
    _refuse_unready(session, file, outcome)
    file.outcome, file.proposed_by, file.decided_by = outcome, actor.require_account(), None
    WINDING.apply(session, file, "propose", actor=actor, reason=reason, evidence={"outcome": outcome})
    return file


def decide(session: Session, actor: Actor, winding_id: UUID, action: str, reason: str) -> WindingDown:
    """``close`` or ``send_back``, by another officer; everything is asked anew at this moment.

    :raises Denied: for the one who proposed it.
    """
    file = policies.officer(session, actor, winding_id, Permission.LICENCE_APPROVE)
    if file.status is WindingStatus.PROPOSED and file.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this. Another officer must decide it."))
    if action == "close" and file.status is WindingStatus.PROPOSED:
        _refuse_unready(session, file, file.outcome)
        if file.outcome is Outcome.SHORTFALL:
            unpaid.leave(session, actor, file, reason)
        file.decided_by, file.closed_on = actor.require_account(), legal_today(session)
        file.certificate_id = _certificate(session, actor, file)
    evidence: dict[str, Any] = {"outcome": file.outcome, "certificate_id": file.certificate_id, "law": file.law}
    if action == "close":
        evidence |= {"unpaid_count": file.unpaid_count, "unpaid_minor": file.unpaid_minor}
    WINDING.apply(session, file, action, actor=actor, reason=reason, evidence=evidence)
    return file


def _certificate(session: Session, actor: Actor, file: WindingDown) -> UUID:
    """Says how much was given back, and to nobody to whom."""
    agency = session.get_one(Agency, file.agency_id)
    licence = session.get_one(Licence, file.licence_id)
    documents = session.scalar(select(func.count()).select_from(CustodyItem).where(CustodyItem.winding_id == file.id))
    debts = session.scalar(select(func.count()).select_from(OwedItem).where(OwedItem.winding_id == file.id))
    data = {
        "ministry": deployment().ministry, "holder": agency.name, "reference": file.reference,
        "licence": licence.number, "ended_on": file.ended_on.isoformat(), "closed_on": legal_today(session).isoformat(),
        "documents": documents or 0, "debts": debts or 0, "outcome": file.outcome,
        "unpaid_count": file.unpaid_count,
        "unpaid": f"{file.unpaid.currency} {plain_amount(file.unpaid)}" if file.unpaid else "",
    }  # fmt: skip
    return keep(
        session, actor, render_pdf("winding_down.typ", data), media_type="application/pdf",
        purpose="winding_down.certificate", person_key_id=agency.person_key_id,
    ).id  # fmt: skip
