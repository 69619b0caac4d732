"""What the staff home gets from this package: queues in order of age, and a search within the officer's reach."""

from datetime import timedelta

from agencies.licensing import decisions
from agencies.queues import QUEUES, SEARCHES
from agencies.sanctions import services as sanctions
from agencies.sanctions.status import SanctionKind
from core.db import legal_today
from core.permissions import Permission
from core.queues import fetch
from law.country import due_after
from tests.agencies import factories as make


def queue(name):
    return next(q for q in QUEUES if q.name == name)


def test_each_queue_shows_what_waits_longest_first_and_only_within_reach(app, session):
    officer = make.reviewer(session)
    first, _agency, _owner = make.submitted(session, name="First Overseas", native="")
    second, _agency, _owner = make.submitted(
        session, name="Second Overseas", native="", directors=[make.director("2-2", phone="+9779841000002")]
    )
    second.submitted_at = first.submitted_at - timedelta(days=3)
    session.flush()
    colleague = make.reviewer(session)
    far = make.reviewer(session, at=make.office(session, "P9", parent=make.office(session)))
    with app.test_request_context():
        page = fetch(session, queue("licence.new"), officer, limit=10)
        assert page.total == 2
        assert [r.reference for r in page.rows] == [second.reference, first.reference]
        assert page.rows[0].due_on == due_after(legal_today(session), "review_days")
        assert fetch(session, queue("licence.new"), officer, limit=1).total == 2
        assert fetch(session, queue("licence.new"), far, limit=10).total == 0
        assert fetch(session, queue("licence.new"), colleague, limit=10).total == 0
        decisions.take(session, officer, first.id)
        assert fetch(session, queue("licence.new"), officer, limit=10).total == 1
        assert [r.label for r in fetch(session, queue("licence.review"), officer, limit=10).rows] == ["First Overseas"]


def test_a_long_queue_is_read_page_by_page_without_losing_or_repeating_a_row(app, session):
    sent, officer = [], make.reviewer(session)
    for number in range(7):
        application, _agency, _owner = make.submitted(
            session, name=f"Agency {'ABCDEFG'[number]}", native="",
            directors=[make.director(f"3-{number}", phone=f"+97798410001{number:02}")],
        )  # fmt: skip
        sent.append(application.reference)
    pages, cursor = [], None
    with app.test_request_context():
        while not pages or cursor:
            page = fetch(session, queue("licence.new"), officer, limit=3, cursor=cursor)
            assert page.total == 7
            pages.append([r.reference for r in page.rows])
            cursor = page.next_cursor
    assert pages == [sent[:3], sent[3:6], sent[6:]]


def test_a_proposed_sanction_waits_for_the_decider(app, session):
    agency, _licence = make.licensed(session, "Makalu Recruitment")
    decider = make.approver(session)
    sanctions.propose(
        session,
        make.reviewer(session),
        agency.id,
        sanctions.Propose(SanctionKind.SUSPENSION, "Complaints.", legal_today(session)),
    )
    with app.test_request_context():
        page = fetch(session, queue("sanction.decision"), decider, limit=10)
    assert (page.total, [r.label for r in page.rows]) == (1, ["Makalu Recruitment"])


def test_every_queue_names_the_permission_that_may_act():
    assert {q.name: q.permission for q in QUEUES} == {
        "branch.verify": Permission.LICENCE_REVIEW,
        "branch.activate": Permission.LICENCE_APPROVE,
        "branch.second": Permission.LICENCE_APPROVE,
        "branch.nobody": Permission.STAFF_MANAGE,
        "branch.nobody_second": Permission.STAFF_MANAGE,
        "licence.new": Permission.LICENCE_REVIEW,
        "licence.review": Permission.LICENCE_REVIEW,
        "licence.returned": Permission.LICENCE_REVIEW,
        "licence.visit": Permission.LICENCE_INSPECT,
        "licence.stopped": Permission.LICENCE_APPROVE,
        "licence.decision": Permission.LICENCE_APPROVE,
        "licence.second": Permission.LICENCE_APPROVE,
        "licence.nobody": Permission.STAFF_MANAGE,
        "licence.issue": Permission.SECURITY_RECORD,
        "licence.security": Permission.SECURITY_RECORD,
        "licence.appeal": Permission.SANCTION_APPEAL,
        "sanction.decision": Permission.SANCTION_DECIDE,
        "sanction.nobody": Permission.STAFF_MANAGE,
        "case.nobody_review": Permission.STAFF_MANAGE,
        "case.nobody_lifting": Permission.STAFF_MANAGE,
        "name.agree": Permission.LICENCE_REVIEW,
        "name.stopped": Permission.LICENCE_APPROVE,
        "security.papers": Permission.SECURITY_RECORD,
        "security.ending": Permission.SECURITY_RECORD,
        "security.claims": Permission.SANCTION_DECIDE,
        "security.awards": Permission.SECURITY_RECORD,
        "security.overdue": Permission.SECURITY_RECORD,
        "security.proposals": Permission.SECURITY_RECORD,
        "security.forfeitures": Permission.SANCTION_DECIDE,
        "security.nobody": Permission.STAFF_MANAGE,
        "security.nobody_claims": Permission.STAFF_MANAGE,
        "security.nobody_second": Permission.STAFF_MANAGE,
        "case.nobody": Permission.STAFF_MANAGE,
        "case.reported": Permission.SANCTION_PROPOSE,
        "case.notice": Permission.SANCTION_PROPOSE,
        "case.reply": Permission.SANCTION_PROPOSE,
        "case.hearing": Permission.SANCTION_PROPOSE,
        "case.order": Permission.SANCTION_DECIDE,
        "case.stay": Permission.SANCTION_APPEAL,
        "case.appeal": Permission.SANCTION_APPEAL,
        "case.review": Permission.SANCTION_APPEAL,
        "case.lifting": Permission.SANCTION_DECIDE,
        "case.fine": Permission.SECURITY_RECORD,
        "import.conflicts": Permission.LICENCE_REVIEW,
        "import.second": Permission.LICENCE_APPROVE,
        "import.claims": Permission.LICENCE_REVIEW,
        "import.papers": Permission.LICENCE_APPROVE,
        "winding.overdue": Permission.LICENCE_REVIEW,
        "winding.open": Permission.LICENCE_REVIEW,
        "winding.decide": Permission.LICENCE_APPROVE,
        "winding.security": Permission.SECURITY_RECORD,
    }


def test_the_search_finds_by_name_number_and_reference_within_reach(app, session):
    agency, licence = make.licensed(session, "Makalu Recruitment", "मकालु रिक्रुटमेन्ट")
    find = SEARCHES[0].find
    officer = make.reviewer(session)
    far = make.reviewer(session, at=make.office(session, "P9", parent=make.office(session)))
    with app.test_request_context():
        for text in ("makaalu recrutment", "मकालु", licence.number, str(licence.serial), agency.reference.lower()):
            hits = find(session, officer, text, 5)
            assert [(h.label, str(h.status)) for h in hits] == [("Makalu Recruitment", "Licensed")], text
            assert find(session, far, text, 5) == []
        assert find(session, officer, "Zubrowka", 5) == []
