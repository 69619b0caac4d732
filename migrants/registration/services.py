"""Registering: begin, save and resume, confirm a telephone, send the identity. By the migrant alone."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import accounts, audit, codes, jobs
from core.accounts import NewAccount, Office, OfficeKind, UserAccount
from core.actor import Actor
from core.contact import normal_phone
from core.db import db_now, legal_today
from core.errors import DomainError, NotVisible, TooLate
from core.files import store_upload
from core.i18n import _l
from core.permissions import SubjectKind
from core.privacy import blind_index, new_person
from law.country import deployment
from migrants.identity import mrz as zone
from migrants.identity.document import DocumentVerifier
from migrants.identity.mrz import transliterate
from migrants.registration.deciding import claim_number, claim_of, evaluate
from migrants.registration.duplicates import name_hashes
from migrants.registration.models import Migrant, Passport
from migrants.registration.policies import is_own
from migrants.registration.status import BEFORE, WITH_OFFICER, CheckVerdict, MigrantStatus, PhotoState, migrant_workflow

CONSENT_VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Begin:
    """What a person starts with: a name they use and a secret that only they know."""

    name: str
    secret: str
    language: str
    consent: bool


def begin(session: Session, command: Begin) -> tuple[Migrant, UserAccount]:
    """Open a record and its account. No passport, telephone or contract is needed.

    :raises DomainError: without consent, or with a secret that is too easy.
    """
    if not command.consent:
        raise DomainError(_l("We can keep your details only if you agree."), field="consent")
    person = new_person(session)
    account = accounts.create_account(
        session,
        NewAccount(display_name=command.name, password=command.secret, locale=command.language),
        person=person,
    )
    migrant = Migrant(
        person_key_id=person.id,
        account_id=account.id,
        office_id=_default_office(session),
        consent_version=CONSENT_VERSION,
        consent_language=command.language,
        consent_at=db_now(session),
    )
    migrant.full_name = command.name
    migrant.latin_name = transliterate(command.name)
    session.add(migrant)
    session.flush()
    # One reference to remember: it signs in, and it names the record to an officer.
    account.reference = migrant.reference
    accounts.add_membership(session, account, kind=SubjectKind.MIGRANT, subject_id=migrant.id, is_owner=True)
    actor = accounts.actor_for(session, account)
    evidence = {"consent_version": CONSENT_VERSION, "language": command.language}
    audit.record(session, actor, subject=("migrant", migrant.id), action="begin", evidence=evidence)
    return migrant, account


def _default_office(session: Session) -> UUID:
    """The department, which reaches every office below it, until the person says where they live."""
    found = session.scalar(select(Office.id).where(Office.kind == "department").order_by(Office.code).limit(1))
    if found is None:
        raise DomainError(_l("This portal has no offices yet. Please tell the ministry."))
    return found


def own_record(session: Session, actor: Actor, *, lock: bool = False) -> Migrant:
    """The actor's own record.

    :raises NotVisible: when the actor has none.
    """
    own = actor.subject(SubjectKind.MIGRANT)
    migrant = session.get(Migrant, own, with_for_update=lock, populate_existing=lock) if own else None
    if migrant is None or not is_own(actor, migrant):
        raise NotVisible
    return migrant


def _open_record(session: Session, actor: Actor) -> Migrant:
    """The own record, locked, while it may still be changed by the person.

    :raises TooLate: once it was sent.
    """
    migrant = own_record(session, actor, lock=True)
    if migrant.status not in BEFORE:
        raise TooLate(_l("Your details were sent already. To change one, go to a labour office."))
    return migrant


@dataclass(frozen=True, slots=True)
class Details:
    """Some of the person's details; None leaves what is there."""

    full_name: str | None = None
    latin_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    father_name: str | None = None
    mother_name: str | None = None
    national_id: str | None = None
    lives_in: str | None = None
    office: str | None = None


def save_details(session: Session, actor: Actor, details: Details) -> Migrant:
    """Save some details; the rest can come later."""
    migrant = _open_record(session, actor)
    if details.full_name is not None:
        migrant.full_name = details.full_name
        migrant.latin_name = details.latin_name or transliterate(details.full_name)
    if details.birth_date is not None:
        if not date(1920, 1, 1) <= details.birth_date <= legal_today(session):
            raise DomainError(_l("Check the year of birth."), field="day")
        migrant.birth_date = details.birth_date.isoformat()
        migrant.birth_index = blind_index("birth-date", details.birth_date.isoformat())
    if details.sex is not None:
        migrant.sex = details.sex
    if details.father_name is not None:
        migrant.father_name = details.father_name
    if details.mother_name is not None:
        migrant.mother_name = details.mother_name
    if details.national_id:
        migrant.national_id = details.national_id
        migrant.national_id_index = blind_index(
            "national-id", "".join(c for c in details.national_id if c.isalnum()).upper()
        )
    if details.lives_in is not None:
        _set_place(session, migrant, details)
    if details.office is not None:
        _choose_office(session, migrant, details.office)
    migrant.name_hashes = name_hashes(migrant.full_name, migrant.latin_name)
    session.flush()
    return migrant


def _set_place(session: Session, migrant: Migrant, details: Details) -> None:
    known = {deployment().code, *(d.code for d in deployment().destinations)}
    if details.lives_in not in known:
        raise DomainError(_l("Choose a country from the list."), field="lives_in")
    if details.lives_in == deployment().code:
        if migrant.lives_in not in (None, deployment().code):
            # Back home: no mission's file any more.
            migrant.office_id = _default_office(session)
    else:
        migrant.office_id = _mission(session, details.lives_in or "") or _default_office(session)
    migrant.lives_in = details.lives_in


def _mission(session: Session, country: str) -> UUID | None:
    """The mission whose area holds the country that the person lives in."""
    return session.scalar(
        select(Office.id)
        .where(Office.kind == OfficeKind.MISSION, Office.destinations.contains([country]))
        .order_by(Office.code)
        .limit(1)
    )


def labour_offices(session: Session) -> list[Office]:
    """Offices that a person at home can belong to: provinces and districts, each district after its province."""
    kinds = (OfficeKind.PROVINCE, OfficeKind.DISTRICT)
    return list(session.scalars(select(Office).where(Office.kind.in_(kinds)).order_by(Office.code).limit(500)))


def _choose_office(session: Session, migrant: Migrant, code: str) -> None:
    """The labour office near the person's home: its officers see the record from now on."""
    if migrant.lives_in != deployment().code:
        raise DomainError(_l("The mission of the country that you live in looks after you."), field="office")
    office = next((o for o in labour_offices(session) if o.code == code), None)
    if office is None:
        raise DomainError(_l("Choose an office from the list."), field="office")
    migrant.office_id = office.id


def give_phone(session: Session, actor: Actor, phone: str) -> None:
    """Note a telephone and send it a code. Several people may share one: the number alone never signs in."""
    migrant = own_record(session, actor)
    account = session.get_one(UserAccount, migrant.account_id, with_for_update=True)
    number = normal_phone(phone)
    if account.phone_confirmed_at is not None and account.phone_index != blind_index("phone", number):
        raise DomainError(_l("To change a confirmed number, go to a labour office with your document."), field="phone")
    account.phone, account.phone_index = number, blind_index("phone", number)
    session.flush()
    codes.issue_code(session, account, "phone", bound=number.encode(), phone=number)


def confirm_phone(session: Session, actor: Actor, code: str) -> Migrant:
    """Confirm the telephone with the code that was sent to it.

    :raises DomainError: when the code is wrong or too old.
    """
    migrant = own_record(session, actor, lock=True)
    account = session.get_one(UserAccount, migrant.account_id, with_for_update=True)
    if not account.phone or not codes.confirm_code(session, account, "phone", code, bound=account.phone.encode()):
        raise DomainError(_l("This code is not right, or too old. Check it, or ask for a new one."), field="code")
    account.phone_confirmed_at = db_now(session)
    if migrant.status is MigrantStatus.STARTED:
        migrant_workflow.apply(session, migrant, "confirm_contact", actor=actor)
    return migrant


@dataclass(frozen=True, slots=True)
class PassportDetails:
    """What stands in the passport, typed."""

    document_number: str
    mrz: str | None


def current_passport(session: Session, migrant_id: UUID) -> Passport | None:
    """The passport in use."""
    return session.scalars(select(Passport).where(Passport.migrant_id == migrant_id, Passport.is_current)).one_or_none()


def _passport_to_fill(session: Session, migrant: Migrant) -> Passport:
    passport = current_passport(session, migrant.id)
    if passport is None:
        passport = Passport(person_key_id=migrant.person_key_id, migrant_id=migrant.id)
        session.add(passport)
        session.flush()
    return passport


def normal_document_number(text: str) -> str:
    """Capitals and digits only, as in the zone."""
    from core.forms import latin_digits

    return "".join(c for c in latin_digits(text).upper() if c.isascii() and c.isalnum())


def save_passport(session: Session, actor: Actor, details: PassportDetails) -> Passport:
    """Note the passport. A zone with a wrong check digit is refused at once, so that the person can look again.

    :raises DomainError: naming the part that does not fit.
    """
    number = normal_document_number(details.document_number)
    if not 5 <= len(number) <= 9:
        raise DomainError(_l("A passport number has 5 to 9 letters and digits."), field="document_number")
    migrant = own_record(session, actor, lock=True)
    if migrant.status is MigrantStatus.VERIFIED:
        return renew_passport(session, actor, migrant, PassportDetails(number, details.mrz))
    migrant = _open_record(session, actor)
    passport = _passport_to_fill(session, migrant)
    _fill(passport, number, details.mrz, legal_today(session))
    session.flush()
    return passport


def _fill(passport: Passport, number: str, mrz: str | None, today: date) -> None:
    passport.document_number = number
    if mrz:
        read = zone.parse(mrz, today=today)
        passport.mrz = "\n".join(zone.clean_lines(mrz))
        passport.issuing_state, passport.expires_on = read.issuing_state, read.expiry_date
    else:
        passport.mrz = passport.issuing_state = passport.expires_on = None
    # By number alone: the same number typed with and without its zone must meet.
    passport.document_index = blind_index("passport", number)


def renew_passport(session: Session, actor: Actor, migrant: Migrant, details: PassportDetails) -> Passport:
    """A verified person's new passport: taken when its zone says the same person, the old one stays as history.

    :raises DomainError: in every other case an officer has to see both passports.
    """
    to_office = _l("The new passport does not say the same as your record. Go to a labour office with both passports.")
    old = current_passport(session, migrant.id)
    if not details.mrz:
        raise DomainError(
            _l("Type both lines at the bottom of the passport's photo page, one below the other."), field="mrz"
        )
    if old is not None and old.document_number == details.document_number:
        raise DomainError(_l("This is the passport that we have already."), field="document_number")
    new = Passport(person_key_id=migrant.person_key_id, migrant_id=migrant.id, is_current=False)
    _fill(new, details.document_number, details.mrz, legal_today(session))
    session.add(new)
    outcome = DocumentVerifier().check(claim_of(migrant, new, legal_today(session)))
    if outcome.verdict is not CheckVerdict.MATCH or not claim_number(session, new):
        raise DomainError(to_office)
    if old is not None:
        old.is_current = False
        session.flush()
    new.is_current = True
    session.flush()
    audit.record(
        session, actor, subject=("migrant", migrant.id), action="renew_passport", evidence={"passport": new.id}
    )
    return new


def save_photo(session: Session, actor: Actor, data: bytes) -> Passport:
    """Keep a photo of the passport and have it read by the worker: registering goes on meanwhile.

    A photo may also come later, while an officer looks at what was typed.
    """
    migrant = own_record(session, actor, lock=True)
    if migrant.status not in BEFORE | WITH_OFFICER:
        raise TooLate(_l("Your passport was checked already."))
    passport = _passport_to_fill(session, migrant)
    if data.startswith(b"%PDF"):
        raise DomainError(_l("Send a photo, not a PDF."), field="photo")
    stored = store_upload(session, actor, data, purpose="passport photo", person_key_id=migrant.person_key_id)
    passport.photo_file_id, passport.photo_state, passport.photo_mrz = stored.id, PhotoState.WAITING, None
    passport.photo_page = None
    session.flush()
    jobs.enqueue(session, "migrants.read_passport_photo", passport_id=str(passport.id), lock=f"passport-{passport.id}")
    return passport


def missing_parts(migrant: Migrant, passport: Passport | None) -> list[str]:
    """The steps still to do before the identity can be sent. A telephone is not needed; without one an officer looks."""
    missing = []
    if not migrant.full_name:
        missing.append("name")
    if not migrant.birth_date:
        missing.append("birth")
    if not migrant.sex:
        missing.append("sex")
    if passport is None or not passport.document_number:
        missing.append("passport")
    if migrant.lives_in is None:
        missing.append("place")
    return missing


def submit(session: Session, actor: Actor) -> Migrant:
    """Send the identity: a clear match is verified at once, everything else waits for an officer.

    :raises DomainError: while something is missing.
    """
    migrant = own_record(session, actor, lock=True)
    passport = current_passport(session, migrant.id)
    if migrant.status in BEFORE and missing_parts(migrant, passport):
        raise DomainError(_l("Something is still missing. Do the steps that are listed here, then send it."))
    migrant_workflow.apply(session, migrant, "submit_identity", actor=actor)
    migrant.submitted_at = db_now(session)
    session.flush()
    evaluate(session, actor, migrant, passport)
    return migrant


def take_back(session: Session, actor: Actor) -> Migrant:
    """The person corrects what an officer has not decided on yet."""
    migrant = own_record(session, actor, lock=True)
    migrant_workflow.apply(session, migrant, "take_back", actor=actor)
    migrant.due_on = None
    return migrant
