"""A proceeding in the browser: report, notice, answer, hearing, order, appeal with stay, reversal. And the security:
a claim, what is paid, the demand to bring it up again, and the bank that confirms the new paper."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from agencies.sanctions import services as sanctions
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.status import SanctionKind
from core.accounts import UserAccount, actor_for
from core.db import legal_today
from core.privacy import blind_index
from tests.agencies import factories as agencies
from tests.agencies import proceedings, security
from tests.contracts import factories as contracts
from tests.journeys import kit
from tests.journeys.conftest import Portal, at_a_desk, staff, steps_fall_to
from tests.journeys.person import Person

pytestmark = pytest.mark.browser
NUMBER = 300


@dataclass
class Walk:
    """What one walk stands on: a licensed agency, its owner, and officers of its own."""

    portal: Portal
    somebody: Callable[..., Person]
    agency_id: UUID
    name: str
    owner: Person
    number: int
    today: date
    paper: Path

    def officer(self, role: str, place: int = 0) -> Person:
        return self.somebody(staff(self.portal, role, number=self.number + place))

    def drawn(self, page: str, role: str, place: int = 0) -> None:
        """The step that waits falls to this officer; nobody could choose this in the portal."""
        login = staff(self.portal, role, number=self.number + place)["login"]
        with self.portal.sessions() as session:
            case = session.get_one(SanctionCase, UUID(page.rsplit("/", 1)[-1]))
            account = session.scalars(
                select(UserAccount).where(UserAccount.email_index == blind_index("email", login))
            ).one()
            proceedings.drawn(session, case, actor_for(session, account))
            session.commit()

    def public_word(self) -> str:
        """What the public check says of the agency now."""
        visitor = self.somebody()
        visitor.go(f"/check?q={self.name}")
        return visitor.page.locator("main").inner_text().lower()


@pytest.fixture
def walk(portal: Portal, somebody: Callable[..., Person], tmp_path: Path) -> Walk:
    with portal.sessions() as session:
        agency, actor = contracts.agency(session)
        security.deposited(session, agency, 50_000_000_00)
        today, login = legal_today(session), _login(session, actor)
        session.commit()
        agency_id, name = agency.id, agency.name
    paper = tmp_path / "paper.png"
    paper.write_bytes(agencies.photo())
    return Walk(portal, somebody, agency_id, name, somebody({"login": login}), NUMBER, today, paper)


def _login(session: Any, actor: Any) -> str:
    email = session.get_one(UserAccount, actor.account_id).email
    assert email
    return str(email)


@at_a_desk
def test_from_a_report_to_an_order_that_an_appeal_reverses(walk: Walk):
    reporter, officer = walk.officer("licensing_officer"), walk.officer("licensing_officer", 1)
    reporter.go(f"/licensing/agencies/{walk.agency_id}/report")
    reporter.well()
    reporter.submit("", choose={"source": "person"}, facts="Keeps twelve passports.", file=walk.paper)
    page = reporter.page.url
    reporter.sees("Another officer")
    assert reporter.page.locator("main form[action$='/screen']").count() == 0

    walk.drawn(page, "licensing_officer", 1)
    officer.go(page)
    officer.submit("screen", reason="Three workers say the same.")
    walk.drawn(page, "licensing_officer", 1)
    officer.go(page)
    officer.submit("notify", notice="You keep passports. Answer this.")
    walk.owner.go(f"/agencies/{walk.agency_id}")
    walk.owner.well()
    kit.follow(walk.owner.page.locator("main a[href^='/proceedings/']").first)
    walk.owner.sees("You keep passports. Answer this.")
    walk.owner.submit("reply", words="We keep them safe.", file=walk.paper)
    own_page = walk.owner.page.url

    officer.go(page)
    officer.sees("We keep them safe.")
    officer.submit("schedule", day=walk.today.isoformat(), time="23:59", place="Room 3, Tahachal")
    walk.owner.go(own_page)
    walk.owner.sees("Room 3, Tahachal")
    officer.submit("hear", choose={"came": "yes"}, minutes="They admit it.", reason="Proved.")

    decider = walk.officer("licensing_approver")
    walk.drawn(page, "licensing_approver")
    decider.go(page)
    decider.submit(
        "order", choose={"kind": "suspend"}, last_day=(walk.today + timedelta(60)).isoformat(), reason="The facts are proved."
    )  # fmt: skip
    assert "suspended" in walk.public_word()
    walk.owner.go(own_page)
    walk.owner.sees("The facts are proved.")
    with walk.owner.page.expect_download() as download:
        walk.owner.page.get_by_role("link", name="Download the order").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    walk.owner.page.check("main [name=ask_stay]")
    walk.owner.submit("appeal", words="Our side was not heard.")

    decider.go(page)
    assert decider.page.locator("main form[action$='/reverse']").count() == 0
    judge = walk.officer("appeal_officer")
    walk.drawn(page, "appeal_officer")
    judge.go(page)
    judge.well()
    judge.submit("stay", reason="Nobody is harmed by waiting.")
    assert "suspended" not in walk.public_word()
    judge.submit("reverse", reason="The passports were given back in time.")
    walk.owner.go(own_page)
    walk.owner.well()
    walk.owner.sees("The passports were given back in time.")
    assert "suspended" not in walk.public_word()


@at_a_desk
def test_an_interim_suspension_is_reviewed_by_somebody_else_and_lifted(walk: Walk):
    with walk.portal.sessions() as session:
        command = sanctions.Propose(SanctionKind.SUSPENSION, "Took passports.", walk.today + timedelta(6))
        order = sanctions.propose(session, proceedings.reviewer(session), walk.agency_id, command)
        proceedings.order(session, order)
        session.commit()
        case_id = order.case_id
    assert "suspended" in walk.public_word()
    walk.owner.go(f"/proceedings/{case_id}")
    walk.owner.press("Ask for a review of the suspension")
    walk.owner.well()
    walk.owner.submit("review", words="We hold no passport.")
    walk.owner.sees("Review asked for")
    judge = walk.officer("appeal_officer", 7)
    steps_fall_to(walk.portal, "appeal_officer", walk.number + 7)
    judge.go("/staff/queue/case.review")
    kit.follow(judge.page.locator("main a[href^='/licensing/suspension-reviews/']").first)
    judge.well()
    judge.sees("We hold no passport.")
    judge.submit("lift", reason="Nothing shows a danger.")
    judge.sees("Suspension lifted")
    assert "suspended" not in walk.public_word()
    walk.owner.go(f"/proceedings/{case_id}")
    walk.owner.sees("Nothing shows a danger.")


@at_a_desk
def test_a_claim_is_paid_out_of_the_security_and_the_agency_brings_it_up_again(walk: Walk):
    desk = f"/licensing/agencies/{walk.agency_id}/security"
    filer, decider, cashier = (walk.officer(r) for r in ("licensing_officer", "licensing_approver", "finance_officer"))
    filer.go(desk)
    filer.well()
    filer.unfold("File a claim")
    filer.submit("claims", award="Award 14", amount="300000", beneficiaries="3", file=walk.paper)
    filer.sees("Waiting for the decision")
    steps_fall_to(walk.portal, "licensing_approver", walk.number)
    decider.go(desk)
    decider.submit("grant", amount="300000", reason="The award is final.")
    steps_fall_to(walk.portal, "finance_officer", walk.number)
    cashier.go(desk)
    cashier.submit("pay")
    cashier.sees("Paid")

    walk.owner.go(f"/agencies/{walk.agency_id}/security")
    walk.owner.well()
    walk.owner.sees("Money was paid out of the security")
    walk.owner.press("Send a bank paper")
    walk.owner.well()
    walk.owner.submit(
        "paper", choose={"kind": "cash"}, amount="300000", bank_name="Nabil", document_number=f"TOP-{walk.number}", file=walk.paper
    )  # fmt: skip
    steps_fall_to(walk.portal, "finance_officer", walk.number)
    cashier.go(desk)
    cashier.submit("record")
    cashier.submit("ask")
    assert cashier.page.locator("main form[action$='/answer']").count() == 0
    second = walk.officer("finance_officer", 1)
    steps_fall_to(walk.portal, "finance_officer", walk.number + 1)
    second.go(desk)
    card = second.page.locator("main section.card").filter(has=second.page.locator("form[action$='/answer']")).first
    found = re.search(r"BV-[0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]", card.inner_text())
    assert found
    second.submit("answer", choose={"confirmed": "yes"}, reference=found[0], file=walk.paper)
    walk.owner.go(f"/agencies/{walk.agency_id}/security")
    assert "To be topped up" not in walk.owner.page.locator("main").inner_text()
    walk.owner.sees("NPR 5,00,00,000.00")
    walk.owner.well()
