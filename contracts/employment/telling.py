"""Telling both sides of a contract that there is news: a message names no person, no agency and no contract."""

from sqlalchemy.orm import Session

from contracts import sides
from contracts.employment.models import EmploymentContract
from migrants.registration.telling import tell_of_change

NEWS = "contract_news"


def tell_decision(session: Session, contract: EmploymentContract, action: str) -> None:
    """After an officer's ``register``, ``return`` or ``end``. The worker is told where their page says something new; the
    lodger where there is something to go on with or to mend."""
    if action in ("register", "end"):
        tell_of_change(session, contract.migrant_id)
    if action in ("register", "return"):
        sides.tell(session, [(contract, contract.lodged_for)], NEWS)
