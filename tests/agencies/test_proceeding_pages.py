"""A proceeding through its pages, in forms as a browser sends them: officers, the agency, finance, the appeal."""

import io
import re

import pytest
from sqlalchemy import select

from agencies.queues import QUEUES
from agencies.sanctions.case_models import SanctionCase, SanctionFine, SanctionLifting, SanctionOrder, SanctionPaper
from agencies.sanctions.case_status import CaseStatus, FineStatus, LiftingStatus, OrderKind
from agencies.sanctions.models import Sanction
from agencies.sanctions.steps import LIFTINGS
from core.accounts import UserAccount, add_membership
from core.db import legal_today
from core.permissions import StaffRole, SubjectKind
from core.queues import fetch
from tests.agencies import factories as make
from tests.agencies import proceedings as go

C = CaseStatus


def text_of(answer):
    return answer.get_data(as_text=True)


def as_(client, session, account):
    client.sign_in(session, account)
    return client


def waiting(app, session, name, actor):
    queue = next(q for q in QUEUES if q.name == name)
    with app.test_request_context():
        return [r.url for r in fetch(session, queue, actor, limit=10).rows]


def no_id_stands_twice(answer):
    ids = re.findall(r'\sid="([^"]+)"', text_of(answer))
    assert sorted(ids) == sorted(set(ids))
    return answer


def paper():
    return (io.BytesIO(make.photo()), "paper.png")


@pytest.fixture
def people(session):
    """The officers of one case, the agency and its owner."""
    agency, _licence = make.licensed(session, "Makalu Recruitment")
    owner = go.account(session, "Owner")
    add_membership(session, owner, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    roles = {
        "reporter": StaffRole.LICENSING_OFFICER, "officer": StaffRole.LICENSING_OFFICER,
        "approver": StaffRole.LICENSING_APPROVER, "appeal": StaffRole.APPEAL_OFFICER,
        "finance": StaffRole.FINANCE_OFFICER,
    }  # fmt: skip
    staff = {name: go.posted(session, role) for name, role in roles.items()}
    return agency, owner, staff


def test_a_proceeding_from_the_report_to_the_appeal(app, client, session, people):
    boss = go.posted(session, StaffRole.LICENSING_APPROVER)
    # Each step falls to the first of these who may have it: the officer, then whoever did not prepare it.
    with make.drawn_for(people[2]["officer"][1], boss[1]):
        from_the_report_to_the_appeal(app, client, session, people, boss)


def from_the_report_to_the_appeal(app, client, session, people, boss):
    agency, owner, staff = people

    as_(client, session, staff["reporter"][0])
    assert "Report this agency" in text_of(client.get(f"/licensing/agencies/{agency.id}"))
    address = f"/licensing/agencies/{agency.id}/report"
    assert client.get(address).status_code == 200
    refused = client.post_form(address, facts="", source="person")
    assert (refused.status_code, session.scalars(select(SanctionCase)).all()) == (422, [])
    made = client.post_form(address, facts="Kept passports.", source="person", file=paper())
    case = session.scalars(select(SanctionCase)).one()
    page = f"/licensing/proceedings/{case.id}"
    assert made.location.endswith(page)
    assert "Another officer must screen it" in text_of(client.get(page))
    assert client.post_form(f"{page}/screen", reason="Myself.").status_code == 403

    as_(client, session, owner)
    own = f"/proceedings/{case.id}"
    evidence = session.scalars(select(SanctionPaper)).one()
    assert client.get(own).status_code == 404
    assert client.get(page).status_code == 403

    as_(client, session, staff["officer"][0])
    assert waiting(app, session, "case.reported", staff["officer"][1]) == [page]
    assert client.post_form(f"{page}/screen", reason="").status_code == 422
    assert client.post_form(f"{page}/screen", reason="Three say so.").status_code == 303
    assert client.post_form(f"{page}/notify", **{"notify-notice": "Answer this."}).status_code == 303
    no_id_stands_twice(client.get(page))

    as_(client, session, owner)
    assert own in text_of(client.get(f"/agencies/{agency.id}"))
    assert client.get(f"/licensing/proceedings/papers/{evidence.id}").status_code == 404
    assert client.post_form(f"{own}/reply", words="").status_code == 422
    assert client.post_form(f"{own}/reply", words="We keep them safe.", file=paper()).status_code == 303
    assert "We keep them safe." in text_of(client.get(own))

    as_(client, session, staff["officer"][0])
    today = legal_today(session).isoformat()
    wrong = {"schedule-day": today, "schedule-time": "25:00", "schedule-place": "Room 3"}
    assert client.post_form(f"{page}/schedule", **wrong).status_code == 422
    assert client.post_form(f"{page}/schedule", **{**wrong, "schedule-time": "२३:५९"}).status_code == 303
    no_id_stands_twice(client.get(page))
    heard = {"hear-came": "yes", "hear-minutes": "They admit it.", "hear-reason": "A fine."}
    assert client.post_form(f"{page}/hear", **heard).status_code == 303
    assert client.post_form(f"{page}/order", **{"order-kind": "warn", "order-reason": "x"}).status_code == 403

    as_(client, session, boss[0])
    assert waiting(app, session, "case.order", boss[1]) == [page]
    no_id_stands_twice(client.get(page))
    short = client.post_form(f"{page}/order", **{"order-kind": "suspend", "order-reason": "Proved."})
    assert short.status_code == 422
    assert "Write the last day" in text_of(short)
    fined = {"order-kind": "fine", "order-reason": "Proved.", "order-fine": "50,000", "order-fine_due_on": "2030-01-01"}
    assert client.post_form(f"{page}/order", **fined).status_code == 303

    as_(client, session, staff["finance"][0])
    fine = session.scalars(select(SanctionFine)).one()
    assert waiting(app, session, "case.fine", staff["finance"][1]) == [page]
    assert client.post_form(f"/licensing/fines/{fine.id}/pay", receipt="").status_code == 422
    assert client.post_form(f"/licensing/fines/{fine.id}/pay", receipt="R-77").status_code == 303

    as_(client, session, owner)
    shown = text_of(client.get(own))
    assert session.scalars(select(SanctionOrder.reference)).one() in shown
    assert client.get(f"{page}/order").data.startswith(b"%PDF-")
    assert client.post_form(f"{own}/appeal", words="Too much.", ask_stay="y").status_code == 303

    as_(client, session, staff["appeal"][0])
    assert waiting(app, session, "case.stay", staff["appeal"][1]) == [page]
    assert waiting(app, session, "case.appeal", staff["appeal"][1]) == []
    assert client.post_form(f"{page}/refuse-stay", reason="No harm in waiting.").status_code == 303
    assert waiting(app, session, "case.appeal", staff["appeal"][1]) == [page]
    no_id_stands_twice(client.get(page))
    harder = client.post_form(f"{page}/vary", **{"vary-kind": "cancel", "vary-reason": "More."})
    assert (harder.status_code, "milder" in text_of(harder)) == (422, True)
    assert client.post_form(f"{page}/vary", **{"vary-kind": "warn", "vary-reason": "First time."}).status_code == 303
    session.expire_all()
    assert session.get_one(SanctionCase, case.id).status is C.VARIED
    assert session.get_one(SanctionFine, fine.id).status is FineStatus.TO_PAY_BACK
    as_(client, session, staff["finance"][0])
    assert client.post_form(f"/licensing/fines/{fine.id}/pay-back", receipt="B-1").status_code == 303
    assert "First time." in text_of(as_(client, session, owner).get(own))


def test_other_subjects_are_reported_and_a_blacklisting_is_lifted_by_three(app, client, session, people):
    agency, _owner, staff = people
    as_(client, session, staff["reporter"][0])
    assert client.get("/licensing/proceedings").status_code == 200
    assert client.get("/licensing/proceedings/new/nobody").status_code == 404
    for kind in ("director", "employer", "foreign-agent", "orientation-centre", "medical-centre"):
        assert no_id_stands_twice(client.get(f"/licensing/proceedings/new/{kind}")).status_code == 200
    unknown = {"reference": "EM-0000-00000-0", "facts": "No wages.", "source": "person"}
    assert client.post_form("/licensing/proceedings/new/employer", **unknown).status_code == 422
    agent = {"name": "Gulf Manpower", "identifier": "CR 77", "country": "qa", "facts": "Took fees.", "source": "person"}
    assert client.post_form("/licensing/proceedings/new/foreign-agent", **agent).status_code == 303
    listed = text_of(client.get("/licensing/proceedings"))
    assert ("An agent abroad" in listed, "Gulf Manpower" in listed) == (True, False)

    case = go.ordered(session, OrderKind.BLACKLIST, **go.against(agency))
    sanction = session.scalars(select(Sanction).where(Sanction.case_id == case.id)).one()
    address = f"/licensing/blacklistings/{sanction.id}/lifting"
    assert address in text_of(client.get(f"/licensing/agencies/{agency.id}"))
    assert "Everybody will read it" in text_of(client.get(address))
    assert client.post_form(address, public_reason="").status_code == 422
    assert client.post_form(address, public_reason="All workers are paid.").status_code == 303
    lifting = session.scalars(select(SanctionLifting)).one()
    page = f"/licensing/liftings/{lifting.id}"
    assert client.post_form(f"{page}/agree", reason="Yes.").status_code == 403
    for account, actor in (go.posted(session, StaffRole.LICENSING_APPROVER) for _ in range(2)):
        session.refresh(lifting)
        make.give(session, LIFTINGS, lifting, actor)
        as_(client, session, account)
        assert waiting(app, session, "case.lifting", actor) == [page]
        assert client.get(page).status_code == 200
        assert client.post_form(f"{page}/agree", reason="Seen.").status_code == 303
        again = client.post_form(f"{page}/agree", reason="Seen.")
        assert again.status_code in (403, 409)
    session.expire_all()
    assert session.get_one(SanctionLifting, lifting.id).status is LiftingStatus.LIFTED
    assert "All workers are paid." in text_of(client.get(f"/licensing/agencies/{agency.id}"))


def test_outsiders_find_nothing(client, session, people):
    _agency, _owner, _staff = people
    case = go.walked(session, C.NOTICE, **go.against(people[0]))
    other, _licence = make.licensed(session, "Koshi Overseas")
    stranger: UserAccount = go.account(session, "Stranger")
    add_membership(session, stranger, kind=SubjectKind.AGENCY, subject_id=other.id, is_owner=True)
    far = go.posted(session, StaffRole.LICENSING_APPROVER, at=go.elsewhere(session))[0]
    as_(client, session, stranger)
    assert client.get(f"/proceedings/{case.id}").status_code == 404
    assert client.post_form(f"/proceedings/{case.id}/reply", words="Hm.").status_code == 404
    as_(client, session, far)
    assert client.get(f"/licensing/proceedings/{case.id}").status_code == 404
    assert client.post_form(f"/licensing/proceedings/{case.id}/drop", reason="x").status_code == 404
    session.expire_all()
    found = session.get_one(SanctionCase, case.id)
    assert (found.status, found.reply) == (C.NOTICE, None)
