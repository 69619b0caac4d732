"""How long work waits is said in whole legal days, in the reader's language and digits."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from core.db import legal_today
from core.i18n import in_locale
from core.permissions import StaffRole
from portal.staff.ages import left, waited
from tests.agencies import factories as make

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("locale", "days", "words"),
    [
        ("en", 0, "came today"), ("en", 1, "waiting 1 day"), ("en", 3, "waiting 3 days"),
        ("ne", 1, "१ दिनदेखि पर्खाइमा"), ("ne", 12, "१२ दिनदेखि पर्खाइमा"),
        ("ur", 1, "۱ دن سے منتظر"), ("ur", 3, "۳ دنوں سے منتظر"),
    ],
)  # fmt: skip
def test_the_age_is_counted_in_legal_days(locale: str, days: int, words: str):
    with in_locale(locale):
        assert waited(datetime(2026, 11, 27, 6, tzinfo=UTC) - timedelta(days=days), TODAY) == words


def test_the_day_changes_where_the_ministry_is_and_not_in_greenwich():
    # 18:20 UTC is five past midnight in Kathmandu: the next day.
    assert waited(datetime(2026, 11, 26, 18, 10, tzinfo=UTC), TODAY) == "waiting 1 day"
    assert waited(datetime(2026, 11, 26, 18, 20, tzinfo=UTC), TODAY) == "came today"


def test_what_has_no_date_or_is_dated_ahead_has_no_age():
    assert waited(None, TODAY) == waited(datetime(2026, 11, 29, tzinfo=UTC), TODAY) == ""


@pytest.mark.parametrize(
    ("days", "words"), [(-2, "overdue by 2 days"), (-1, "overdue by 1 day"), (0, "due today"), (1, "1 day left"), (5, "5 days left")]
)  # fmt: skip
def test_the_time_left_is_said_beside_the_due_day(days: int, words: str):
    assert left(TODAY + timedelta(days=days), TODAY) == words


def test_staff_home_and_queue_say_how_long_an_application_waits(client, session):
    # It is drawn for the only officer who is there.
    reviewer = make.officer(session, StaffRole.LICENSING_OFFICER)[0]
    made, _agency, _owner = make.submitted(session, name="Dhaulagiri Overseas")
    noon = datetime.combine(legal_today(session), datetime.min.time(), UTC) + timedelta(hours=6)
    made.submitted_at = noon - timedelta(days=3)
    session.flush()
    client.sign_in(session, reviewer)
    for address in ("/staff", "/staff/queue/licence.new"):
        row = re.search(r"<tr>\s*<th scope=\"row\">.*?</tr>", client.get(address).text, re.DOTALL)
        assert row
        assert "waiting 3 days" in row[0], address
        assert re.search(r"\d+ days? left|due today|overdue by \d+ days?", row[0]), address
