"""Answers of a long form that is not sent yet: kept from page to page, for the one account that gave them."""

import json
from uuid import UUID

from sqlalchemy import ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.accounts import UserAccount
from core.actor import Actor
from core.db import Base, Recorded, db_now
from core.lifetimes import lifetimes
from core.privacy import Encrypted, HasPersonKey, personal

Answers = dict[str, list[str]]


class FormDraft(HasPersonKey, Recorded, Base):
    """What one account has typed so far into one form about one thing, as typed: nothing is checked here."""

    __tablename__ = "form_draft"
    __table_args__ = (Index("uq_form_draft", "account_id", "form", "subject", unique=True),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    form: Mapped[str]
    subject: Mapped[str]
    answers_sealed: Mapped[bytes | None] = mapped_column(Encrypted())

    answers = personal("answers_sealed")


def _find(session: Session, account_id: UUID, form: str, subject: str) -> FormDraft | None:
    query = select(FormDraft).where(
        FormDraft.account_id == account_id, FormDraft.form == form, FormDraft.subject == subject
    )
    return session.scalars(query).one_or_none()


def answers_of(session: Session, actor: Actor, form: str, subject: str) -> Answers:
    """What the actor has typed so far; empty when nothing was."""
    found = _find(session, actor.require_account(), form, subject)
    kept: Answers = json.loads(found.answers or "{}") if found else {}
    return kept


def keep(session: Session, actor: Actor, form: str, subject: str, answers: Answers) -> None:
    """Keep these answers, over those to the same questions before."""
    account = session.get_one(UserAccount, actor.require_account())
    found = _find(session, account.id, form, subject)
    if found is None:
        found = FormDraft(person_key_id=account.person_key_id, account_id=account.id, form=form, subject=subject)
        session.add(found)
        session.flush()
    found.answers = json.dumps(json.loads(found.answers or "{}") | answers, ensure_ascii=False)


def forget(session: Session, actor: Actor, form: str, subject: str) -> None:
    """The form was sent, or given up."""
    found = _find(session, actor.require_account(), form, subject)
    if found is not None:
        session.delete(found)


def forget_old(session: Session) -> None:
    """Drafts that nobody has sent for a long time go."""
    session.execute(delete(FormDraft).where(FormDraft.created_at < db_now(session) - lifetimes().draft))
