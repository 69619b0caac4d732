"""The one answer by SMS: ``CHECK`` and a name or number, with the number of a job or a card if there is one.

Two SMS at most. Whoever writes an English keyword from an unknown number is answered in English and in the country's own
language, since either may be the one that is read.
"""

import re
from typing import Any

from sqlalchemy.orm import Session

from agencies.register.search import MAXIMUM_QUERY
from contracts.answer.services import answer
from contracts.answer.shape import Answer, Question
from contracts.answer.status import State, Subject, Word
from core.i18n import _l, in_locale, languages
from core.i18n import gettext as _
from core.inbound import help_text, keyword
from core.names import native_digits_to_latin
from core.settings import current
from core.sms_length import clipped, segments
from law.country import deployment

MOST = 2
KEYWORDS: dict[str, str | None] = {
    "CHECK": None, "CHEK": None, "CHEACK": None, "VERIFY": None, "JANCH": "ne", "जाँच": "ne", "जांच": "ne", "चेक": "ne",
    "چیک": "ur", "جانچ": "ur", "যাচাই": None, "চেক": None,
}  # fmt: skip
# Short enough that two languages, a licence number and a name fit into two SMS of seventy characters.
SHORT: dict[Word, Any] = {
    Word.YES: _l("YES, for this job. Pay only with a receipt."),
    Word.CHECK: _l("LICENSED, but ask a labour office first."),
    Word.NO: _l("NO, not for this job. Do not pay."),
    Word.SUSPENDED: _l("SUSPENDED. Do not pay now."),
    Word.ENDED: _l("LICENCE ENDED. Do not pay."),
    Word.BLACKLISTED: _l("BARRED. Stay away, do not pay."),
    Word.NOT_LICENSED: _l("NOT LICENSED. Do not pay."),
    Word.WHICH_ONE: _l("Several fit. Send the licence number."),
    Word.UNKNOWN: _l("Send CHECK and the name of the agency."),
}
ASK_NUMBER = _l("LICENSED. Ask for the job number (JB) and send it.")
_OVER = _l("NO: this job is closed or full. Do not pay.")
# Why it is a no, where that fits; by the first line that refuses.
NO_BECAUSE: dict[tuple[Subject, str], Any] = {
    (Subject.JOB_ORDER, "none"): _l("NO: it has no such approved job."),
    (Subject.JOB_ORDER, "not_found"): _l("NO: no such job is approved. Do not pay."),
    (Subject.JOB_ORDER, "other_agency"): _l("NO: job of another agency. Do not pay."),
    (Subject.JOB_ORDER, "closed"): _OVER,
    (Subject.JOB_ORDER, "full"): _OVER,
    (Subject.JOB_ORDER, "expired"): _OVER,
    (Subject.JOB_ORDER, "agent_barred"): _l("NO: the agent abroad is barred. Do not pay."),
    (Subject.EMPLOYER, "barred"): _l("NO: the employer is barred. Do not pay."),
    (Subject.EMPLOYER, "not_accredited"): _l("NO: employer not accredited. Do not pay."),
    (Subject.DESTINATION, "banned"): _l("NO: the country is closed. Do not pay."),
    (Subject.PRESENCE, "not_found"): _l("NO: the card is false. Do not pay."),
    (Subject.PRESENCE, "not_valid"): _l("NO: the card is not valid. Do not pay."),
    (Subject.PRESENCE, "other_agency"): _l("NO: card of another agency. Do not pay."),
    (Subject.PRESENCE, "forbidden"): _l("NO: the law forbids agents. Do not pay."),
}
HELP = _l("Send CHECK and the name or number of the agency.")

_SEPARATORS = r"[\s\-‐-―_./]*"
_BODY = rf"[0-9A-Z]{{4}}{_SEPARATORS}[0-9A-Z]{{5}}{_SEPARATORS}[0-9A-Z]"
_JOB = re.compile(rf"(?i)(?<![0-9A-Z])JB{_SEPARATORS}{_BODY}(?![0-9A-Z])|(?<![0-9A-Z])JB[-0-9]\S*[0-9]\S*")
_CARD = re.compile(rf"(?i)(?<![0-9A-Z])BR{_SEPARATORS}{_BODY}(?![0-9A-Z])(?:\s*/\s*[0-9]{{1,9}})?")


def read(written: str) -> Question:
    """The question behind the keyword: a job's and a card's number are taken out, the rest is the agency."""
    plain = native_digits_to_latin(written)
    found = {}
    for name, pattern in (("job_order", _JOB), ("card", _CARD)):
        match = pattern.search(plain)
        if match is not None:
            found[name] = match[0][:60]
            plain = f"{plain[: match.start()]} {plain[match.end() :]}"
    return Question(agency=" ".join(plain.split()).strip(" ,;")[:MAXIMUM_QUERY].strip(), **found)


def local_language() -> str | None:
    """The language of the country's own script, where this portal speaks it."""
    script = deployment().script or {}
    return next((code for code, language in languages().items() if script.get(code) == language.name), None)


def spoken(locale: str | None) -> tuple[str, ...]:
    """The languages of an answer: the sender's, or English and the country's own."""
    if locale is not None:
        return (locale,)
    own = local_language()
    return ("en",) if own in (None, "en") else ("en", str(own))


def _short(found: Answer) -> Any:
    open_ = {p.code for p in found.parts if p.state in (State.WARN, State.UNKNOWN)}
    if found.word is Word.CHECK and open_ == {"ask_number"}:
        return ASK_NUMBER
    if found.word is Word.NO:
        refusing = next(p for p in found.parts if p.state is State.BAD)
        return NO_BECAUSE.get((refusing.subject, refusing.code), SHORT[Word.NO])
    return SHORT[found.word]


def _in(locales: tuple[str, ...], text: Any) -> str:
    """The text in each of the languages."""
    said = []
    for code in locales:
        with in_locale(code):
            said.append(str(text))
    return " / ".join(said)


def text_of(found: Answer, locales: tuple[str, ...]) -> str:
    """The answer as one text of two SMS at most: the word, whose it is, and, where it still fits, how to report or read on."""
    before = _in(locales, _short(found))
    number = f" {found.agency.number}" if found.agency is not None and found.agency.number else ""
    name = f" {found.agency.name}" if found.agency is not None else ""
    kept = clipped(name.strip(), f"{before}{number} ", "", MOST) if name else ""
    said = f"{before}{number} {kept}".rstrip()
    for tail in _tails(found, locales):
        if segments(f"{said} {tail}") <= MOST:
            return f"{said} {tail}"
    return said


def _tails(found: Answer, locales: tuple[str, ...]) -> list[str]:
    """What may follow, the fullest first."""
    with in_locale(locales[0]):
        if found.word in (Word.NOT_LICENSED, Word.BLACKLISTED, Word.ENDED):
            report = f"{current().public_url}/report"
            return [_("Report: %(address)s", address=report), report]
        return [f"{current().public_url}/answer"]


@keyword(KEYWORDS)
def check(session: Session, written: str, locale: str | None) -> str:
    """Answer to a keyword; names and words stay in the languages of ``locale``."""
    locales = spoken(locale)
    with in_locale(locales[0]):
        return text_of(answer(session, read(written)), locales)


@help_text
def help_(locale: str | None) -> str:
    """What to send."""
    return _in(spoken(locale), HELP)
