"""Staff sign-in through a real OpenID provider on the loopback: what must hold, and each way to cheat."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts import AccountSession, OidcLink, StaffPosting, UserAccount, end_posting, suspend_account
from core.audit import AuditEvent
from tests.conftest import PortalClient
from tests.portal.conftest import RunningProvider
from tests.portal.factories import PASSWORD, officer, person


def linked(session: Session, provider: RunningProvider, account: UserAccount, subject: str = "officer-1") -> OidcLink:
    link = OidcLink(account_id=account.id, issuer=provider.issuer, subject=subject)
    session.add(link)
    session.flush()
    return link


def begin(client: FlaskClient) -> str:
    answer = client.get("/sign-in/office")
    assert answer.status_code == 302
    return answer.headers["Location"]


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def sessions_of(session: Session, account: UserAccount) -> int:
    query = select(func.count()).select_from(AccountSession).where(AccountSession.account_id == account.id)
    return session.scalar(query) or 0


def test_a_linked_officer_signs_in(client: FlaskClient, session: Session, provider: RunningProvider):
    account = officer(session)
    linked(session, provider, account)
    address = begin(client)
    asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid"
    assert asked["redirect_uri"] == "http://localhost/sign-in/office/callback"
    assert len(asked["nonce"]) >= 20
    assert len(asked["state"]) >= 20
    answer = client.get(path_of(provider.go(address)))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    assert client.get("/account").status_code == 200
    assert session.scalars(
        select(AuditEvent.evidence).where(AuditEvent.subject_id == account.id, AuditEvent.action == "sign_in")
    ).all() == [{"by": "office"}]


def test_our_second_step_follows_when_the_provider_asked_for_one_factor_only(
    client: FlaskClient, session: Session, provider: RunningProvider
):
    account = officer(session)
    linked(session, provider, account)
    provider.control(amr=["pwd"])
    answer = client.get(path_of(provider.go(begin(client))))
    assert answer.headers["Location"].startswith("/sign-in/code")
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize(
    "fault",
    [
        "wrong_issuer", "wrong_audience", "wrong_audience_named_party", "wrong_nonce", "no_nonce", "expired", "no_expiry",
        "no_subject", "empty_subject", "number_as_subject", "unsigned", "shared_secret", "client_secret_signs",
        "strangers_key", "other_key_type", "no_id_token",
    ],
)  # fmt: skip
def test_a_token_that_breaks_a_rule_opens_nothing(
    fault: str, client: FlaskClient, session: Session, provider: RunningProvider
):
    account = officer(session)
    linked(session, provider, account)
    linked(session, provider, account, subject="17")
    provider.control(fault=fault)
    answer = client.get(path_of(provider.go(begin(client))))
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers or "op-session" not in answer.headers["Set-Cookie"]
    assert sessions_of(session, account) == 0


def test_metadata_of_another_issuer_is_refused_before_anyone_is_sent_there(
    client: FlaskClient, provider: RunningProvider
):
    provider.control(fault="other_metadata")
    assert client.get("/sign-in/office").status_code == 403


def test_a_forged_state_is_refused(client: FlaskClient, session: Session, provider: RunningProvider):
    account = officer(session)
    linked(session, provider, account)
    back = urlsplit(provider.go(begin(client)))
    code = parse_qs(back.query)["code"][0]
    for query in (f"code={code}&state=forged", f"code={code}", "", "state=", "error=access_denied", "code=&state="):
        assert client.get(f"{back.path}?{query}").status_code == 403
    assert sessions_of(session, account) == 0


def test_an_answer_meant_for_another_browser_is_refused(
    client: FlaskClient, session: Session, provider: RunningProvider, app: object
):
    account = officer(session)
    linked(session, provider, account)
    back = path_of(provider.go(begin(client)))
    other = client.application.test_client()
    assert other.get(back).status_code == 403
    assert client.get(back).status_code == 303


def test_a_replayed_code_is_refused(client: FlaskClient, session: Session, provider: RunningProvider):
    account = officer(session)
    linked(session, provider, account)
    back = path_of(provider.go(begin(client)))
    kept = client.get_cookie("op")
    assert kept is not None
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 403
    # Even a browser that puts its old state back gets no further: the provider takes a code once.
    client.set_cookie("op", kept.value)
    assert client.get(back).status_code == 403
    assert sessions_of(session, account) == 1


def test_an_answer_naming_another_issuer_is_refused(client: FlaskClient, session: Session, provider: RunningProvider):
    account = officer(session)
    linked(session, provider, account)
    back = path_of(provider.go(begin(client)))
    assert client.get(f"{back}&iss=http://127.0.0.1:9/other").status_code == 403
    assert sessions_of(session, account) == 0


def test_the_same_email_address_links_nothing(client: FlaskClient, session: Session, provider: RunningProvider):
    account = officer(session)
    account.email = "licensing.officer@demo.openpassage.example"
    answer = client.get(path_of(provider.go(begin(client))))
    assert answer.status_code == 403
    assert sessions_of(session, account) == 0


def test_suspended_removed_and_unlinked_accounts_stay_out(
    client: FlaskClient, session: Session, provider: RunningProvider
):
    suspended, removed, plain = officer(session), officer(session), person(session)
    linked(session, provider, suspended, "suspended")
    suspend_account(session, suspended)
    linked(session, provider, removed, "removed")
    end_posting(session, session.scalars(select(StaffPosting).where(StaffPosting.account_id == removed.id)).one())
    linked(session, provider, plain, "plain")
    for subject in ("suspended", "removed", "plain", "nobody"):
        provider.control(subject=subject)
        assert client.get(path_of(provider.go(begin(client)))).status_code == 403
    assert [sessions_of(session, a) for a in (suspended, removed, plain)] == [0, 0, 0]


def test_an_officer_links_an_office_account_with_the_password_and_removes_it_again(
    client: PortalClient, session: Session, provider: RunningProvider
):
    account = officer(session)
    client.sign_in(session, account)
    assert client.post_form("/account/office", password="not the password").status_code == 422
    answer = client.post_form("/account/office", password=PASSWORD)
    assert answer.status_code == 302
    back = client.get(path_of(provider.go(answer.headers["Location"])))
    assert (back.status_code, back.headers["Location"]) == (303, "/account/office")
    link = session.scalars(select(OidcLink).where(OidcLink.account_id == account.id)).one()
    assert (link.issuer, link.subject, link.ended_at) == (provider.issuer, "officer-1", None)
    other = client.application.test_client()
    assert other.get(path_of(provider.go(begin(other)))).status_code == 303
    assert client.post_form(f"/account/office/{link.id}/remove").status_code == 303
    assert other.get("/account").status_code == 303
    fresh = client.application.test_client()
    assert fresh.get(path_of(provider.go(begin(fresh)))).status_code == 403


def test_linking_takes_nobody_elses_identity_and_serves_staff_only(
    client: PortalClient, session: Session, provider: RunningProvider
):
    owner, thief, plain = officer(session), officer(session), person(session)
    link = linked(session, provider, owner)
    client.sign_in(session, thief)
    answer = client.post_form("/account/office", password=PASSWORD)
    assert client.get(path_of(provider.go(answer.headers["Location"]))).status_code == 422
    session.refresh(link)
    assert link.account_id == owner.id
    assert client.post_form(f"/account/office/{link.id}/remove").status_code == 404
    client.sign_in(session, plain)
    assert client.get("/account/office").status_code == 403
    assert client.post_form("/account/office", password=PASSWORD).status_code == 403


def test_a_link_begun_by_one_and_ended_by_another_sign_in_is_refused(
    client: PortalClient, session: Session, provider: RunningProvider
):
    first, second = officer(session), officer(session)
    client.sign_in(session, first)
    answer = client.post_form("/account/office", password=PASSWORD)
    client.sign_in(session, second)
    assert client.get(path_of(provider.go(answer.headers["Location"]))).status_code == 403
    assert session.scalars(select(OidcLink).where(OidcLink.account_id.in_([first.id, second.id]))).all() == []


def test_without_a_provider_there_is_no_such_page(client: FlaskClient):
    assert client.get("/sign-in/office").status_code == 404
    assert client.get("/sign-in/office/callback?code=x&state=y").status_code == 404


def test_a_provider_that_does_not_answer_is_a_sentence_not_a_crash(client: FlaskClient, settings: object, app: object):
    from dataclasses import replace

    from core.settings import Settings, configure

    assert isinstance(settings, Settings)
    configure(replace(settings, oidc_issuer="http://127.0.0.1:9", oidc_client_id="openpassage"))
    try:
        assert client.get("/sign-in/office").status_code == 422
    finally:
        configure(settings)
