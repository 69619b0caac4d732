"""What the lodger, the officer and the worker read of a contract's and a job order's way, and the buttons that they have."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from contracts import lapses, timeline
from contracts.answer.queries import open_jobs
from contracts.employment import services as employment
from contracts.employment.status import ContractStatus
from contracts.employment.terms import PassportKeeper
from contracts.employment.withdrawal import withdraw
from contracts.job_orders import services as job_orders
from contracts.job_orders.status import JobOrderStatus
from contracts.timeline import Reader
from core.accounts import UserAccount
from core.actor import Actor
from core.db import legal_today
from core.i18n import format_date, in_locale
from core.permissions import StaffRole
from tests.contracts import factories as make
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import officer


def sign_in(client: FlaskClient, session: Session, who: Actor) -> None:
    client.sign_in(session, session.get_one(UserAccount, who.require_account()))


def lines(steps: list[timeline.Step]) -> list[tuple[str, str, str]]:
    with in_locale("en"):
        return [(str(s.title), str(s.actor), s.reason) for s in steps]


def test_the_way_of_a_contract_is_told_to_each_reader_in_their_words(session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene, passport_kept_by=PassportKeeper.EMPLOYER)
    employment.amend(session, scene.employer, contract.id, PROMISED)
    accept(session, worker, contract)
    labour = officer(session, StaffRole.LABOUR_OFFICER)
    employment.decide(session, labour, contract.id, "return", "The wage lacks a digit.")
    employment.amend(session, scene.agency, contract.id, replace(PROMISED, wage_minor=130000))
    withdraw(session, scene.agency, contract.id, "The site is closed.")
    assert lines(timeline.of_contract(session, contract, Reader.EMPLOYER)) == [
        ("Lodged", "the agency", ""), ("Against the law: sent back at once", "", "The worker keeps the passport"),
        ("Lodged again with changed terms", "the employer", ""), ("Shown to the worker", "", ""),
        ("Accepted", "the worker", ""), ("Sent back to be mended", "the labour office", "The wage lacks a digit."),
        ("Lodged again with changed terms", "the agency", ""), ("Shown to the worker", "", ""),
        ("Withdrawn", "the agency", "The site is closed."),
    ]  # fmt: skip
    assert lines(timeline.of_contract(session, contract, Reader.WORKER)) == [
        ("A contract for you was lodged", "the agency", ""), ("Against the law: sent back at once", "", ""),
        ("Lodged again with changed terms", "the employer", ""), ("Shown to you", "", ""), ("You accepted it", "", ""),
        ("Sent back to be mended", "the labour office", ""), ("Lodged again with changed terms", "the agency", ""),
        ("Shown to you", "", ""), ("Taken back", "the agency", "The site is closed."),
    ]  # fmt: skip


def accept(session: Session, worker: Actor, contract) -> None:
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    employment.send_accept_code(session, worker, contract.id)
    code = make.last_code(session, worker.require_account())
    employment.accept(session, worker, contract.id, secret=make.PASSWORD, code=code, locale="en")


def test_a_contract_of_before_the_log_said_so_was_lodged_all_the_same(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    contract, _worker = make.lodged(session, make.approved(session))
    monkeypatch.setattr(timeline, "_events", lambda *_args, **_extra: [])
    (first,) = timeline.of_contract(session, contract, Reader.OFFICE)
    assert (str(first.title), str(first.actor), first.at) == ("Lodged", "the agency", contract.created_at)


def test_an_agency_reads_of_a_job_order_only_while_it_was_named(session: Session):
    scene = make.signed(session)
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    labour = officer(session, StaffRole.LABOUR_OFFICER)
    job_orders.act(session, labour, scene.order.id, "return", "This agency was warned twice.")
    other, second = make.agency(session)
    job_orders.edit(session, scene.employer, scene.order.id, job_orders.Draft(other.id, 5, PROMISED))
    job_orders.send_signing_code(session, scene.employer, scene.order.id)
    code = make.last_code(session, scene.employer.require_account())
    job_orders.sign(session, scene.employer, scene.order.id, secret=make.PASSWORD, code=code)
    job_orders.give_up(session, second, scene.order.id, "withdraw", "We have no workers.")
    assert lines(timeline.of_job_order(session, scene.order, Reader.AGENCY)) == [
        ("Signed", "the employer", ""), ("Withdrawn", "the agency", "We have no workers."),
    ]  # fmt: skip
    whole = lines(timeline.of_job_order(session, scene.order, Reader.EMPLOYER))
    assert [title for title, _who, _why in whole[:4]] == [
        "Drafted", "Signed", "The agency took it on", "Sent back to be mended",
    ]  # fmt: skip
    assert whole[3][1:] == ("the labour office", "This agency was warned twice.")


def test_both_sides_read_the_last_day_and_only_the_lodger_can_withdraw(client: FlaskClient, session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene)
    with in_locale("en"):
        day = format_date(contract.lapses_on)
    shown = {}
    labour = officer(session, StaffRole.LABOUR_OFFICER)
    for name, who in (("agency", scene.agency), ("employer", scene.employer), ("officer", labour)):
        sign_in(client, session, who)
        shown[name] = client.get(f"/contracts/{contract.id}").text
        assert f"Until {day}" in shown[name]
    address = f"/contracts/{contract.id}/withdraw"
    assert [name for name, text in shown.items() if address in text] == ["agency"]
    assert client.post_form(address, reason="Mine").status_code == 403
    sign_in(client, session, worker)
    assert f"Decide until {day}" in client.get("/me/contract").text
    sign_in(client, session, scene.agency)
    assert client.post_form(address, reason="").status_code == 422
    assert contract.status is ContractStatus.WORKER_REVIEW
    assert client.post_form(address, reason="The site is closed.").status_code == 303
    assert "The contract is withdrawn." in client.get(f"/contracts/{contract.id}").text
    sign_in(client, session, worker)
    assert "Your contract was taken back" in client.get("/me").text
    mine = client.get("/me/contract").text
    assert "The agency has taken this contract back" in mine
    assert "The site is closed." in mine
    assert "I accept this contract" not in mine


def test_pages_say_what_a_job_order_that_is_over_means(client: FlaskClient, session: Session):
    scene = make.approved(session)
    returned, worker = make.accepted(session, scene)
    employment.decide(session, officer(session, StaffRole.LABOUR_OFFICER), returned.id, "return", "A digit is missing.")
    sign_in(client, session, worker)
    mine = client.get("/me/contract").text
    assert "This contract is being mended" in mine
    assert "1,200" not in mine
    sign_in(client, session, scene.agency)
    assert f"/contracts/{returned.id}/terms" in client.get(f"/contracts/{returned.id}").text
    assert client.get(f"/job-orders/{scene.order.id}/poster").status_code == 200
    today, agency_id = legal_today(session), scene.agency_record.id
    assert open_jobs(session, agency_id, on=today).orders == 1
    scene.order.lapses_on = today - timedelta(days=1)
    session.flush()
    # The job has not come by yet.
    assert client.get(f"/job-orders/{scene.order.id}/poster").status_code == 404
    assert open_jobs(session, agency_id, on=today).orders == 0
    lapses.lapse_job_orders(session, 10)
    assert scene.order.status is JobOrderStatus.EXPIRED
    text = client.get(f"/contracts/{returned.id}").text
    assert "it can’t be lodged again" in text
    assert f"/contracts/{returned.id}/terms" not in text
    order_page = client.get(f"/job-orders/{scene.order.id}").text
    assert "The last day was" in order_page
    assert "contracts/new" not in order_page
    sign_in(client, session, worker)
    assert "can’t be lodged again. You need do nothing." in client.get("/me/contract").text
    answer = client.get(f"/answer?job_order={scene.order.reference}").text
    assert re.search(r"approval of this job ran out", answer)
