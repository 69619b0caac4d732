"""Another owner in the place of one who died, left or can't be reached: proposed, decided by another officer, told to the
owner of now, who can object, and then invited.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.branches.listed import refuse_listed
from agencies.insider import duties
from agencies.registration.models import AgencyDirector
from agencies.registration.services import identifier_index
from core import audit
from core.accounts import Membership
from core.actor import SYSTEM, Actor
from core.contact import normal_email
from core.db import legal_today
from core.errors import DomainError, NotVisible, TooLate
from core.files import store_upload
from core.i18n import _l
from core.permissions import SubjectKind
from core.privacy import blind_index, new_person
from law.country import deployment, due_after
from portal.owners import drawing, policies, taking_over, telling
from portal.owners.commands import NewOwner, Propose
from portal.owners.models import OwnerReplacement
from portal.owners.status import OPEN, OWNER_REPLACEMENT, STAGE_OF, Ground, ReplacementStatus, Stage

S = ReplacementStatus


def open_for(session: Session, kind: SubjectKind, subject_id: UUID, *, lock: bool = False) -> OwnerReplacement | None:
    """The proposal about this organisation that is not over."""
    query = select(OwnerReplacement).where(
        OwnerReplacement.kind == kind, OwnerReplacement.subject_id == subject_id, OwnerReplacement.status.in_(OPEN)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def objection_days() -> int:
    """Days, the day of the notice not counted."""
    return int(deployment().standard("owner_objection_days"))


def propose(session: Session, actor: Actor, command: Propose) -> OwnerReplacement:
    """Propose a director on record, or somebody with an identity paper and a file that shows why.

    :raises NotVisible: outside the actor's offices.
    :raises Denied: for an officer with an interest in the organisation or the person.
    :raises DomainError: when a proposal is open already, the evidence is missing, or the person is on the blacklist.
    """
    body = policies.find_body(session, actor, command.kind, command.subject_id, lock=True)
    if open_for(session, command.kind, command.subject_id) is not None:
        raise DomainError(_l("Another owner is proposed already."))
    person, director = _person(session, command)
    _require_file(command)
    change = OwnerReplacement(
        person_key_id=new_person(session).id, kind=command.kind, subject_id=command.subject_id,
        office_id=policies.RULES[command.kind].office_of(body),
        ground=command.ground, lost_account_id=_owner_of(session, command), director_id=director.id if director else None,
        identifier_kind=person.identifier_kind,
        identifier_index=identifier_index(person.identifier_kind, person.identifier),
        email_index=blind_index("email", normal_email(person.email)), proposed_by=actor.require_account(),
        due_on=due_after(legal_today(session), "owner_decision_days"),
    )  # fmt: skip
    change.name, change.email, change.identifier = person.name, normal_email(person.email), person.identifier
    change.birth_date, change.evidence = person.birth_date.isoformat(), command.evidence.strip()
    policies.refuse_tied(session, actor, change)
    refuse_listed(session, change)
    if command.file:
        stored = store_upload(
            session, actor, command.file, purpose="another owner of an account", person_key_id=change.person_key_id
        )
        change.file_id = stored.id
    session.add(change)
    session.flush()
    _record(session, actor, change, "propose")
    drawing.draw(session, change)
    return change


def _person(session: Session, command: Propose) -> tuple[NewOwner, AgencyDirector | None]:
    if command.director_id is None:
        if command.person is None:
            raise DomainError(_l("Name the person who is to be the owner."), field="name")
        return command.person, None
    director = session.scalars(
        select(AgencyDirector).where(
            AgencyDirector.id == command.director_id, AgencyDirector.agency_id == command.subject_id,
            AgencyDirector.removed_at.is_(None),
        )
    ).one_or_none()  # fmt: skip
    if director is None or command.kind is not SubjectKind.AGENCY:
        raise NotVisible
    # What stands on record is not typed anew: the invitation goes where the director can be reached.
    email = director.email or command.email
    if not email:
        raise DomainError(_l("No e-mail address of this director is on record. Write it."), field="email")
    born = date.fromisoformat(director.birth_date or "")
    return NewOwner(director.name or "", email, director.identifier_kind, director.identifier or "", born), director


def _require_file(command: Propose) -> None:
    """Only a director on record is proposed without a paper, and only where no paper is to be had."""
    if not command.evidence.strip():
        raise DomainError(_l("Say what you saw, and where."), field="evidence")
    if not command.file and (command.ground is not Ground.UNREACHABLE or command.director_id is None):
        raise DomainError(_l("Add a photo or PDF of the paper that shows it."), field="file")


def _owner_of(session: Session, command: Propose) -> UUID | None:
    """The one owner of now. Where two own the account, the other one goes on, and no office has to step in.

    :raises DomainError: when there are several.
    """
    owners = session.scalars(
        select(Membership.account_id).where(
            Membership.kind == command.kind, Membership.subject_id == command.subject_id, Membership.is_owner,
            Membership.ended_at.is_(None),
        )
    ).all()  # fmt: skip
    if len(owners) > 1:
        raise DomainError(_l("More than one person owns this account. The other owner can go on with it."))
    return owners[0] if owners else None


def _held(session: Session, actor: Actor, change_id: UUID, stage: Stage) -> OwnerReplacement:
    """A proposal whose step the actor was drawn for, locked.

    :raises TooLate: when no such step waits.
    :raises Denied: for anybody else, above all for who proposed it.
    """
    change = policies.find(session, actor, change_id, lock=True)
    turn = policies.turn(session, change)
    if turn is None or STAGE_OF[change.status] is not stage:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    policies.refuse_hand(actor, turn)
    policies.refuse_tied(session, actor, change)
    duties.require(session, actor, drawing.KIND, change.id, turn)
    return change


def decide(session: Session, actor: Actor, change_id: UUID, *, agree: bool, reason: str) -> OwnerReplacement:
    """A second officer agrees or refuses. After a death, or where nobody owns it, the new owner is invited at once; else the
    owner of now is told at every known contact and has days to object.

    :raises DomainError: when the person is on the blacklist by now.
    """
    change = _held(session, actor, change_id, Stage.DECISION)
    change.decided_by, change.due_on = actor.require_account(), None
    if not agree:
        _move(session, change, "refuse", actor, reason)
        return change
    refuse_listed(session, change)
    if change.ground is Ground.DEATH or change.lost_account_id is None:
        taking_over.invite(session, actor, change, "agree", reason)
        return change
    change.object_until = legal_today(session) + timedelta(days=objection_days())
    session.flush()
    _move(session, change, "give_notice", actor, reason)
    telling.give_notice(session, change, objection_days())
    return change


def object_to(session: Session, actor: Actor, kind: SubjectKind, *, subject_id: UUID, reason: str) -> OwnerReplacement:
    """The owner of now objects, within the days.

    :raises NotVisible: for anybody else.
    :raises TooLate: when there is nothing to object to (any more).
    """
    if not actor.owns(kind, subject_id):
        raise NotVisible
    policies.body_of(session, kind, subject_id, lock=True)
    change = open_for(session, kind, subject_id, lock=True)
    if change is None or change.lost_account_id != actor.account_id:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    return _object(session, actor, change, reason)


def record_objection(session: Session, actor: Actor, change_id: UUID, reason: str) -> OwnerReplacement:
    """The owner of now came to the office, or wrote: an officer writes the objection down."""
    change = policies.find(session, actor, change_id, lock=True)
    if not policies.may_work_on(actor, change):
        raise NotVisible
    policies.refuse_tied(session, actor, change)
    return _object(session, actor, change, reason)


def _object(session: Session, actor: Actor, change: OwnerReplacement, reason: str) -> OwnerReplacement:
    if change.object_until is not None and legal_today(session) > change.object_until:
        raise TooLate(_l("The days to object are over."))
    change.objection = reason.strip() or None
    change.due_on = due_after(legal_today(session), "owner_decision_days")
    _move(session, change, "object", actor, reason)
    drawing.draw(session, change)
    return change


def settle(session: Session, actor: Actor, change_id: UUID, *, go_on: bool, reason: str) -> OwnerReplacement:
    """An officer who neither proposed nor agreed decides on the objection."""
    change = _held(session, actor, change_id, Stage.OBJECTION)
    change.settled_by, change.due_on = actor.require_account(), None
    if go_on:
        refuse_listed(session, change)
        taking_over.invite(session, actor, change, "overrule", reason)
    else:
        _move(session, change, "uphold", actor, reason)
        telling.tell_people(session, change)
    return change


def take_back(session: Session, actor: Actor, change_id: UUID, reason: str) -> OwnerReplacement:
    """It was a mistake, or the owner was found. Who was invited can't come in any more."""
    change = policies.find(session, actor, change_id, lock=True)
    if not policies.may_work_on(actor, change):
        raise NotVisible
    policies.refuse_tied(session, actor, change)
    was_told = change.status is not S.PROPOSED
    taking_over.revoke(session, actor, change)
    change.due_on = None
    _move(session, change, "take_back", actor, reason)
    if was_told:
        telling.tell_people(session, change)
    return change


def invite_again(session: Session, actor: Actor, change_id: UUID) -> OwnerReplacement:
    """The first link was lost or has run out."""
    change = policies.find(session, actor, change_id, lock=True)
    if not policies.may_work_on(actor, change):
        raise NotVisible
    policies.refuse_tied(session, actor, change)
    refuse_listed(session, change)
    taking_over.invite(session, actor, change, "invite_again", "")
    return change


def go_on(session: Session, batch: int = 50) -> int:
    """Nobody objected within the days: the new owner is invited. Gives how many proposals moved. May run twice."""
    due = session.scalars(
        select(OwnerReplacement.id)
        .where(OwnerReplacement.status == S.NOTICE, OwnerReplacement.object_until < legal_today(session))
        .order_by(OwnerReplacement.object_until)
        .limit(batch)
    ).all()
    return sum(_go_on(session, change_id) for change_id in due)


def _go_on(session: Session, change_id: UUID) -> bool:
    change = session.get_one(OwnerReplacement, change_id)
    policies.body_of(session, change.kind, change.subject_id, lock=True)
    session.refresh(change, with_for_update=True)
    if change.status is not S.NOTICE or change.object_until is None or change.object_until >= legal_today(session):
        return False
    try:
        refuse_listed(session, change)
    except DomainError:
        _move(session, change, "lapse", SYSTEM, "the person was blacklisted")
        telling.tell_people(session, change)
        return True
    taking_over.invite(session, SYSTEM, change, "go_on", "")
    return True


def _move(session: Session, change: OwnerReplacement, action: str, actor: Actor, reason: str = "") -> None:
    session.flush()
    OWNER_REPLACEMENT.apply(
        session, change, action, actor=actor, reason=reason, evidence=taking_over.evidence_of(change)
    )


def _record(session: Session, actor: Actor, change: OwnerReplacement, action: str) -> None:
    audit.record(
        session, actor, subject=(OWNER_REPLACEMENT.name, change.id), action=action, to_status=str(change.status),
        evidence=taking_over.evidence_of(change),
    )  # fmt: skip
