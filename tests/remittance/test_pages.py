"""The sender's way through the pages, and who may not go it."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.audit import AuditEvent
from core.jobs import run_waiting
from remittance.funding.services import import_statement
from remittance.orders import payouts
from remittance.orders.models import Remittance
from remittance.orders.payouts import rail
from remittance.orders.status import RemittanceStatus
from remittance.rails.local_partner import answer_outbox
from tests.remittance import factories as f
from tests.remittance.statements import statement

S = RemittanceStatus


def test_anybody_sees_what_the_family_receives_without_an_account(client, session: Session):
    f.rates(session)
    answer = client.get("/remittance/quote?country=QA&amount=1000")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    # 1000 QAR at 39.80; 0.3% service; 0.5% in the rate: 0.80% in all.
    assert "39,800.00" in text
    assert "0.80%" in text
    assert text.index("Bank transfer") < text.index("Card")
    # A card charged across borders costs more than 5%: shown, but not offered.
    assert "Not offered" in text


def test_a_quote_form_with_nonsense_is_shown_again_with_a_sentence(client, session: Session):
    f.rates(session)
    for query in (
        "country=QA&amount=-5",
        "country=XX&amount=100",
        "country=QA&amount=1e5",
        "country=QA&amount=0",
        "country=QA&amount=",
    ):
        assert client.get(f"/remittance/quote?{query}").status_code == 422, query


def test_a_migrant_sends_money_from_the_quote_to_the_receipt(client, session: Session):
    f.rates(session)
    f.fill_float(session)
    account, _actor = f.migrant(session)
    client.sign_in(session, account)
    assert client.get("/remittance/quote?country=QA&amount=1000").status_code == 200
    begun = client.post_form(
        "/remittance/start", country="QA", amount="1000.00", pay_in="bank", pays="100300", receives="3980000"
    )
    assert begun.status_code == 303
    remittance = session.scalars(select(Remittance)).one()
    url = f"/remittance/{remittance.id}"
    assert begun.location == f"{url}/recipient"
    assert client.get(f"{url}/recipient").status_code == 200
    chosen = client.post_form(
        f"{url}/recipient", full_name="Maya Tamang", bank="Nabil Bank", account_number="0123 4567 89", town="Dhading"
    )
    assert chosen.location == f"{url}/check"
    assert "0123456789" in client.get(f"{url}/check").get_data(as_text=True)
    assert client.post_form(f"{url}/code").location == f"{url}/confirm"
    assert client.get(f"{url}/confirm").status_code == 200
    wrong = client.post_form(f"{url}/confirm", secret="not this", code=f.last_code(session))
    assert wrong.status_code == 422
    done = client.post_form(f"{url}/confirm", secret=f.PASSWORD, code=f.last_code(session))
    assert done.location == url
    session.refresh(remittance)
    assert remittance.status is S.SCREENED
    shown = client.get(url).get_data(as_text=True)
    assert re.search(r"RF[0-9]{2} [0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}", shown)
    assert client.get("/remittance").status_code == 200
    assert client.get("/remittance/beneficiaries").status_code == 200
    receipt = client.get(f"{url}/receipt.pdf")
    assert receipt.data.startswith(b"%PDF")


def test_a_price_that_changed_is_shown_again_and_nothing_is_made(client, session: Session):
    f.rates(session)
    account, _actor = f.migrant(session)
    client.sign_in(session, account)
    answer = client.post_form(
        "/remittance/start", country="QA", amount="1000.00", pay_in="bank", pays="100300", receives="9999999"
    )
    assert answer.status_code == 422
    assert "The price has changed" in answer.get_data(as_text=True)
    assert session.scalars(select(Remittance)).all() == []


def test_a_card_above_five_percent_is_refused_even_when_the_form_is_forged(client, session: Session):
    f.rates(session)
    account, _actor = f.migrant(session)
    client.sign_in(session, account)
    answer = client.post_form(
        "/remittance/start", country="QA", amount="1000.00", pay_in="card", pays="106132", receives="3980000"
    )
    assert answer.status_code == 422
    assert session.scalars(select(Remittance)).all() == []


def test_another_persons_remittance_and_recipient_are_not_found(client, session: Session):
    f.rates(session)
    _account, owner = f.migrant(session)
    remittance = f.authorised(session, owner)
    other, _actor = f.migrant(session, "Hari Rai")
    client.sign_in(session, other)
    url = f"/remittance/{remittance.id}"
    for path in (
        url,
        f"{url}/recipient",
        f"{url}/check",
        f"{url}/confirm",
        f"{url}/receipt.pdf",
        f"/remittance-office/{remittance.id}",
    ):
        assert client.get(path).status_code in (403, 404), path
    for path in (f"{url}/cancel", f"{url}/pay", f"{url}/code", f"{url}/dispute", f"{url}/recipient"):
        assert client.post_form(path, reason="x", beneficiary=str(remittance.beneficiary_id)).status_code == 404, path
    assert client.post_form(f"/remittance/beneficiaries/{remittance.beneficiary_id}/remove").status_code == 404
    session.refresh(remittance)
    assert remittance.status is S.SCREENED


def test_somebody_elses_beneficiary_cannot_be_chosen(client, session: Session):
    f.rates(session)
    _one, owner = f.migrant(session)
    theirs = f.with_recipient(session, owner).beneficiary_id
    account, actor = f.migrant(session, "Hari Rai")
    mine = f.offer(session, actor)
    client.sign_in(session, account)
    assert client.post_form(f"/remittance/{mine.id}/recipient", beneficiary=str(theirs)).status_code == 404
    assert client.post_form(f"/remittance/{mine.id}/recipient", beneficiary="nobody").status_code == 404
    session.refresh(mine)
    assert (mine.status, mine.beneficiary_id) == (S.QUOTED, None)


@pytest.mark.parametrize("path", ["", "/refunds", "/bank", "/books"])
def test_office_pages_are_for_remittance_staff(client, session: Session, path: str):
    account, _actor = f.migrant(session)
    client.sign_in(session, account)
    assert client.get(f"/remittance-office{path}").status_code == 403
    staff, _actor = f.officer(session)
    client.sign_in(session, staff)
    assert client.get(f"/remittance-office{path}").status_code == 200


def test_personal_data_stands_in_no_address_and_no_audit_row(client, session: Session):
    f.rates(session)
    _account, actor = f.migrant(session)
    f.authorised(session, actor)
    rows = session.scalars(select(AuditEvent)).all()
    assert rows
    text = " ".join(f"{r.reason} {r.evidence}" for r in rows)
    assert "Maya" not in text
    assert f.MOTHER.account_number not in text


def test_a_payout_file_is_written_and_answered(session: Session):
    f.rates(session)
    f.fill_float(session)
    _account, actor = f.migrant(session)
    remittance = f.authorised(session, actor)
    data = statement([(remittance.pays, remittance.pay_reference or "", "Sita", "x1")])
    assert import_statement(session, SYSTEM, data).matched == 1
    assert remittance.status is S.FUNDED
    run_waiting(session)
    assert remittance.status is S.IN_TRANSFER
    folder = rail().outbox.parent  # type: ignore[attr-defined]
    assert answer_outbox(folder) == 1
    (_float, _statement), (name, answer) = rail().answers()
    assert payouts.take_answers(session, answer) == 1
    assert payouts.take_answers(session, answer) == 0
    rail().done(name)
    assert remittance.status is S.PAID_OUT


def test_in_the_demo_a_bank_transfer_can_be_played_and_its_file_is_put_away_once_committed(client, session: Session):
    f.rates(session)
    f.fill_float(session)
    account, actor = f.migrant(session)
    remittance = f.authorised(session, actor)
    client.sign_in(session, account)
    assert client.post_form(f"/remittance/{remittance.id}/demo-transfer").status_code == 303
    assert len(rail().answers()) == 1
    run_waiting(session)
    session.commit()
    assert rail().answers() == []
    session.refresh(remittance)
    assert remittance.status is S.IN_TRANSFER
    assert client.post_form(f"/remittance/{remittance.id}/demo-transfer").status_code == 422


def test_agencies_and_employers_see_no_remittance(client, session: Session):
    from core.accounts import NewAccount, add_membership, create_account
    from core.ids import new_id
    from core.permissions import SubjectKind

    f.rates(session)
    _account, actor = f.migrant(session)
    remittance = f.authorised(session, actor)
    for kind in (SubjectKind.AGENCY, SubjectKind.EMPLOYER):
        account = create_account(
            session, NewAccount(display_name="X", password=f.PASSWORD, email=f"{kind}@example.org")
        )
        add_membership(session, account, kind=kind, subject_id=new_id(), is_owner=True)
        client.sign_in(session, account)
        for path in (
            "/remittance",
            f"/remittance/{remittance.id}",
            "/remittance-office",
            f"/remittance-office/{remittance.id}",
        ):
            assert client.get(path).status_code == 403, (kind, path)
