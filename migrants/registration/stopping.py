"""A person who began to register and does not want to go on: the record is closed, and what nothing rests on is deleted."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core import accounts, codes, jobs
from core.accounts import Membership, StaffPosting, UserAccount
from core.actor import Actor
from core.codes import OneTimeCode
from core.db import db_now
from core.drafts import FormDraft
from core.errors import DomainError, TooLate
from core.files import StoredFile
from core.i18n import _l
from core.privacy import destroy_person
from core.throttle import hit
from migrants.registration.holds import holds_of
from migrants.registration.models import Migrant, Passport
from migrants.registration.services import own_record
from migrants.registration.status import BEFORE, PhotoState, migrant_workflow

PURPOSE = "stop_registering"
LATE = _l("Your details were sent already. To change one, go to a labour office.")


@dataclass(frozen=True, slots=True)
class Plan:
    """What stopping would do now: ``holds`` are reasons in words why the details stay; ``needs_code`` with a telephone."""

    may: bool
    needs_code: bool
    holds: tuple[Any, ...]


def plan(session: Session, actor: Actor) -> Plan:
    """For the page that says what happens.

    :raises NotVisible: for whoever has no record.
    """
    migrant = own_record(session, actor)
    account = session.get_one(UserAccount, actor.require_account())
    return Plan(migrant.status in BEFORE, account.phone_confirmed_at is not None, tuple(holds_of(session, migrant)))


def send_code(session: Session, actor: Actor) -> None:
    """Send the code that confirms it, to the confirmed telephone.

    :raises TooLate: once the identity was sent.
    """
    migrant = own_record(session, actor)
    account = session.get_one(UserAccount, actor.require_account())
    hit("stop-code", str(account.id), limit=6, seconds=3600)
    if migrant.status not in BEFORE:
        raise TooLate(LATE)
    if account.phone_confirmed_at is not None:
        codes.issue_code(session, account, PURPOSE, bound=migrant.id.bytes, phone=account.phone)


def stop(session: Session, actor: Actor, *, secret: str, code: str = "") -> bool:
    """Close the record, withdraw the consent, end every session; gives whether the details were deleted, too.

    :raises TooLate: once the identity was sent.
    :raises DomainError: when the password, or with a confirmed telephone the code, is wrong.
    """
    migrant = own_record(session, actor, lock=True)
    account = session.get_one(UserAccount, actor.require_account(), with_for_update=True, populate_existing=True)
    if migrant.status not in BEFORE:
        raise TooLate(LATE)
    _check(session, actor, account, migrant, secret, code)
    holds = holds_of(session, migrant)
    now = db_now(session)
    migrant_workflow.apply(session, migrant, "close", actor=actor, evidence={"deleted": not holds})
    migrant.consent_withdrawn_at, migrant.due_on = now, None
    session.execute(delete(FormDraft).where(FormDraft.account_id == account.id))
    shared = _acts_elsewhere(session, account, migrant)
    if not holds:
        _erase(session, migrant)
    if not shared:
        _close_account(session, account, erase=not holds)
    accounts.end_sessions(session, account.id, why="registration closed")
    session.flush()
    if not holds and not shared:
        destroy_person(session, migrant.person_key_id, now)
        session.flush()
    return not holds


def _check(session: Session, actor: Actor, account: UserAccount, migrant: Migrant, secret: str, code: str) -> None:
    if account.phone_confirmed_at is not None:
        codes.step_up(session, actor, PURPOSE, bound=migrant.id.bytes, secret=secret, code=code)
        return
    hit("password", str(account.id), limit=10, seconds=900)
    if not accounts.secret_matches(account.password_hash, secret):
        raise DomainError(_l("The password you use now is not this one."), field="secret")


def _acts_elsewhere(session: Session, account: UserAccount, migrant: Migrant) -> bool:
    """The same account also acts for an organisation, or is staff's: only the registration ends."""
    other = select(Membership.id).where(
        Membership.account_id == account.id, Membership.ended_at.is_(None), Membership.subject_id != migrant.id
    )
    posted = select(StaffPosting.id).where(StaffPosting.account_id == account.id, StaffPosting.ended_at.is_(None))
    return any(session.scalars(q.limit(1)).first() is not None for q in (other, posted))


def _erase(session: Session, migrant: Migrant) -> None:
    """Every detail, every keyed hash by which the person could be found again, and the photo."""
    for name in ("full_name", "latin_name", "birth_date", "sex", "father_name", "mother_name", "national_id"):
        setattr(migrant, name, None)
    migrant.birth_index = migrant.national_id_index = migrant.lives_in = None
    migrant.name_hashes = []
    for passport in session.scalars(select(Passport).where(Passport.migrant_id == migrant.id)).all():
        passport.document_number = passport.mrz = passport.photo_mrz = None
        passport.document_index = passport.issuing_state = passport.expires_on = passport.photo_page = None
        passport.photo_file_id, passport.photo_state = None, PhotoState.NONE
    # Every photo, one that a later one replaced, too. The bytes go by a job, once this is committed for good.
    for file_id in session.scalars(
        select(StoredFile.id).where(StoredFile.person_key_id == migrant.person_key_id)
    ).all():
        jobs.enqueue(session, "migrants.remove_file", file_id=str(file_id))


def _close_account(session: Session, account: UserAccount, *, erase: bool) -> None:
    """Nobody signs in with it any more; its contacts go where nothing has to be told to the person."""
    if erase:
        account.email = account.email_index = account.email_confirmed_at = None
        account.phone = account.phone_index = account.phone_confirmed_at = None
        account.former_contacts = []
    account.password_hash, account.recovery_hashes = None, []
    account.suspended_at = db_now(session)
    used = update(OneTimeCode).where(OneTimeCode.account_id == account.id, OneTimeCode.used_at.is_(None))
    session.execute(used.values(used_at=func.now()))
