"""The end of an employer's sign-up: with the address proved (``core.signup``), the account, the employer, a session."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.employers.models import Employer
from contracts.employers.services import NewEmployer, register
from core import signup
from core.accounts import actor_for, open_session


@dataclass(frozen=True, slots=True)
class SignUp:
    """``password`` in clear, hashed at once."""

    password: str
    employer: NewEmployer


def finish(session: Session, account_id: UUID, command: SignUp, *, agent: str) -> tuple[Employer, str]:
    """Set the password, register the employer, open a session; gives the employer and the cookie's token."""
    account = signup.complete(session, account_id, person=command.employer.signatory_name, password=command.password)
    employer = register(session, actor_for(session, account), command.employer)
    return employer, open_session(session, account, agent=agent)
