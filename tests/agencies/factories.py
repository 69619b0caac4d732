"""Agencies, officers and licences for tests: made through the services wherever the test is about them."""

import io
import secrets
import zlib
from datetime import date, timedelta

from PIL import Image
from sqlalchemy import func, select

from agencies.insider import assignment, duties
from agencies.insider.assignment import drawn_by
from agencies.insider.status import Why
from agencies.licensing import decisions, rules, services, visiting
from agencies.licensing.finance import FINANCE
from agencies.licensing.models import LICENCE_SERIAL, Licence, LicenceApplication
from agencies.licensing.numbers import format_number
from agencies.licensing.status import LicenceStatus, SecurityKind
from agencies.licensing.visit_models import VisitAnswer
from agencies.registration import services as registration
from agencies.registration.models import Agency
from agencies.registration.status import IdentifierKind
from agencies.security import instruments
from agencies.security.drawing import PAPERS
from core.accounts import NewAccount, Office, OfficeKind, actor_for, create_account, post_staff
from core.db import legal_today
from core.ids import new_id
from core.money import Money
from core.permissions import StaffRole
from core.privacy import new_person

PASSWORD = "a-long-test-password"


def photo(shade=90):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (shade, 20, 30)).save(out, "PNG")
    return out.getvalue()


def office(session, code="DOFE", kind=OfficeKind.DEPARTMENT, parent=None):
    found = session.scalars(select(Office).where(Office.code == code)).one_or_none()
    if found is None:
        found = Office(
            code=code, kind=kind, names={"en": code}, destinations=[], parent_id=parent.id if parent else None
        )
        session.add(found)
        session.flush()
    return found


def account(session, name="Somebody", *, email=None, phone=None):
    email = email or f"{secrets.token_hex(6)}@example.org"
    return create_account(session, NewAccount(display_name=name, email=email, phone=phone, password=PASSWORD))


def officer(session, role, *, at=None, email=None, phone=None):
    """An account with a posting; gives account and actor."""
    made = account(session, role.value, email=email, phone=phone)
    post_staff(session, made, role, at or office(session))
    return made, actor_for(session, made)


def reviewer(session, **kw):
    return officer(session, StaffRole.LICENSING_OFFICER, **kw)[1]


def approver(session, **kw):
    return officer(session, StaffRole.LICENSING_APPROVER, **kw)[1]


def finance(session, **kw):
    return officer(session, StaffRole.FINANCE_OFFICER, **kw)[1]


def director(
    number="27-01-70-01234", *, name="Ram Bahadur Shrestha", born=date(1980, 5, 23), phone="+9779841000001", **kw
):
    return registration.AddDirector(name, IdentifierKind.CITIZENSHIP, number, born, phone, **kw)


def agency(session, name="Sagarmatha Overseas Pvt. Ltd.", native=None, **kw):
    """A registered agency; gives agency, owner's account and owner's actor."""
    if native is None:
        # Two agencies under one name would be taken for each other.
        native = "सगरमाथा ओभरसिज प्रा. लि." if name.startswith("Sagarmatha") else ""
    office(session)
    owner = account(session, "Owner", **kw)
    made = registration.register_agency(session, actor_for(session, owner), registration.RegisterAgency(name, native))
    return made, owner, actor_for(session, owner)


def fill_in(session, actor, made, *, directors=None, licence_class="A"):
    """Everything that an application needs, not yet sent. Two agencies share neither telephone nor bank account."""
    own = 0 if made.name.startswith("Sagarmatha") else zlib.crc32(made.name.encode()) % 500_000
    registration.change_details(
        session,
        actor,
        made.id,
        registration.AgencyDetails(
            name=made.name,
            name_local=made.name_local,
            company_number="123456/081",
            district="Kathmandu",
            address="Ward 3, Basundhara",
            phone=f"+9771{4350000 + own}",
            email=None,
            bank_name="Nabil Bank",
            bank_account=f"0010017500{123 + own}",
        ),
    )
    for command in directors or [director()]:
        registration.add_director(session, actor, made.id, command)
    application = services.start_application(session, actor, made.id)
    services.choose_class(session, actor, application.id, services.ChooseClass(licence_class))
    for code in ("registration", "tax", "premises", "police"):
        services.attach_paper(session, actor, application.id, services.AttachPaper(code, photo()))
    return application


def drawn_for(*actors):
    """Draws fall to the first of these who may have the case; whoever may not is not drawn, as ever."""
    order = [a.account_id for a in actors]
    return drawn_by(lambda fit: next((a for a in order if a in fit), fit[0]))


def draw_for(session, application, actor):
    """Draw the stage that the case is in again: it falls to this officer, who must be one of those who may have it."""
    held = reload(session, application)
    agency = session.get_one(Agency, held.agency_id)
    with drawn_for(actor):
        drawn = assignment.assign(session, held, agency, assignment.STAGE_OF[held.status])
    assert drawn == actor.account_id
    return held


def give(session, steps, record, actor):
    """Draw the step that a record waits for again: it falls to this officer, who must be one of those who may have it."""
    assert offer(session, steps, record, actor) == actor.account_id


def offer(session, steps, record, actor):
    """The same, where somebody else gets it if this officer may not; gives who."""
    turn = steps.turn(session, record)
    if turn is None:
        return None
    with drawn_for(actor):
        return duties.assign(session, steps.name, record.id, turn, Why.WAITED)


def recommend(session, maker, application, finding="All papers are in order."):
    """Ready for the decision, without a visit and with the reason why."""
    return decisions.recommend(session, maker, application.id, decisions.Recommend(finding, "The road is closed."))


def report(session, answer=VisitAnswer.YES, *, finding="As described.", photos=(), note=""):
    """A whole report of a visit; every line is answered alike."""
    items = tuple(visiting.Seen(c.code, answer, note) for c in rules.visit_checklist())
    return visiting.Report(legal_today(session), finding, items, tuple(photos))


def submitted(session, **kw):
    """A sent application; gives application, agency, owner's actor."""
    directors, licence_class = kw.pop("directors", None), kw.pop("licence_class", "A")
    made, _owner, actor = agency(session, **kw)
    application = fill_in(session, actor, made, directors=directors, licence_class=licence_class)
    services.submit(session, actor, application.id)
    return application, made, actor


def recommended(session, maker, **kw):
    """Reviewed by ``maker`` and ready for the decision."""
    with drawn_for(maker):
        application, made, actor = submitted(session, **kw)
    decisions.take(session, maker, application.id)
    recommend(session, maker, application)
    return application, made, actor


def approval(session, **changes):
    values = {
        "reason": "Meets the conditions.",
        "cash": Money(5_000_000_00, "NPR"),
        "guarantee": Money(15_000_000_00, "NPR"),
        "valid_until": legal_today(session) + timedelta(365),
        "valid_until_reason": "One year, as for the others.",
    }
    return decisions.Approve(**{**values, **changes})


def security(kind=SecurityKind.CASH, amount=20_000_000_00, number=None, until=None):
    return decisions.RecordSecurity(
        kind, Money(amount, "NPR"), "Nabil Bank", number or secrets.token_hex(4), photo(), until
    )


def verified(session, instrument, *, by=None, confirmed=True):
    """The bank was asked and has answered; a second finance officer wrote the answer down."""
    checker = by or finance(session)
    offer(session, PAPERS, instrument, checker)
    instruments.ask(session, checker, instrument.id)
    offer(session, PAPERS, instrument, checker)
    return answered(session, instrument, by=checker, confirmed=confirmed)


def answered(session, instrument, *, by=None, confirmed=True):
    """The bank's answer to the open question."""
    reference = instruments.open_question(session, instrument.id).reference
    answer = instruments.Answer(reference, confirmed, photo(140))
    return instruments.answer(session, by or finance(session), instrument.id, answer)


def secured(session, cashier, application_id, command):
    """A bank paper recorded by ``cashier`` and confirmed by its bank."""
    offer(session, FINANCE, session.get_one(LicenceApplication, application_id, populate_existing=True), cashier)
    return verified(session, decisions.record_security(session, cashier, application_id, command))


def licensed(
    session, name="Annapurna Manpower Pvt. Ltd.", native="", *, status=LicenceStatus.ACTIVE, until=None, at=None
):
    """An agency with a licence, written straight into the tables."""
    today = legal_today(session)
    made = Agency(
        person_key_id=new_person(session).id, office_id=(at or office(session)).id, name=name, name_local=native or None
    )
    made.district, made.listed_at = "Kathmandu", session.scalar(select(func.now()))
    session.add(made)
    session.flush()
    serial = session.scalars(select(LICENCE_SERIAL.next_value())).one()
    begun = min(today, (until or today) - timedelta(1)) - timedelta(30)
    licence = Licence(
        agency_id=made.id,
        number=format_number(serial, begun, prefix="NP", calendar="BS"),
        serial=serial,
        licence_class="A",
        status=status,
        issued_on=begun,
        valid_until=until or today + timedelta(300),
        token=new_id().hex,
    )
    session.add(licence)
    session.flush()
    return made, licence


def reload(session, application):
    return session.get_one(LicenceApplication, application.id, populate_existing=True)
