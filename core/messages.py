"""E-mail and SMS: written in the caller's transaction, delivered by the worker through a gateway port.

An SMS never shows a name, an agency or a contract: telephones are shared. Only the answer to a question that came by SMS
names the agency that was asked about (``core.inbound``). In demo and tests the gateway is a captured
outbox, so that a newcomer can read the code that was sent.
"""

import re
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import jinja2
import requests
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import settings
from core.accounts import UserAccount
from core.db import Base, Recorded, db_now, status_type
from core.i18n import current_locale, in_locale
from core.jobs import enqueue, job
from core.privacy import Encrypted, HasPersonKey, new_person, personal
from core.settings import ROOT


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class OutgoingMessage(HasPersonKey, Recorded, Base):
    """One message; address and text are sealed. ``sent_at`` is set once the gateway took it."""

    __tablename__ = "outgoing_message"

    channel: Mapped[Channel] = mapped_column(status_type(Channel))
    template: Mapped[str]
    locale: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    address_sealed: Mapped[bytes] = mapped_column(Encrypted())
    subject_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    body_sealed: Mapped[bytes] = mapped_column(Encrypted())
    sent_at: Mapped[datetime | None]

    address = personal("address_sealed")
    subject = personal("subject_sealed")
    body = personal("body_sealed")


class Gateway(Protocol):
    """Delivers one message; raises on failure, so that the job is tried again."""

    def deliver(self, *, address: str, subject: str, body: str, key: str) -> None: ...


class NotDelivered(Exception):
    """A gateway did not take a message; the worker tries again. Its text names no address and no content."""


class Outbox:
    """Keeps messages where ``/dev/outbox`` shows them (demo and tests only)."""

    def deliver(self, *, address: str, subject: str, body: str, key: str) -> None:
        """The row itself is the captured copy."""


class SmtpGateway:
    """Mail by SMTP: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://``; the sender is ``?from=``."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        sender = re.search(r"from=([^&]+)", self.url.query)
        self.sender = unquote(sender[1]) if sender else f"no-reply@{self.url.hostname}"

    def deliver(self, *, address: str, subject: str, body: str, key: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, address, subject
        message["Message-ID"] = f"<{key}@{self.url.hostname}>"
        message.set_content(body)
        host, port = self.url.hostname or "localhost", self.url.port
        secure = self.url.scheme == "smtps"
        with (
            smtplib.SMTP_SSL(host, port or 465, timeout=20)
            if secure
            else smtplib.SMTP(host, port or 587, timeout=20) as server
        ):
            if not secure and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(message)


class HttpSmsGateway:
    """SMS by the HTTP form of Kannel's sendsms: ``username, password, to, text, coding=2, charset=UTF-8``."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)

    def deliver(self, *, address: str, subject: str, body: str, key: str) -> None:
        base = self.url._replace(netloc=self.url.netloc.rpartition("@")[2], query="").geturl()
        params = {
            "username": unquote(self.url.username or ""),
            "password": unquote(self.url.password or ""),
            "to": address,
            "text": body,
            "coding": "2" if not body.isascii() else "0",
            "charset": "UTF-8",
        }
        try:
            answer = requests.get(base, params=params, timeout=20)
        except requests.RequestException as error:
            # The error's own text holds the address with the code in it, and would go to the logs.
            raise NotDelivered(f"The SMS gateway was not reached: {type(error).__name__}.") from None
        if answer.status_code >= 400:
            raise NotDelivered(f"The SMS gateway answered {answer.status_code}.")


def gateway(channel: Channel) -> Gateway:
    """The deployment's gateway for a channel."""
    chosen = settings.current()
    url = chosen.mail_url if channel is Channel.EMAIL else chosen.sms_url
    if url.startswith("outbox:"):
        return Outbox()
    return SmtpGateway(url) if channel is Channel.EMAIL else HttpSmsGateway(url)


_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(ROOT / "templates"),
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701 -- plain text, never HTML
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)


def render(channel: Channel, template: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body in the current language. An e-mail template's first line is its subject."""
    from core import i18n

    _templates.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    folder = "emails" if channel is Channel.EMAIL else "sms"
    text = _templates.get_template(f"{folder}/{template}.txt").render(**params).strip()
    if channel is Channel.SMS:
        return "", text
    subject, _blank, body = text.partition("\n")
    return subject.strip(), body.strip() + "\n"


def send(
    session: Session,
    *,
    template: str,
    account: UserAccount | None = None,
    email: str | None = None,
    phone: str | None = None,
    locale: str | None = None,
    person_key_id: UUID | None = None,
    **params: Any,
) -> OutgoingMessage | None:
    """Write a message and queue its delivery in this transaction.

    To an account goes an SMS when it has a telephone and an SMS template stands, else an e-mail; None when there is no
    way to reach it. Pass ``email`` or ``phone`` to choose.
    """
    if account is not None and not email and not phone:
        has_sms = (ROOT / "templates" / "sms" / f"{template}.txt").exists()
        phone = account.phone if has_sms else None
        email = None if phone else account.email
    if not email and not phone:
        return None
    channel = Channel.SMS if phone else Channel.EMAIL
    language = locale or (account.locale if account else current_locale())
    with in_locale(language):
        subject, body = render(channel, template, params)
    key_id = person_key_id or (account.person_key_id if account else new_person(session).id)
    message = OutgoingMessage(
        person_key_id=key_id,
        channel=channel,
        template=template,
        locale=language,
        account_id=account.id if account else None,
    )
    message.address, message.subject, message.body = phone or email, subject, body
    session.add(message)
    session.flush()
    enqueue(session, "core.deliver", message_id=str(message.id))
    return message


@job("core.deliver")
def deliver(session: Session, message_id: str) -> None:
    """Hand one message to the gateway. Runs at least once; the key lets a gateway drop a repeat."""
    message = session.scalars(
        select(OutgoingMessage).where(OutgoingMessage.id == UUID(message_id)).with_for_update()
    ).one_or_none()
    if message is None or message.sent_at is not None or message.address is None:
        return
    gateway(message.channel).deliver(
        address=message.address, subject=message.subject or "", body=message.body or "", key=str(message.id)
    )
    message.sent_at = db_now(session)
