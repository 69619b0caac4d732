"""Fines: what came in and what goes back is written down by finance; what is unpaid is asked for at a renewal."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.sanctions import case_policies as policies
from agencies.sanctions.case_models import SanctionCase, SanctionFine
from agencies.sanctions.case_status import FINE, FineStatus
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.money import Money
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class UnpaidFine:
    """``overdue``: its day has passed."""

    fine_id: UUID
    case_id: UUID
    case_reference: str
    amount: Money
    due_on: date
    overdue: bool


def unpaid_fines(session: Session, agency_id: UUID) -> list[UnpaidFine]:
    """Fines of an agency that are not paid; one that is stayed on appeal is not owed meanwhile."""
    today = legal_today(session)
    rows = session.execute(
        select(SanctionFine, SanctionCase.reference)
        .join(SanctionCase, SanctionCase.id == SanctionFine.case_id)
        .where(SanctionCase.agency_id == agency_id, SanctionFine.status == FineStatus.DUE)
        .order_by(SanctionFine.due_on, SanctionFine.id)
        .limit(50)
    )
    return [
        UnpaidFine(f.id, f.case_id, ref, Money(f.amount_minor, f.currency), f.due_on, f.due_on < today)
        for f, ref in rows
    ]


def record(
    session: Session, actor: Actor, fine_id: UUID, action: str, *, on: date | None, receipt: str
) -> SanctionFine:
    """``pay``: the fine came in; ``pay_back``: after an appeal it went back. With the bank's or the cashier's number."""
    case_id = session.scalar(select(SanctionFine.case_id).where(SanctionFine.id == fine_id))
    if case_id is None:
        raise NotVisible
    case = policies.find_for(session, actor, case_id, Permission.SECURITY_RECORD)
    fine = session.get_one(SanctionFine, fine_id, with_for_update=True, populate_existing=True)
    if action not in ("pay", "pay_back"):
        raise Denied(_l("You are not allowed to do this."))
    day = on or legal_today(session)
    if day > legal_today(session):
        raise DomainError(_l("This day is still to come."), field="on")
    if not receipt.strip():
        raise DomainError(_l("Write the number of the receipt."), field="receipt")
    evidence = {"case_id": case.id, "on": day, "receipt": receipt.strip(), "amount_minor": fine.amount_minor}
    FINE.apply(session, fine, action, actor=actor, evidence=evidence)
    fine.paid_on, fine.receipt, fine.recorded_by = day, receipt.strip(), actor.require_account()
    session.flush()
    return fine
