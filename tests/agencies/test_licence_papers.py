"""Documents of an application: each made with its decision, its hash in the log, read by the agency, officers, the auditor."""

from hashlib import sha256

import pypdfium2
import pytest
from sqlalchemy import select

from agencies.licensing import decisions, documents, visiting
from agencies.licensing.paper_models import LicenceDocument
from agencies.licensing.status import ApplicationStatus, PaperKind
from agencies.licensing.visit_models import VisitAnswer
from core.audit import AuditEvent
from core.errors import DomainError, NotVisible
from core.files import StoredFile
from core.permissions import StaffRole
from law.country import deployment
from tests.agencies import factories as make
from tests.agencies import proceedings as go

K = PaperKind


def papers(session, application):
    rows = session.scalars(
        select(LicenceDocument).where(LicenceDocument.application_id == application.id).order_by(LicenceDocument.id)
    )
    return {r.kind: r for r in rows}


def words(session, actor, row):
    with pypdfium2.PdfDocument(documents.download_document(session, actor, row.id).content) as pdf:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())


def logged(session, application, action):
    return session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == application.id, AuditEvent.action == action)
    ).one()


def matches_log(session, actor, application, row, action):
    """The row of the transition holds the hash of the very bytes that are downloaded."""
    found = documents.download_document(session, actor, row.id).content
    kept = logged(session, application, action).evidence["document"]
    assert kept == {"kind": row.kind.value, "reference": row.reference, "sha256": sha256(found).hexdigest()}
    assert session.get_one(StoredFile, row.file_id).sha256 == kept["sha256"]


def test_each_step_gives_its_document_and_the_log_its_hash(session):
    maker, boss = make.reviewer(session), make.approver(session)
    eye = go.posted(session, StaffRole.LICENCE_INSPECTOR)[1]
    with make.drawn_for(maker, eye, boss):
        application, agency, owner = make.submitted(session)
        receipt = papers(session, application)[K.RECEIPT]
        matches_log(session, owner, application, receipt, "submit")
        text = words(session, owner, receipt)
        assert agency.name in text
        assert application.reference in text
        assert application.due_on.isoformat() in text

        decisions.ask_visit(session, maker, application.id, "Papers in order.")
        seen = make.report(
            session, VisitAnswer.NO, note="The door was shut.", finding="Come again.", photos=(make.photo(),)
        )
        visiting.report(session, eye, application.id, seen)
        report = papers(session, application)[K.INSPECTION_REPORT]
        matches_log(session, owner, application, report, "report")
        assert "The door was shut." in words(session, owner, report)

        decisions.send_back(session, boss, application.id, "Ask for the tax paper.")
        letter = decisions.ReturnDefects((decisions.Defect("tax", "The year is missing."),))
        decisions.return_defects(session, maker, application.id, letter)
    defects = papers(session, application)[K.DEFECT_LETTER]
    matches_log(session, owner, application, defects, "return")
    assert "The year is missing." in words(session, owner, defects)
    assert set(papers(session, application)) == {K.RECEIPT, K.INSPECTION_REPORT, K.DEFECT_LETTER}


def test_an_approval_gives_a_letter_of_intent_with_the_amounts(session):
    maker, boss = make.reviewer(session), make.approver(session)
    application, _agency, owner = make.recommended(session, maker)
    decisions.approve(session, boss, application.id, make.approval(session))
    assert application.status is ApplicationStatus.SECURITY_PENDING
    letter = papers(session, application)[K.LETTER_OF_INTENT]
    matches_log(session, owner, application, letter, "approve")
    text = words(session, owner, letter)
    assert "NPR 50,00,000.00" in text.replace("\u2068", "").replace("\u2069", "")
    assert application.due_on.isoformat() in text
    assert "This letter is no licence" in text


def test_a_half_approval_gives_no_letter(session, monkeypatch):
    # Nobody visits the office in this case, which weighs more than one point.
    monkeypatch.setitem(deployment().policy, "second_approver_from", 1)
    maker, boss, second = make.reviewer(session), make.approver(session), make.approver(session)
    application, _agency, owner = make.recommended(session, maker)
    with make.drawn_for(second):
        held = make.draw_for(session, application, boss)
        decisions.approve(session, boss, held.id, make.approval(session))
    assert held.status is ApplicationStatus.SECOND_CHECK
    assert set(papers(session, application)) == {K.RECEIPT}
    decisions.confirm(session, second, held.id, "I agree.")
    matches_log(session, owner, application, papers(session, application)[K.LETTER_OF_INTENT], "confirm")


def test_a_refusal_says_why_and_how_to_appeal(session):
    maker, boss = make.reviewer(session), make.approver(session)
    application, _agency, owner = make.recommended(session, maker)
    with pytest.raises(DomainError):
        decisions.refuse(session, boss, application.id, " ")
    decisions.refuse(session, boss, application.id, "The director answers for another agency.")
    paper = papers(session, application)[K.REFUSAL]
    matches_log(session, owner, application, paper, "refuse")
    text = words(session, owner, paper)
    assert "The director answers for another agency." in text
    assert f"until the end of {application.appeal_until.isoformat()}" in text
    # The law file of this country names no days: the paper says that an officer decides on a later one.
    assert "an officer decides whether a later appeal is heard" in text


def test_only_the_agency_and_officers_who_see_the_application_open_them(client, session):
    application, _agency, owner = make.submitted(session)
    row = papers(session, application)[K.RECEIPT]
    stranger = make.agency(session, name="Mechi Overseas")[2]
    far = make.reviewer(session, at=make.office(session, "P9"))
    for nobody in (stranger, far):
        with pytest.raises(NotVisible):
            documents.download_document(session, nobody, row.id)
    account, _auditor = make.officer(session, StaffRole.AUDITOR)
    for who in (account.id, owner.account_id, make.reviewer(session).account_id):
        from core.accounts import UserAccount

        client.sign_in(session, session.get_one(UserAccount, who))
        answer = client.get(f"/licences/documents/{row.id}")
        assert answer.status_code == 200
        assert answer.data.startswith(b"%PDF-")
    client.sign_in(session, account)
    assert f"/licences/documents/{row.id}" in client.get(f"/licensing/applications/{application.id}").get_data(
        as_text=True
    )
