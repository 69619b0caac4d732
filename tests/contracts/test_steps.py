"""A long form page by page: answers are kept, for one account alone; a fault is said on its own page; nothing is lost."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from contracts.job_orders.models import JobOrder
from core.accounts import NewAccount as New
from core.accounts import UserAccount, add_membership, create_account
from core.actor import Actor
from core.drafts import FormDraft, forget_old
from core.permissions import ClerkRight, SubjectKind
from tests.contracts import factories as make
from tests.contracts.factories import PASSWORD

URL = "/employer/job-orders/new"
PAGES: dict[str, dict[str, str]] = {
    "who": {"headcount": "5"},
    "work": {"post": "Cleaner", "occupation": "9112", "site": "Doha"},
    "pay": {"wage": "1200", "worker_pays": "0", "overtime_paid": "y"},
    "time": {"hours_per_day": "8", "days_per_week": "6", "leave_days": "30"},
    "living": {"food": "provided", "lodging": "provided", "insurance": "employer"},
    "travel": {"ticket_out": "employer", "ticket_back": "employer", "passport_kept_by": "worker"},
    "term": {"term_months": "24", "probation_months": "3", "notice_days": "30"},
}


@pytest.fixture
def employer(client: Any, session: Session) -> Actor:
    _record, actor = make.employer(session)
    client.sign_in(session, session.get_one(UserAccount, actor.require_account()))
    return actor


def answer(client: Any, session: Session, *pages: str, **over: str) -> Any:
    agency, _owner = make.agency(session)
    last = None
    for page in pages:
        values = {**PAGES[page], **({"agency": agency.reference} if page == "who" else {}), **over}
        last = client.post_form(f"{URL}/{page}", **{k: v for k, v in values.items() if k in {*PAGES[page], "agency"}})
    return last


def test_each_page_leads_to_the_next_open_one_and_the_last_to_the_look_through(client, session, employer):
    assert client.get(URL).location.endswith("/new/who")
    for page, following in zip(PAGES, [*list(PAGES)[1:], "check"], strict=True):
        assert client.get(f"{URL}/{page}").status_code == 200
        # Pages whose usual answers stand already are not asked for one by one.
        assert answer(client, session, page).location.rsplit("/", 1)[1] in {following, *list(PAGES), "check"}
    look = client.get(f"{URL}/check").text
    assert "Doha" in look
    done = client.post_form(f"{URL}/check")
    order = session.scalars(select(JobOrder)).one()
    assert done.location.endswith(f"/job-orders/{order.id}")
    assert (order.headcount, order.terms["post"], order.terms["wage_minor"]) == (5, "Cleaner", 120000)
    assert session.scalars(select(FormDraft)).all() == []


def test_a_wrong_answer_is_said_on_its_page_and_the_others_stay(client, session, employer):
    answer(client, session, "work")
    wrong = client.post_form(f"{URL}/time", hours_per_day="25", days_per_week="6", leave_days="30")
    assert wrong.status_code == 422
    assert "from 1 to 16" in wrong.text
    assert 'value="25"' in wrong.text
    assert 'value="Cleaner"' in client.get(f"{URL}/work").text


def test_sending_too_early_leads_to_the_first_open_page(client, session, employer):
    answer(client, session, "work")
    assert client.post_form(f"{URL}/check").location.endswith("/new/who")
    assert session.scalars(select(JobOrder)).all() == []


def test_a_refusal_of_the_service_is_shown_where_all_answers_are_and_nothing_is_lost(client, session, employer):
    answer(client, session, *PAGES)
    # Expired between the first page and the last.
    session.execute(update(Licence).values(status=LicenceStatus.EXPIRED))
    refused = client.post_form(f"{URL}/check")
    assert refused.status_code == 422
    assert "licence" in refused.text[refused.text.index("<main") :].split("<footer")[0]
    assert "Doha" in client.get(f"{URL}/check").text


def test_a_number_of_no_agency_or_without_a_licence_is_refused_on_its_page(client, session, employer):
    unknown = client.post_form(f"{URL}/who", agency="NP-0-0", headcount="5")
    assert unknown.status_code == 422
    assert "No agency has this licence number." in unknown.text
    agency, _owner = make.agency(session)
    session.execute(update(Licence).values(status=LicenceStatus.EXPIRED))
    assert client.post_form(f"{URL}/who", agency=agency.reference, headcount="5").status_code == 422
    assert session.scalars(select(FormDraft)).all() == []


def test_no_occupation_is_chosen_for_the_employer_and_amounts_have_a_currency(client, session, employer):
    page = client.get(f"{URL}/work").text
    assert "Choose the occupation" in page
    assert client.post_form(f"{URL}/work", post="Cleaner", site="Doha", occupation="").status_code == 422
    answer(client, session, *PAGES)
    look = client.get(f"{URL}/check").text
    assert "QAR 1200" in look
    assert "NPR 0" in look


def test_a_draft_is_its_writers_alone(client, session, employer):
    answer(client, session, "work")
    owner = employer.subject(SubjectKind.EMPLOYER)
    colleague = create_account(session, New("Colleague", PASSWORD))
    add_membership(session, colleague, kind=SubjectKind.EMPLOYER, subject_id=owner, rights=[ClerkRight.JOB_ORDERS])
    client.sign_in(session, colleague)
    assert 'value="Cleaner"' not in client.get(f"{URL}/work").text
    stranger = create_account(session, New("Stranger", PASSWORD))
    client.sign_in(session, stranger)
    assert client.get(f"{URL}/work").status_code in (403, 404)


def test_answers_lie_sealed_in_the_database_and_go_after_a_long_time(client, session, employer):
    answer(client, session, "work")
    (draft,) = session.scalars(select(FormDraft)).all()
    assert b"Cleaner" not in (draft.answers_sealed or b"")
    forget_old(session)
    assert session.scalars(select(FormDraft)).all() == [draft]
    draft.created_at = draft.created_at.replace(year=draft.created_at.year - 1)
    session.flush()
    forget_old(session)
    assert session.scalars(select(FormDraft)).all() == []


def test_a_page_that_is_none_is_not_found(client, session, employer):
    assert client.get(f"{URL}/nonsense").status_code == 404
    assert client.post_form(f"{URL}/nonsense").status_code == 404
