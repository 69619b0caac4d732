"""What officers do by hand: an identity that does not fit, access lost and given back, absences, the auditor's evidence."""

import csv
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.audit import AuditEvent
from core.db import legal_today
from migrants.identity.mrz import Mrz
from tests.journeys import kit
from tests.journeys.conftest import Portal, at_a_desk, staff
from tests.journeys.person import Person, code_for

pytestmark = pytest.mark.browser
SECRET, NEW_SECRET = "gulf-of-bahrain 9", "back-on-the-hill 4"


def number(person: Person) -> int:
    """Two walks: what must differ between them carries this number."""
    return 1 if person.javascript else 2


def register(
    portal: Portal, person: Person, name: tuple[str, str], passport: str, *, born: str, zone_born: date, phone: str
) -> str:
    """Somebody abroad, without a contract, registers and sends everything. Gives the reference."""
    given, family = name
    person.go("/registration/new")
    person.fill(name=f"{given} {family}", secret=SECRET)
    person.page.check("main [name=consent]")
    person.press("Begin")
    reference = person.page.locator(".answer .word").inner_text().strip()
    person.press("I have written it down")
    person.press("Your telephone")
    person.fill(phone=phone)
    person.press("Send me a code")
    person.fill(code=code_for(portal, reference))
    person.press("Confirm")
    person.press("Your birth date")
    person.page.check("main [name=calendar][value=AD]")
    person.fill(day=born)
    person.press("Save")
    person.press("Sex in the passport")
    person.page.check("main [name=sex][value=F]")
    person.press("Save")
    person.press("Your parents")
    person.fill(father_name=f"Bir {family}", mother_name=f"Maya {family}")
    person.press("Save")
    person.press("Where you are")
    person.fill(lives_in="QA")
    person.press("Save")
    person.press("Your passport")
    lines = Mrz(
        "P", "NPL", family.upper(), given.upper(), passport, "NPL", zone_born, "F", date(2033, 1, 1), ""
    ).lines()
    person.fill(document_number=passport, mrz="\n".join(lines))
    person.press("Save")
    person.press("Check and send")
    person.press("Send")
    return reference


def officer(portal: Portal, somebody: Callable[..., Person], role: str, number: int = 60) -> Person:
    """At what waits for them."""
    made = somebody(staff(portal, role, number=number))
    made.go("/home")
    return made


@at_a_desk
def test_somebody_abroad_whose_papers_do_not_fit_is_heard_by_an_officer_and_a_twin_is_found(
    portal: Portal, somebody: Callable[..., Person]
):
    person = somebody()
    n = number(person)
    name = (("Urmila", "Bista"), ("Shanti", "Karki"))[n - 1]
    born = date(1991, 5, 10 + n)
    reference = register(
        portal, person, name, f"PB31000{n}1", born="1990-01-01", zone_born=born, phone=f"98416660{n}1"
    )  # fmt: skip
    person.sees("We look at your details")
    person.well()
    reviewer = officer(portal, somebody, "identity_officer")
    reviewer.well()
    reviewer.sees("came today")
    reviewer.open(reference)
    reviewer.sees("differs")
    reviewer.well()
    reviewer.decide("ask_more", "The birth date is another one in the passport. Look again, please.")
    person.press("My registration")
    person.sees("The birth date is another one in the passport.")
    person.well()
    person.press("Your birth date")
    person.page.check("main [name=calendar][value=AD]")
    person.fill(day=born.isoformat())
    person.press("Save")
    person.press("Check and send")
    person.press("Send")
    person.sees("You are registered")
    person.press("My contract")
    person.sees("There is no contract for you yet")
    person.well()
    same_again(portal, somebody, name, born, reference, n)
    lost_access(portal, somebody, person, reference)


def same_again(
    portal: Portal, somebody: Callable[..., Person], name: tuple[str, str], born: date, first: str, n: int
) -> None:
    """The same person with another passport is shown beside the first record; an approver closes the second one."""
    again = somebody()
    second = register(
        portal, again, name, f"PB31000{n}2", born=born.isoformat(), zone_born=born, phone=f"98416660{n}2"
    )  # fmt: skip
    again.sees("We look at your details")
    approver = officer(portal, somebody, "identity_approver")
    approver.open(second)
    approver.sees("Perhaps the same person")
    approver.sees(first)
    approver.well()
    approver.decide("merge", "The same face, parents and birth date: one person.")
    again.press("My registration")
    again.sees("closed: there is another record")
    again.well()


def lost_access(portal: Portal, somebody: Callable[..., Person], person: Person, reference: str) -> None:
    """An officer finds the person by a search with its purpose, a second one confirms, a code on paper opens the way back."""
    proposer = officer(portal, somebody, "identity_officer")
    proposer.press("Find a person, an agency or a licence")
    proposer.well()
    proposer.fill(text=reference)
    kit.follow(proposer.page.get_by_role("button", name="Search", exact=True))
    assert proposer.page.locator(".summary").count() == 1, "a search without its purpose is refused"
    proposer.page.check("main [name=purpose][value=request]")
    proposer.press("Search")
    proposer.well()
    proposer.open(reference)
    proposer.unfold("Lost telephone or password")
    proposer.page.locator("form[action$='/recovery'] [name=reason]").fill(
        "Passport and citizenship paper; the face fits"
    )
    proposer.press("The person is here: ask a second officer")
    proposer.sees("Another officer has to confirm this now.")
    second = officer(portal, somebody, "identity_approver")
    second.open(reference)
    second.unfold("Lost telephone or password")
    second.sees("Passport and citizenship paper")
    second.well()
    second.press("Confirm")
    second.well()
    code = second.page.locator("main .code").nth(1).inner_text()
    # The old way in is shut at once.
    person.page.goto("/me")
    assert "/sign-in" in person.page.url
    person.press("I have a code on paper from an office")
    person.well()
    person.fill(reference=reference, code=code, secret=NEW_SECRET)
    person.press("Set it")
    person.fill(login=reference, password=NEW_SECRET)
    person.send()
    assert person.page.url.endswith("/me")
    person.press("Who looked at my record")
    person.sees("Your record was found in a search")
    person.well()
    with portal.sessions() as session:
        searches = session.scalars(select(AuditEvent).where(AuditEvent.action == "search")).all()
        assert "request" in {event.reason for event in searches}


def test_an_officer_is_away_and_a_colleague_holds_the_work(portal: Portal, somebody: Callable[..., Person]):
    probe = somebody()
    n = 70 + number(probe)
    away = officer(portal, somebody, "centre_inspector", n)
    away.sees("Attendance to inspect")
    other = officer(portal, somebody, "finance_officer", n)
    assert "Attendance to inspect" not in other.page.locator("main").inner_text()
    colleague = officer(portal, somebody, "centre_inspector", n + 20)
    admin = somebody(staff(portal, "staff_admin", office="MOL"))
    admin.go("/home")
    admin.press("Staff")
    admin.well()
    admin.open("Department of Foreign Employment")
    admin.well()
    admin.open(f"centre_inspector {n}")
    admin.well()
    with portal.sessions() as session:
        today = legal_today(session)
    admin.fill(first_day=today.isoformat(), last_day=(today + timedelta(days=5)).isoformat())
    takers = admin.page.locator("[name=handed_to]")
    assert "finance_officer" not in takers.inner_text()
    takers.select_option(label=f"centre_inspector {n + 20}")
    admin.press("Record an absence")
    admin.sees(f"Handed over to centre_inspector {n + 20}")
    admin.well()
    colleague.press("Work")
    colleague.sees("Attendance to inspect")
    away.page.reload()
    assert "Attendance to inspect" not in away.page.locator("main").inner_text()
    kit.follow(admin.page.get_by_role("button", name="Cancel this absence"))
    away.page.goto("/staff")
    away.sees("Attendance to inspect")


def test_the_auditor_signs_in_draws_a_sample_exports_evidence_and_verifies_the_log(
    portal: Portal, somebody: Callable[..., Person]
):
    person = somebody()
    # By the form, with password and code. A code works once: each walk has an auditor of its own.
    kit.sign_in(person.page, staff(portal, "auditor", office="MOL", number=number(person)))
    person.press("Log")
    person.well()
    person.fill(kind="licence_application")
    person.press("Show")
    person.press("Draw a sample")
    person.well()
    drawn = person.page.locator("tbody tr").all_inner_texts()
    assert drawn
    person.press("Draw the same rows again")
    assert person.page.locator("tbody tr").all_inner_texts() == drawn
    person.press("Back")
    person.fill(kind="licence_application")
    person.press("Show")
    csv_rows = [row["id"] for row in csv.DictReader(exported(portal, person, "Export as CSV").splitlines())]
    assert csv_rows == [row["id"] for row in json.loads(exported(portal, person, "Export as JSON"))]
    with portal.sessions() as session:
        query = select(func.count()).where(AuditEvent.subject_kind == "licence_application")
        assert len(csv_rows) == session.scalar(query)
    # Nothing on the auditor's pages changes anything but the own session.
    forms = person.page.locator("form[method=post]").evaluate_all("forms => forms.map(f => f.action)")
    assert [re.sub(r"https?://[^/]+", "", action) for action in forms] == ["/sign-out"]
    to_the_record(portal, person)
    person.press("Verify the log")
    person.sees("The log is intact")
    person.well()
    person.press("Sign out")
    person.page.goto("/staff/audit")
    assert "/sign-in" in person.page.url


def to_the_record(portal: Portal, person: Person) -> None:
    """From a row to the record behind it, once the purpose was told; and back to the log."""
    person.fill(kind="employer")
    person.press("Show")
    kit.follow(person.page.locator("tbody th a").first)
    person.well()
    person.sees("Why do you open it?")
    person.page.check("main [name=purpose][value=irregular]")
    person.press("Open the record")
    assert "/staff/employers/" in person.page.url
    person.well()
    with portal.sessions() as session:
        query = (
            select(AuditEvent)
            .where(AuditEvent.subject_kind.in_(["employer", "reading"]))
            .order_by(AuditEvent.at.desc())
        )
        read, told = session.scalars(query.limit(2)).all()
    assert (told.action, told.reason, told.subject_id) == ("read", "irregular", read.subject_id)
    person.go("/staff/audit")


def exported(portal: Portal, person: Person, link: str) -> str:
    """A file of evidence, whose hash is noted in the log."""
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name=link, exact=True).click()
    content = Path(download.value.path()).read_bytes()
    with portal.sessions() as session:
        query = select(AuditEvent).where(AuditEvent.action == "export").order_by(AuditEvent.at.desc()).limit(1)
        assert session.scalars(query).one().evidence["sha256"] == sha256(content).hexdigest()
    return content.decode()
