"""The API of partner systems: tokens by client credentials, scopes, problem documents."""

import base64
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core.actor import SYSTEM
from core.db import db_now
from core.errors import DomainError, NotVisible
from core.signing import sign_token
from portal.partner.models import PartnerClient, PartnerToken, Scope
from portal.partner.services import add_client, end_client, sweep_tokens


def partner(session: Session, *scopes: Scope) -> tuple[PartnerClient, str]:
    return add_client(session, SYSTEM, name="Himal Air check-in", scopes=list(scopes or Scope))


def ask(client: FlaskClient, made: tuple[PartnerClient, str], **form: str) -> TestResponse:
    basic = base64.b64encode(f"{made[0].client_id}:{made[1]}".encode()).decode()
    return client.post(
        "/oauth/token", data={"grant_type": "client_credentials", **form}, headers={"Authorization": f"Basic {basic}"}
    )


def bearer(client: FlaskClient, made: tuple[PartnerClient, str], **form: str) -> dict[str, str]:
    answer = ask(client, made, **form)
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def tokens(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PartnerToken)) or 0


def test_credentials_give_a_short_lived_token_kept_as_a_hash(client: FlaskClient, session: Session):
    made = partner(session)
    answer = ask(client, made)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert set(body["scope"].split()) == {str(s) for s in Scope}
    assert "refresh_token" not in body
    kept = session.scalars(select(PartnerToken)).one()
    assert body["access_token"].encode() not in kept.token_hash
    about = client.get("/api/v1/partner", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert about.status_code == 200
    assert about.json["name"] == "Himal Air check-in"


def test_wrong_credentials_and_grants_give_no_token(client: FlaskClient, session: Session):
    made = partner(session)
    wrong = (made[0], "not-the-secret")
    nobody = (PartnerClient(client_id="partner-none"), made[1])
    assert ask(client, wrong).status_code == 401
    assert ask(client, nobody).status_code == 401
    assert ask(client, made, grant_type="password", username="x", password="y").status_code == 400
    assert ask(client, made, grant_type="authorization_code", code="x").status_code == 400
    posted = {"grant_type": "client_credentials", "client_id": made[0].client_id, "client_secret": made[1]}
    assert client.post("/oauth/token", data=posted).status_code == 401
    assert client.post("/oauth/token", query_string=posted).status_code == 400
    assert client.get("/oauth/token").status_code == 405
    assert tokens(session) == 0


def test_a_scope_that_is_not_theirs_is_refused_and_a_narrower_one_is_kept(client: FlaskClient, session: Session):
    made = partner(session, Scope.REGISTER_READ)
    answer = ask(client, made, scope="register:read documents:verify")
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")
    assert tokens(session) == 0
    both = partner(session)
    headers = bearer(client, both, scope="documents:verify")
    refused = client.get("/api/v1/partner/register", headers=headers)
    assert refused.status_code == 403
    assert refused.content_type == "application/problem+json"
    assert (refused.json["status"], refused.json["error"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer ", "Bearer nonsense", "Basic eDp5", "nonsense", "Bearer a b c"]
)
def test_without_a_good_token_the_api_is_closed(header: str | None, client: FlaskClient, session: Session):
    headers = {"Authorization": header} if header is not None else {}
    for answer in (
        client.get("/api/v1/partner", headers=headers),
        client.get("/api/v1/partner/register", headers=headers),
        client.post("/api/v1/partner/documents", headers=headers, json={"code": "x"}),
    ):
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_in_the_address_or_the_body_opens_nothing(client: FlaskClient, session: Session):
    token = bearer(client, partner(session))["Authorization"].split()[1]
    assert client.get(f"/api/v1/partner?access_token={token}").status_code == 401
    assert client.post("/api/v1/partner/documents", data={"access_token": token}).status_code == 401


def _age(session: Session, since: timedelta) -> None:
    """Put the one token there again as one that ended a while ago (the application's role can't change a token)."""
    old = session.scalars(select(PartnerToken)).one()
    values = {"partner_id": old.partner_id, "token_hash": old.token_hash, "scopes": old.scopes}
    session.delete(old)
    session.flush()
    session.add(PartnerToken(**values, expires_at=db_now(session) - since))
    session.flush()


def test_expired_tokens_and_ended_partners_are_out_at_once(client: FlaskClient, session: Session):
    made, other = partner(session), partner(session)
    headers, kept = bearer(client, made), bearer(client, other)
    end_client(session, SYSTEM, made[0].client_id)
    assert client.get("/api/v1/partner", headers=headers).status_code == 401
    assert ask(client, made).status_code == 401
    with pytest.raises(NotVisible):
        end_client(session, SYSTEM, made[0].client_id)
    assert client.get("/api/v1/partner", headers=kept).status_code == 200
    _age(session, timedelta(seconds=1))
    assert client.get("/api/v1/partner", headers=kept).status_code == 401
    sweep_tokens(session)
    assert tokens(session) == 1
    _age(session, timedelta(days=2))
    sweep_tokens(session)
    assert tokens(session) == 0


def test_a_sign_in_cookie_is_no_token_and_a_token_no_sign_in(client: FlaskClient, session: Session):
    from tests.conftest import PortalClient
    from tests.portal.factories import officer

    assert isinstance(client, PortalClient)
    headers = bearer(client, partner(session))
    assert client.get("/account", headers=headers).status_code == 303
    client.sign_in(session, officer(session))
    assert client.get("/api/v1/partner").status_code == 401


def test_documents_are_verified_for_partners(client: FlaskClient, session: Session):
    headers = bearer(client, partner(session, Scope.DOCUMENTS_VERIFY))
    url = "/api/v1/partner/documents"
    good = client.post(url, headers=headers, json={"code": sign_token({"n": 1}, typ="of-no-kind")})
    assert (good.status_code, good.json["answer"]) == (200, "not_ours")
    forged = client.post(url, headers=headers, json={"code": "a.b.c"})
    assert (forged.status_code, forged.json["answer"]) == (200, "not_ours")
    for body in ({}, {"code": ""}, {"code": 7}, {"code": "x" * 5000}, ["code"]):
        assert client.post(url, headers=headers, json=body).status_code == 422
    assert client.post(url, headers=headers, data="not json").status_code == 422


def test_the_register_is_paged(client: FlaskClient, session: Session):
    headers = bearer(client, partner(session, Scope.REGISTER_READ))
    answer = client.get("/api/v1/partner/register", headers=headers)
    assert answer.status_code == 200
    assert set(answer.json) == {"results", "next_cursor", "as_of"}
    for cursor in ("-1", "x", "99999999", "٣", "WyJuIiwgMSwgMl0", "WyJxIiwgMCwgIngiXQ", "W" * 900):
        assert client.get(f"/api/v1/partner/register?cursor={cursor}", headers=headers).status_code == 422


def test_a_partner_needs_a_name_and_a_scope(session: Session):
    for name, scopes in (("", [Scope.REGISTER_READ]), ("X", [])):
        with pytest.raises(DomainError):
            add_client(session, SYSTEM, name=name, scopes=scopes)
