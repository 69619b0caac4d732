"""A suspension before a hearing, its extension, and one made by the system are orders in writing, too."""

from datetime import timedelta
from hashlib import sha256

import pypdfium2
import pytest
from sqlalchemy import select

from agencies.sanctions import cases, documents, services, suspension
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind
from core.accounts import add_membership
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.errors import NotVisible
from core.permissions import SubjectKind
from tests.agencies import factories as make
from tests.agencies import proceedings as go


def kept(session, actor, sanction, action):
    """The text of the order, whose hash the row of the decision holds."""
    content = documents.download_suspension(session, actor, sanction.id).content
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == sanction.id, AuditEvent.action == action)
    ).one()
    assert event.evidence["document_sha256"] == sha256(content).hexdigest()
    with pypdfium2.PdfDocument(content) as pdf:
        return " ".join(pdf[0].get_textpage().get_text_range().split())


def proposed(session, agency, kind=SanctionKind.SUSPENSION, days=20, **more):
    command = services.Propose(kind, "Passports were kept.", legal_today(session) + timedelta(days), **more)
    return services.propose(session, go.reviewer(session), agency.id, command)


def test_a_suspension_before_a_hearing_and_its_extension_are_kept(client, session):
    agency, _licence = make.licensed(session)
    account = make.account(session, "Owner")
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    judge = go.approver(session)
    sanction = proposed(session, agency)
    with pytest.raises(NotVisible):
        documents.download_suspension(session, judge, sanction.id)
    services.order(session, judge, sanction.id, "At once: workers are in danger.")
    text = kept(session, judge, sanction, "order")
    assert agency.name in text
    assert "Passports were kept." in text
    assert sanction.last_day.isoformat() in text

    case = session.get_one(cases.SanctionCase, sanction.case_id)
    officer = go.reviewer(session)
    cases.record_reply(session, officer, case.id, "We keep them safe.")
    cases.schedule(session, officer, case.id, cases.Hearing(db_now(session), "Room 3, Tahachal"))
    longer = proposed(session, agency, SanctionKind.EXTENSION, days=30)
    services.order(session, go.approver(session), longer.id, "The hearing is set.")
    assert longer.last_day.isoformat() in kept(session, judge, longer, "order")

    client.sign_in(session, account)
    home = client.get(f"/agencies/{agency.id}").get_data(as_text=True)
    for row in (sanction, longer):
        assert f"/licensing/suspensions/{row.id}/order" in home
        assert client.get(f"/licensing/suspensions/{row.id}/order").data.startswith(b"%PDF-")
    stranger = make.agency(session, name="Mechi Overseas")[1]
    client.sign_in(session, stranger)
    assert client.get(f"/licensing/suspensions/{sanction.id}/order").status_code == 404


def test_a_suspension_by_the_system_is_kept(session):
    agency, _licence = make.licensed(session)
    sanction = suspension.suspend_by_system(session, agency.id, "The security was not topped up.", "security.unpaid")
    text = kept(session, go.approver(session), sanction, "impose")
    assert "The security was not topped up." in text
    assert "until the cause that is named above is gone" in text
    assert session.scalars(select(Sanction.document_id)).one() is not None
