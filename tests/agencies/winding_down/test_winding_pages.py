"""The pages of winding down: the agency's, the worker's, the officers', and the public ones."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.licensing.status import LICENCE
from agencies.registration.services import new_director
from agencies.security import proposals
from agencies.security.status import ProposalKind
from agencies.winding_down import custody, opening, owed
from agencies.winding_down.custody import Document
from agencies.winding_down.models import CustodyItem
from agencies.winding_down.status import CustodyStatus, DocumentKind, OwedStatus, WindingStatus
from core.accounts import UserAccount
from core.actor import SYSTEM
from core.db import legal_today
from core.permissions import StaffRole
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies import winding as wind
from tests.agencies.security import deposited
from tests.agencies.winding_down.test_winding_down import FEE, PASSPORT
from tests.contracts import factories as contracts
from tests.migrants.factories import PASSWORD


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


@pytest.fixture
def scene(session, client):
    """An agency whose licence has ended, its owner; ``sign_in`` takes an actor."""
    agency, owner = contracts.agency(session)
    return (
        agency,
        owner,
        wind.ended(session, agency),
        lambda who: client.sign_in(session, session.get_one(UserAccount, who.account_id)),
    )


def fresh(session, record):
    return session.get_one(type(record), record.id, populate_existing=True)


def test_the_agency_names_signs_and_answers_and_never_ends_an_item(client, session, scene):
    agency, owner, file, sign_in = scene
    sign_in(owner)
    assert "Open the list" in text_of(client.get(f"/agencies/{agency.id}"))
    base = f"/agencies/winding-down/{file.id}"
    wrong = client.post_form(f"{base}/documents", kind="passport", number="", name="Maya Rai")
    assert (wrong.status_code, "Write the number" in text_of(wrong)) == (422, True)
    assert client.post_form(f"{base}/documents", kind="passport", number="PB1", name="Maya Rai").status_code == 303
    assert client.post_form(f"{base}/sums", what="fee", amount="1,200", name="Maya Rai", passport="").status_code == 303
    assert client.post_form(f"{base}/declare").status_code == 422
    assert client.post_form(f"{base}/declare", whole="y").status_code == 303
    assert fresh(session, file).status is WindingStatus.DECLARED
    page = text_of(client.get(f"/agencies/{agency.id}/winding-down"))
    assert "Maya Rai" in page
    assert "NPR 1,200.00" in page
    assert client.get(f"/licensing/winding-down/{file.id}").status_code == 403
    _agency, stranger = contracts.agency(session)
    sign_in(stranger)
    assert client.get(f"/agencies/{agency.id}/winding-down").status_code == 404
    assert client.post_form(f"{base}/documents", kind="passport", number="PB2", name="X").status_code == 404


def test_a_worker_names_a_passport_and_confirms_with_password_and_code(client, session, scene):
    agency, _owner, file, sign_in = scene
    _id, _reference, worker = contracts.worker(session)
    sign_in(worker)
    assert "holds my passport" in text_of(client.get("/me"))
    assert client.get("/me/winding-down").status_code == 200
    page = f"/me/winding-down/{file.id}"
    assert client.post_form(f"{page}/documents", kind="passport", number="").status_code == 303
    assert client.post_form(f"{page}/sums", what="fee", amount="").status_code == 422
    assert client.post_form(f"{page}/sums", what="deposit", amount="500").status_code == 303
    shown = text_of(client.get("/me/winding-down"))
    assert agency.name in shown
    assert "NPR 500.00" in shown
    item = session.scalars(select(CustodyItem)).one()
    steps = f"/me/winding-down/documents/{item.id}"
    assert client.get(steps).status_code == 200
    assert client.post_form(f"{steps}/code").status_code == 303
    code = contracts.last_code(session, worker.account_id)
    assert client.post_form(f"{steps}/confirm", secret="something else", code=code).status_code == 422
    assert fresh(session, item).status is CustodyStatus.HELD
    assert client.post_form(f"{steps}/confirm", secret=PASSWORD, code=code).status_code == 303
    assert fresh(session, item).status is CustodyStatus.RETURNED
    _id, _reference, other = contracts.worker(session)
    sign_in(other)
    assert client.get(steps).status_code == 404
    assert agency.name not in text_of(client.get("/me/winding-down"))


def test_officers_have_one_screen_and_their_queues(client, session, scene):
    agency, owner, file, _sign_in = scene
    deposited(session, agency, 50_000_00)
    item = custody.declare_item(session, owner, file.id, PASSPORT)
    debt = owed.declare_debt(session, owner, file.id, FEE)
    custody.declare(session, owner, file.id)
    wind.long_ago(session, file)
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    for queue in ("winding.overdue", "winding.open"):
        assert file.reference in text_of(client.get(f"/staff/queue/{queue}"))
    desk = f"/licensing/winding-down/{file.id}"
    shown = text_of(client.get(desk))
    assert "Documents that are not back with their workers: 1" in shown
    assert "Sums that are not paid: 1" in shown
    act = f"/licensing/winding-down/documents/{item.id}"
    assert client.post_form(act, action="see_returned", reason="").status_code == 422
    assert client.post_form(act, action="confirm", reason="Mine.").status_code == 404
    assert client.post_form(act, action="see_returned", reason="Seen at the counter.").status_code == 303
    claim = f"/licensing/winding-down/sums/{debt.id}/claim"
    upload = {"reason": "Receipt.", "file": (io.BytesIO(make.photo()), "paper.png")}
    assert client.post_form(claim, **upload).status_code == 303
    assert fresh(session, debt).status is OwedStatus.CLAIMED
    assert client.post_form(f"{desk}/propose", outcome="release", reason="All.").status_code == 422
    assert client.post_form(f"{desk}/documents", kind="passport", number="", name="Sita").status_code == 303
    assert client.post_form(f"{desk}/sums", what="fee", amount="10", name="Sita", passport="").status_code == 303


def test_a_file_is_closed_by_another_officer_and_its_certificate_is_for_the_agency(client, session, scene):
    _agency, owner, file, sign_in = scene
    wind.long_ago(session, file)
    custody.declare(session, owner, file.id)
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    desk = f"/licensing/winding-down/{file.id}"
    assert "Propose to close it" in text_of(client.get(desk))
    assert client.post_form(f"{desk}/propose", outcome="release", reason="All is back.").status_code == 303
    assert client.post_form(f"{desk}/close", reason="Mine.").status_code == 403
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_APPROVER)[0])
    assert client.post_form(f"{desk}/close", reason="Agreed.").status_code == 303
    assert "Closed on" in text_of(client.get(desk))
    assert "Closed on" in text_of(client.get(f"/winding-down/{file.id}"))
    sign_in(owner)
    paper = client.get(f"/winding-down/{file.id}/certificate")
    assert paper.get_data()[:5] == b"%PDF-"
    sign_in(contracts.worker(session)[2])
    assert client.get(f"/winding-down/{file.id}/certificate").status_code == 404


def test_everybody_may_read_that_it_is_wound_down_and_nothing_of_anybody(client, session, scene):
    agency, owner, file, _sign_in = scene
    custody.declare_item(session, owner, file.id, PASSPORT)
    owed.declare_debt(session, owner, file.id, FEE)
    assert agency.name in text_of(client.get("/winding-down"))
    about = client.get(f"/winding-down/{file.id}")
    shown = text_of(about)
    assert "The licence has ended" in shown
    for secret in ("Maya", PASSPORT.number, "12,000"):
        assert secret not in about.get_data(as_text=True)
    where = client.get(f"/winding-down/agencies/{agency.id}")
    assert where.headers["Location"].endswith(f"/winding-down/{file.id}")
    opening.restore(session, file.licence_id, "an appeal")
    assert agency.name not in text_of(client.get("/winding-down"))
    assert "has a licence again" in text_of(client.get(f"/winding-down/{file.id}"))


def test_the_office_takes_a_document_in_and_the_agency_is_out_of_it(client, session, scene):
    _agency, owner, file, sign_in = scene
    item = custody.declare_item(session, owner, file.id, Document(DocumentKind.IDENTITY, "77-1", "Maya Rai"))
    custody.decide(session, go.reviewer(session), item.id, "hand_in", "Brought by the clerk, receipt 5.")
    sign_in(owner)
    assert client.post_form(f"/agencies/winding-down/documents/{item.id}/say_returned").status_code == 422
    assert fresh(session, item).status is CustodyStatus.HANDED_IN


def test_a_closed_file_waits_for_finance_until_its_security_is_proposed_for_release(client, session):
    agency, owner = contracts.agency(session)
    deposited(session, agency, 1000_00)
    file = wind.closed(session, agency, owner)
    cashier = make.officer(session, StaffRole.FINANCE_OFFICER)
    client.sign_in(session, cashier[0])
    assert file.reference in text_of(client.get("/staff/queue/winding.security"))
    assert client.get(f"/licensing/winding-down/{file.id}").status_code == 200
    assert client.get(f"/licensing/winding-down/agencies/{agency.id}").status_code == 303
    proposals.propose(session, cashier[1], agency.id, ProposalKind.FORFEITURE, "The order says so.")
    assert file.reference not in text_of(client.get("/staff/queue/winding.security"))
    other, _owner = contracts.agency(session)
    back = client.get(f"/licensing/winding-down/agencies/{other.id}").headers["Location"]
    assert back.endswith(f"/licensing/agencies/{other.id}")
    far = make.officer(session, StaffRole.LICENSING_OFFICER, at=go.elsewhere(session))[0]
    client.sign_in(session, far)
    assert client.get(f"/licensing/winding-down/{file.id}").status_code == 404
    assert client.get(f"/licensing/winding-down/agencies/{agency.id}").status_code == 404


def test_what_stays_unpaid_is_said_to_everybody_the_worker_the_agency_and_the_next_officer(client, session):
    agency, owner = contracts.agency(session)
    _id, _reference, worker = contracts.worker(session)
    file, item = wind.awarded(session, agency, owner, worker, 80_000_00)
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    desk = f"/licensing/winding-down/{file.id}"
    assert "NPR 80,000.00 stay unpaid (awards: 1)" in text_of(client.get(desk))
    assert client.post_form(f"{desk}/propose", outcome="release", reason="All is back.").status_code == 422
    assert client.post_form(f"{desk}/propose", outcome="shortfall", reason="Nothing is left.").status_code == 303
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_APPROVER)[0])
    assert client.post_form(f"{desk}/close", reason="Agreed.").status_code == 303
    assert "Still owed: NPR 80,000.00" in text_of(client.get(desk))
    for where in (f"/winding-down/{file.id}", f"/check?q={agency.name}"):
        public = text_of(client.get(where))
        assert "NPR 80,000.00 (awards: 1)" in public
        assert "Maya" not in public
    row = client.get("/api/v1/licences", query_string={"q": agency.name}).json["results"][0]
    assert row["winding_down"] == {
        "closed_on": legal_today(session).isoformat(), "settled": False, "unpaid_awards": 1, "unpaid_minor": 80_000_00,
        "currency": "NPR",
    }  # fmt: skip
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    assert "You still owe NPR 80,000.00" in text_of(client.get(f"/agencies/{agency.id}/winding-down"))
    client.sign_in(session, session.get_one(UserAccount, worker.account_id))
    own = text_of(client.get("/me/winding-down"))
    assert "Still owed to you: NPR 80,000.00" in own
    assert "Whom you can turn to" in own
    steps = f"/me/winding-down/sums/{item.id}"
    assert client.get(steps).status_code == 200
    assert client.post_form(f"{steps}/code").status_code == 303
    code = contracts.last_code(session, worker.account_id)
    assert client.post_form(f"{steps}/confirm", secret=PASSWORD, code=code).status_code == 303
    assert fresh(session, item).status is OwedStatus.PAID
    assert "NPR 80,000.00" not in text_of(client.get(f"/check?q={agency.name}"))


def test_an_officer_with_a_new_application_of_the_same_people_sees_what_they_left_unpaid(client, session):
    agency, owner = contracts.agency(session)
    new_director(session, agency.id, make.director("27-01-70-01234"))
    wind.closed_unpaid(session, agency, owner, contracts.worker(session)[2], 80_000_00)
    person, officer = make.officer(session, StaffRole.LICENSING_OFFICER)
    with make.drawn_for(officer):
        application, _made, _owner = make.submitted(session, name="Second Start Pvt. Ltd.", native="")
    client.sign_in(session, person)
    shown = text_of(client.get(f"/licensing/applications/{application.id}"))
    assert "Money to workers stayed unpaid behind this application" in shown
    assert f"{agency.name} {agency.reference}" in shown
    assert "NPR 80,000.00 unpaid (awards: 1)" in shown
    assert "same identity paper" in shown


def test_the_public_page_speaks_in_the_tense_of_the_legal_day(client, session, scene):
    _agency, _owner, file, _sign_in = scene
    page = f"/winding-down/{file.id}"
    shown = text_of(client.get(page))
    assert "Everything goes back by" in shown
    assert "Claims are taken until" in shown
    assert "has passed" not in shown
    assert "Everything goes back by" in text_of(client.get("/winding-down"))
    file.due_on = legal_today(session) - timedelta(1)
    session.flush()
    shown = text_of(client.get(page))
    assert "Everything had to go back by" in shown
    assert "Claims are taken until" in shown
    assert "this file is still open" in shown
    assert "goes back by" not in text_of(client.get("/winding-down"))
    wind.long_ago(session, file)
    session.flush()
    shown = text_of(client.get(page))
    assert "The time for claims ended on" in shown
    assert "Claims are taken until" not in shown
    assert "Ask a labour office what you can still do." in shown


def test_the_public_list_is_searched_in_any_script_and_read_page_by_page(client, session):
    names = [f"Wound {chr(65 + n)}{chr(65 + n)} Overseas" for n in range(23)]
    for name in names:
        _agency, licence = make.licensed(session, name)
        LICENCE.apply(session, licence, "surrender", actor=SYSTEM, reason="We retire.")
    made, licence = make.licensed(session, "Makalu Recruitment Pvt. Ltd.", "मकालु रिक्रुटमेन्ट प्रा. लि.")
    LICENCE.apply(session, licence, "surrender", actor=SYSTEM, reason="We retire.")
    session.flush()
    seen, address = [], "/winding-down"
    while address:
        answer = client.get(address).get_data(as_text=True)
        seen += re.findall(r"<a href=\"/winding-down/[0-9a-f-]{36}\"><bdi>([^<]+)</bdi>", answer)
        following = re.search(r'href="(/winding-down\?cursor=[^"]+)"', answer)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == sorted([*names, made.name])
    for typed in ("makalu recruitmnt", "मकालु रिक्रुटमेन्ट"):
        shown = text_of(client.get("/winding-down", query_string={"q": typed}))
        assert made.name in shown
        assert "Wound" not in shown
    assert "No agency with this name" in text_of(client.get("/winding-down", query_string={"q": "Zubrowka"}))
    assert client.get("/winding-down?cursor=nonsense").status_code in (404, 422)
    assert client.get("/winding-down?q=%00").status_code in (200, 400)
