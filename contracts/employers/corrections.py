"""Correcting an employer's data: proposed with evidence by its owner, decided by the mission.

Who signs, and how they are reached, was seen by the mission. A change of either is seen anew, as at first; until the mission has
decided nothing can be signed.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers.correction_models import EmployerCorrection, FormerSignatory
from contracts.employers.correction_status import CORRECTION, CorrectionKind, CorrectionStatus
from contracts.employers.models import Employer
from contracts.employers.policies import find, find_own, is_mission_of
from contracts.employers.services import CONTACT_OF_AGENCY, contact_ties
from contracts.employers.signatory import is_current, people
from contracts.interests import refuse_interest
from core import audit
from core.accounts import UserAccount
from core.actor import Actor
from core.contact import normal_email, normal_phone
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible
from core.files import store_upload
from core.i18n import _l
from core.owners import tell_owners
from core.permissions import SubjectKind
from core.privacy import blind_index
from law.country import due_if_set

_S = CorrectionStatus
DETAILS = ("name", "city", "address", "sector")
MESSAGE = "employer_news"


@dataclass(frozen=True, slots=True)
class Details:
    """How it is to be written from now on; ``evidence``: a photo or PDF that shows it."""

    name: str
    city: str
    address: str
    sector: str
    why: str
    evidence: bytes


@dataclass(frozen=True, slots=True)
class Signatory:
    """``account_id``: one of the employer's people, perhaps the one who signs now."""

    account_id: UUID
    name: str
    title: str
    phone: str
    why: str
    evidence: bytes


def _own(session: Session, actor: Actor, *, lock: bool = True) -> Employer:
    """
    :raises NotVisible: for whoever is no owner of an employer.
    """
    employer = find_own(session, actor, lock=lock)
    if not actor.owns(SubjectKind.EMPLOYER, employer.id):
        raise NotVisible
    return employer


def propose_details(session: Session, actor: Actor, command: Details) -> EmployerCorrection:
    """
    :raises DomainError: when nothing changes, or such a correction waits already.
    """
    employer = _own(session, actor)
    changed = [n for n in DETAILS if getattr(command, n).strip() != (getattr(employer, n) or "")]
    if not changed:
        raise DomainError(_l("Nothing changes by this."))
    return _propose(
        session, actor, employer, CorrectionKind.DETAILS, command.why, command.evidence, person_key_id=employer.person_key_id,
        before={n: getattr(employer, n) or "" for n in changed}, after={n: getattr(command, n).strip() for n in changed},
    )  # fmt: skip


def propose_signatory(session: Session, actor: Actor, command: Signatory) -> EmployerCorrection:
    """Another signatory, or another way to write or to reach the one who signs. From now on nothing is signed before the mission
    has decided.

    :raises DomainError: when nothing changes, such a correction waits already, or the person has proved no e-mail address.
    """
    employer = _own(session, actor)
    if command.account_id not in {account.id for account in people(session, employer.id)}:
        raise DomainError(_l("Choose one of your people."), field="person")
    account = session.get_one(UserAccount, command.account_id)
    if account.email is None or account.email_confirmed_at is None:
        raise DomainError(_l("This person has proved no e-mail address."), field="person")
    email, phone = normal_email(account.email), normal_phone(command.phone)
    now = (employer.signatory_account_id, employer.signatory_name, employer.signatory_title, employer.signatory_phone)
    if now == (account.id, command.name, command.title, phone) and employer.signatory_email == email:
        raise DomainError(_l("Nothing changes by this."))
    made = _propose(
        session, actor, employer, CorrectionKind.SIGNATORY, command.why, command.evidence, person_key_id=account.person_key_id,
        signatory_account_id=account.id, signatory_title=command.title,
    )  # fmt: skip
    made.name, made.phone, made.email = command.name, phone, email
    session.flush()
    return made


def _propose(
    session: Session, actor: Actor, employer: Employer, kind: CorrectionKind, why: str, evidence: bytes, *,
    person_key_id: UUID, **values: Any,
) -> EmployerCorrection:  # fmt: skip
    waiting = select(EmployerCorrection.id).where(
        EmployerCorrection.employer_id == employer.id,
        EmployerCorrection.kind == kind,
        EmployerCorrection.status == _S.PROPOSED,
    )
    if session.scalar(waiting) is not None:
        raise DomainError(_l("A correction of this kind waits already. Wait for the answer, or withdraw it."))
    stored = store_upload(session, actor, evidence, purpose="employer.correction", person_key_id=person_key_id)
    made = EmployerCorrection(
        person_key_id=person_key_id, employer_id=employer.id, kind=kind, why=why, evidence_id=stored.id,
        proposed_by=actor.require_account(), due_on=due_if_set(legal_today(session), "accreditation_mission_days"), **values,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, actor, subject=(CORRECTION.name, made.id), action="propose", reason=why, to_status=_S.PROPOSED,
        evidence={"employer_id": employer.id, "kind": kind, "fields": sorted(made.after)},
    )  # fmt: skip
    return made


def withdraw(session: Session, actor: Actor, correction_id: UUID) -> EmployerCorrection:
    """The employer takes it back: what stood before holds on."""
    employer = _own(session, actor)
    made = session.get(EmployerCorrection, correction_id, with_for_update=True, populate_existing=True)
    if made is None or made.employer_id != employer.id:
        raise NotVisible
    CORRECTION.apply(session, made, "withdraw", actor=actor, reason="withdrawn by the employer")
    made.due_on = None
    return made


def find_correction(
    session: Session, actor: Actor, correction_id: UUID, *, lock: bool = False
) -> tuple[EmployerCorrection, Employer]:
    """With ``lock`` the employer is held first, then the correction.

    :raises NotVisible: when there is none for this actor.
    """
    employer_id = session.scalar(select(EmployerCorrection.employer_id).where(EmployerCorrection.id == correction_id))
    if employer_id is None:
        raise NotVisible
    employer = find(session, actor, employer_id, lock=lock)
    return session.get_one(EmployerCorrection, correction_id, with_for_update=lock, populate_existing=lock), employer


def decide(session: Session, actor: Actor, correction_id: UUID, action: str, reason: str) -> EmployerCorrection:
    """The mission accepts what it has seen shown, or refuses it.

    :param action: ``accept`` or ``refuse``.
    :raises DomainError: for a signatory who has left, or one of whose contacts an agency controls.
    """
    if action not in ("accept", "refuse"):
        raise NotVisible
    made, employer = find_correction(session, actor, correction_id, lock=True)
    if not is_mission_of(actor, employer):
        raise Denied(_l("Only the mission in this country can do this."))
    refuse_interest(session, actor, employer_id=employer.id)
    if action == "accept" and made.status is _S.PROPOSED:
        _take_over(session, actor, employer, made)
    made.decided_by, made.due_on = actor.require_account(), None
    evidence = {"employer_id": employer.id, "kind": made.kind, "fields": sorted(made.after)}
    CORRECTION.apply(
        session, made, action, actor=actor, reason=reason, evidence=evidence, office_id=employer.mission_id
    )
    tell_owners(session, SubjectKind.EMPLOYER, employer.id, MESSAGE)
    return made


def _take_over(session: Session, actor: Actor, employer: Employer, made: EmployerCorrection) -> None:
    if made.kind is CorrectionKind.DETAILS:
        for name, value in made.after.items():
            setattr(employer, name, value)
        return
    if made.signatory_account_id is None or not is_current(session, employer.id, made.signatory_account_id):
        raise DomainError(_l("This person does not act for the employer any more. Refuse it."))
    if ties(session, made):
        raise DomainError(CONTACT_OF_AGENCY)
    former = FormerSignatory(
        person_key_id=employer.person_key_id, correction_id=made.id, account_id=employer.signatory_account_id,
        title=employer.signatory_title,
    )  # fmt: skip
    former.name, former.phone, former.email = (
        employer.signatory_name,
        employer.signatory_phone,
        employer.signatory_email,
    )
    session.add(former)
    employer.signatory_account_id, employer.signatory_title = made.signatory_account_id, made.signatory_title or ""
    # Sealed anew, with the key of the person who signs from now on.
    employer.person_key_id = made.person_key_id
    employer.signatory_name, employer.signatory_phone, employer.signatory_email = made.name, made.phone, made.email
    employer.signatory_email_index, employer.signatory_phone_index = _indexes(made)
    employer.verified_by = actor.account_id


def _indexes(made: EmployerCorrection) -> tuple[bytes | None, bytes | None]:
    """Keyed hashes of the e-mail address and the telephone number."""
    return (
        blind_index("email", made.email) if made.email else None,
        blind_index("phone", made.phone) if made.phone else None,
    )


def ties(session: Session, made: EmployerCorrection) -> list[str]:
    """Which of the proposed contacts an agency or its director controls, asked anew each time."""
    return contact_ties(session, *_indexes(made)) if made.kind is CorrectionKind.SIGNATORY else []
