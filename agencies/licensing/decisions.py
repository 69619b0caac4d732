"""What officers do with an application after the review: compare, decide, agree, take the security, issue.

Officer A reviews, an inspector visits, officer B decides, above a line of risk officer C agrees, a finance officer takes
the security; none of them has a tie to the agency or another stage of the case, and each was drawn at random.
Every function locks the agency and the application first, so of two officers at once only one wins.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider import assignment, matches, risk
from agencies.insider.status import Stage
from agencies.licensing import documents, due, fees, policies, rules
from agencies.licensing.evidence import changed, make_void
from agencies.licensing.issue import issue_licence
from agencies.licensing.models import (
    Licence,
    LicenceApplication,
    LicenceMatch,
)
from agencies.licensing.reviewing import Defect as Defect
from agencies.licensing.reviewing import Recommend as Recommend
from agencies.licensing.reviewing import ReturnDefects as ReturnDefects
from agencies.licensing.reviewing import ask_visit as ask_visit
from agencies.licensing.reviewing import give_back as give_back
from agencies.licensing.reviewing import recommend as recommend
from agencies.licensing.reviewing import return_defects as return_defects
from agencies.licensing.reviewing import take as take
from agencies.licensing.securing import SecurityState as SecurityState
from agencies.licensing.securing import security_state as security_state
from agencies.licensing.services import refuse_blacklisted
from agencies.licensing.status import APPLICATION, MatchKind, Procedure, SecurityKind
from agencies.register import namesakes
from agencies.renewal import renewing, testing
from agencies.renewal.status import Occasion
from agencies.sanctions.orders import appeal_time
from agencies.sanctions.queries import match_blacklist
from agencies.security.instruments import Paper, keep_recorded
from agencies.security.models import SecurityInstrument
from core import audit
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import DomainError
from core.i18n import _l, format_money
from core.money import Money
from core.owners import tell_owners
from core.permissions import SubjectKind


@dataclass(frozen=True, slots=True)
class Approve:
    """The approver's own decision: securities (never below a certain law row) and the last day of validity."""

    reason: str
    cash: Money
    guarantee: Money
    valid_until: date
    valid_until_reason: str


RecordSecurity = Paper
# The message that tells an agency that there is news of its application; it names nobody and no fact.
NEWS = "application_news"


def refuse_listed_people(session: Session, held: policies.Held) -> None:
    """Look at the blacklist again at the last moment: it may have grown since the application was sent.

    :raises DomainError: when the agency, or a director whom no approver has cleared, stands on it now.
    """
    refuse_blacklisted(session, held.agency.id)
    cleared = {
        (m.director_id, m.listed_person_id)
        for m in session.scalars(
            select(LicenceMatch).where(
                LicenceMatch.application_id == held.application.id, LicenceMatch.dismissed_by.is_not(None)
            )
        )
    }
    if any((m.director_id, m.listed_person_id) not in cleared for m in match_blacklist(session, held.agency.id)):
        raise DomainError(_l("A director is, or may be, on the blacklist now. Send it back to the reviewer."))
    if matches.note_matches(session, held.application, held.agency):
        raise DomainError(
            _l(
                "A person or a bank account of this agency is also a blacklisted agency’s. Send it back to the reviewer."
            )
        )


def send_back(session: Session, actor: Actor, application_id: UUID, reason: str) -> LicenceApplication:
    """Officer B asks the reviewer to look again."""
    held = policies.find_for_stage(session, actor, application_id, Stage.DECISION)
    APPLICATION.apply(session, held.application, "send_back", actor=actor, reason=reason)
    assignment.keep_or_assign(session, held.application, held.agency, Stage.REVIEW)
    return held.application


def approve(session: Session, actor: Actor, application_id: UUID, command: Approve) -> LicenceApplication:
    """Officer B approves and sets what the licence needs. Above the line of risk a second approver must agree.

    When the facts are no longer the ones that were found fit, nothing is approved: the application goes back to the
    review, and comes back from here in that state.

    :raises DomainError: when the securities lie below a certain law row, or the last day does not lie ahead.
    """
    held = policies.find_for_stage(session, actor, application_id, Stage.DECISION)
    if changed(session, held.application, held.agency):
        make_void(session, held.application, held.agency, actor=actor, what="found at the decision")
        return held.application
    refuse_listed_people(session, held)
    namesakes.refuse_uncleared(session, held.agency)
    today = legal_today(session)
    terms = rules.class_terms(held.application.licence_class or "", today)
    if command.valid_until <= today:
        raise DomainError(_l("The last day must lie in the future."), field="valid_until")
    if not command.valid_until_reason.strip():
        raise DomainError(_l("Please give a reason."), field="valid_until_reason")
    if terms is not None and terms.certain:
        _refuse_below(command, terms)
    application = held.application
    if application.procedure is Procedure.RENEWAL:
        renewing.refuse_end(session, application, command.valid_until)
    assessed = risk.assess(session, application, held.agency)
    evidence = {
        "risk": assessed.as_evidence(),
        "evidence_hash": application.evidence_hash,
        "law": None if terms is None else terms.evidence,
        "validity_law": rules.validity_known(today),
        "cash_minor": command.cash.minor,
        "guarantee_minor": command.guarantee.minor,
        "currency": command.cash.currency,
        "valid_until": command.valid_until,
        "valid_until_reason": command.valid_until_reason,
        **testing.take(session, application, Occasion.APPROVED),
    }
    _write_decision(session, application, actor, command)
    if not assessed.needs_second:
        evidence |= documents.letter_of_intent(session, actor, application, held.agency)
    action = "approve_first" if assessed.needs_second else "approve"
    with session.no_autoflush:
        APPLICATION.apply(session, application, action, actor=actor, reason=command.reason, evidence=evidence)
    if assessed.needs_second:
        assignment.assign(session, application, held.agency, Stage.SECOND)
    return application


def _write_decision(session: Session, application: LicenceApplication, actor: Actor, command: Approve) -> None:
    """The check in the table wants these before the status moves."""
    application.second_approver_id = None
    application.decided_by, application.decided_at = actor.require_account(), db_now(session)
    application.decision_reason = command.reason
    application.security_currency = command.cash.currency
    application.security_cash_minor = command.cash.minor
    application.security_guarantee_minor = command.guarantee.minor
    application.valid_until = command.valid_until
    application.valid_until_reason = command.valid_until_reason


def confirm(session: Session, actor: Actor, application_id: UUID, reason: str) -> LicenceApplication:
    """Officer C agrees with the approval, having seen what speaks for caution."""
    held = policies.find_for_stage(session, actor, application_id, Stage.SECOND)
    if changed(session, held.application, held.agency):
        make_void(session, held.application, held.agency, actor=actor, what="found at the second approval")
        return held.application
    refuse_listed_people(session, held)
    assessed = risk.assess(session, held.application, held.agency)
    evidence = {"risk": assessed.as_evidence(), **testing.take(session, held.application, Occasion.AGREED)}
    if reason.strip():
        evidence |= documents.letter_of_intent(session, actor, held.application, held.agency)
    APPLICATION.apply(session, held.application, "confirm", actor=actor, reason=reason, evidence=evidence)
    return held.application


def disagree(session: Session, actor: Actor, application_id: UUID, reason: str) -> LicenceApplication:
    """Officer C does not agree: what officer B decided no longer counts, and the reviewer looks again."""
    held = policies.find_for_stage(session, actor, application_id, Stage.SECOND)
    APPLICATION.apply(session, held.application, "disagree", actor=actor, reason=reason)
    held.application.decided_by = held.application.decided_at = held.application.decision_reason = None
    session.flush()
    assignment.keep_or_assign(session, held.application, held.agency, Stage.REVIEW)
    return held.application


def _refuse_below(command: Approve, terms: rules.ClassTerms) -> None:
    """The office may ask for more than the law, never for less. More cash may stand in for the guarantee."""
    if command.cash.minor < terms.cash.minor:
        raise DomainError(
            _l("The law asks for at least %(amount)s in cash.", amount=format_money(terms.cash)), field="cash"
        )
    if (command.cash + command.guarantee).minor < terms.total.minor:
        raise DomainError(
            _l("The law asks for at least %(amount)s in all.", amount=format_money(terms.total)), field="guarantee"
        )


def refuse(session: Session, actor: Actor, application_id: UUID, reason: str) -> LicenceApplication:
    """Officer B refuses, with reasons that the agency reads."""
    held = policies.find_for_stage(session, actor, application_id, Stage.DECISION)
    return _refuse(session, actor, held, reason, "refuse")


def _refuse(session: Session, actor: Actor, held: policies.Held, reason: str, action: str) -> LicenceApplication:
    """Refuse in writing, with the last day to appeal and the law row that names it."""
    if not reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    application, time = held.application, appeal_time(legal_today(session))
    application.appeal_until, application.appeal_certain = time.until, time.certain
    application.appeal_law, application.refused_at_stop = time.evidence, action == "refuse_stopped"
    evidence = {"appeal_until": time.until, "appeal_law": time.evidence}
    evidence |= documents.refusal(session, actor, application, held.agency, reason)
    APPLICATION.apply(session, application, action, actor=actor, reason=reason, evidence=evidence)
    application.decided_by, application.decided_at = actor.require_account(), db_now(session)
    application.decision_reason = reason
    session.flush()
    tell_owners(session, SubjectKind.AGENCY, held.agency.id, NEWS)
    return application


def release(session: Session, actor: Actor, application_id: UUID, reason: str) -> LicenceApplication:
    """An approver has compared: not the same person, no name to be mistaken. The same identity paper can't be waved through.

    :raises DomainError: when a director has the identity paper of a blacklisted person.
    """
    held = policies.find_for_stage(session, actor, application_id, Stage.CHECK)
    found = session.scalars(
        select(LicenceMatch).where(LicenceMatch.application_id == application_id, LicenceMatch.dismissed_by.is_(None))
    ).all()
    if any(m.kind is MatchKind.IDENTIFIER for m in found):
        raise DomainError(_l("This is the identity paper of a person on the blacklist. It can’t be let go on."))
    names = namesakes.uncleared(session, application_id)
    shared = matches.dismiss(session, application_id, actor.require_account())
    evidence = {"matches": [m.id for m in found], "shared": shared, "namesakes": [n.other_agency_id for n in names]}
    APPLICATION.apply(session, held.application, "release", actor=actor, reason=reason, evidence=evidence)
    for match in found:
        match.dismissed_by = actor.require_account()
    for name in names:
        name.cleared_by = actor.require_account()
    held.application.approver_id = None
    session.flush()
    assignment.keep_or_assign(session, held.application, held.agency, Stage.REVIEW)
    return held.application


def refuse_stopped(session: Session, actor: Actor, application_id: UUID, reason: str) -> LicenceApplication:
    """An approver has compared the two people: the same. The reason that is given here is what the agency reads."""
    held = policies.find_for_stage(session, actor, application_id, Stage.CHECK)
    return _refuse(session, actor, held, reason, "refuse_stopped")


def record_security(
    session: Session, actor: Actor, application_id: UUID, command: RecordSecurity
) -> SecurityInstrument:
    """A finance officer records one deposit or guarantee against its bank paper; it counts once the bank confirms it.

    :raises DomainError: when the paper was recorded before, or a guarantee ends before the licence.
    """
    held = policies.find_for_finance(session, actor, application_id)
    application = held.application
    # To the last day at least; that it should reach past it is the office's wish, not the law's, and is warned of.
    if command.kind is SecurityKind.GUARANTEE and (
        command.guarantee_until is None or command.guarantee_until < (application.valid_until or date.max)
    ):
        raise DomainError(_l("The guarantee must last at least as long as the licence."), field="guarantee_until")
    security = keep_recorded(session, actor, held.agency, command, application_id=application_id)
    audit.record(
        session,
        actor,
        subject=("licence_application", application_id),
        action="record_security",
        evidence={"security_id": security.id, "kind": command.kind, "amount_minor": command.amount.minor},
    )
    due.reconsider(session, application)
    return security


def issue(session: Session, actor: Actor, application_id: UUID) -> Licence:
    """The security is complete: the licence comes into force, or is renewed, with its signed document.

    :raises DomainError: while something is missing.
    """
    held = policies.find_for_finance(session, actor, application_id)
    application = held.application
    if changed(session, application, held.agency):
        raise DomainError(_l("The facts have changed since the approval. The application goes back to the review."))
    refuse_listed_people(session, held)
    state = security_state(session, application)
    if state is None or not state.complete:
        missing = format_money(state.missing) if state else ""
        raise DomainError(_l("The security is not complete: %(amount)s is missing.", amount=missing))
    fees.refuse_unpaid(session, application)
    if application.procedure is Procedure.RENEWAL:
        return renewing.finish(session, actor, application, held.agency)
    APPLICATION.apply(session, application, "issue", actor=actor)
    return issue_licence(session, actor, application, held.agency)
