"""Sentences that an office's officers use again and again when they send an application back."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing import rules
from agencies.licensing.models import DefectPhrase
from core import audit
from core.actor import Actor
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.permissions import ROLE_PERMISSIONS, Permission

MOST = 200


@dataclass(frozen=True, slots=True)
class AddPhrase:
    item: str
    words: str


def own_office(actor: Actor) -> UUID:
    """The office in which the actor reviews or visits.

    :raises Denied: when there is none.
    """
    wanted = {Permission.LICENCE_REVIEW, Permission.LICENCE_INSPECT}
    for role in actor.roles:
        if wanted & ROLE_PERMISSIONS[role.role]:
            return role.office_id
    raise Denied(_l("You are not allowed to do this."))


def phrases_of(session: Session, office_id: UUID) -> list[DefectPhrase]:
    """The sentences of an office, in the order in which they were added."""
    query = (
        select(DefectPhrase)
        .where(DefectPhrase.office_id == office_id, DefectPhrase.removed_at.is_(None))
        .order_by(DefectPhrase.item, DefectPhrase.created_at, DefectPhrase.id)
        .limit(MOST)
    )
    return list(session.scalars(query))


def by_item(session: Session, office_id: UUID) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for phrase in phrases_of(session, office_id):
        found.setdefault(phrase.item, []).append(phrase.words)
    return found


def add(session: Session, actor: Actor, command: AddPhrase) -> DefectPhrase:
    """
    :raises DomainError: for an unknown item, a sentence that stands there already, or too many of them.
    """
    office_id = own_office(actor)
    present = phrases_of(session, office_id)
    if command.item not in {p.code for p in rules.every_paper()} | {"details", "directors", "other"}:
        raise DomainError(_l("Choose one."), field="item")
    if any((p.item, p.words) == (command.item, command.words) for p in present):
        raise DomainError(_l("This remark stands there already."), field="words")
    if len(present) >= MOST:
        raise DomainError(_l("There are too many remarks. Remove one first."))
    phrase = DefectPhrase(office_id=office_id, item=command.item, words=command.words, added_by=actor.require_account())
    session.add(phrase)
    session.flush()
    audit.record(session, actor, subject=("defect_phrase", phrase.id), action="add_phrase", reason=command.words)
    return phrase


def remove(session: Session, actor: Actor, phrase_id: UUID) -> None:
    """
    :raises NotVisible: for a sentence of another office.
    """
    phrase = session.get(DefectPhrase, phrase_id)
    if phrase is None or phrase.office_id != own_office(actor) or phrase.removed_at is not None:
        raise NotVisible
    phrase.removed_at = db_now(session)
    session.flush()
    audit.record(session, actor, subject=("defect_phrase", phrase.id), action="remove_phrase")
