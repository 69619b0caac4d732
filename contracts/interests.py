"""What keeps an officer from deciding: the agency or the employer is the officer's own, or was."""

from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from agencies.insider.ties import was_of
from agencies.registration.policies import refuse_conflict
from contracts.employers.models import Employer
from core.accounts import UserAccount
from core.actor import Actor
from core.errors import Denied
from core.i18n import _l
from core.permissions import SubjectKind


def refuse_interest(
    session: Session, actor: Actor, *, employer_id: UUID | None = None, agency_id: UUID | None = None
) -> None:
    """Asked in every act of an officer on what an employer or an agency wants.

    :raises Denied: when the officer belongs, or belonged, to one of them, or has another tie to the agency.
    """
    if agency_id is not None:
        refuse_conflict(session, actor, agency_id)
    if employer_id is not None and _of_employer(session, actor.require_account(), employer_id):
        raise Denied(_l("You are, or were, one of this employer’s people. Another officer must do this."))


def _of_employer(session: Session, account_id: UUID, employer_id: UUID) -> bool:
    """A member at any time, or the signatory by e-mail or telephone (keyed hashes)."""
    signatory = exists().where(
        UserAccount.id == account_id,
        Employer.id == employer_id,
        or_(
            UserAccount.email_index == Employer.signatory_email_index,
            UserAccount.phone_index == Employer.signatory_phone_index,
        ),
    )
    return was_of(session, account_id, SubjectKind.EMPLOYER, employer_id) or bool(session.scalar(select(signatory)))
