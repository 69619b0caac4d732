"""A licence, from the first page of an agency to the blacklist, through the pages of everybody who has a hand in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from agencies.licensing.models import LicenceApplication
from agencies.registration.models import Agency
from agencies.sanctions.case_status import OrderKind
from core.accounts import Office, StaffPosting, UserAccount, end_posting
from core.db import legal_today
from core.permissions import StaffRole
from tests.journeys import kit
from tests.journeys.conftest import Portal, staff, steps_fall_to
from tests.journeys.person import Person

pytestmark = pytest.mark.browser
PASSWORD = "a-good-password-4"
DIRECTORS = (
    {"name": "Hari Prasad Bhattarai", "birth_date": "2037-02-10", "phone": "9841000077"},
    {"name": "Sushila Tamrakar", "birth_date": "2041-09-28", "phone": "9841000078"},
)


@dataclass
class Walk:
    """One walk: who makes people, the paper that is uploaded, and what tells two walks apart."""

    portal: Portal
    somebody: Callable[..., Person]
    paper: Path
    number: int

    def officer(self, role: str) -> Person:
        """Every officer of a walk is another person: an authenticator's code works once."""
        return self.somebody(staff(self.portal, role, number=self.number))

    def drawn(self, application: str, column: str) -> Person:
        """The officer who was drawn for a stage of the application, signed in: nobody can say beforehand who it is."""
        with self.portal.sessions() as session:
            held = session.get_one(LicenceApplication, UUID(application.rsplit("/", 1)[1]))
            login = session.get_one(UserAccount, getattr(held, column)).email
        return self.somebody(next(a for a in self.portal.staff.values() if a["login"] == login))

    def new_agency(self, name: str, email: str, identifier: str) -> tuple[Person, str]:
        """Registers an agency with its details and one director. Gives the owner and the page of the agency."""
        owner = self.somebody()
        owner.go("/agencies/register")
        owner.well()
        owner.fill(email=email)
        owner.send()
        owner.well()
        owner.fill(code=owner.mailed_code(email))
        owner.send()
        owner.well()
        owner.fill(person="Purna Gurung", password=PASSWORD, name=name)
        owner.send()
        owner.well()
        home = owner.page.url
        owner.go(f"{home}/details")
        owner.well()
        owner.fill(
            company_number=f"{self.number}23/081", district="Kathmandu", address="Ward 3, Baneshwor", phone="01-4350000",
            bank_name="Nabil", bank_account=f"00{self.number} 234",
        )  # fmt: skip
        owner.send()
        owner.go(f"{home}/directors")
        owner.well()
        owner.page.check("main [name=identifier_kind][value=citizenship]")
        owner.page.check("main [name=calendar][value=BS]")
        director = DIRECTORS[self.number - 1]
        owner.fill(identifier=identifier, **director)
        owner.send()
        owner.sees(director["name"])
        return owner, home

    def apply(self, owner: Person, home: str) -> str:
        """Starts an application and gives everything it asks for but its sending."""
        owner.go(home)
        owner.press("Apply for a licence")
        owner.well()
        application = owner.page.url
        owner.go(f"{application}/class")
        owner.well()
        owner.page.check("main [name=licence_class][value=A]")
        owner.send()
        for code in ("registration", "tax", "premises", "police"):
            self.give_paper(owner, application, code)
        return application

    def give_paper(self, owner: Person, application: str, code: str) -> None:
        owner.go(f"{application}/papers/{code}")
        owner.well()
        owner.page.set_input_files("main [name=file]", self.paper)
        owner.send()


@pytest.fixture
def walk(portal: Portal, somebody: Callable[..., Person], tmp_path: Path, request: pytest.FixtureRequest) -> Walk:
    from tests.agencies import factories

    paper = tmp_path / "paper.png"
    paper.write_bytes(factories.photo())
    return Walk(portal, somebody, paper, 1 if "phone" in request.node.name else 2)


def decide(officer: Person, action: str, **values: str) -> None:
    """Fill the form of one decision on the review screen, and send it."""
    form = officer.page.locator(f"main form[action$='/{action}']")
    for name, value in values.items():
        form.locator(f"[name={name}]").fill(value)
    kit.follow(form.locator("button[type=submit]").first)
    assert officer.page.locator(".summary").count() == 0, officer.page.locator(".summary").inner_text()


def status_of(person: Person, name: str) -> str:
    """What the public check says of an agency, and that its page is well."""
    person.go("/check")
    person.fill(q=name)
    kit.follow(person.page.locator("main form button").first)
    person.well()
    return person.page.locator("main").inner_text()


def license_it(walk: Walk, reviewer: Person) -> None:
    """The reviewer asks for a visit, an inspector reports, an approver decides, a fourth records the security and issues."""
    page = reviewer.page.url
    reviewer.go(page)
    decide(reviewer, "ask_visit", reason="Papers complete.")
    visit(walk, page)
    approver = walk.drawn(page, "approver_id")
    approver.go(page)
    approver.well()
    with walk.portal.sessions() as session:
        until = (legal_today(session) + timedelta(days=730)).isoformat()
    decide(
        approver, "approve", cash="5000000", guarantee="15000000", valid_until=until,
        valid_until_reason="The law file names none; two years as usual.", reason="Fit and complete.",
    )  # fmt: skip
    finance = walk.officer("finance_officer")
    steps_fall_to(walk.portal, "finance_officer", walk.number)
    for kind, amount in (("cash", "5000000"), ("guarantee", "15000000")):
        finance.go(page)
        finance.well()
        form = finance.page.locator("main form[action$='/security']")
        form.locator(f"[name=kind][value={kind}]").check()
        form.locator("[name=file]").set_input_files(walk.paper)
        later = until if kind == "guarantee" else ""
        decide(
            finance,
            "security",
            amount=amount,
            bank_name="Nabil",
            document_number=f"{kind}-{walk.number}",
            guarantee_until=later,
        )
    confirm_at_the_bank(walk, finance)
    steps_fall_to(walk.portal, "finance_officer", walk.number)
    finance.go(page)
    decide(finance, "issue")
    finance.well()


def confirm_at_the_bank(walk: Walk, recorder: Person) -> None:
    """The recorder asks the bank for each paper; a second finance officer records the answers under their references."""
    kit.follow(recorder.page.get_by_role("link", name="The security of this agency"))
    desk = recorder.page.url
    steps_fall_to(walk.portal, "finance_officer", walk.number)
    recorder.go(desk)
    recorder.well()
    while (ask := recorder.page.locator("main form[action$='/ask'] button")).count():
        kit.follow(ask.first)
    assert recorder.page.locator("main form[action$='/answer']").count() == 0
    recorder.well()
    second = walk.somebody(staff(walk.portal, "finance_officer", number=walk.number + 50))
    steps_fall_to(walk.portal, "finance_officer", walk.number + 50)
    second.go(desk)
    second.well()
    while (
        cards := second.page.locator("main section.card").filter(has=second.page.locator("form[action$='/answer']"))
    ).count():
        card = cards.first
        form = card.locator("form[action$='/answer']")
        found = re.search(r"BV-[0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]", card.inner_text())
        assert found
        form.locator("[name=reference]").fill(found[0])
        form.locator("[name=confirmed][value=yes]").check()
        form.locator("[name=file]").set_input_files(walk.paper)
        kit.follow(form.locator("button[type=submit]"))
    second.sees("Confirmed by the bank")
    second.well()


def visit(walk: Walk, page: str) -> None:
    """The inspector who was drawn fills in the checklist on the spot, with a photo."""
    inspector = walk.drawn(page, "inspector_id")
    inspector.go(f"/licensing/visits/{page.rsplit('/', 1)[1]}")
    inspector.well()
    form = inspector.page.locator("main form[action$='/report']")
    for answer in form.locator("[type=radio][value=yes]").all():
        answer.check()
    form.locator("[name=photos]").first.set_input_files(walk.paper)
    with walk.portal.sessions() as session:
        today = legal_today(session).isoformat()
    decide(inspector, "report", visited_on=today, finding="Three rooms, as the paper says.")
    inspector.well()


def test_from_an_application_to_a_licence_and_its_end(walk: Walk):
    name = f"{['Dhorpatan', 'Rolpa Highland'][walk.number - 1]} Overseas"
    identifier = f"27-01-70-0123{walk.number}"
    owner, home = walk.new_agency(name, f"owner{walk.number}@dhorpatan.example", identifier)
    public = walk.somebody()
    assert "not found" in status_of(public, name).lower()

    application = walk.apply(owner, home)
    for role in ("licensing_officer", "licence_inspector", "licensing_approver"):
        staff(walk.portal, role, number=walk.number)
    owner.go(application)
    owner.well()
    owner.press("Send the application")
    owner.well()

    reviewer = walk.drawn(application, "reviewer_id")
    reviewer.go("/staff")
    reviewer.well()
    reviewer.go(f"/licensing/applications/{application.rsplit('/', 1)[1]}")
    reviewer.well()
    decide(reviewer, "take")
    reviewer.page.locator("#note-tax").fill("The certificate is of last year.")
    decide(reviewer, "return")
    owner.go(application)
    owner.sees("The certificate is of last year.")
    owner.well()
    walk.give_paper(owner, application, "tax")
    owner.go(application)
    owner.press("Send the application")
    license_it(walk, reviewer)

    owner.go(home)
    owner.well()
    with owner.page.expect_download() as download:
        owner.page.get_by_role("link", name="Download the licence").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    answer = status_of(public, name)
    assert "licensed" in answer.lower()
    assert name in answer
    end_it(walk, home, name, public)
    owner, officer, application = stopped_next_time(walk, identifier)
    refused_and_appealed(walk, owner, officer, application)


def sanction(walk: Walk, home: str, kind: str, number: int) -> None:
    """One officer proposes, another orders."""
    page = f"/licensing/agencies/{home.rsplit('/', 1)[1]}"
    maker = walk.somebody(staff(walk.portal, "licensing_officer", number=walk.number + number))
    maker.go(page)
    maker.well()
    form = maker.page.locator("main form[action$='/sanctions']")
    form.locator(f"[name=kind][value={kind}]").check()
    if kind == "suspension":
        form.locator("[name=last_day]").fill((datetime.now(UTC) + timedelta(days=60)).date().isoformat())
    decide(maker, "sanctions", reason="Took money from forty workers for work that did not exist.")
    checker = walk.somebody(staff(walk.portal, "licensing_approver", number=walk.number + number))
    steps_fall_to(walk.portal, "licensing_approver", walk.number + number)
    checker.go(page)
    checker.well()
    decide(checker, "order", reason="Forty statements agree.")
    checker.well()


def blacklist(walk: Walk, home: str) -> None:
    """After notice, reply and hearing, which tests/agencies/test_proceeding_pages.py walks by forms."""
    from tests.agencies import proceedings

    with walk.portal.sessions() as session:
        agency = session.get_one(Agency, UUID(home.rsplit("/", 1)[1]))
        office = session.get_one(Office, agency.office_id)
        before = set(session.scalars(select(StaffPosting.id)))
        decider = proceedings.posted(session, StaffRole.LICENSING_APPROVER, at=office)[1]
        proceedings.ordered(session, OrderKind.BLACKLIST, decider=decider, **proceedings.against(agency))
        # These officers have no sign-in: nothing is to be drawn for them later.
        for posting in session.scalars(select(StaffPosting).where(StaffPosting.id.not_in(before))).all():
            end_posting(session, posting)
        session.commit()


def end_it(walk: Walk, home: str, name: str, public: Person) -> None:
    """Suspension, then the blacklist: the public sees each at once."""
    sanction(walk, home, "suspension", 20)
    assert "suspended" in status_of(public, name).lower()
    blacklist(walk, home)
    assert "blacklisted" in status_of(public, name).lower()


def stopped_next_time(walk: Walk, identifier: str) -> tuple[Person, Person, str]:
    """The same director's next agency is stopped; the officer sees the match, the applicant is not told why. Gives the
    applicant, the officer, and the application's page."""
    fresh = ["Nilgiri Pathways", "Karnali Bridges"][walk.number - 1]
    owner, home = walk.new_agency(fresh, f"second{walk.number}@fresh.example", identifier)
    application = walk.apply(owner, home)
    owner.go(application)
    owner.press("Send the application")
    assert not re.search("blacklist|match", owner.page.locator("main").inner_text(), re.I)
    officer = walk.drawn(application, "approver_id")
    officer.go(f"/licensing/applications/{application.rsplit('/', 1)[1]}")
    officer.well()
    officer.sees("A director may be a person on the blacklist")
    officer.sees("The identity paper is the same.")
    return owner, officer, application


def refused_and_appealed(walk: Walk, owner: Person, officer: Person, application: str) -> None:
    """Refused, the applicant reads why and appeals; an officer who took no step before decides; the answer is read."""
    decide(officer, "refuse_stopped", reason="A director of a blacklisted agency leads this one.")
    owner.go(application)
    owner.sees("A director of a blacklisted agency leads this one.")
    owner.press("Appeal against the refusal")
    owner.well()
    owner.submit("appeal", words="He left that agency in 2019.")
    owner.sees("He left that agency in 2019.")
    assert owner.page.get_by_role("link", name="Appeal against the refusal").count() == 0
    officer.go(f"/licensing/applications/{application.rsplit('/', 1)[1]}")
    officer.sees("He left that agency in 2019.")
    judge = walk.officer("appeal_officer")
    judge.go("/staff/queue/licence.appeal")
    kit.follow(judge.page.locator("main a[href^='/licensing/appeals/']").first)
    judge.well()
    judge.sees("He left that agency in 2019.")
    judge.submit("uphold", reason="The register of companies names him until today.")
    judge.sees("The register of companies names him until today.")
    owner.go(application)
    owner.well()
    owner.sees("The register of companies names him until today.")
    with owner.page.expect_download() as download:
        owner.page.get_by_role("link", name="Decision on the appeal").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
