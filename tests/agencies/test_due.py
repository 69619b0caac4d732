"""Who has to act on an application and until when: one day for each part of the work, shown to both sides."""

from datetime import timedelta

import pytest

from agencies.branches import services as branches
from agencies.branches.status import PresenceKind
from agencies.licensing import decisions, due, services, visiting
from agencies.licensing.status import FINAL, ApplicationStatus, Party, SecurityKind
from agencies.queues import QUEUES
from agencies.registration.status import IdentifierKind
from core.accounts import UserAccount
from core.db import legal_today
from core.queues import fetch
from law.country import deployment, due_after
from tests.agencies import factories as make
from tests.agencies import proceedings as go

S = ApplicationStatus
# Who has to act in each state, and the row of the policy that says how long.
WHO = {
    S.SUBMITTED: ("office", "review_days"),
    S.STOPPED: ("office", "review_days"),
    S.IN_REVIEW: ("office", "review_days"),
    S.INSPECTION: ("inspector", "licence_visit_days"),
    S.RETURNED: ("agency", "licence_mend_days"),
    S.DECISION: ("office", "licence_decision_days"),
    S.SECOND_CHECK: ("office", "licence_decision_days"),
    S.SECURITY_PENDING: ("agency", "licence_security_days"),
}


def test_every_state_that_waits_has_an_owner_and_a_day(session):
    assert {s: (c.party.value, c.standard) for s, c in due.CLOCKS.items()} == WHO
    assert set(S) - set(WHO) == {S.DRAFT, *FINAL}
    assert all(standard in deployment().policy for _party, standard in WHO.values())


def clock(session, application):
    found = make.reload(session, application)
    return found.awaits, found.due_on


def at(session, standard):
    return due_after(legal_today(session), standard)


def yesterday(session, application):
    """As if the day had passed."""
    found = make.reload(session, application)
    found.due_on = legal_today(session) - timedelta(1)
    session.flush()
    return found.due_on


def test_each_part_of_the_work_has_its_own_day_and_a_step_within_it_none(session):
    maker, eye = make.reviewer(session), go.posted(session, make.StaffRole.LICENCE_INSPECTOR)[1]
    with make.drawn_for(maker, eye):
        application, _agency, owner = make.submitted(session)
        assert clock(session, application) == (Party.OFFICE, at(session, "review_days"))
        late = yesterday(session, application)
        decisions.take(session, maker, application.id)
        assert clock(session, application) == (Party.OFFICE, late)
        found = decisions.ReturnDefects((decisions.Defect("tax", "The year is missing."),))
        decisions.return_defects(session, maker, application.id, found)
        assert clock(session, application) == (Party.AGENCY, at(session, "licence_mend_days"))
        services.attach_paper(session, owner, application.id, services.AttachPaper("tax", make.photo(120)))
        services.submit(session, owner, application.id)
        assert clock(session, application) == (Party.OFFICE, at(session, "review_days"))
        decisions.ask_visit(session, maker, application.id, "Papers in order.")
        assert clock(session, application) == (Party.INSPECTOR, at(session, "licence_visit_days"))
        visiting.report(session, eye, application.id, make.report(session))
        assert clock(session, application) == (Party.OFFICE, at(session, "licence_decision_days"))


def test_a_first_approval_and_a_stop_do_not_show_in_the_day(session):
    first = due.CLOCKS[S.DECISION], due.CLOCKS[S.SUBMITTED]
    assert (due.CLOCKS[S.SECOND_CHECK], due.CLOCKS[S.STOPPED]) == first


def test_after_the_approval_the_agency_has_to_act_until_its_papers_are_in(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, _agency, _owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    assert clock(session, application) == (Party.AGENCY, at(session, "licence_security_days"))
    decisions.record_security(session, cashier, application.id, make.security(amount=5_000_000_00))
    assert clock(session, application)[0] is Party.AGENCY
    until = legal_today(session) + timedelta(400)
    rest = make.security(SecurityKind.GUARANTEE, 15_000_000_00, until=until)
    paper = decisions.record_security(session, cashier, application.id, rest)
    assert clock(session, application) == (Party.OFFICE, at(session, "security_review_days"))
    make.verified(session, paper, confirmed=False)
    assert clock(session, application) == (Party.AGENCY, at(session, "licence_security_days"))
    assert make.reload(session, application).status is S.SECURITY_PENDING


def test_where_no_standard_is_set_no_day_is_named(session, monkeypatch):
    monkeypatch.delitem(deployment().policy, "review_days")
    application, _agency, _owner = make.submitted(session)
    assert clock(session, application) == (Party.OFFICE, None)


def test_nobody_has_to_act_on_what_is_withdrawn(session):
    application, _agency, owner = make.submitted(session)
    services.withdraw(session, owner, application.id)
    assert clock(session, application) == (None, None)


def rows_of(app, session, name, actor):
    with app.test_request_context():
        queue = next(q for q in QUEUES if q.name == name)
        return fetch(session, queue, actor, limit=5).rows


def test_both_sides_see_that_it_is_overdue_and_for_whom(app, client, session):
    account, maker = make.officer(session, make.StaffRole.LICENSING_OFFICER)
    application, agency, owner = make.submitted(session)
    found = decisions.ReturnDefects((decisions.Defect("other", "Sign the letter."),))
    decisions.return_defects(session, maker, application.id, found)
    day = yesterday(session, application)
    row = rows_of(app, session, "licence.returned", maker)[0]
    assert (row.due_on, row.note) == (day, "Sent back to be mended: the agency has to act")
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    for page in (f"/licences/applications/{application.id}", f"/agencies/{agency.id}"):
        own = client.get(page).get_data(as_text=True)
        assert ">You<" in own
        assert "overdue" in own
    client.sign_in(session, account)
    seen = client.get(f"/licensing/applications/{application.id}").get_data(as_text=True)
    assert ">The agency<" in seen
    assert "overdue" in seen


def test_a_branch_waits_for_the_office_until_a_day(app, client, session):
    agency, account, owner = make.agency(session)
    other, _licence = make.licensed(session)
    session.execute(
        make.Licence.__table__.update().values(agency_id=agency.id).where(make.Licence.agency_id == other.id)
    )
    command = branches.Propose(
        PresenceKind.BRANCH, "", "Office road 4", "Bimala Adhikari", IdentifierKind.CITIZENSHIP, "05-02-76-21001",
        legal_today(session) - timedelta(14_000), "+9779841000001",
    )  # fmt: skip
    branch = branches.propose(session, owner, agency.id, command)
    assert branch.due_on == at(session, "review_days")
    branch.due_on = legal_today(session) - timedelta(1)
    client.sign_in(session, account)
    assert "overdue" in client.get(f"/agencies/{agency.id}/branches").get_data(as_text=True)
    officer, approver = make.reviewer(session), make.approver(session)
    branches.verify(session, officer, branch.id, "Seen.", "GAZETTE 12")
    assert branch.due_on == at(session, "presence_decision_days")
    assert rows_of(app, session, "branch.activate", approver)[0].due_on == branch.due_on
    branches.activate(session, approver, branch.id, "In order.")
    assert branch.due_on is None


@pytest.mark.parametrize(("upto", "who"), [("notice", "You"), ("decision", "The office")])
def test_the_subject_of_a_proceeding_sees_who_has_to_act(client, session, upto, who):
    agency, account, _owner = make.agency(session)
    case = go.walked(session, go.CaseStatus(upto), **go.against(agency))
    case.due_on = case.reply_by = legal_today(session) - timedelta(1)
    session.flush()
    client.sign_in(session, account)
    page = client.get(f"/proceedings/{case.id}").get_data(as_text=True)
    assert f">{who}<" in page
    assert "overdue" in page
