"""An instant shown as a day is the day where the ministry is, in every language."""

from datetime import UTC, date, datetime

import pytest

from core.i18n import format_date, in_locale


@pytest.mark.parametrize("locale", ["en", "ne", "ur"])
def test_an_instant_becomes_the_day_of_the_ministry(app: object, locale: str):
    # 20:00 in UTC is past midnight in Kathmandu (+05:45).
    with in_locale(locale):
        assert format_date(datetime(2026, 11, 23, 20, 0, tzinfo=UTC)) == format_date(date(2026, 11, 24))
        assert format_date(datetime(2026, 11, 23, 18, 0, tzinfo=UTC)) == format_date(date(2026, 11, 23))
