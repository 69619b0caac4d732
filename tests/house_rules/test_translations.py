import pytest

from core.i18n import languages
from portal.catalogue import SOURCES, faults


@pytest.mark.parametrize("locale", [code for code in languages() if code != "en"])
@pytest.mark.parametrize("name", list(SOURCES))
def test_every_sentence_is_translated_and_none_is_fuzzy(locale: str, name: str):
    assert faults(locale, name) == []


def test_english_nepali_and_urdu_are_there():
    assert {"en", "ne", "ur"} <= set(languages())
