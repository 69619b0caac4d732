"""The employer's agent abroad, where the employer has one: part of the document that is signed, and compared with the barred."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from agencies.sanctions import parties
from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.parties import BarredParty, Party, barred_like
from contracts.job_orders.models import JobOrder
from core.errors import DomainError
from core.i18n import _l, format_date
from core.permissions import Permission

KIND = CaseSubject.FOREIGN_AGENT
# Who compares a like name: the officer who approves.
COMPARES = Permission.JOB_ORDER_APPROVE


@dataclass(frozen=True, slots=True)
class AgentAbroad:
    """Name, country (ISO 3166-1 alpha-2) and number in the register of that country."""

    name: str
    country: str
    number: str

    def as_data(self) -> dict[str, str]:
        """
        :raises DomainError: when it is named by half.
        """
        data = {"name": self.name.strip(), "country": self.country.strip().upper(), "number": self.number.strip()}
        for field, value in data.items():
            if not value:
                raise DomainError(
                    _l("Write the agent’s name, country and registration number, or none of them."),
                    field=f"agent_{field}",
                )
        return data


def kept(agent: AgentAbroad | None) -> dict[str, str] | None:
    """What a job order keeps of its agent; None where the employer recruits without one."""
    return agent.as_data() if agent is not None else None


def party_of(agent: dict[str, Any]) -> Party:
    return Party(agent["name"], agent["country"], agent["number"])


def barred(session: Session, order: JobOrder) -> list[BarredParty]:
    """Agents abroad that are barred today and are, or may be, the one of this job order."""
    return barred_like(session, KIND, party_of(order.agent_abroad)) if order.agent_abroad else []


def is_barred(session: Session, order: JobOrder) -> bool:
    """For the public answer, which is asked often: the names of the barred are compared where somebody acts."""
    return order.agent_abroad is not None and parties.is_barred(session, KIND, party_of(order.agent_abroad))


def refuse_barred(session: Session, order: JobOrder) -> dict[str, Any]:
    """Asked at every step of a job order and at every contract under it. Names that are only alike come back as evidence.

    :raises DomainError: when the agent is barred today.
    """
    found = barred(session, order)
    for one in found:
        if one.same:
            sentence = _l(
                "The agent abroad is barred until %(day)s. Nothing new may begin.", day=format_date(one.last_day)
            )
            raise DomainError(sentence, field="agent_number")
    return {"agent_abroad": bool(order.agent_abroad), "barred_alike": [f.as_evidence() for f in found]}
