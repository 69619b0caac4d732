"""Signing in: what opens, what stays shut, and that every ending counts at once."""

import re
from dataclasses import replace
from datetime import timedelta
from time import time

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from core.accounts import (
    AccountSession,
    UserAccount,
    add_membership,
    find_session,
    open_session,
    suspend_account,
    token_hash,
)
from core.ids import new_id
from core.lifetimes import lifetimes
from core.messages import OutgoingMessage
from core.permissions import SubjectKind
from core.settings import Settings, configure
from tests.conftest import PortalClient
from tests.portal.factories import PASSWORD, officer, person

NEW = "monsoon-terrace-9"


def code_of(account: UserAccount, *, steps: int = 0) -> str:
    assert account.totp_secret is not None
    return pyotp.TOTP(account.totp_secret).at(int(time()) + 30 * steps)


def sessions_of(session: Session, account: UserAccount) -> int:
    query = select(func.count()).select_from(AccountSession).where(AccountSession.account_id == account.id)
    return session.scalar(query) or 0


@pytest.mark.parametrize("way", ["email", "phone", "reference"])
def test_email_telephone_and_reference_all_sign_in(way: str, client: PortalClient, session: Session):
    account = person(session, phone="+9779841234567")
    login = {"email": account.email, "phone": "9841234567", "reference": account.reference.lower()}[way]
    answer = client.post_form("/sign-in", login=login, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("op-session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = cookie.split("=", 1)[1].split(";")[0]
    kept = session.scalars(select(AccountSession).where(AccountSession.account_id == account.id)).one()
    assert kept.token_hash == token_hash(token)
    assert client.get("/account").status_code == 200


def test_wrong_and_unknown_look_the_same(client: PortalClient, session: Session):
    account = person(session)
    suspended = person(session)
    suspend_account(session, suspended)

    def answer(login: str, password: str) -> tuple[int, str]:
        given = client.post_form("/sign-in", login=login, password=password)
        text = re.sub(r'name="csrf_token" value="[^"]*"', "", given.text).replace(login, "")
        return given.status_code, text

    wrong = answer(account.email or "", "not the password")
    unknown = answer("nobody@people.example", "not the password")
    stopped = answer(suspended.email or "", PASSWORD)
    assert wrong == unknown == stopped
    assert wrong[0] == 422
    assert sessions_of(session, account) == sessions_of(session, suspended) == 0


def test_an_unknown_account_costs_the_same_hashing(client: PortalClient, session: Session, monkeypatch):
    from core import accounts

    calls: list[str | None] = []
    real = accounts.secret_matches

    def counted(hashed: str | None, secret: str) -> bool:
        calls.append(hashed)
        return real(hashed, secret)

    monkeypatch.setattr(accounts, "secret_matches", counted)
    client.post_form("/sign-in", login="nobody@people.example", password="x")
    assert calls == [None]


def test_people_who_share_a_telephone_each_reach_their_own_account(client: PortalClient, session: Session):
    first, second = person(session, phone="+9779841111111"), person(session, phone="+9779841111111")
    from core.accounts import hash_secret

    second.password_hash = hash_secret(NEW)
    session.flush()
    client.post_form("/sign-in", login="9841111111", password=NEW)
    assert (sessions_of(session, first), sessions_of(session, second)) == (0, 1)
    # With the same secret too, neither is guessed at.
    second.password_hash = hash_secret(PASSWORD)
    session.flush()
    other = client.application.test_client()
    assert other.post_form("/sign-in", login="9841111111", password=PASSWORD).status_code == 422


def test_tries_are_counted_and_then_stopped(client: PortalClient, session: Session):
    account = person(session)
    for _ in range(10):
        assert client.post_form("/sign-in", login=account.email, password="wrong").status_code == 422
    answer = client.post_form("/sign-in", login=account.email, password=PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert sessions_of(session, account) == 0


# --- second step -------------------------------------------------------------------------------------------------


def test_another_spelling_of_a_number_is_no_new_count_of_tries(client: PortalClient, session: Session):
    person(session, phone="+9779841000077")
    spellings = [
        "+9779841000077", "9841000077", "984-1000077", "९८४१००००७७", "+977 9841 000077", "00977 984 1000077", " 9841 000 077",
        "98 41 00 00 77", "(984)1000077", "+977-984-1000-077", "984 1000 077",
    ]  # fmt: skip
    answers = [client.post_form("/sign-in", login=s, password="wrong-wrong-wrong").status_code for s in spellings]
    assert answers == [422] * 10 + [429]


def test_wrong_tries_from_elsewhere_do_not_shut_a_person_out(app: Flask, client: PortalClient, session: Session):
    account = person(session)
    for _ in range(11):
        client.post_form("/sign-in", login=account.email, password="wrong-wrong-wrong")
    assert client.post_form("/sign-in", login=account.email, password=PASSWORD).status_code == 429
    at_home = app.test_client()
    at_home.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert at_home.post_form("/sign-in", login=account.email, password=PASSWORD).status_code == 303


def test_tries_from_many_places_are_counted_together(app: Flask, session: Session):
    account = person(session)
    answers = []
    for place in range(6):
        stranger = app.test_client()
        stranger.environ_base["REMOTE_ADDR"] = f"192.0.2.{place}"
        for _ in range(10):
            answers.append(stranger.post_form("/sign-in", login=account.email, password="wrong-wrong").status_code)
    assert answers == [422] * 50 + [429] * 10


def test_staff_need_the_second_step(client: PortalClient, session: Session):
    account = officer(session)
    answer = client.post_form("/sign-in", login=account.email, password=PASSWORD)
    assert answer.headers["Location"].startswith("/sign-in/code")
    assert client.get("/account").status_code == 303
    assert client.post_form("/sign-in/code", code="000000").status_code == 422
    before = client.get_cookie("op-session")
    assert client.post_form("/sign-in/code", code=code_of(account)).status_code == 303
    after = client.get_cookie("op-session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert client.get("/staff").status_code == 200
    client.set_cookie("op-session", before.value)
    assert client.get("/staff").status_code == 303


def test_a_code_works_once(client: PortalClient, session: Session):
    account = officer(session)
    code = code_of(account)
    client.post_form("/sign-in", login=account.email, password=PASSWORD)
    assert client.post_form("/sign-in/code", code=code).status_code == 303
    other = client.application.test_client()
    other.post_form("/sign-in", login=account.email, password=PASSWORD)
    assert other.post_form("/sign-in/code", code=code).status_code == 422
    assert other.get("/staff").status_code == 303


def test_codes_of_yesterday_and_of_others_do_not_work(client: PortalClient, session: Session):
    account, other = officer(session), officer(session)
    client.post_form("/sign-in", login=account.email, password=PASSWORD)
    for code in (code_of(account, steps=-5), code_of(account, steps=5), code_of(other), "", "abcdef"):
        assert client.post_form("/sign-in/code", code=code).status_code == 422


def test_codes_can_not_be_guessed_forever(app: Flask, committed: sessionmaker[Session]):
    """With real commits: a refused try is rolled back, its count is not."""
    with committed() as session:
        account = officer(session)
        session.commit()
    app.test_client_class = PortalClient
    client = app.test_client()
    assert isinstance(client, PortalClient)
    assert client.post_form("/sign-in", login=account.email, password=PASSWORD).status_code == 303
    statuses = [client.post_form("/sign-in/code", code="000000").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_new_officer_sets_up_an_authenticator_at_the_first_sign_in(client: PortalClient, session: Session):
    account = officer(session)
    account.totp_secret, account.totp_confirmed = None, False
    session.flush()
    client.post_form("/sign-in", login=account.email, password=PASSWORD)
    assert client.get("/sign-in/code").headers["Location"].startswith("/sign-in/set-up")
    assert client.post_form("/sign-in/set-up").status_code == 303
    shown = client.get("/sign-in/set-up").text
    session.refresh(account)
    assert account.totp_secret in shown
    assert "<svg" in shown
    assert client.post_form("/sign-in/code", code=code_of(account)).status_code == 303
    session.refresh(account)
    assert account.totp_confirmed
    # From now on nobody with the password alone sees the key again.
    thief = client.application.test_client()
    thief.post_form("/sign-in", login=account.email, password=PASSWORD)
    assert thief.get("/sign-in/set-up").status_code == 303
    assert thief.post_form("/sign-in/set-up").status_code == 422


def test_a_recovery_code_works_once_in_place_of_the_app(client: PortalClient, session: Session):
    account = officer(session)
    client.sign_in(session, account)
    assert client.post_form("/account/recovery-codes", password="wrong").status_code == 422
    assert account.recovery_hashes == []
    shown = client.post_form("/account/recovery-codes", password=PASSWORD).text
    codes = re.findall(r"[0-9a-f]{6}-[0-9a-f]{6}", shown)
    assert len(codes) == 8
    for expected in (303, 422):
        other = client.application.test_client()
        other.post_form("/sign-in", login=account.email, password=PASSWORD)
        assert other.post_form("/sign-in/code", code=codes[0].upper()).status_code == expected


# --- endings -----------------------------------------------------------------------------------------------------


def test_the_cookie_is_worth_nothing_after_signing_out(client: PortalClient, session: Session):
    client.sign_in(session, person(session))
    kept = client.get_cookie("op-session")
    assert kept is not None
    assert client.post_form("/sign-out").status_code == 303
    client.set_cookie("op-session", kept.value)
    assert client.get("/account").status_code == 303


def test_a_changed_password_ends_every_session(client: PortalClient, session: Session):
    account = person(session)
    elsewhere = open_session(session, account)
    client.sign_in(session, account)
    wrong = client.post_form("/account/password", current="wrong", password=NEW, again=NEW)
    assert wrong.status_code == 422
    assert find_session(session, elsewhere) is not None
    assert client.post_form("/account/password", current=PASSWORD, password=NEW, again=NEW).status_code == 303
    assert find_session(session, elsewhere) is None
    assert client.get("/account").status_code == 303
    assert client.post_form("/sign-in", login=account.email, password=PASSWORD).status_code == 422
    assert client.post_form("/sign-in", login=account.email, password=NEW).status_code == 303


def test_a_person_ends_their_own_sessions_and_nobody_elses(client: PortalClient, session: Session):
    account, other = person(session), person(session)
    mine, theirs = open_session(session, account), open_session(session, other)
    client.sign_in(session, account)
    rows = {token: find_session(session, token) for token in (mine, theirs)}
    assert rows[mine] is not None
    assert rows[theirs] is not None
    assert client.post_form(f"/account/sessions/{rows[theirs].id}/end").status_code == 404
    assert client.post_form(f"/account/sessions/{rows[mine].id}/end").status_code == 303
    assert find_session(session, mine) is None
    assert find_session(session, theirs) is not None
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("column", ["last_seen_at", "expires_at"])
def test_sessions_end_by_idling_and_by_age(column: str, client: PortalClient, session: Session):
    client.sign_in(session, person(session))
    assert client.get("/account").status_code == 200
    since = lifetimes().session_idle + timedelta(seconds=1) if column == "last_seen_at" else timedelta(0)
    session.execute(update(AccountSession).values({column: func.now() - since}))
    assert client.get("/account").status_code == 303
    assert timedelta(hours=24) >= lifetimes().session > lifetimes().session_idle


def test_a_suspension_ends_the_session_at_once(client: PortalClient, session: Session):
    account = person(session)
    client.sign_in(session, account)
    suspend_account(session, account)
    session.commit()
    assert client.get("/account").status_code == 303


# --- forgotten password --------------------------------------------------------------------------------------------


def code_in_mail(session: Session) -> str:
    mail = session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc()).limit(1)).one()
    found = re.search(r"\b[0-9]{6}\b", mail.body or "")
    assert found
    return found[0]


def test_a_forgotten_password_is_replaced_by_a_code_from_the_mail(client: PortalClient, session: Session):
    account = officer(session)
    token = open_session(session, account)
    known = client.post_form("/sign-in/forgotten", login=account.email)
    unknown = client.post_form("/sign-in/forgotten", login="nobody@people.example")

    def plain(text: str, login: str) -> str:
        return re.sub(r'name="csrf_token" value="[^"]*"', "", text).replace(login, "")

    assert plain(known.text, account.email or "") == plain(unknown.text, "nobody@people.example")
    values = {"login": account.email, "password": NEW, "again": NEW}
    assert client.post_form("/sign-in/new-password", code="000000", **values).status_code == 422
    code = code_in_mail(session)
    assert client.post_form("/sign-in/new-password", code=code, **values).status_code == 303
    assert find_session(session, token) is None
    assert client.post_form("/sign-in/new-password", code=code, **values).status_code == 422
    # The second step is still asked for.
    answer = client.post_form("/sign-in", login=account.email, password=NEW)
    assert answer.headers["Location"].startswith("/sign-in/code")


def test_a_migrants_password_is_not_replaced_by_mail(client: PortalClient, session: Session):
    account = person(session)
    add_membership(session, account, kind=SubjectKind.MIGRANT, subject_id=new_id(), is_owner=True)
    assert client.post_form("/sign-in/forgotten", login=account.email).status_code == 200
    assert session.scalars(select(OutgoingMessage).where(OutgoingMessage.account_id == account.id)).all() == []


# --- the edge ------------------------------------------------------------------------------------------------------


def test_going_on_leads_to_our_own_pages_only(client: PortalClient, session: Session):
    account = person(session)
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        browser = client.application.test_client()
        answer = browser.post_form("/sign-in", login=account.email, password=PASSWORD, next=target)
        assert answer.headers["Location"] == "/home"


def test_a_form_without_its_token_or_from_another_site_changes_nothing(client: PortalClient, session: Session):
    account = person(session)
    assert client.post("/sign-in", data={"login": account.email, "password": PASSWORD}).status_code == 403
    with client.session_transaction() as cookie:
        cookie["csrf"] = "ab" * 16
    data = {"login": account.email, "password": PASSWORD, "csrf_token": "00" * 16 + "ab" * 16}
    assert client.post("/sign-in", data=data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert sessions_of(session, account) == 0


def test_another_host_name_is_refused(client: FlaskClient):
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_pages_carry_the_headers_that_browsers_need(client: FlaskClient):
    headers = client.get("/sign-in").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_over_https_the_cookie_belongs_to_this_host_alone(
    app: Flask, client: PortalClient, session: Session, settings: Settings
):
    account = person(session)
    configure(replace(settings, public_url="https://localhost"))
    try:
        browser = app.test_client()
        assert isinstance(browser, PortalClient)
        answer = browser.post_form("/sign-in", login=account.email, password=PASSWORD)
        cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "op-session" in c)
        assert cookie.startswith("__Host-op-session=")
        assert "Secure" in cookie
        assert "Path=/;" in cookie + ";"
        assert "Domain" not in cookie
        assert "Strict-Transport-Security" in answer.headers
    finally:
        configure(settings)


def test_the_outbox_is_shown_in_demo_mode_only(client: FlaskClient, settings: Settings):
    assert client.get("/dev/outbox").status_code == 200
    configure(replace(settings, demo=False))
    try:
        assert client.get("/dev/outbox").status_code == 404
    finally:
        configure(settings)


def test_what_the_device_kept_for_an_officer_leaves_it_at_sign_out(client, session: Session):
    from tests.portal.factories import person

    client.sign_in(session, person(session))
    answer = client.post_form("/sign-out")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"storage"')
