"""The pages of a renewal, in forms as a browser sends them."""

from sqlalchemy import select

from agencies.licensing import decisions
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import ApplicationStatus, Procedure
from core.accounts import UserAccount
from core.db import legal_today
from tests.agencies import factories as make
from tests.agencies.renewal import renewals


def text_of(answer):
    return answer.get_data(as_text=True)


def come_in(client, session, actor):
    client.sign_in(session, session.get_one(UserAccount, actor.account_id))


def test_an_agency_sees_each_test_before_it_asks_and_sends_it_once(client, session):
    make.reviewer(session)
    agency, _licence, owner = renewals.near_its_end(session)
    come_in(client, session, owner)
    assert "The licence ends soon" in text_of(client.get(f"/agencies/{agency.id}"))
    page = text_of(client.get(f"/agencies/{agency.id}/renewal"))
    assert "In the weakest year 0 workers departed; 100 are asked for." in page
    assert "(reported)" in page
    # Nobody is told that directors are compared.
    assert "No director is on the blacklist" not in page
    begun = client.post_form(f"/agencies/{agency.id}/renewal")
    application = session.scalars(select(LicenceApplication)).one()
    assert application.procedure is Procedure.RENEWAL
    address = f"/licences/applications/{application.id}"
    assert begun.location.endswith(address)
    assert client.post_form(f"/agencies/{agency.id}/renewal").location.endswith(address)
    assert "Still missing: Tax clearance certificate" in text_of(client.post_form(f"{address}/submit"))
    renewals.filled_in(session, owner, agency)
    assert client.post_form(f"{address}/submit").status_code == 303
    assert client.post_form(f"{address}/submit").status_code in (409, 422)
    assert make.reload(session, application).status is ApplicationStatus.SUBMITTED


def test_before_the_window_the_page_says_the_day_and_a_forged_request_begins_nothing(client, session):
    agency, _licence, owner = renewals.near_its_end(session, days=200)
    come_in(client, session, owner)
    page = text_of(client.get(f"/agencies/{agency.id}/renewal"))
    assert "The renewal can be asked for from" in page
    assert "Ask for the renewal<" not in page
    refused = client.post_form(f"/agencies/{agency.id}/renewal")
    assert refused.status_code == 422
    assert session.scalars(select(LicenceApplication)).all() == []


def test_another_agency_s_renewal_is_not_there(client, session):
    agency, _licence, _owner = renewals.near_its_end(session)
    _other, _made, stranger = renewals.near_its_end(session, "Rara Overseas", number="99")
    come_in(client, session, stranger)
    assert client.get(f"/agencies/{agency.id}/renewal").status_code == 404
    assert client.post_form(f"/agencies/{agency.id}/renewal").status_code == 404
    assert session.scalars(select(LicenceApplication)).all() == []


def test_an_agency_without_a_licence_has_no_such_page(client, session):
    agency, _account, owner = make.agency(session)
    come_in(client, session, owner)
    assert client.get(f"/agencies/{agency.id}/renewal").status_code == 404
    assert client.post_form(f"/agencies/{agency.id}/renewal").status_code == 404
    assert session.scalars(select(LicenceApplication)).all() == []


def test_the_officer_sees_the_tests_and_finance_records_the_receipt_once(client, session):
    application, _agency, licence, _owner, cashier = renewals.approved(session)
    page = f"/licensing/applications/{application.id}"
    come_in(client, session, cashier)
    shown = text_of(client.get(page))
    assert "Renewal of the licence of" in shown
    assert "No director is on the blacklist" in shown
    assert "When it was sent: look at this" in shown
    fee = {"fee": "5000", "receipt": "R-7", "paid_on": legal_today(session).isoformat()}
    assert "There is a problem" in text_of(client.post_form(f"{page}/fee", **{**fee, "receipt": ""}))
    assert client.post_form(f"{page}/fee", **fee).status_code == 303
    assert client.post_form(f"{page}/fee", **fee).status_code in (409, 422)
    assert client.post_form(f"{page}/issue").status_code == 303
    assert session.get_one(Licence, licence.id, populate_existing=True).application_id == application.id
    assert client.post_form(f"{page}/issue").status_code in (409, 422)
    # Afterwards stands what was decided on, not what would be measured now.
    decided = text_of(client.get(page))
    assert "Asked for in time" in decided
    assert "It can be asked for from" not in decided
    assert "not met</span>" not in decided


def test_the_approver_finds_a_term_as_long_as_the_last_proposed(client, session):
    maker, checker = make.reviewer(session), make.approver(session)
    application, _agency, licence, _owner = renewals.sent(session, reviewer=maker)
    decisions.take(session, maker, application.id)
    with make.drawn_for(checker):
        make.recommend(session, maker, application)
    come_in(client, session, checker)
    until = licence.valid_until + (licence.valid_until - licence.issued_on)
    assert f'value="{until.isoformat()}"' in text_of(client.get(f"/licensing/applications/{application.id}"))


def test_the_queue_says_that_it_is_a_renewal(client, session):
    maker = make.reviewer(session)
    renewals.sent(session, reviewer=maker)
    come_in(client, session, maker)
    assert "Renewal: Waiting for an officer" in text_of(client.get("/staff/queue/licence.new"))


def test_a_refused_agency_reads_the_reasons_the_appeal_and_that_its_licence_runs(client, session):
    maker, checker = make.reviewer(session), make.approver(session)
    application, agency, _licence, owner = renewals.sent(session, reviewer=maker)
    decisions.take(session, maker, application.id)
    with make.drawn_for(checker):
        make.recommend(session, maker, application)
    decisions.refuse(session, checker, application.id, "Too few workers were sent.")
    come_in(client, session, owner)
    for address, way in (
        (f"/agencies/{agency.id}", "Read the refusal, and how to appeal"),
        (f"/licences/applications/{application.id}", "You can appeal once"),
    ):
        page = text_of(client.get(address))
        for words in ("Too few workers were sent.", way, "The licence runs to its last day."):
            assert words in page
