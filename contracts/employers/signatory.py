"""Whether the person who signs for an employer is the one whom the mission has seen."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from contracts.employers.correction_models import EmployerCorrection
from contracts.employers.correction_status import CorrectionKind, CorrectionStatus
from contracts.employers.models import Employer
from core.accounts import Membership, UserAccount
from core.errors import DomainError
from core.i18n import _l
from core.permissions import SubjectKind


def people(session: Session, employer_id: UUID) -> Sequence[UserAccount]:
    """Those who act for an employer now, at most 200."""
    return session.scalars(
        select(UserAccount)
        .join(Membership, Membership.account_id == UserAccount.id)
        .where(
            Membership.kind == SubjectKind.EMPLOYER, Membership.subject_id == employer_id, Membership.ended_at.is_(None),
            UserAccount.suspended_at.is_(None),
        )
        .order_by(Membership.id)
        .limit(200)
    ).all()  # fmt: skip


def is_current(session: Session, employer_id: UUID, account_id: UUID) -> bool:
    held = exists().where(
        Membership.kind == SubjectKind.EMPLOYER, Membership.subject_id == employer_id, Membership.account_id == account_id,
        Membership.ended_at.is_(None),
    )  # fmt: skip
    return bool(session.scalar(select(held)))


def hindrance(session: Session, employer: Employer) -> Any:
    """In words, why nothing can be signed for this employer now; empty when it can."""
    waiting = exists().where(
        EmployerCorrection.employer_id == employer.id,
        EmployerCorrection.kind == CorrectionKind.SIGNATORY,
        EmployerCorrection.status == CorrectionStatus.PROPOSED,
    )
    if session.scalar(select(waiting)):
        return _l("The mission has to see the person who signs first. Until then nothing can be signed.")
    if employer.signatory_account_id is None or not is_current(session, employer.id, employer.signatory_account_id):
        return _l(
            "The person who signed does not act for the employer any more. The owner names the one who signs, and the mission has "
            "to see them. Until then nothing can be signed."
        )
    return ""


def refuse_unproved(session: Session, employer: Employer) -> None:
    """
    :raises DomainError: while the mission has yet to see the person who signs, or how to reach them.
    """
    if found := hindrance(session, employer):
        raise DomainError(found)
