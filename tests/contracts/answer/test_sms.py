"""The keyword: what is read out of an SMS, in which language it is answered, and that the answer fits."""

import itertools

import pytest

from agencies.licensing.status import LicenceStatus, Standing
from contracts.answer import sms
from contracts.answer.shape import Answer, Listed, Part, Question
from contracts.answer.sms import SHORT, read, spoken, text_of
from contracts.answer.status import ADVICE, TITLES, State, Subject, Word, tone_of
from core.db import legal_today
from core.ids import new_id, new_reference
from core.inbound import reply_to
from core.sms_length import is_gsm, segments
from tests.agencies import factories as make
from tests.contracts.answer.scene import scene, use_law

SENDER = "+9779800000077"
JOB = new_reference("JB")
CARD = new_reference("BR")

READ = [
    ("1234/081", Question(agency="1234/081")),
    ("१२३४/०८१", Question(agency="1234/081")),
    ("Annapurna Manpower", Question(agency="Annapurna Manpower")),
    ("अन्नपूर्ण म्यानपावर", Question(agency="अन्नपूर्ण म्यानपावर")),
    (f"NP-0421/083 {JOB}", Question(agency="NP-0421/083", job_order=JOB)),
    (f"{JOB}", Question(job_order=JOB)),
    (f"{JOB.lower()} Annapurna, ", Question(agency="Annapurna", job_order=JOB.lower())),
    (f"Annapurna {JOB.replace('-', ' ')}", Question(agency="Annapurna", job_order=JOB.replace("-", " "))),
    (f"Annapurna {JOB.replace('-', '')}", Question(agency="Annapurna", job_order=JOB.replace("-", ""))),
    ("Annapurna JB-12", Question(agency="Annapurna", job_order="JB-12")),
    (f"{CARD}/12 Annapurna", Question(agency="Annapurna", card=f"{CARD}/12")),
    ("JB Overseas", Question(agency="JB Overseas")),
]


@pytest.mark.parametrize(("written", "question"), READ, ids=range(len(READ)))
def test_a_jobs_and_a_cards_number_are_read_wherever_they_stand(app, written, question):
    assert read(written) == question


@pytest.fixture
def s(session, monkeypatch):
    use_law(monkeypatch)
    return scene(session)


@pytest.mark.parametrize("word", ["CHECK", "check", "Check:", "chek", "जाँच", "چیک", "চেক", "“CHECK”", "ＣＨＥＣＫ"])
def test_the_keyword_is_known_in_any_case_and_script(s, word):
    assert s.number in reply_to(s.session, SENDER, f"{word}  {s.number}")


def test_the_number_is_read_in_any_digits(s):
    for digits in ("०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"):
        written = s.number.split("-")[1].translate(str.maketrans("0123456789", digits))
        assert s.number in reply_to(s.session, SENDER, f"CHECK {written}"), written


def test_the_language_is_the_keywords_the_accounts_or_the_scripts_else_there_are_two(s):
    s.session.flush()
    english, nepali = "LICENSED", "इजाजतपत्र"
    both = reply_to(s.session, SENDER, f"CHECK {s.number}")
    assert english in both
    assert nepali in both
    assert english not in reply_to(s.session, SENDER, f"जाँच {s.number}")
    assert english not in reply_to(s.session, SENDER, f"चेक {s.number}")
    assert "لائسنس" in reply_to(s.session, SENDER, f"چیک {s.number}")
    known = make.account(s.session, "Hari", phone="+9779800000088")
    known.locale = "en"
    s.session.flush()
    assert nepali not in reply_to(s.session, "+9779800000088", f"CHECK {s.number}")
    assert spoken(None) == ("en", "ne")


def test_anything_else_gets_short_help_and_an_empty_message_too(s):
    for written in ("Hello", "", "CHECK", "STOP", "CHECK   ", "\u202echeck"):
        said = reply_to(s.session, SENDER, written)
        assert "CHECK" in said, written
        assert segments(said) <= 2


def test_each_word_of_the_answer_comes_by_sms(s):
    other, _licence = make.licensed(s.session, "Dhaulagiri Overseas Pvt. Ltd.", status=LicenceStatus.SUSPENDED)
    assert other
    for written, start in (
        (s.job.reference, "YES"),
        (f"Annapurna Manpower {s.job.reference}", "YES"),
        ("Annapurna Manpower", "LICENSED. Ask for the job number"),
        (f"Annapurna Manpower {new_reference('JB')}", "NO: no such job is approved"),
        ("Dhaulagiri Overseas", "SUSPENDED"),
        ("Zzyzx Qwerty Travels", "NOT LICENSED"),
    ):
        assert sms.check(s.session, written, "en").startswith(start), written
    assert "/report" in sms.check(s.session, "Zzyzx Qwerty Travels", "en")
    s.job.status = "closed"  # the last approved job
    s.session.flush()
    assert sms.check(s.session, "Annapurna Manpower", "en").startswith("NO: it has no such approved job")


@pytest.mark.parametrize("locales", [("en",), ("ne",), ("ur",), ("en", "ne"), ("en", "ur")], ids="-".join)
@pytest.mark.parametrize("word", list(Word))
def test_no_answer_takes_more_than_two_sms_and_the_word_and_number_are_never_cut(session, word, locales):
    names = ("A", "Annapurna International Manpower and Overseas Employment Services Pvt. Ltd. " * 3, "अन्नपूर्ण " * 30)
    for name, number in itertools.product(names, (None, "NP-0421/083")):
        agency = Listed(new_id(), name, "", number, "", Standing.LICENSED, None)
        for held in (agency, None):
            for subject, code in sms.NO_BECAUSE if word is Word.NO else ((Subject.JOB_ORDER, "ask_number"),):
                parts = (Part(subject, State.BAD if word is Word.NO else State.WARN, code, ""),)
                found = Answer(
                    Question("x"), legal_today(session), word, TITLES[word], ADVICE[word], tone_of(word), held, parts
                )  # fmt: skip
                said = text_of(found, locales)
                assert segments(said) <= 2, said
                if held is not None and number:
                    assert number in said
    assert segments(sms._in(locales, SHORT[word])) <= 2


def test_what_is_said_in_english_alone_is_cheap(app):
    texts = [*SHORT.values(), *sms.NO_BECAUSE.values(), sms.ASK_NUMBER, sms.HELP]
    assert [str(t) for t in texts if not is_gsm(str(t))] == []
    assert [str(t) for t in sms.NO_BECAUSE.values() if not str(t).startswith("NO: ")] == []
