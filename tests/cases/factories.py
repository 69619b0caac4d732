"""Reports and case officers for tests, made through the services."""

import os
import re

from sqlalchemy import select

from cases.reports import services
from cases.reports.models import Report
from cases.reports.services import Send
from cases.reports.status import Share
from cases.reports.words import codename_index
from core.accounts import OfficeKind
from core.permissions import StaffRole
from tests.agencies import factories as make

WORDS = "A man takes passports and money in our village and has no paper."


def ministry(session):
    return make.office(session, "MOL", kind=OfficeKind.MINISTRY)


def officer(session, *, at=None):
    """A case officer's account and actor, at the ministry unless told."""
    return make.officer(session, StaffRole.CASE_OFFICER, at=at or ministry(session))


def case_officer(session, **kw):
    return officer(session, **kw)[1]


def sent(session, words=WORDS, *, share=Share.FACTS, in_danger=False, **kw):
    """A report and its codename."""
    ministry(session)
    codename = services.send(session, os.urandom(16), Send(words, in_danger, share, **kw))
    return by_codename(session, codename), codename


def by_codename(session, codename):
    return session.scalars(select(Report).where(Report.codename_index == codename_index(codename))).one()


def hidden(page, name):
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


ANSWERS = {
    "danger": {"danger": "no"},
    "words": {"words": WORDS},
    "who": {"name": "Sagarmatha Dreams", "phone": "९८५१०११११", "place": "Bus park"},
    "paid": {"asked": "150,000 and the passport", "when": "last week", "destination": "QA"},
    "share": {"share": "facts"},
}


def fill_in(client, answers=None, **kw):
    """Answer page after page as a browser without cookies would; gives the draft on the last page."""
    page = client.get("/report", **kw).text
    for step, given in {**ANSWERS, **(answers or {})}.items():
        answer = client.post("/report", data={"draft": hidden(page, "draft"), "step": step, **given}, **kw)
        assert answer.status_code == 200, answer.text
        page = answer.text
    return hidden(page, "draft")


def send(client, draft, **kw):
    """Send from the last page; ``photos`` are file-like."""
    photos = kw.pop("photos", [])
    data = {"draft": draft, "step": "check", "photos": photos, **kw.pop("fields", {})}
    return client.post("/report", data=data, content_type="multipart/form-data", **kw)


def codename_in(page):
    found = re.search(r'<p class="amount"><bdi dir="(?:ltr|rtl)" lang="[a-z]+">([^<]+)</bdi>', page)
    assert found, page
    return found[1]
