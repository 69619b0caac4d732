"""Proposing a further name, comparing it, putting it in the register, taking it out again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agencies.licensing.queries import licence_for
from agencies.register.models import NameUse, RegisterName
from agencies.register.namesakes import LOCK
from agencies.register_names import likeness, policies
from agencies.register_names.models import NameProposal
from agencies.register_names.status import NAME, OPEN, PROPOSABLE, NameStatus, Script
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from core import audit
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import Denied, DomainError
from core.i18n import _l
from core.owners import tell_owners
from core.permissions import ClerkRight, Permission, SubjectKind

_S = NameStatus
# A guard against flooding the register, no figure of the law.
MOST_NAMES = 12
MESSAGE = "name_news"


@dataclass(frozen=True, slots=True)
class Propose:
    text: str
    use: NameUse
    script: Script


def propose(session: Session, actor: Actor, agency_id: UUID, command: Propose) -> NameProposal:
    """An agency proposes a name; one that looks like another agency's is stopped for an approver.

    :raises DomainError: without a licence in force, or when the letters are not those of the script.
    """
    agency = agency_policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    _in_force(session, agency.id)
    return _propose(session, actor, agency, command, by_office=False)


def propose_for(session: Session, actor: Actor, agency_id: UUID, command: Propose) -> NameProposal:
    """An officer proposes a name under which people know an agency; another officer decides.

    It needs no licence in force: people also have to find the agencies that may not recruit.
    """
    agency = policies.agency_for(session, actor, agency_id)
    return _propose(session, actor, agency, command, by_office=True)


def _in_force(session: Session, agency_id: UUID) -> None:
    standing = licence_for(session, agency_id, legal_today(session))
    if not standing.licensed:
        raise DomainError(standing.reasons[0])


def _propose(session: Session, actor: Actor, agency: Agency, command: Propose, *, by_office: bool) -> NameProposal:
    if agency.listed_at is None:
        raise DomainError(_l("This agency is not in the public register yet."))
    _refuse_shape(agency, command)
    _refuse_known(session, agency, command.text)
    proposal = NameProposal(
        agency_id=agency.id, text=command.text, use=command.use, script=command.script, by_office=by_office,
        proposed_by=actor.require_account(),
    )  # fmt: skip
    session.add(proposal)
    session.flush()
    audit.record(
        session, actor, subject=(NAME.name, proposal.id), action="propose", to_status=_S.PROPOSED,
        evidence={"agency_id": agency.id, "use": command.use, "script": command.script, "by_office": by_office},
    )  # fmt: skip
    _stop_if_alike(session, actor, proposal)
    return proposal


def _refuse_shape(agency: Agency, command: Propose) -> None:
    """
    :raises DomainError: for a kind that nobody proposes, letters of another script, or a script that needs no other name.
    """
    if command.use not in PROPOSABLE:
        raise DomainError(_l("This kind of name can’t be proposed."), field="use")
    found = likeness.scripts_of(command.text)
    if found != {command.script}:
        raise DomainError(
            _l("The name has letters of another script, or none. Write it in the script that you chose."), field="text"
        )
    registered = likeness.scripts_of(agency.name) | likeness.scripts_of(agency.name_local or "")
    if command.use is NameUse.OTHER_SCRIPT and command.script in registered:
        raise DomainError(
            _l("The registered name is in this script already. If you use another name, it is a trade name."),
            field="script",
        )


def _refuse_known(session: Session, agency: Agency, name: str) -> None:
    current = select(RegisterName.text).where(RegisterName.agency_id == agency.id, RegisterName.ended_at.is_(None))
    waiting = select(NameProposal.text).where(NameProposal.agency_id == agency.id, NameProposal.status.in_(OPEN))
    known = {agency.name, agency.name_local, *session.scalars(current)}
    proposed = set(session.scalars(waiting))
    if name in known | proposed:
        raise DomainError(_l("The agency has this name already, or has proposed it."), field="text")
    if len(proposed) >= MOST_NAMES:
        raise DomainError(_l("The agency has too many names. Withdraw one first."))


def _stop_if_alike(session: Session, actor: Actor, proposal: NameProposal) -> bool:
    found = likeness.note(session, proposal)
    if found:
        NAME.apply(session, proposal, "stop", actor=actor, evidence=likeness.evidence(found))
    return bool(found)


def agree(session: Session, actor: Actor, proposal_id: UUID, reason: str) -> NameProposal:
    """Another officer puts it in the register, where the public finds the agency by it at once.

    It is compared once more: when a name like it has come into the register since, it is stopped instead.

    :raises Denied: for who proposed it, or let it go on after a comparison.
    :raises DomainError: when the agency proposed it and has no licence in force any more.
    """
    proposal, agency = policies.locked(session, actor, proposal_id, Permission.LICENCE_REVIEW)
    if proposal.released_by == actor.account_id:
        raise Denied(_l("You compared this name. Another officer must agree."))
    if not reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    if proposal.status is _S.PROPOSED:
        if not proposal.by_office:
            _in_force(session, agency.id)
        # Of two agencies that are given like names at the same moment, the second sees the first.
        session.execute(LOCK)
        if _stop_if_alike(session, actor, proposal):
            return proposal
        _publish(session, actor, proposal)
    evidence = {"agency_id": agency.id, "register_name_id": proposal.register_name_id}
    _decided(actor, proposal, reason)
    NAME.apply(session, proposal, "agree", actor=actor, reason=reason, evidence=evidence)
    tell_owners(session, SubjectKind.AGENCY, agency.id, MESSAGE)
    return proposal


def _publish(session: Session, actor: Actor, proposal: NameProposal) -> None:
    taken = select(func.count()).where(
        RegisterName.agency_id == proposal.agency_id,
        RegisterName.text == proposal.text,
        RegisterName.ended_at.is_(None),
    )
    if session.scalar(taken):
        raise DomainError(_l("The agency stands in the register under this name already."))
    row = RegisterName(
        agency_id=proposal.agency_id, text=proposal.text, use=proposal.use, added_by=actor.require_account()
    )
    session.add(row)
    session.flush()
    proposal.register_name_id = row.id


def _decided(actor: Actor, proposal: NameProposal, reason: str) -> None:
    proposal.decided_by, proposal.decision_reason = actor.require_account(), reason.strip()


def release(session: Session, actor: Actor, proposal_id: UUID, reason: str) -> NameProposal:
    """An approver has compared the names: this one can't be mistaken. An officer still has to agree."""
    proposal, _agency = policies.locked(session, actor, proposal_id, Permission.LICENCE_APPROVE)
    cleared = likeness.clear(session, proposal.id, actor.require_account()) if proposal.status is _S.STOPPED else []
    proposal.released_by = actor.require_account()
    NAME.apply(session, proposal, "release", actor=actor, reason=reason, evidence=likeness.evidence(cleared))
    return proposal


def _refusal(action: str, permission: Permission) -> Callable[[Session, Actor, UUID, str], NameProposal]:
    def act(session: Session, actor: Actor, proposal_id: UUID, reason: str) -> NameProposal:
        proposal, _agency = policies.locked(session, actor, proposal_id, permission)
        NAME.apply(session, proposal, action, actor=actor, reason=reason)
        if proposal.released_by != actor.account_id:
            proposal.decided_by = actor.require_account()
        proposal.decision_reason = reason.strip()
        session.flush()
        tell_owners(session, SubjectKind.AGENCY, proposal.agency_id, MESSAGE)
        return proposal

    return act


refuse = _refusal("refuse", Permission.LICENCE_REVIEW)
refuse_stopped = _refusal("refuse_stopped", Permission.LICENCE_APPROVE)


def strike(session: Session, actor: Actor, proposal_id: UUID, reason: str) -> NameProposal:
    """An approver takes a name out of the register, such as one that deceives people."""
    proposal, _agency = policies.locked(session, actor, proposal_id, Permission.LICENCE_APPROVE)
    NAME.apply(session, proposal, "strike", actor=actor, reason=reason)
    proposal.decision_reason = reason.strip()
    _end(session, proposal)
    tell_owners(session, SubjectKind.AGENCY, proposal.agency_id, MESSAGE)
    return proposal


def withdraw(session: Session, actor: Actor, proposal_id: UUID) -> NameProposal:
    """The agency takes back its name. One that stands in the register goes only while the licence is in force: nobody
    hides from those who know them by it.

    :raises NotVisible: for another agency.
    :raises Denied: for a name that the office proposed.
    """
    proposal, agency = policies.own(session, actor, proposal_id)
    if proposal.by_office:
        raise Denied(_l("The office proposed this name. Ask the office to take it out."))
    if proposal.status is _S.IN_REGISTER:
        _in_force(session, agency.id)
    NAME.apply(session, proposal, "withdraw", actor=actor, reason="withdrawn by the agency")
    _end(session, proposal)
    return proposal


def _end(session: Session, proposal: NameProposal) -> None:
    if proposal.register_name_id is not None:
        session.get_one(RegisterName, proposal.register_name_id).ended_at = db_now(session)
        session.flush()


# Acts of officers, each with a reason.
ACTIONS: dict[str, Callable[..., Any]] = {
    "agree": agree,
    "refuse": refuse,
    "release": release,
    "refuse_stopped": refuse_stopped,
    "strike": strike,
}
