"""Deciding on an identity: by rule when everything fits, else by an officer of the area, with the reasons side by side."""

from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import messages
from core.accounts import UserAccount
from core.actor import SYSTEM, Actor
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.permissions import Permission
from law.country import deployment, due_after
from migrants.identity.document import DocumentVerifier
from migrants.identity.port import Claim, Outcome, Reason, RegisterDown, Verifier
from migrants.registration.duplicates import Candidate, find_candidates
from migrants.registration.models import IdentityCheck, Migrant, Passport
from migrants.registration.policies import may_close_passed, may_protect, may_review
from migrants.registration.status import PROTECTING, CheckVerdict, MigrantStatus, PhotoState, migrant_workflow
from migrants.registration.telling import tell_of_change


def age_on(birth: date, day: date) -> int:
    """Whole years; who is born on 29 February has the birthday on 1 March in other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


VERIFIERS: list[Verifier] = [DocumentVerifier()]


def evaluate(session: Session, actor: Actor, migrant: Migrant, passport: Passport | None) -> None:
    """Check a record that was just sent. While its photo is being read it waits; the reader's job comes back here.

    The age is a service standard, not law (the law file knows no general minimum age): a young person is never refused
    by rule, somebody from child protection talks with them.
    """
    today = legal_today(session)
    birth = date.fromisoformat(migrant.birth_date or "")
    if age_on(birth, today) < deployment().standard("adult_age"):
        _refer_minor(session, migrant)
        return
    if passport is None or passport.photo_state is PhotoState.WAITING:
        return
    migrant.due_on = due_after(today, "identity_review_days")
    claim = claim_of(migrant, passport, today)
    try:
        outcomes = [(verifier.name, verifier.check(claim)) for verifier in VERIFIERS]
    except RegisterDown:
        migrant_workflow.apply(session, migrant, "wait_for_register", actor=SYSTEM)
        return
    outcomes.append(("contact", _contact(session, migrant)))
    for name, outcome in outcomes:
        _note(session, migrant, passport, name, outcome)
    _sort(session, migrant, passport, [outcome for _name, outcome in outcomes])


def _sort(session: Session, migrant: Migrant, passport: Passport, outcomes: list[Outcome]) -> None:
    """Verified by rule when everything fits and nobody else is the same person; an officer's in every other case."""
    if _note_candidates(session, migrant, passport):
        migrant_workflow.apply(session, migrant, "find_duplicate", actor=SYSTEM)
    elif any(outcome.verdict is not CheckVerdict.MATCH for outcome in outcomes):
        migrant_workflow.apply(session, migrant, "find_mismatch", actor=SYSTEM)
    elif claim_number(session, passport):
        score = min(outcome.score for outcome in outcomes)
        migrant_workflow.apply(session, migrant, "match", actor=SYSTEM, evidence={"score": score})
        _raise_level(migrant)
        migrant_workflow.apply(session, migrant, "verify", actor=SYSTEM, evidence={"level": 1, "verifier": "document"})
    else:
        # Somebody else's registration with this passport was verified in the same moment; it can be seen now.
        _note_candidates(session, migrant, passport)
        migrant_workflow.apply(session, migrant, "find_duplicate", actor=SYSTEM)


def _note_candidates(session: Session, migrant: Migrant, passport: Passport) -> bool:
    """Write down who may be the same person, and tell those who hold the details already. Whether there is anyone."""
    candidates = find_candidates(session, migrant, passport)
    for candidate in candidates[:5]:
        duplicate = Outcome(CheckVerdict.DUPLICATE, candidate.score, candidate.reasons)
        _note(session, migrant, passport, "duplicates", duplicate, other_id=candidate.migrant_id)
    _tell_owners(session, candidates)
    return bool(candidates)


def _contact(session: Session, migrant: Migrant) -> Outcome:
    """No telephone is needed to register, but then an officer looks: by rule alone, records could be made in heaps."""
    account = session.get(UserAccount, migrant.account_id) if migrant.account_id else None
    confirmed = account is not None and account.phone_confirmed_at is not None
    verdict = CheckVerdict.MATCH if confirmed else CheckVerdict.UNKNOWN
    return Outcome(verdict, 100 if confirmed else 0, (Reason("phone_confirmed", confirmed),))


def ask_registers_again(session: Session, limit: int = 200) -> int:
    """Check those whose register did not answer once more; gives how many were looked at."""
    waiting = session.scalars(
        select(Migrant)
        .where(Migrant.status == MigrantStatus.EXTERNAL_PENDING)
        .order_by(Migrant.submitted_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for migrant in waiting:
        passport = session.scalars(
            select(Passport).where(Passport.migrant_id == migrant.id, Passport.is_current)
        ).one_or_none()
        migrant_workflow.apply(session, migrant, "resume", actor=SYSTEM)
        evaluate(session, SYSTEM, migrant, passport)
    return len(waiting)


def claim_of(migrant: Migrant, passport: Passport, today: date) -> Claim:
    """What the person says, opened for one check."""
    return Claim(
        full_name=migrant.full_name or "",
        latin_name=migrant.latin_name or "",
        birth_date=date.fromisoformat(migrant.birth_date or ""),
        sex=migrant.sex or "",
        document_number=passport.document_number or "",
        mrz=passport.mrz,
        photo_mrz=passport.photo_mrz,
        today=today,
        nationality=deployment().code,
        photo_page=passport.photo_page,
    )


def _raise_level(migrant: Migrant) -> None:
    migrant.level = max(migrant.level, 1)
    migrant.due_on = None


def claim_number(session: Session, passport: Passport) -> bool:
    """Take the passport number for this person; the database lets one person alone have it."""
    try:
        with session.begin_nested():
            passport.verified_at = db_now(session)
            session.flush()
    except IntegrityError:
        session.refresh(passport)
        return False
    return True


def _refer_minor(session: Session, migrant: Migrant) -> None:
    """No refusal and no automatism: somebody from child protection talks with the person."""
    outcome = Outcome(CheckVerdict.MINOR, 0, (Reason("under_age", False),))
    _note(session, migrant, None, "age", outcome)
    migrant.due_on = due_after(legal_today(session), "child_protection_days")
    migrant_workflow.apply(session, migrant, "refer_minor", actor=SYSTEM)


def _note(
    session: Session,
    migrant: Migrant,
    passport: Passport | None,
    verifier: str,
    outcome: Outcome,
    *,
    other_id: UUID | None = None,
) -> None:
    session.add(
        IdentityCheck(
            migrant_id=migrant.id,
            passport_id=passport.id if passport else None,
            verifier=verifier,
            verdict=outcome.verdict,
            score=max(0, min(100, outcome.score)),
            reasons=[asdict(reason) for reason in outcome.reasons],
            other_id=other_id,
        )
    )
    session.flush()


def _tell_owners(session: Session, candidates: list[Candidate]) -> None:
    """Whoever holds the number already is told, out of band; who typed it sees nothing of that."""
    for candidate in candidates[:3]:
        account = session.scalars(
            select(UserAccount)
            .join(Migrant, Migrant.account_id == UserAccount.id)
            .where(Migrant.id == candidate.migrant_id)
        ).one_or_none()
        if account is not None and account.phone_confirmed_at is not None:
            messages.send(session, template="details_used", account=account)


def decide(session: Session, actor: Actor, migrant_id: UUID, action: str, reason: str) -> Migrant:
    """An officer's decision on a record of the own area.

    :raises NotVisible: when the record is not one of the officer's.
    :raises DomainError: when the passport number is another verified person's.
    """
    migrant = session.get(Migrant, migrant_id, with_for_update=True, populate_existing=True)
    needed = migrant_workflow.transitions.get(action)
    if migrant is None or needed is None or needed.permission is None or action in PROTECTING:
        raise NotVisible
    if not (may_review(actor, migrant, needed.permission) or may_protect(actor, migrant)):
        # Who may look at the record but not take this step is told so; all others see nothing.
        if not may_review(actor, migrant):
            raise NotVisible
        actor.require(needed.permission, migrant.office_id)
        raise NotVisible
    if migrant.status is MigrantStatus.PASSED_ON and not may_close_passed(
        actor, migrant, passed_by(session, migrant.id)
    ):
        raise Denied(_l("An approver who did not pass it on decides this."))
    passport = session.scalars(
        select(Passport).where(Passport.migrant_id == migrant.id, Passport.is_current)
    ).one_or_none()
    if action == "accept":
        _accept(session, migrant, passport)
    if action == "merge":
        migrant.merged_into = _strongest_twin(session, migrant)
    migrant_workflow.apply(session, migrant, action, actor=actor, reason=reason, office_id=migrant.office_id)
    if migrant.status is MigrantStatus.MORE_ASKED:
        migrant.due_on = None
    if migrant.status is MigrantStatus.PASSED_ON:
        migrant.due_on = due_after(legal_today(session), "identity_review_days")
        # Nothing has changed for the person: an officer looks at it, as before.
        return migrant
    tell_of_change(session, migrant.id)
    return migrant


def passed_by(session: Session, migrant_id: UUID) -> UUID | None:
    """Who passed the record on to an approver, the last time."""
    return session.scalar(
        select(AuditEvent.actor_account_id)
        .where(
            AuditEvent.subject_kind == "migrant", AuditEvent.subject_id == migrant_id, AuditEvent.action == "pass_on"
        )
        .order_by(AuditEvent.at.desc())
        .limit(1)
    )


def _accept(session: Session, migrant: Migrant, passport: Passport | None) -> None:
    if passport is None or not passport.document_number:
        raise DomainError(_l("There is no passport to verify. Ask for it first."))
    if passport.verified_at is None and not claim_number(session, passport):
        raise DomainError(_l("This passport number is verified for another person. Compare the two records first."))
    _raise_level(migrant)


def _strongest_twin(session: Session, migrant: Migrant) -> UUID:
    twin = session.scalars(
        select(IdentityCheck.other_id)
        .where(IdentityCheck.migrant_id == migrant.id, IdentityCheck.other_id.is_not(None))
        .order_by(IdentityCheck.score.desc())
        .limit(1)
    ).one_or_none()
    if twin is None:
        raise DomainError(_l("No other record was found for this person."))
    return twin


def decidable_by(actor: Actor, migrant: Migrant) -> bool:
    """Whether any decision on this record is the actor's."""
    return (
        may_review(actor, migrant)
        or may_review(actor, migrant, Permission.IDENTITY_APPROVE)
        or may_protect(actor, migrant)
    )
