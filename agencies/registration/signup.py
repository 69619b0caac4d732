"""The end of an agency owner's sign-up: with the address proved (``core.signup``), the account, the agency, a session."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from agencies.registration.services import RegisterAgency, register_agency
from core import signup
from core.accounts import actor_for, open_session


@dataclass(frozen=True, slots=True)
class SignUp:
    """``password`` in clear, hashed at once; ``agency`` and ``agency_local`` are the agency's names."""

    person: str
    password: str
    agency: str
    agency_local: str | None


def finish(session: Session, account_id: UUID, command: SignUp, *, agent: str) -> tuple[Agency, str]:
    """Set the password, register the agency, open a session; gives the agency and the cookie's token."""
    account = signup.complete(session, account_id, person=command.person, password=command.password)
    agency = register_agency(session, actor_for(session, account), RegisterAgency(command.agency, command.agency_local))
    return agency, open_session(session, account, agent=agent)
