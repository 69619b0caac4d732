"""What keeps an officer from deciding: the agency or the employer is the officer's own, or was."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from agencies.insider import services as insider
from agencies.insider.ties import declared, was_of
from agencies.registration.policies import tie_words
from contracts.employers.models import Employer
from core.accounts import UserAccount
from core.actor import Actor
from core.errors import Denied
from core.i18n import _l
from core.ids import parse_reference
from core.permissions import SubjectKind


def refuse_interest(
    session: Session, actor: Actor, *, employer_id: UUID | None = None, agency_id: UUID | None = None
) -> None:
    """Asked in every act of an officer on what an employer or an agency wants.

    :raises Denied: when the officer belongs, or belonged, to one of them, or has another tie to one.
    """
    words = interest_words(session, actor, employer_id=employer_id, agency_id=agency_id)
    if words is not None:
        raise Denied(words)


def interest_words(
    session: Session, actor: Actor, *, employer_id: UUID | None = None, agency_id: UUID | None = None
) -> Any:
    """Why this officer does nothing here, for the page that shows it in place of buttons; None without a tie."""
    if agency_id is not None and (words := tie_words(session, actor, agency_id)) is not None:
        return words
    account_id = actor.require_account()
    if employer_id is not None and _of_employer(session, account_id, employer_id):
        return _l("You are, or were, one of this employer’s people. Another officer must do this.")
    if employer_id is not None and declared(session, [account_id], SubjectKind.EMPLOYER, employer_id):
        return _l("There is a tie between you and this employer. Another officer must do this.")
    return None


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


def _named(session: Session, *where: Any) -> list[insider.Named]:
    rows = session.execute(select(Employer.id, Employer.name, Employer.reference).where(*where))
    return [insider.Named(row.id, row.name, row.reference) for row in rows]


def _find(session: Session, text: str) -> insider.Named | None:
    reference = parse_reference(text)
    return next(iter(_named(session, Employer.reference == reference)), None) if reference else None


def _names(session: Session, ids: Sequence[UUID]) -> Sequence[insider.Named]:
    return _named(session, Employer.id.in_(ids))


# An officer declares a tie to an employer on the page for ties to agencies.
insider.OTHERS[SubjectKind.EMPLOYER] = insider.Subjects(_find, _names)
