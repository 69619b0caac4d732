"""The pages of securities: the agency's account, the officers' file, who may open what."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.queues import QUEUES
from agencies.security import ledger
from agencies.security.models import SecurityClaim, SecurityEntry, SecurityInstrument, SecurityProposal
from agencies.security.status import ClaimStatus, EntryKind, InstrumentStatus, ProposalStatus
from core.db import legal_today
from core.permissions import StaffRole
from core.queues import fetch
from tests.agencies import factories as make
from tests.agencies.security import NPR, deposited, guaranteed, paid
from tests.agencies.test_security import owner_of, the_demand


def upload():
    return (io.BytesIO(make.photo()), "paper.png")


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


@pytest.fixture
def scene(session, client):
    """An agency with cash, an owner, and officers; ``sign_in`` changes who sits at the browser."""
    agency, _licence = make.licensed(session)
    deposited(session, agency, 1000_00)
    return agency, lambda account: client.sign_in(session, account)


def staff(session, role, **kw):
    return make.officer(session, role, **kw)[0]


def test_an_agency_sends_a_paper_and_two_officers_make_it_count(client, session, scene):
    agency, sign_in = scene
    owner, _actor = owner_of(session, agency)
    base, desk = f"/agencies/{agency.id}/security", f"/licensing/agencies/{agency.id}/security"
    sign_in(owner)
    assert "Security account" in text_of(client.get(base))
    assert client.get(desk).status_code == 403
    values = {"kind": "cash", "amount": "500", "bank_name": "Nabil", "document_number": "S-1", "replaces": ""}
    missing = client.post_form(f"{base}/paper", **{**values, "amount": "", "file": upload()})
    sent = select(SecurityInstrument).where(SecurityInstrument.lodged_by == owner.id)
    assert (missing.status_code, session.scalars(sent).all()) == (422, [])
    assert client.post_form(f"{base}/paper", **values, file=upload()).status_code == 303
    made = session.scalars(sent).one()
    assert "waiting for an officer" in text_of(client.get(base))
    step = f"/licensing/securities/{made.id}"
    assert client.post_form(f"{step}/record").status_code == 403

    maker, checker = staff(session, StaffRole.FINANCE_OFFICER), staff(session, StaffRole.FINANCE_OFFICER)
    sign_in(maker)
    assert client.post_form(f"{step}/record").status_code == 303
    assert client.post_form(f"{step}/ask").status_code == 303
    page = client.get(desk).get_data(as_text=True)
    assert "This was drawn for another officer." in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    reference = re.search(r"BV-[0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]", page)[0]
    letter = client.get(f"/securities/{made.id}/letter")
    assert (letter.mimetype, letter.data[:4]) == ("application/pdf", b"%PDF")
    answer = {"reference": reference, "confirmed": "yes"}
    assert client.post_form(f"{step}/answer", **answer, file=upload()).status_code == 403
    sign_in(checker)
    wrong = client.post_form(f"{step}/answer", **{**answer, "reference": "BV-1111-11111-1"}, file=upload())
    assert wrong.status_code == 422
    assert "must carry the reference" in text_of(wrong)
    assert ledger.held(session, agency.id).total == NPR(1000_00)
    assert client.post_form(f"{step}/answer", **answer, file=upload()).status_code == 303
    assert ledger.held(session, agency.id).total == NPR(1500_00)
    sign_in(owner)
    assert "NPR 1,500.00" in text_of(client.get(base))
    assert client.get(f"/securities/{made.id}/letter").status_code == 404


def test_a_claim_goes_through_three_hands_and_the_agency_reads_what_is_to_do(client, session, scene):
    agency, sign_in = scene
    owner, _actor = owner_of(session, agency)
    desk = f"/licensing/agencies/{agency.id}/security"
    sign_in(staff(session, StaffRole.LICENSING_OFFICER))
    values = {"award": "Award 7", "amount": "300", "beneficiaries": "2", "payees": "Sita Tamang"}
    assert client.post_form(f"{desk}/claims", **values, file=upload()).status_code == 303
    claim = session.scalars(select(SecurityClaim)).one()
    assert "Sita Tamang" not in text_of(client.get(desk))
    url = f"/licensing/securities/claims/{claim.id}"
    assert client.post_form(f"{url}/grant", amount="300", reason="Final.").status_code == 403
    sign_in(staff(session, StaffRole.LICENSING_APPROVER))
    assert "Sita Tamang" in text_of(client.get(desk))
    assert client.post_form(f"{url}/grant", amount="300", reason="").status_code == 422
    assert client.post_form(f"{url}/grant", amount="300", reason="Final.").status_code == 303
    assert client.post_form(f"{url}/pay").status_code == 403
    sign_in(staff(session, StaffRole.FINANCE_OFFICER))
    assert client.post_form(f"{url}/pay").status_code == 303
    assert session.get_one(SecurityClaim, claim.id, populate_existing=True).status is ClaimStatus.PAID
    sign_in(owner)
    home = text_of(client.get(f"/agencies/{agency.id}"))
    assert "Bring your security up again" in home
    assert "NPR 300.00 is missing" in home
    account = text_of(client.get(f"/agencies/{agency.id}/security"))
    assert "Paid out of the security" in account
    assert "Sita Tamang" not in account
    assert "Award 7" not in account
    assert client.get(f"/securities/claims/{claim.id}/award").status_code == 404


def test_a_correction_waits_for_another_officer(client, session, scene):
    agency, sign_in = scene
    paid(session, agency, 100_00)
    draw = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == EntryKind.DRAW)).one()
    desk = f"/licensing/agencies/{agency.id}/security"
    maker, checker = staff(session, StaffRole.FINANCE_OFFICER), staff(session, StaffRole.FINANCE_OFFICER)
    sign_in(maker)
    assert client.post_form(f"{desk}/release", reason="Let it go.").status_code == 422
    assert client.post_form(f"{desk}/entries/{draw.id}/correction", reason="Sent back.").status_code == 303
    wish = session.scalars(select(SecurityProposal)).one()
    assert client.post_form(f"/licensing/securities/proposals/{wish.id}/accept", reason="Yes.").status_code == 403
    assert ledger.held(session, agency.id).total == NPR(900_00)
    sign_in(checker)
    assert client.post_form(f"/licensing/securities/proposals/{wish.id}/accept", reason="Yes.").status_code == 303
    wish = session.get_one(SecurityProposal, wish.id, populate_existing=True)
    assert (wish.status, ledger.held(session, agency.id).total) == (ProposalStatus.DONE, NPR(1000_00))
    assert "Correction of an earlier entry" in text_of(client.get(desk))


def test_nobody_opens_the_security_of_an_agency_that_is_not_theirs_to_see(client, session, scene):
    agency, sign_in = scene
    other, _licence = make.licensed(session, "Makalu Recruitment")
    stranger, _actor = owner_of(session, other)
    slip = session.scalars(select(SecurityInstrument)).one()
    for url in (f"/agencies/{agency.id}/security", f"/agencies/{agency.id}/security/paper"):
        assert client.get(url).status_code == 303
    sign_in(stranger)
    for url in (f"/agencies/{agency.id}/security", f"/securities/{slip.id}/answer", f"/licences/securities/{slip.id}"):
        assert client.get(url).status_code == 404
    far = make.office(session, "P9", parent=make.office(session))
    sign_in(staff(session, StaffRole.FINANCE_OFFICER, at=far))
    for url in (f"/licensing/agencies/{agency.id}/security", f"/securities/{slip.id}/answer"):
        assert client.get(url).status_code == 404
    assert client.post_form(f"/licensing/securities/{slip.id}/ask").status_code == 404
    assert session.get_one(SecurityInstrument, slip.id, populate_existing=True).status is InstrumentStatus.VERIFIED


def waiting(session, name, actor):
    queue = next(q for q in QUEUES if q.name == name)
    return [row.label for row in fetch(session, queue, actor, limit=10).rows]


def test_each_queue_shows_what_waits_for_that_officer(app, session):
    from agencies import jobs
    from agencies.licensing.status import SecurityKind
    from agencies.security import instruments, proposals
    from agencies.security.status import ProposalKind
    from tests.agencies.security import filed, granted, paper

    agency, _licence = make.licensed(session)
    cashier, boss, other = make.finance(session), make.approver(session), make.approver(session)
    deposited(session, agency, 1000)
    paid(session, agency, 300)
    the_demand(session, agency).due_on = legal_today(session) - timedelta(1)
    guaranteed(session, agency, 500, days=20)
    jobs.security.watch_securities(session)
    with make.drawn_for(cashier, boss, other):
        instruments.record_new(session, cashier, agency.id, paper(SecurityKind.CASH, 5))
        filed(session, agency, 10, by=boss)
        granted(session, agency, 20)
        proposals.propose(session, cashier, agency.id, ProposalKind.FORFEITURE, "Ordered.")
    name = [agency.name]
    with app.test_request_context():
        for queue in ("security.papers", "security.ending", "security.awards"):
            assert waiting(session, queue, cashier) == name, queue
        assert waiting(session, "security.overdue", cashier) == []
        assert waiting(session, "security.claims", boss) == []
        assert waiting(session, "security.claims", other) == name
        assert waiting(session, "security.forfeitures", boss) == name
        assert waiting(session, "security.proposals", cashier) == []
        far = make.finance(session, at=make.office(session, "P9", parent=make.office(session)))
        assert waiting(session, "security.papers", far) == []
