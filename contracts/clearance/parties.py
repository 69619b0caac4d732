"""Those behind a clearance who have no record here: the agent abroad of the job order, the health centre of the examination.

Both are compared with the barred ones at every look: the same number is refused, a like name goes to the officer with the
match beside it.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.parties import BarredParty, Party, barred_like, barred_today
from contracts.clearance.models import ClearancePaper, DepartureClearance
from contracts.clearance.status import ENDED
from contracts.job_orders import agents
from contracts.job_orders.models import JobOrder
from core.errors import DomainError
from core.i18n import _l, format_date
from law.country import deployment

MEDICAL = "medical"
CENTRE = CaseSubject.MEDICAL_CENTRE


@dataclass(frozen=True, slots=True)
class Compared:
    """One party beside the barred. ``named`` is False where a paper is there that names nobody: an officer decides."""

    named: bool
    found: tuple[BarredParty, ...]

    @property
    def barred(self) -> BarredParty | None:
        return next((f for f in self.found if f.same), None)


@dataclass(frozen=True, slots=True)
class Centre:
    """The health centre that examined the worker, as it stands on the certificate."""

    name: str
    number: str


def party_of(name: str | None, number: str | None) -> Party:
    """A health centre of this country."""
    return Party(name or "", deployment().code.upper(), number or "")


def agent_of(session: Session, job_order_id: UUID) -> Compared | None:
    """The agent abroad of a job order; None where it has none."""
    order = session.get_one(JobOrder, job_order_id)
    return Compared(True, tuple(agents.barred(session, order))) if order.agent_abroad else None


def centre_of(session: Session, migrant_id: UUID) -> Compared | None:
    """The centre of the medical certificate of the migrant's clearance in hand; None where there is no certificate."""
    paper = session.scalars(
        select(ClearancePaper)
        .join(DepartureClearance, DepartureClearance.id == ClearancePaper.clearance_id)
        .where(
            DepartureClearance.migrant_id == migrant_id, DepartureClearance.status.not_in(ENDED),
            ClearancePaper.code == MEDICAL,
        )
    ).one_or_none()  # fmt: skip
    return compare_paper(session, paper) if paper is not None else None


def compare_paper(session: Session, paper: ClearancePaper) -> Compared:
    named = bool(paper.centre_name and paper.centre_number)
    return Compared(named, tuple(barred_like(session, CENTRE, party_of(paper.centre_name, paper.centre_number))))


def note_centre(session: Session, paper: ClearancePaper, centre: Centre | None) -> None:
    """Write down who made a certificate out. Nothing named is nothing known: it stays for the officer.

    :raises DomainError: when the centre is named by half.
    """
    name, number = (centre.name.strip(), centre.number.strip()) if centre else ("", "")
    if bool(name) != bool(number):
        raise DomainError(
            _l("Write the name and the number of the health centre, or neither."),
            field="centre_number" if name else "centre_name",
        )
    paper.centre_name, paper.centre_number = name or None, number or None


def refuse_barred(session: Session, paper: ClearancePaper) -> dict[str, object]:
    """Before a certificate is found good; what is only alike comes back as evidence.

    :raises DomainError: when its centre is barred today.
    """
    compared = compare_paper(session, paper)
    if compared.barred is not None:
        day = format_date(compared.barred.last_day)
        raise DomainError(
            _l("This health centre is barred until %(day)s. Ask for a certificate of another one.", day=day),
            field="centre_number",
        )
    return {"centre_named": compared.named, "barred_alike": [f.as_evidence() for f in compared.found]}


def fallen(session: Session, states: tuple[str, ...]) -> set[UUID]:
    """Clearances in these states whose agent abroad or health centre is barred today for certain."""
    of_state = DepartureClearance.status.in_(states)
    orders = session.execute(
        select(DepartureClearance.id, JobOrder.agent_abroad)
        .join(JobOrder, JobOrder.id == DepartureClearance.job_order_id)
        .where(of_state, JobOrder.agent_abroad.is_not(None))
    )
    named = ((row.id, agents.party_of(row.agent_abroad)) for row in orders if row.agent_abroad)
    papers = session.execute(
        select(DepartureClearance.id, ClearancePaper.centre_name, ClearancePaper.centre_number)
        .join(ClearancePaper, ClearancePaper.clearance_id == DepartureClearance.id)
        .where(of_state, ClearancePaper.centre_number.is_not(None))
    )
    centres = ((row.id, party_of(row.centre_name, row.centre_number)) for row in papers)
    return barred_today(session, agents.KIND, named) | barred_today(session, CENTRE, centres)
