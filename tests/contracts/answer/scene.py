"""One agency with an employer and an approved job, written straight into the tables: many questions, little work."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from contracts.answer.services import answer
from contracts.answer.shape import Answer, Question
from contracts.employers.accreditation_models import AccreditationTerm
from contracts.employers.bar_models import EmployerBar
from contracts.employers.bar_status import BarKind, BarStatus
from contracts.employers.models import Employer
from contracts.employers.status import EmployerStatus
from contracts.employment.terms import Terms
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from core.accounts import NewAccount, create_account
from core.db import db_now, legal_today
from core.privacy import new_person
from law import engine
from law.engine import Law, Row, RowStatus
from tests.agencies import factories as make
from tests.contracts.test_comparison import PROMISED


def employer(session: Session, name: str = PROMISED.employer, **changes: Any) -> Employer:
    values = {
        "status": EmployerStatus.ACCREDITED, "country": "QA", "city": "Doha", "registration_number": f"CR-{name}",
        "signatory_title": "Manager",
    }  # fmt: skip
    mission = make.office(session, "M-QA")
    made = Employer(person_key_id=new_person(session).id, mission_id=mission.id, name=name, **{**values, **changes})
    session.add(made)
    session.flush()
    if made.status is not EmployerStatus.REGISTERED:
        today = legal_today(session)
        ends = today + timedelta(300)
        session.add(AccreditationTerm(employer_id=made.id, number=1, capacity=50, starts_on=today, ends_on=ends))
        session.flush()
    return made


def barred(session: Session, of: Employer) -> None:
    """An officer's bar for some days."""
    who = create_account(session, NewAccount("Karishma Tharu", "long enough words", email=f"{of.id}@example.np"))
    session.add(
        EmployerBar(
            employer_id=of.id, kind=BarKind.INTERIM, status=BarStatus.IN_FORCE, reason="Passports were taken",
            last_day=legal_today(session) + timedelta(5), proposed_by=who.id,
        )
    )  # fmt: skip
    session.flush()


def job(session: Session, agency_id: UUID, of: Employer, terms: Terms = PROMISED, **changes: Any) -> JobOrder:
    terms = replace(terms, employer=of.name, country=of.country)
    values = {
        "status": JobOrderStatus.APPROVED, "headcount": 5, "approved": 5, "approved_at": db_now(session),
        "destination": of.country, "terms": terms.as_data(), "terms_sha256": terms.digest(),
    }  # fmt: skip
    made = JobOrder(agency_id=agency_id, employer_id=of.id, **{**values, **changes})
    session.add(made)
    session.flush()
    return made


@dataclass
class Scene:
    session: Session
    agency: Agency
    number: str
    employer: Employer
    job: JobOrder

    def ask(self, **asked: str) -> Answer:
        return answer(self.session, Question(**asked))

    def says(self, **asked: str) -> tuple[str, dict[str, str]]:
        """The overall word, and what was said of each part (the last line of a part with several)."""
        found = self.ask(**asked)
        return found.word.value, {p.subject.value: p.code for p in found.parts}


def scene(session: Session, name: str = "Annapurna Manpower Pvt. Ltd.", **licence: Any) -> Scene:
    agency, held = make.licensed(session, name, **licence)
    of = employer(session)
    return Scene(session, agency, held.number, of, job(session, agency.id, of))


def row(topic: str, value: Any, status: str = "V", **when: str) -> Row:
    name = ".".join([topic, *when.values(), status])
    unit = "NPR" if topic.startswith("fee_cap") else ""
    return Row(name, topic, value, unit, "Test Act", "s. 1", RowStatus(status), None, None, when=when)


def use_law(monkeypatch: Any, *rows: Row) -> None:
    """The law of these rows alone."""
    made = Law("np", list(rows))
    monkeypatch.setattr(engine, "law", lambda: made)
