"""Proposing, verifying, activating and ending branches and representatives."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from agencies.branches import drawing
from agencies.branches.cards import issue_card, revoke_card
from agencies.branches.listed import refuse_listed
from agencies.branches.models import Presence, PresenceCard
from agencies.branches.rules import rule
from agencies.branches.status import PRESENCE, PresenceKind, PresenceStage, PresenceStatus
from agencies.licensing.queries import LicenceStanding, licence_for
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.registration.services import identifier_index
from agencies.registration.status import IdentifierKind
from core import audit
from core.actor import Actor
from core.contact import normal_phone
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.permissions import ClerkRight, Permission
from core.privacy import new_person
from core.workflow import Transition
from law.country import deployment, due_if_set

_S = PresenceStatus
# The row of the policy that says how many working days the office has in a state.
STANDARDS = {_S.PROPOSED: "review_days", _S.VERIFIED: "presence_decision_days"}


@dataclass(frozen=True, slots=True)
class Propose:
    """``country`` is empty at home; ``name`` is the representative's, or of whoever leads the branch."""

    kind: PresenceKind
    country: str
    place: str
    name: str
    identifier_kind: IdentifierKind
    identifier: str
    birth_date: date
    phone: str


def propose(session: Session, actor: Actor, agency_id: UUID, command: Propose) -> Presence:
    """An agency names a branch or a representative.

    :raises DomainError: where the law forbids it, without a licence in force, or when the person acts for an agency.
    """
    agency = agency_policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    today = legal_today(session)
    law = rule(command.kind, command.country, today)
    if law.forbidden:
        raise DomainError(
            _l("The law of this country forbids representatives. Nobody may recruit for you but your own staff.")
        )
    _in_force(session, agency.id)
    if _age(command.birth_date, today) < deployment().standard("adult_age"):
        raise DomainError(_l("This must be an adult. Check the birth date."), field="birth_date")
    index = identifier_index(command.identifier_kind, command.identifier)
    if command.kind is PresenceKind.REPRESENTATIVE:
        _refuse_second_principal(session, index)
    presence = Presence(
        person_key_id=new_person(session).id,
        agency_id=agency.id,
        kind=command.kind,
        country=command.country,
        place=command.place,
        identifier_kind=command.identifier_kind,
        identifier_index=index,
        proposed_by=actor.require_account(),
        law=law.evidence,
        due_on=due_if_set(today, STANDARDS[_S.PROPOSED]),
    )
    presence.name, presence.identifier = command.name, command.identifier
    presence.birth_date, presence.phone = command.birth_date.isoformat(), normal_phone(command.phone)
    session.add(presence)
    session.flush()
    audit.record(
        session, actor, subject=(PRESENCE.name, presence.id), action="propose", to_status=_S.PROPOSED,
        evidence={"agency_id": agency.id, "kind": command.kind, "country": command.country, "law": law.evidence},
    )  # fmt: skip
    drawing.PRESENCES.settle(session, presence)
    return presence


def on_move(session: Session, presence: Presence, transition: Transition[PresenceStatus], _actor: Actor) -> None:
    """Each step of the office has its own day."""
    standard = STANDARDS.get(transition.target)
    presence.due_on = due_if_set(legal_today(session), standard) if standard else None


PRESENCE.watch(on_move)


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _refuse_second_principal(session: Session, index: bytes) -> None:
    """One principal only. Of two agencies at once the second waits and is refused; a unique index holds it, too."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 22))"), {"key": index.hex()})
    taken = exists().where(
        Presence.identifier_index == index,
        Presence.kind == PresenceKind.REPRESENTATIVE,
        Presence.status != _S.REMOVED,
    )
    if session.scalar(select(taken)):
        # Not whose: an agency must not learn here for whom somebody works.
        raise DomainError(_l("This person represents an agency already. Nobody represents two."), field="identifier")


def _in_force(session: Session, agency_id: UUID, *, lock: bool = False) -> LicenceStanding:
    standing = licence_for(session, agency_id, legal_today(session), lock=lock)
    if not standing.licensed:
        raise DomainError(standing.reasons[0])
    return standing


def find(session: Session, actor: Actor, presence_id: UUID, *, lock: bool = False) -> tuple[Presence, Agency]:
    """A presence with its agency, both locked when it is to be changed; also for an officer of another office to whom a
    step of it has passed.

    :raises NotVisible: when the actor may not see the agency.
    """
    agency_id = session.scalar(select(Presence.agency_id).where(Presence.id == presence_id))
    if agency_id is None:
        raise NotVisible
    if actor.is_staff and session.scalar(select(drawing.holds(actor, presence_id))):
        by_id = select(Agency).where(Agency.id == agency_id)
        agency = session.scalars(by_id.with_for_update() if lock else by_id).one()
    else:
        agency = agency_policies.find(session, actor, agency_id, lock=lock)
    query = select(Presence).where(Presence.id == presence_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one(), agency


def for_officer(session: Session, actor: Actor, presence_id: UUID, *permissions: Permission) -> tuple[Presence, Agency]:
    """A presence, locked, for an officer who holds one of the permissions in its office and has no tie to the agency.

    :raises Denied: for everybody else who sees it.
    """
    presence, agency = find(session, actor, presence_id, lock=True)
    if not any(actor.can(p, agency.office_id) for p in permissions):
        raise Denied(_l("You are not allowed to do this."))
    agency_policies.refuse_conflict(session, actor, agency.id)
    return presence, agency


def _drawn(session: Session, actor: Actor, presence_id: UUID, stage: PresenceStage) -> tuple[Presence, Agency]:
    """A presence, locked, for the officer for whom this step was drawn.

    :raises Denied: for everybody else who sees it.
    :raises TooLate: when it waits for no such step any more.
    """
    presence, agency = find(session, actor, presence_id, lock=True)
    agency_policies.refuse_conflict(session, actor, agency.id)
    if stage is PresenceStage.ACTIVATION and presence.verified_by == actor.account_id:
        raise Denied(_l("You verified this. Another officer must decide it."))
    drawing.PRESENCES.require(session, actor, presence, stage)
    return presence, agency


def verify(session: Session, actor: Actor, presence_id: UUID, reason: str, deposit_reference: str = "") -> Presence:
    """An officer has seen person, place and deposit.

    :raises DomainError: when the law asks for a deposit that nobody has seen, or the person is on the blacklist.
    """
    presence, _agency = _drawn(session, actor, presence_id, PresenceStage.VERIFICATION)
    law = rule(presence.kind, presence.country, legal_today(session))
    refuse_listed(session, presence)
    if law.deposit_is_certain and not deposit_reference.strip():
        raise DomainError(
            _l("The law asks for a deposit. Write the bank’s reference for it."), field="deposit_reference"
        )
    if law.deposit is not None and deposit_reference.strip():
        presence.deposit_currency, presence.deposit_minor = law.deposit.currency, law.deposit.minor
        presence.deposit_reference = deposit_reference.strip()
    presence.law = law.evidence
    presence.verified_by = actor.require_account()
    PRESENCE.apply(session, presence, "verify", actor=actor, reason=reason, evidence={"law": law.evidence})
    return presence


def activate(session: Session, actor: Actor, presence_id: UUID, reason: str) -> Presence:
    """Another officer lets it work, and the first card is made.

    :raises Denied: for the officer who verified it.
    :raises DomainError: when the law has changed meanwhile, or the principal has no licence in force.
    """
    presence, agency = _drawn(session, actor, presence_id, PresenceStage.ACTIVATION)
    law = rule(presence.kind, presence.country, legal_today(session))
    if law.forbidden:
        raise DomainError(_l("The law of this country forbids representatives."))
    refuse_listed(session, presence)
    licence = _in_force(session, agency.id, lock=True)
    presence.activated_by = actor.require_account()
    PRESENCE.apply(session, presence, "activate", actor=actor, reason=reason, evidence={"law": law.evidence})
    issue_card(session, actor, presence, agency, licence)
    return presence


def renew_card(session: Session, actor: Actor, presence_id: UUID) -> PresenceCard:
    """The next year's card, or one in place of a lost one; the old one is void.

    :raises DomainError: unless it is active under a licence in force.
    """
    presence, agency = for_officer(session, actor, presence_id, Permission.LICENCE_APPROVE)
    if presence.status is not _S.ACTIVE:
        raise DomainError(_l("Only who is active gets a card."))
    refuse_listed(session, presence)
    return issue_card(session, actor, presence, agency, _in_force(session, agency.id, lock=True))


def refuse(session: Session, actor: Actor, presence_id: UUID, reason: str) -> Presence:
    """The verifying officer says no, with a reason that the agency reads."""
    presence, _agency = _drawn(session, actor, presence_id, PresenceStage.VERIFICATION)
    PRESENCE.apply(session, presence, "refuse", actor=actor, reason=reason)
    return presence


def send_back(session: Session, actor: Actor, presence_id: UUID, reason: str) -> Presence:
    """The approver asks the verifying officer to look again."""
    presence, _agency = _drawn(session, actor, presence_id, PresenceStage.ACTIVATION)
    PRESENCE.apply(session, presence, "send_back", actor=actor, reason=reason)
    presence.verified_by = None
    session.flush()
    return presence


# Acts of the drawn officers that need a reason alone.
ACTIONS: dict[str, Callable[..., Any]] = {"refuse": refuse, "send_back": send_back, "activate": activate}


def withdraw(session: Session, actor: Actor, presence_id: UUID) -> Presence:
    """The agency ends its own branch or representative; the card is void at once.

    :raises NotVisible: for another agency.
    """
    agency_id = session.scalar(select(Presence.agency_id).where(Presence.id == presence_id))
    if agency_id is None:
        raise NotVisible
    agency_policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    presence, _agency = find(session, actor, presence_id, lock=True)
    presence.suspended_by = presence.suspended_until = None
    PRESENCE.apply(session, presence, "withdraw", actor=actor, reason="ended by the agency")
    revoke_card(session, presence.id, legal_today(session))
    session.flush()
    return presence
