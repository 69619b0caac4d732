"""From the first page to the departure, by real forms and the pages' own links: on a phone, on a desktop, without JavaScript.

What a test can't wait for (a day to think a contract over, two days of orientation) is moved in the database; nothing else is.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from agencies.registration.models import Agency
from contracts.employment.models import EmploymentContract
from contracts.orientation.models import AttendanceEvent, OrientationSession
from core.db import legal_today
from migrants.identity.mrz import Mrz
from migrants.registration.models import Passport
from tests.journeys import kit
from tests.journeys.conftest import Portal, staff
from tests.journeys.person import Person, code_for
from tests.migrants.specimens import draw, jpeg

pytestmark = pytest.mark.browser
SECRET = "kathmandu 2082"
MANAGER = "Doha-harbour-12"
NAMES = {"phone": ("Pasang", "Sherpa"), "plain": ("Bimala", "Chaudhary")}


@dataclass
class Walk:
    """One walk of the whole way: who makes people, and what tells it apart from the other walks."""

    portal: Portal
    somebody: Callable[..., Person]
    folder: Path
    name: str
    numbers: dict[str, str] = field(default_factory=dict)

    def officer(self, role: str, number: int = 1, office: str = "DOFE") -> Person:
        """At what waits for them."""
        person = self.somebody(staff(self.portal, role, office=office, number=number))
        person.go("/home")
        return person

    def today(self) -> date:
        with self.portal.sessions() as session:
            return legal_today(session)

    @property
    def zone(self) -> Mrz:
        given, family = NAMES[self.name]
        place = list(NAMES).index(self.name)
        number, born = f"PA200000{place + 1}", date(1997, 3, 14 + place)
        return Mrz("P", "NPL", family.upper(), given.upper(), number, "NPL", born, "F", date(2033, 1, 1), "")


@pytest.fixture
def walk(portal: Portal, somebody: Callable[..., Person], tmp_path: Path, request: pytest.FixtureRequest) -> Walk:
    return Walk(portal, somebody, tmp_path, "phone" if request.node.callspec.id == "phone" else "plain")


# --- the migrant ------------------------------------------------------------------------------------------------------


def register(walk: Walk) -> tuple[Person, str]:
    """A migrant registers, stops, comes back, and is verified. Gives the reference that signs in."""
    person, zone = walk.somebody(), walk.zone
    person.go("/")
    person.well()
    kit.follow(person.page.get_by_role("link", name="Register as a worker").first)
    person.well()
    person.fill(name=" ".join(NAMES[walk.name]), secret=SECRET)
    person.page.check("main [name=consent]")
    person.press("Begin")
    person.well()
    reference = person.page.locator(".answer .word").inner_text().strip()
    person.press("I have written it down")
    person.press("Your telephone")
    person.well()
    person.fill(phone=f"984155500{list(NAMES).index(walk.name) + 1}")
    person.press("Send me a code")
    person.well()
    person.fill(code=code_for(walk.portal, reference))
    person.press("Confirm")
    answer_next(person, calendar="AD", day=zone.birth_date.isoformat())
    come_back(person, reference)
    answer_next(person, sex="F")
    person.press("Your parents")
    person.fill(father_name="Nima", mother_name="Dolma")
    person.press("Save")
    answer_next(person, lives_in="NP")
    show_passport(walk, person)
    person.press("Check and send")
    person.well()
    person.press("Send")
    person.sees("verified")
    person.well()
    return person, reference


def answer_next(person: Person, **values: str) -> None:
    """Follow the one button that the page offers next, and answer."""
    kit.follow(person.page.locator("main a.btn").first)
    person.well()
    for name, value in values.items():
        radio = person.page.locator(f"main [type=radio][name='{name}'][value='{value}']")
        if radio.count():
            radio.check()
        else:
            person.fill(**{name: value})
    person.press("Save")
    person.well()


def come_back(person: Person, reference: str) -> None:
    """Save and resume: sign out, come back with reference and password, and everything stands there."""
    person.press("Sign out")
    person.page.goto("/me")
    assert "/sign-in" in person.page.url
    person.fill(login=reference, password=SECRET)
    person.send()
    assert person.page.url.endswith("/me")
    row = person.page.locator(".tasks li", has_text="Your birth date")
    assert "done" in row.inner_text()
    assert "to do" in person.page.locator(".tasks li", has_text="Sex in the passport").inner_text()


def show_passport(walk: Walk, person: Person) -> None:
    """A photo is read; on the desktop the two lines are typed instead."""
    zone = walk.zone
    typed = {"document_number": zone.document_number}
    if walk.name == "desktop":
        typed["mrz"] = "\n".join(zone.lines())
    else:
        person.press("Photo of your passport")
        person.well()
        send_photo(walk, person)
        person.sees("we are reading it")
        walk.portal.drain()
        person.press("My registration")
    person.press("Your passport")
    person.well()
    if walk.name != "desktop":
        person.sees("Read from your photo")
        assert tuple(person.page.locator("[name=mrz]").input_value().split()) == zone.lines()
    person.fill(**typed)
    person.press("Save")


def send_photo(walk: Walk, person: Person) -> None:
    """With JavaScript the browser makes the photo smaller before it leaves the telephone; without, it goes as it is."""
    picture = draw(walk.zone, list(NAMES).index(walk.name) + 1)
    out = io.BytesIO()
    picture.save(out, "PNG")
    photo = walk.folder / "passport.png"
    photo.write_bytes(out.getvalue())
    person.page.set_input_files("main [name=photo]", photo)
    if person.javascript:
        made_smaller = "document.querySelector('[name=photo]').files[0].name === 'photo.jpg'"
        while not person.page.evaluate(made_smaller):
            person.page.wait_for_timeout(50)
    with person.page.expect_request(lambda asked: asked.method == "POST") as sent:
        person.press("Send the photo")
    weight = int(sent.value.header_value("content-length") or 0)
    if person.javascript:
        assert 10_000 < weight < photo.stat().st_size / 2
    else:
        assert weight > photo.stat().st_size


# --- employer and agency ----------------------------------------------------------------------------------------------


def employer(walk: Walk) -> Person:
    """A company abroad registers; the mission sees its signatory; a labour officer accredits it."""
    name, mail = f"Lusail {walk.name.title()} Cleaning", f"{walk.name}@lusail.example"
    person = walk.somebody()
    person.go("/")
    person.open("Register an employer")
    person.well()
    person.fill(email=mail)
    person.press("Send the code")
    person.well()
    person.fill(code=person.mailed_code(mail))
    person.press("Go on")
    person.well()
    person.fill(
        name=name, country="QA", city="Doha", registration_number=f"CR-{walk.name}", signatory_name="Khalid Nasser",
        signatory_title="Manager", phone=f"+9743355000{list(NAMES).index(walk.name)}", password=MANAGER,
    )  # fmt: skip
    person.press("Register")
    person.sees("Go to the mission")
    person.well()
    reference = person.page.locator("main .code").first.inner_text()
    mission = walk.officer("mission_officer", office="M-QA")
    mission.open(reference)
    mission.well()
    mission.act("verify", "Khalid Nasser in person, with Qatari ID and trade licence")
    labour = walk.officer("labour_officer")
    labour.open(reference)
    labour.well()
    labour.fill(capacity="20", valid_until=(walk.today() + timedelta(days=500)).isoformat(), reason="Papers complete")
    labour.press("Accredit")
    person.press("My company")
    person.sees("accredited")
    person.well()
    walk.numbers["employer"] = mail
    return person


JOB = (
    {"post": "Cleaner", "occupation": "9112", "site": "Doha"},
    {"wage": "1200", "worker_pays": "0"},
    {"hours_per_day": "8", "days_per_week": "6", "leave_days": "30"},
    {"food": "provided", "lodging": "provided", "insurance": "employer"},
    {"ticket_out": "employer", "ticket_back": "employer", "passport_kept_by": "worker"},
    {"term_months": "24", "probation_months": "3", "notice_days": "30"},
)


def order(walk: Walk, signatory: Person) -> tuple[Person, str]:
    """The employer signs a job order, the agency takes it on, an officer approves. Gives the agency and the reference."""
    with walk.portal.sessions() as session:
        agency_reference = session.get_one(Agency, walk.portal.account("agency.alpha")["agency_id"]).reference
    signatory.press("New job order")
    for answers in ({"agency": agency_reference, "headcount": "5"}, *JOB):
        signatory.well()
        signatory.fill(**answers)
        signatory.press("Save and go on")
    signatory.well()
    signatory.sees("Cleaner")
    signatory.press("Save")
    signatory.well()
    reference = signatory.page.locator("h1 .code").inner_text()
    signatory.press("Send me a code")
    signatory.fill(secret=MANAGER, code=code_for(walk.portal, walk.numbers["employer"]))
    signatory.press("Sign")
    signatory.sees("waits for the agency")
    agency = walk.somebody(walk.portal.account("agency.alpha"))
    agency.go("/home")
    agency.press("Job orders")
    agency.well()
    agency.open(reference)
    agency.well()
    agency.press("Take on this job order")
    officer = walk.officer("labour_officer")
    officer.well()
    officer.open(reference)
    officer.well()
    officer.act("approve", "Fits what the market pays")
    return agency, reference


def lodge(agency: Person, job_order: str, worker: str, wage: str) -> None:
    """From the job order to a contract of one worker: only the pay is other than promised."""
    agency.press("Job orders")
    agency.open(job_order)
    agency.press("Lodge a contract")
    agency.well()
    agency.fill(migrant=worker)
    agency.press("Save and go on")
    agency.well()
    change_pay(agency, wage)
    agency.press("Lodge")
    agency.well()


def change_pay(agency: Person, wage: str) -> None:
    """From the look-through to the one page of the pay, and back."""
    agency.open("Change: Pay and costs")
    agency.well()
    agency.fill(wage=wage)
    agency.press("Save and go on")


def contract(walk: Walk, agency: Person, job_order: str, migrant: Person, reference: str) -> None:
    """The migrant declines what is worse, asks about what is not clear, accepts what is mended; an officer registers it."""
    lodge(agency, job_order, reference, "900")
    agency.sees("Worse than promised")
    migrant.press("My contract")
    migrant.sees("Worse than promised")
    migrant.well()
    if walk.name == "plain":
        take_back(agency, migrant)
    else:
        migrant.unfold("I do not want it")
        migrant.press("I do not accept")
        migrant.sees("you have said no")
    lodge(agency, job_order, reference, "1200")
    migrant.press("My contract")
    migrant.unfold("I have a question")
    migrant.fill(words="Is overtime on Fridays paid?")
    migrant.press("Ask")
    migrant.sees("you have asked a question")
    migrant.well()
    agency.page.reload()
    agency.sees("the worker asks")
    agency.press("Questions of the worker, and the answers")
    agency.sees("Is overtime on Fridays paid?")
    agency.well()
    agency.fill(words="Yes. We write a higher wage into the contract, too.")
    agency.press("Send the answer")
    migrant.press("My contract")
    migrant.sees("We write a higher wage into the contract, too.")
    migrant.sees("An answer does not change the contract.")
    migrant.well()
    agency.press("Change the terms")
    change_pay(agency, "1250")
    agency.press("Lodge")
    lodged = agency.page.locator("h1 .code").inner_text()
    migrant.press("My contract")
    migrant.sees("better")
    migrant.press("I have read it to the end")
    migrant.sees("Take your time")
    think_it_over(walk, lodged)
    migrant.press("My contract")
    migrant.well()
    if walk.name == "plain":
        code = code_at_the_office(walk, lodged)
    else:
        migrant.press("Send me a code")
        code = code_for(walk.portal, reference)
    migrant.fill(secret=SECRET, code=code)
    migrant.press("I accept this contract")
    migrant.sees("you have accepted it")
    officer = walk.officer("labour_officer")
    officer.open(lodged)
    officer.well()
    officer.act("register", "All green")
    migrant.press("My contract")
    migrant.sees("registered")
    migrant.well()


def take_back(agency: Person, migrant: Person) -> None:
    """The agency withdraws what the worker has before them; the worker reads who did and why."""
    agency.unfold("Withdraw the contract")
    agency.well()
    agency.fill(reason="The pay was typed wrong.")
    agency.press("Withdraw the contract")
    agency.sees("The contract is withdrawn.")
    agency.well()
    migrant.press("My contract")
    migrant.sees("The agency has taken this contract back")
    migrant.sees("The pay was typed wrong.")
    migrant.well()


def think_it_over(walk: Walk, lodged: str) -> None:
    """A day passes."""
    with walk.portal.sessions() as session:
        session.execute(
            update(EmploymentContract)
            .where(EmploymentContract.reference == lodged)
            .values(read_at=EmploymentContract.read_at - timedelta(hours=25))
        )
        session.commit()


def code_at_the_office(walk: Walk, lodged: str) -> str:
    """Without a telephone: an officer finds the contract, sees worker and passport, and hands over a code."""
    with walk.portal.sessions() as session:
        migrant = select(EmploymentContract.migrant_id).where(EmploymentContract.reference == lodged)
        passport = session.scalars(select(Passport).where(Passport.migrant_id == migrant.scalar_subquery())).one()
        number = passport.document_number or ""
    officer = walk.officer("labour_officer", number=2)
    officer.press("Find a person, an agency or a licence")
    officer.page.check("main [name=purpose][value=request]")
    officer.fill(text=lodged)
    officer.press("Search")
    officer.open(lodged)
    officer.unfold("no telephone")
    officer.fill(document_number=number)
    officer.page.check("main [name=seen]")
    officer.press("Make a code")
    officer.well()
    return officer.page.locator("main .code").first.inner_text()


# --- orientation and departure ----------------------------------------------------------------------------------------


def publish(walk: Walk) -> tuple[Person, str]:
    """A centre publishes a session of two days. Gives the centre and the place."""
    centre, place = walk.somebody(walk.portal.account("centre@")), f"Hall of the {walk.name}"
    centre.go("/home")
    centre.press("New session")
    centre.well()
    first, last = (walk.today() + timedelta(days=days) for days in (2, 3))
    centre.fill(
        day=first.isoformat(), start="09:00", last_day=last.isoformat(), end="17:00", place=place, language="ne",
        trainer="Bina Lama", capacity="20",
    )  # fmt: skip
    centre.press("Publish")
    centre.well()
    return centre, place


def at_the_door(centre: Person, code: str, says: str) -> None:
    """A scanner types the code into the field that has the focus, and presses Enter."""
    centre.page.wait_for_function("document.activeElement.name === 'code'")
    assert centre.page.locator("[name=code]").input_value() == ""
    centre.page.keyboard.type(code)
    with centre.page.expect_navigation():
        centre.page.keyboard.press("Enter")
    centre.sees(says)


def orientation(walk: Walk, migrant: Person) -> None:
    """The migrant books, is scanned in and out, and has the certificate that follows."""
    centre, place = publish(walk)
    migrant.press("My orientation")
    migrant.well()
    card = migrant.page.locator("main .card", has_text=place)
    kit.follow(card.get_by_role("button", name="Take a seat"))
    migrant.well()
    code = migrant.scan(migrant.page.locator("svg.qr"))
    assert code == migrant.page.locator(".amount").inner_text().replace(" ", "")
    hold(walk, place, starts=-timedelta(hours=17), ends=timedelta(hours=1))
    centre.page.reload()
    at_the_door(centre, code, "Checked in.")
    at_the_door(centre, code, "This person is inside already.")
    centre.sees(f"Refused: {code}")
    centre.well()
    with walk.portal.sessions() as session:
        session.execute(update(AttendanceEvent).values(at=AttendanceEvent.at - timedelta(hours=17)))
        session.commit()
    centre.press("People go out")
    centre.well()
    at_the_door(centre, code, "Checked out.")
    # The direction stays as chosen: the next one who leaves is scanned at once.
    at_the_door(centre, code, "This person is not inside.")
    migrant.press("My orientation")
    migrant.sees("You have your certificate")
    migrant.well()


def hold(walk: Walk, place: str, *, starts: timedelta, ends: timedelta) -> None:
    """Put the session so far from now: nobody waits two days in a test."""
    with walk.portal.sessions() as session:
        session.execute(
            update(OrientationSession)
            .where(OrientationSession.place == place)
            .values(starts_at=func.now() + starts, ends_at=func.now() + ends)
        )
        session.commit()


def clearance(walk: Walk, migrant: Person) -> None:
    """The migrant sends a paper and applies, two officers decide, the QR verifies, the airport writes the departure down."""
    migrant.press("My departure")
    migrant.well()
    kit.follow(migrant.page.locator(".tasks a").first)
    paper = walk.folder / "paper.jpg"
    paper.write_bytes(jpeg(draw(walk.zone).resize((300, 200))))
    migrant.page.set_input_files("main [name=file]", paper)
    migrant.press("Send")
    migrant.sees("sent, not looked at yet")
    migrant.press("Apply")
    migrant.sees("an officer looks at it")
    reference = migrant.page.locator("main .code").first.inner_text()
    for role, action in (("clearance_officer", "review"), ("clearance_approver", "grant")):
        officer = walk.officer(role)
        officer.open(reference)
        officer.well()
        if action == "review":
            officer.press("It is good")
            officer.sees("looked at")
        officer.decide(action, "All holds today")
    migrant.press("My departure")
    migrant.sees("You are cleared to depart")
    migrant.well()
    with migrant.page.expect_download() as download:
        migrant.page.get_by_role("link", name="Download (PDF)").click()
    assert download.value.suggested_filename == f"{reference}.pdf"
    anybody = walk.somebody()
    anybody.go(migrant.scan(migrant.page.locator("svg.qr")))
    anybody.sees("Compare this with the paper in your hand")
    anybody.sees(reference)
    anybody.well()
    airport = walk.officer("airport_officer")
    airport.press("Departures")
    airport.fill(reference=reference)
    airport.press("Look up")
    airport.well()
    airport.press("Passport seen: departed")
    airport.sees("The departure is written down.")
    airport.fill(reference=reference)
    airport.press("Look up")
    airport.sees("Departed on")


def test_from_the_first_page_to_the_departure(walk: Walk):
    migrant, reference = register(walk)
    signatory = employer(walk)
    agency, job_order = order(walk, signatory)
    contract(walk, agency, job_order, migrant, reference)
    orientation(walk, migrant)
    clearance(walk, migrant)
