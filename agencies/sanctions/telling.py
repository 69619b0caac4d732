"""A message to the subject of a proceeding that has accounts here: there is news. It names nobody and no fact."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_policies import owner_of
from core import messages
from core.accounts import Membership, UserAccount

MESSAGE = "proceeding_news"


def tell(session: Session, case: SanctionCase) -> int:
    """Tell the owners of the agency, employer or centre; gives how many were told."""
    owner = owner_of(case)
    if owner is None:
        return 0
    kind, subject_id = owner
    accounts = session.scalars(
        select(UserAccount)
        .join(Membership, Membership.account_id == UserAccount.id)
        .where(
            Membership.kind == kind,
            Membership.subject_id == subject_id,
            Membership.is_owner,
            Membership.ended_at.is_(None),
            UserAccount.suspended_at.is_(None),
        )
        .limit(20)
    ).all()
    return sum(messages.send(session, template=MESSAGE, account=account) is not None for account in accounts)
