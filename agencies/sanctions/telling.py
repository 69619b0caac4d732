"""A message to the subject of a proceeding that has accounts here: there is news. It names nobody and no fact."""

from sqlalchemy.orm import Session

from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_policies import owner_of
from core.owners import tell_owners

MESSAGE = "proceeding_news"


def tell(session: Session, case: SanctionCase) -> int:
    """Tell the owners of the agency, employer or centre; gives how many were told."""
    owner = owner_of(case)
    return tell_owners(session, *owner, MESSAGE) if owner else 0
