"""SMS that people send us: taken once from a signed webhook, answered by the worker, then forgotten.

A package declares a keyword and what it answers; the gateway stands behind a port. Sender and text are sealed under a key
of their own, which is destroyed as soon as the answer has left, so that nobody can learn later who asked about whom.
"""

import hmac
import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, and_, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import settings
from core.accounts import find_accounts
from core.contact import normal_phone
from core.db import Base, Recorded, db_now
from core.errors import Denied, DomainError
from core.i18n import _l
from core.ids import new_id
from core.jobs import enqueue, every, job
from core.messages import OutgoingMessage, send
from core.privacy import Encrypted, HasPersonKey, blind_index, destroy_person, new_person, personal
from core.throttle import count

# An event older or newer than this is a replay or a wrong clock; gateways sign each try anew.
TOLERANCE = timedelta(minutes=5)
LONGEST = 1000
# Answers to one number in an hour. Beyond it we are silent: an answer costs money, and senders can be forged.
ANSWERS_PER_HOUR = 20
# A message that can't be answered is forgotten after this long, and in the demo, whose outbox people read, any message.
PATIENCE = timedelta(days=1)
DEMO_PATIENCE = timedelta(hours=1)


class InboundMessage(HasPersonKey, Recorded, Base):
    """One SMS to us. ``event_hash`` makes it count once, however often the gateway sends it."""

    __tablename__ = "inbound_message"
    __table_args__ = (Index(None, "created_at", postgresql_where=text("forgotten_at IS NULL")),)

    event_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    sender_sealed: Mapped[bytes] = mapped_column(Encrypted())
    text_sealed: Mapped[bytes] = mapped_column(Encrypted())
    reply_id: Mapped[UUID | None] = mapped_column(ForeignKey("outgoing_message.id"))
    answered_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]

    sender = personal("sender_sealed")
    text = personal("text_sealed")


@dataclass(frozen=True, slots=True)
class Received:
    """One SMS as a gateway hands it over. ``event_id`` is the gateway's, the same at each try; ``sender`` as it wrote it."""

    event_id: str
    sender: str
    text: str


class InboundGateway(Protocol):
    """Reads what a gateway posts. None for an event that is no SMS.

    :raises Denied: when the signature or its time is not right.
    """

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Received | None: ...


class SignedWebhook:
    """The webhook of SMS Gateway for Android (event ``sms:received``): ``X-Signature`` is the hexadecimal HMAC-SHA256 over
    the raw body followed by ``X-Timestamp`` (Unix seconds)."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Received | None:
        stamp = headers.get("X-Timestamp", "")
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
            raise Denied(_l("The signature is not right."))
        if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
            raise Denied(_l("The signature is not right."))
        expected = hmac.new(self._secret, body + stamp.encode(), sha256).hexdigest()
        given = headers.get("X-Signature", "").strip().lower()
        if not given.isascii() or not hmac.compare_digest(expected, given):
            raise Denied(_l("The signature is not right."))
        return _event(body)


def _event(body: bytes) -> Received | None:
    try:
        data = json.loads(body)
        if data["event"] != "sms:received":
            return None
        payload = data["payload"]
        found = Received(data["id"], payload["phoneNumber"], payload["message"])
    except (ValueError, KeyError, TypeError):
        raise DomainError(_l("This can’t be read.")) from None
    said = (found.event_id, found.sender, found.text)
    if not all(isinstance(v, str) and v for v in said):
        raise DomainError(_l("This can’t be read."))
    # Half a character, as a phone's part of an emoji can be, stands in JSON but in no UTF-8.
    return Received(*(v.encode(errors="replace").decode() for v in said))


def gateway() -> InboundGateway | None:
    """The deployment's gateway; None where no secret was agreed with one: unsigned messages are never taken."""
    secret = settings.current().sms_webhook_secret
    return SignedWebhook(secret) if secret else None


def take(session: Session, received: Received) -> bool:
    """Keep a message once and queue its answer; gives whether it was taken. A sender that is no telephone gets no answer."""
    try:
        sender = normal_phone(received.sender)
    except DomainError:
        return False
    event_hash = blind_index("inbound", received.event_id)
    if session.scalar(select(InboundMessage.id).where(InboundMessage.event_hash == event_hash)) is not None:
        return False
    with session.begin_nested() as step:
        made = InboundMessage(id=new_id(), person_key_id=new_person(session).id, event_hash=event_hash)
        made.sender, made.text = sender, received.text.replace("\0", "")[:LONGEST]
        values = {c: getattr(made, c) for c in ("id", "person_key_id", "event_hash", "sender_sealed", "text_sealed")}
        new = session.scalar(
            insert(InboundMessage).values(values).on_conflict_do_nothing().returning(InboundMessage.id)
        )
        if new is None:
            step.rollback()
            return False
    enqueue(session, "core.answer_inbound", message_id=str(new))
    return True


# --- keywords ----------------------------------------------------------------------------------------------------

# What a keyword answers to the words behind it, for a sender of this language (None: not known).
Reply = Callable[[Session, str, str | None], str]


class _Keywords:
    def __init__(self) -> None:
        self.replies: dict[str, tuple[Reply, str | None]] = {}
        self.help: Callable[[str | None], str] | None = None


_keywords = _Keywords()


def keyword(words: Mapping[str, str | None]) -> Callable[[Reply], Reply]:
    """Declare a keyword with its spellings, each with the language that it tells (None where it tells none)."""

    def declare(reply: Reply) -> Reply:
        for word, locale in words.items():
            if _folded(word) in _keywords.replies:
                raise ValueError(f"two answers to the keyword {word}")
            _keywords.replies[_folded(word)] = (reply, locale)
        return reply

    return declare


def help_text(make: Callable[[str | None], str]) -> Callable[[str | None], str]:
    """Declare what is answered to anything else."""
    _keywords.help = make
    return make


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip(" \t\r\n:.,;!?#*\"'“”‘’()[]<>-–।؟،")


# The language that a script tells where people write it.
_SCRIPTS = (("DEVANAGARI", "ne"), ("ARABIC", "ur"))


def language_of(session: Session, sender: str, words: str, by_keyword: str | None) -> str | None:
    """The sender's language by keyword, by the one language of the accounts with this number, or by script."""
    if by_keyword:
        return by_keyword
    chosen = {a.locale for a in find_accounts(session, sender)}
    if len(chosen) == 1:
        return chosen.pop()
    for script, code in _SCRIPTS:
        if any(script in unicodedata.name(c, "") for c in words if c.isalpha()):
            return code
    return None


def reply_to(session: Session, sender: str, written: str) -> str:
    """What is answered to a message: the keyword's answer, or help."""
    plain = "".join(c if unicodedata.category(c) not in ("Cc", "Cf") or c in "\u200c\u200d" else " " for c in written)
    first, _space, rest = plain.strip().partition(" ")
    reply, locale = _keywords.replies.get(_folded(first), (None, None))
    spoken = language_of(session, sender, plain, locale)
    if reply is not None and rest.strip():
        return reply(session, " ".join(rest.split()), spoken)
    return _keywords.help(spoken) if _keywords.help is not None else ""


@job("core.answer_inbound")
def answer_inbound(session: Session, message_id: str) -> None:
    """Answer one message, once; too many from one number in an hour are not answered."""
    message = session.scalars(
        select(InboundMessage).where(InboundMessage.id == UUID(message_id)).with_for_update()
    ).one_or_none()
    if message is None or message.answered_at is not None or message.sender is None:
        return
    if count("inbound", message.sender, seconds=3600) <= ANSWERS_PER_HOUR:
        said = reply_to(session, message.sender, message.text or "")
        if said:
            sent = send(
                session, template="answer", phone=message.sender, person_key_id=message.person_key_id, text=said
            )
            message.reply_id = sent.id if sent is not None else None
    message.answered_at = db_now(session)


@every("*/1 * * * *", "core.forget_senders")
def forget_senders(session: Session) -> int:
    """Destroy the keys of messages whose answer has left, or which nobody could answer for a day; gives how many."""
    now = db_now(session)
    demo = settings.current().sms_url.startswith("outbox:")
    done = and_(
        InboundMessage.answered_at.is_not(None),
        or_(InboundMessage.reply_id.is_(None), OutgoingMessage.sent_at.is_not(None)),
    )
    due = InboundMessage.created_at < now - (DEMO_PATIENCE if demo else PATIENCE)
    query: Any = (
        select(InboundMessage)
        .outerjoin(OutgoingMessage, OutgoingMessage.id == InboundMessage.reply_id)
        .where(InboundMessage.forgotten_at.is_(None), due if demo else or_(done, due))
        .order_by(InboundMessage.created_at)
        .limit(500)
        .with_for_update(of=InboundMessage, skip_locked=True)
    )
    messages = session.scalars(query).all()
    for message in messages:
        destroy_person(session, message.person_key_id, now)
        message.forgotten_at = now
    return len(messages)
