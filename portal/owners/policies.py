"""Which officers propose and decide who owns the account of which organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider import duties, ties
from agencies.registration.models import Agency
from cases.organisations.models import HelpingOrganisation
from contracts.employers.models import Employer
from contracts.orientation.models import OrientationCentre
from core.accounts import UserAccount
from core.actor import Actor
from core.errors import Denied, NotVisible
from core.i18n import _l
from core.permissions import Permission, SubjectKind
from portal.owners.models import OwnerReplacement
from portal.owners.status import OWNER_REPLACEMENT, STAGE_OF

Body = Agency | OrientationCentre | HelpingOrganisation | Employer


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of organisation: its table, who proposes another owner and who decides."""

    model: type[Body]
    propose: Permission
    decide: Permission
    office: str = "office_id"
    """The column that names the office which looks after it."""

    def office_of(self, body: Body) -> UUID:
        return cast("UUID", getattr(body, self.office))


RULES = {
    SubjectKind.AGENCY: Rule(Agency, Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE),
    SubjectKind.CENTRE: Rule(OrientationCentre, Permission.CENTRE_INSPECT, Permission.CENTRE_INSPECT),
    SubjectKind.NGO: Rule(HelpingOrganisation, Permission.STAFF_MANAGE, Permission.STAFF_MANAGE),
    # Whoever signs for an employer was seen by its mission: a new owner signs nothing before the mission has seen them, too.
    SubjectKind.EMPLOYER: Rule(Employer, Permission.EMPLOYER_VERIFY, Permission.EMPLOYER_VERIFY, office="mission_id"),
}
STAFF = tuple(sorted({p for rule in RULES.values() for p in (rule.propose, rule.decide)}))
SEERS = (*STAFF, Permission.AUDIT_READ)


def body_of(session: Session, kind: SubjectKind, subject_id: UUID, *, lock: bool = False) -> Body | None:
    return cast("Body | None", session.get(RULES[kind].model, subject_id, with_for_update=lock))


def find_body(session: Session, actor: Actor, kind: SubjectKind, subject_id: UUID, *, lock: bool = False) -> Body:
    """An organisation for which the actor may propose another owner.

    :raises NotVisible: otherwise.
    """
    found = body_of(session, kind, subject_id, lock=lock)
    if found is None or not actor.can(RULES[kind].propose, RULES[kind].office_of(found)):
        raise NotVisible
    return found


def may_see(session: Session, actor: Actor, change: OwnerReplacement) -> bool:
    """Officers of the office who propose or decide, the auditor, and the officer for whom a step was drawn."""
    rule = RULES[change.kind]
    if any(actor.can(p, change.office_id) for p in (rule.propose, rule.decide, Permission.AUDIT_READ)):
        return True
    held = duties.holds(actor.account_id, OWNER_REPLACEMENT.name, OwnerReplacement.id)
    return bool(session.scalar(select(OwnerReplacement.id).where(OwnerReplacement.id == change.id, held)))


def find(session: Session, actor: Actor, change_id: UUID, *, lock: bool = False) -> OwnerReplacement:
    """A proposal that the actor may see; its organisation is locked before it.

    :raises NotVisible: otherwise.
    """
    found = session.get(OwnerReplacement, change_id)
    if found is None or not may_see(session, actor, found):
        raise NotVisible
    if lock:
        body_of(session, found.kind, found.subject_id, lock=True)
        session.refresh(found, with_for_update=True)
    return found


def tied(session: Session, accounts: Sequence[UUID], change: OwnerReplacement) -> set[UUID]:
    """Officers with an interest: in the organisation, or because they are the person themselves."""
    wanted = list(accounts)
    if change.kind is SubjectKind.AGENCY:
        found = ties.tied(session, wanted, change.subject_id)
    else:
        found = ties.members(session, wanted, change.kind, change.subject_id)
        found |= ties.declared(session, wanted, change.kind, change.subject_id)
    self_named = select(UserAccount.id).where(UserAccount.id.in_(wanted), UserAccount.email_index == change.email_index)
    return found | set(session.scalars(self_named))


def refuse_tied(session: Session, actor: Actor, change: OwnerReplacement) -> None:
    """:raises Denied: for an officer with an interest."""
    if tied(session, [actor.require_account()], change):
        raise Denied(_l("There is a tie between you and this organisation or person. Another officer must do this."))


def refuse_hand(actor: Actor, turn: duties.Turn) -> None:
    """:raises Denied: for whoever took a step before this one."""
    if actor.account_id in turn.leave_out:
        raise Denied(_l("You had a hand in this already. Another officer decides it."))


def may_work_on(actor: Actor, change: OwnerReplacement) -> bool:
    """Officers of the office, for what is no decision: an objection on paper, taking back, a new link."""
    rule = RULES[change.kind]
    return any(actor.can(p, change.office_id) for p in (rule.propose, rule.decide))


def turn(session: Session, change: OwnerReplacement) -> duties.Turn | None:
    """The step that waits for an officer; whoever had a hand before is left out."""
    stage = STAGE_OF.get(change.status)
    if stage is None:
        return None
    had: Any = {change.proposed_by, change.decided_by, change.lost_account_id} - {None}
    return duties.Turn(
        stage=str(stage),
        permission=RULES[change.kind].decide,
        office_id=change.office_id,
        tied=lambda session, accounts: tied(session, accounts, change),
        leave_out=frozenset(had),
    )
