"""An existing licensee claims its imported record: by a code to the registered contact, or by a paper code of an office.

A request is answered alike, and takes the same way through the database, whether the number and the contact are known or
not: who is asked for is looked up by the worker alone.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.importing.models import AgencyClaim, ImportedRecord
from agencies.importing.status import AGENCY_CLAIM, ClaimStatus, ClaimWay, ImportKind
from agencies.licensing.models import Licence
from agencies.licensing.numbers import number_key
from agencies.registration.models import Agency
from core import audit, messages, signup
from core.accounts import (
    Membership,
    NewAccount,
    StaffPosting,
    UserAccount,
    actor_for,
    add_membership,
    create_account,
    find_account,
    open_session,
    token_hash,
)
from core.actor import SYSTEM, Actor
from core.contact import normal_email, normal_phone
from core.db import db_now
from core.errors import DomainError, TooLate
from core.i18n import _l, current_locale
from core.ids import parse_reference
from core.jobs import enqueue
from core.lifetimes import lifetimes
from core.permissions import SubjectKind
from core.privacy import derived_key, new_person
from core.throttle import count, hit, seen
from law.country import deployment

SEND = "importing.send_claim_code"
WRONG = _l("This code is not right, was used, or is too old. Ask for a new one, or go to the office with your papers.")
OWNED = _l("This agency has an owner already. If that is not you, go to the office with your papers.")


@dataclass(frozen=True, slots=True)
class Ask:
    """``contact`` is the e-mail address or telephone that the old register has."""

    number: str
    contact: str


@dataclass(frozen=True, slots=True)
class NewOwner:
    """``email`` is asked for with a paper code alone: the registered contact is the sign-in otherwise."""

    name: str
    password: str
    email: str | None = None


def normal_contact(text: str) -> str:
    """
    :raises DomainError: for what is neither an e-mail address nor a telephone number.
    """
    try:
        return normal_email(text) if "@" in text else normal_phone(text)
    except DomainError as error:
        raise DomainError(error.message, field="contact") from None


def ask(session: Session, command: Ask, *, address: str) -> UUID:
    """Keep the request and let the worker send a code, if there is anybody to send it to.

    :param address: where the request comes from, for the limit.
    :raises TooMany: when one number, contact or place asks too often.
    """
    contact, number = normal_contact(command.contact), number_key(command.number)
    hit("claim-number", number, limit=5, seconds=3600)
    hit("claim-contact", contact, limit=5, seconds=3600)
    hit("claim-place", address, limit=20, seconds=3600)
    minutes = int(deployment().standard("code_minutes"))
    claim = AgencyClaim(
        person_key_id=new_person(session).id,
        way=ClaimWay.CONTACT,
        number_asked=number,
        expires_at=db_now(session) + timedelta(minutes=minutes),
    )
    claim.contact = contact
    session.add(claim)
    session.flush()
    enqueue(session, SEND, claim_id=str(claim.id), locale=current_locale())
    return claim.id


def send_code(session: Session, claim_id: UUID, locale: str) -> None:
    """Send the code when licence number and registered contact belong together and nobody owns the agency. Runs once."""
    claim = session.get(AgencyClaim, claim_id, with_for_update=True)
    if claim is None or claim.status is not ClaimStatus.ASKED or claim.code_hash is not None:
        return
    agency_id = _meant(session, claim.number_asked or "", claim.contact or "")
    if agency_id is None or has_owner(session, agency_id):
        return
    code = f"{secrets.randbelow(1_000_000):06d}"
    claim.agency_id, claim.code_hash = agency_id, _hash(claim.id, code)
    contact = claim.contact or ""
    messages.send(
        session,
        template="code",
        email=contact if "@" in contact else None,
        phone=None if "@" in contact else contact,
        person_key_id=claim.person_key_id,
        locale=locale,
        code=code,
        minutes=int(deployment().standard("code_minutes")),
    )


def _hash(claim_id: UUID, code: str) -> bytes:
    return hmac.new(derived_key("claims"), claim_id.bytes + code.encode(), sha256).digest()


def _meant(session: Session, number: str, contact: str) -> UUID | None:
    """The agency of an imported licence with this number, whose line in the old register names this contact."""
    rows = session.execute(
        select(Licence.number, Licence.agency_id).where(Licence.imported_record_id.is_not(None))
    ).all()
    meant = {agency_id for written, agency_id in rows if number_key(written) == number}
    records = session.scalars(
        select(ImportedRecord).where(ImportedRecord.kind == ImportKind.AGENCIES, ImportedRecord.target_id.in_(meant))
    ).all()
    found = {r.target_id for r in records if contact in registered_contacts(r)}
    return found.pop() if len(found) == 1 else None


def registered_contacts(record: ImportedRecord) -> frozenset[str]:
    """E-mail and telephone as the old register has them, not as somebody may have changed them here."""
    facts = json.loads(record.personal or "{}")
    return frozenset(filter(None, (facts.get("email"), facts.get("phone"))))


def has_owner(session: Session, agency_id: UUID) -> bool:
    owner = exists().where(
        Membership.kind == SubjectKind.AGENCY,
        Membership.subject_id == agency_id,
        Membership.is_owner,
        Membership.ended_at.is_(None),
    )
    return bool(session.scalar(select(owner)))


def prove(session: Session, claim_id: UUID, code: str) -> AgencyClaim:
    """The code from the registered contact. A few wrong tries end it.

    :raises DomainError: one sentence, whatever was wrong, also where no code was ever sent.
    """
    claim = session.get(AgencyClaim, claim_id, with_for_update=True)
    live = (
        claim is not None
        and claim.status is ClaimStatus.ASKED
        and claim.expires_at is not None
        and claim.expires_at > db_now(session)
        and seen("claim-tries", str(claim_id)) < lifetimes().code_tries
    )
    if claim is None or not live or not hmac.compare_digest(claim.code_hash or b"", _hash(claim_id, code)):
        count("claim-tries", str(claim_id), seconds=3600)
        raise DomainError(WRONG, field="code")
    AGENCY_CLAIM.apply(session, claim, "prove", actor=SYSTEM, evidence={"agency_id": claim.agency_id})
    claim.expires_at = db_now(session) + timedelta(minutes=int(deployment().standard("claim_form_minutes")))
    session.flush()
    return claim


def use_paper(session: Session, *, reference: str, code: str, address: str) -> UUID:
    """The agency's reference and the paper code of the office; gives the claim.

    :raises DomainError: one sentence, whatever was wrong.
    """
    hit("claim-paper", reference, limit=10, seconds=3600)
    hit("claim-place", address, limit=20, seconds=3600)
    claim = session.scalars(
        select(AgencyClaim)
        .join(Agency, Agency.id == AgencyClaim.agency_id)
        .where(
            Agency.reference == (parse_reference(reference) or ""),
            AgencyClaim.code_hash == token_hash(code.strip().lower()),
            AgencyClaim.status == ClaimStatus.HANDED_OVER,
            AgencyClaim.expires_at > db_now(session),
        )
    ).one_or_none()
    if claim is None:
        raise DomainError(WRONG, field="code")
    return claim.id


def take_over(
    session: Session, claim_id: UUID, command: NewOwner | None, *, actor: Actor | None = None, agent: str = ""
) -> tuple[Agency, str | None]:
    """Make the person the owner: a new account, or the one that is signed in. Gives the agency and a session's token.

    :raises TooLate: when the claim was used, is too old, or the agency has an owner by now.
    :raises DomainError: for a member of staff, or who acts for an agency already.
    """
    agency_id = session.scalar(select(AgencyClaim.agency_id).where(AgencyClaim.id == claim_id))
    if agency_id is None:
        raise TooLate(WRONG)
    agency = session.get_one(Agency, agency_id, with_for_update=True)
    claim = session.get_one(AgencyClaim, claim_id, with_for_update=True, populate_existing=True)
    if (
        not AGENCY_CLAIM.allows(claim.status, "claim")
        or claim.expires_at is None
        or claim.expires_at <= db_now(session)
    ):
        raise TooLate(WRONG)
    if has_owner(session, agency.id):
        raise TooLate(OWNED)
    if actor is not None:
        account = session.get_one(UserAccount, actor.require_account(), with_for_update=True)
        _refuse_account(session, account)
        token = None
    else:
        assert command is not None
        account = _new_account(session, claim, command)
        token = open_session(session, account, agent=agent)
    add_membership(
        session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True, added_by=claim.handed_over_by
    )
    own = actor_for(session, account)
    AGENCY_CLAIM.apply(session, claim, "claim", actor=own, evidence={"agency_id": agency.id, "account_id": account.id})
    claim.account_id, claim.claimed_at, claim.code_hash = account.id, db_now(session), None
    evidence = {"claim_id": claim.id, "way": claim.way, "account_id": account.id}
    audit.record(session, own, subject=("agency", agency.id), action="claim", evidence=evidence)
    session.flush()
    return agency, token


def _refuse_account(session: Session, account: UserAccount) -> None:
    staff = exists().where(StaffPosting.account_id == account.id, StaffPosting.ended_at.is_(None))
    if session.scalar(select(staff)):
        raise DomainError(_l("An officer can’t own an agency."))
    acts = exists().where(
        Membership.account_id == account.id, Membership.kind == SubjectKind.AGENCY, Membership.ended_at.is_(None)
    )
    if session.scalar(select(acts)):
        raise DomainError(_l("You act for an agency already."))


def _new_account(session: Session, claim: AgencyClaim, command: NewOwner) -> UserAccount:
    """The registered contact becomes the sign-in; with a paper code the person names an e-mail address."""
    contact = claim.contact if claim.way is ClaimWay.CONTACT else command.email
    if not contact:
        raise DomainError(_l("Write your e-mail address."), field="email")
    if "@" not in contact:
        account = create_account(session, _account(command, phone=contact))
        account.phone_confirmed_at = db_now(session)
        return account
    proved = claim.way is ClaimWay.CONTACT
    known = find_account(session, contact)
    if known is not None and proved and not signup.signs_in_already(known):
        # A sign-up that was begun and never finished; the code has proved the address now.
        _refuse_account(session, known)
        known.email_confirmed_at = db_now(session)
        return signup.complete(session, known.id, person=command.name, password=command.password)
    if known is not None:
        raise DomainError(_l("This e-mail address has an account. Sign in, then open this page again."), field="name")
    account = create_account(session, _account(command, email=contact))
    account.email_confirmed_at = db_now(session) if proved else None
    return account


def _account(command: NewOwner, *, email: str | None = None, phone: str | None = None) -> NewAccount:
    return NewAccount(
        display_name=command.name, password=command.password, email=email, phone=phone, locale=current_locale()
    )
