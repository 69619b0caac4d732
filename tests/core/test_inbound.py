"""SMS to us: signed, fresh, taken once, answered once, then forgotten."""

import hmac
import json
import threading
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from core import inbound, settings
from core.db import db_now
from core.errors import Denied, DomainError
from core.inbound import ANSWERS_PER_HOUR, InboundMessage, Received, SignedWebhook, forget_senders, take
from core.jobs import run_waiting
from core.messages import OutgoingMessage
from core.privacy import PersonKey
from tests.core.test_gateways import Bearerbox, Sendsms

SECRET = "a-key-agreed-with-the-gateway"
SENDER = "+9779800000077"


def posted(text="CHECK 421", *, sender=SENDER, event="Ey6ECgOkVVFjz3CL48B8C", kind="sms:received"):
    payload = {
        "messageId": "abc123", "message": text, "phoneNumber": sender, "simNumber": None,
        "receivedAt": "2026-11-28T10:00:00.000+05:45",
    }  # fmt: skip
    return json.dumps(
        {"deviceId": "d", "event": kind, "id": event, "payload": payload, "webhookId": "w"}, ensure_ascii=False
    ).encode()


def headers(body, at, *, secret=SECRET):
    stamp = str(int(at.timestamp()))
    return {
        "X-Timestamp": stamp,
        "X-Signature": hmac.new(secret.encode(), body + stamp.encode(), sha256).hexdigest(),
    }


@pytest.fixture
def signed(app, client, session):
    settings.configure(replace(settings.current(), sms_webhook_secret=SECRET))

    def post(body, *, kind="application/json", **changed):
        given = {**headers(body, db_now(session)), **changed}
        return client.post("/webhooks/sms", data=body, headers=given, content_type=kind)

    return post


def messages(session):
    return session.scalars(select(InboundMessage)).all()


def test_a_signed_message_is_taken_once_however_often_it_comes(signed, session):
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        assert signed(posted(), kind=kind).json == {"received": True}
    (kept,) = messages(session)
    assert (kept.sender, kept.text) == (SENDER, "CHECK 421")
    assert session.scalar(select(func.count()).select_from(PersonKey)) == 1
    run_waiting(session)
    (sent,) = session.scalars(select(OutgoingMessage)).all()
    assert (sent.address, sent.channel, sent.id) == (SENDER, "sms", kept.reply_id)
    assert sent.sent_at
    assert b"421" not in kept.text_sealed
    assert SENDER.encode() not in kept.sender_sealed


def test_a_forged_late_or_changed_message_is_refused_and_nothing_is_kept(signed, session):
    body, now = posted(), db_now(session)
    late, early = now - timedelta(seconds=301), now + timedelta(seconds=302)
    for wrong in (
        {"X-Signature": ""}, {"X-Signature": "00" * 32}, {"X-Signature": "é"}, {"X-Timestamp": ""}, {"X-Timestamp": "1e9"},
        {"X-Timestamp": "²"}, {"X-Timestamp": str(int(now.timestamp()) - 1)}, headers(body, late), headers(body, early),
        headers(body, now, secret="another-key-of-somebody"), headers(posted("CHECK 422"), now),
    ):  # fmt: skip
        assert signed(body, **wrong).status_code == 403, wrong
    assert messages(session) == []
    assert signed(body).status_code == 200


def test_what_is_signed_but_no_sms_is_thanked_for_and_what_is_broken_is_refused(signed, session):
    assert signed(posted(kind="sms:delivered")).status_code == 200
    assert signed(posted(sender="NTC")).status_code == 200
    for broken in (b"", b"[]", b"{}", b"nonsense", b"\xff", posted("", event="x"), posted(sender="")):
        assert signed(broken).status_code == 422, broken
    assert signed(b"x" * 20_000).status_code == 413
    assert messages(session) == []


def test_half_a_character_and_a_nought_do_no_harm(signed, session):
    body = posted("CHECK half").replace(b"half", b"\\ud83d\\u0000x")
    assert signed(body).status_code == 200
    (kept,) = messages(session)
    assert kept.text == "CHECK ?x"
    run_waiting(session)
    assert kept.answered_at


def test_without_an_agreed_key_there_is_no_such_address(client, app):
    settings.configure(replace(settings.current(), sms_webhook_secret=""))
    assert client.post("/webhooks/sms", data=posted()).status_code == 404


def test_the_gateway_says_what_is_wrong_without_saying_what_was_sent(session):
    reads = SignedWebhook(SECRET)
    now = db_now(session)
    with pytest.raises(Denied) as refused:
        reads.read(posted(), {}, now)
    with pytest.raises(DomainError) as broken:
        reads.read(b"{}", headers(b"{}", now), now)
    assert "421" not in str(refused.value) + str(broken.value)


def test_the_same_event_at_once_is_taken_once(committed):
    taken, barrier = [], threading.Barrier(6)

    def one():
        with committed() as session:
            barrier.wait()
            taken.append(take(session, Received("event-1", SENDER, "CHECK 421")))
            session.commit()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 5 + [True]
    with committed() as session:
        assert len(messages(session)) == 1
        # Whoever lost leaves no key behind either.
        assert session.scalar(select(func.count()).select_from(PersonKey)) == 1


def test_a_sender_is_answered_some_times_an_hour_and_then_no_more(session, monkeypatch):
    counted = iter(range(1, 100))
    monkeypatch.setattr(inbound, "count", lambda *_a, **_k: next(counted))
    for number in range(ANSWERS_PER_HOUR + 3):
        take(session, Received(f"event-{number}", SENDER, "CHECK 421"))
    run_waiting(session)
    answered = [m for m in messages(session) if m.answered_at]
    assert len(answered) == ANSWERS_PER_HOUR + 3
    assert sum(m.reply_id is not None for m in answered) == ANSWERS_PER_HOUR


def test_the_answer_leaves_through_a_real_gateway_and_then_nobody_can_tell_who_asked(session):
    server = Bearerbox(("127.0.0.1", 0), Sendsms)
    server.taken = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://openpassage:p%40ss%2Fword@127.0.0.1:{server.server_port}/cgi-bin/sendsms"
    settings.configure(replace(settings.current(), sms_url=address))
    try:
        take(session, Received("event-1", SENDER, "CHECK Zzyzx Travels"))
        assert forget_senders(session) == 0
        run_waiting(session)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    (heard,) = server.taken
    assert heard["to"] == SENDER
    assert "NOT LICENSED" in heard["text"]
    assert forget_senders(session) == 1
    (kept,) = messages(session)
    (sent,) = session.scalars(select(OutgoingMessage)).all()
    session.expire_all()
    assert [kept.sender, kept.text, sent.address, sent.body] == [None] * 4
    assert kept.forgotten_at
    assert forget_senders(session) == 0


def test_what_nobody_could_answer_is_forgotten_after_a_day(session):
    settings.configure(replace(settings.current(), sms_url="http://127.0.0.1:9/cgi-bin/sendsms"))
    take(session, Received("event-1", SENDER, "CHECK 421"))
    (kept,) = messages(session)
    kept.created_at = db_now(session) - timedelta(hours=23)
    session.flush()
    assert forget_senders(session) == 0
    kept.created_at = db_now(session) - timedelta(hours=25)
    session.flush()
    assert forget_senders(session) == 1
    # Its job finds nothing to answer to.
    run_waiting(session)
    assert session.scalars(select(OutgoingMessage)).all() == []
