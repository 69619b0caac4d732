"""The words of the one answer: the overall word, what it says of each part, and how sure that is."""

from enum import StrEnum

from agencies.licensing.status import Standing
from core.i18n import _l


class Word(StrEnum):
    """The whole answer in one word. ``CHECK``: licensed, but something is still to be asked or was not confirmed."""

    YES = "yes"
    CHECK = "yes_but_check"
    NO = "no"
    SUSPENDED = "suspended"
    ENDED = "ended"
    BLACKLISTED = "blacklisted"
    NOT_LICENSED = "not_licensed"
    WHICH_ONE = "ask_which_one"
    UNKNOWN = "unknown"


class Subject(StrEnum):
    """What a part of the answer speaks of, in the order of the page."""

    LICENCE = "licence"
    NAME = "name"
    PRESENCE = "presence"
    JOB_ORDER = "job_order"
    EMPLOYER = "employer"
    OCCUPATION = "occupation"
    DESTINATION = "destination"
    AGE = "age"
    FEE = "fee"


class State(StrEnum):
    """What a part does to the whole: ``BAD`` refuses, ``WARN`` and ``UNKNOWN`` say "check", ``NOTE`` only tells."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"
    NOTE = "note"


TONES = {
    State.GOOD: "good",
    State.WARN: "warn",
    State.BAD: "bad",
    State.UNKNOWN: "warn",
    State.NOTE: "note",
}
WORD_TONES = {
    Word.YES: "good",
    Word.CHECK: "warn",
    Word.SUSPENDED: "warn",
    Word.WHICH_ONE: "note",
    Word.UNKNOWN: "note",
}
SUBJECT_TITLES = {
    Subject.LICENCE: _l("Licence of the agency"),
    Subject.NAME: _l("Name of the agency"),
    Subject.PRESENCE: _l("Branch or representative"),
    Subject.JOB_ORDER: _l("The job"),
    Subject.EMPLOYER: _l("The employer"),
    Subject.OCCUPATION: _l("Kind of work"),
    Subject.DESTINATION: _l("The country"),
    Subject.AGE: _l("Your age"),
    Subject.FEE: _l("What you may be asked to pay"),
}
TITLES = {
    Word.YES: _l("Yes, for this job"),
    Word.CHECK: _l("Licensed, but check first"),
    Word.NO: _l("No. Do not pay"),
    Word.SUSPENDED: _l("Suspended: may not recruit now"),
    Word.ENDED: _l("No longer licensed"),
    Word.BLACKLISTED: _l("Barred from recruiting"),
    Word.NOT_LICENSED: _l("Not licensed"),
    Word.WHICH_ONE: _l("Which one do you mean?"),
    Word.UNKNOWN: _l("Nobody can say from this alone"),
}
# How an agency stands, as the overall word; a licensed one leaves the word to the other parts.
STANDING_WORDS = {
    Standing.SUSPENDED: Word.SUSPENDED,
    Standing.EXPIRED: Word.ENDED,
    Standing.CANCELLED: Word.ENDED,
    Standing.SURRENDERED: Word.ENDED,
    Standing.BLACKLISTED: Word.BLACKLISTED,
    Standing.NOT_LICENSED: Word.NOT_LICENSED,
}
# What to do next, most urgent first.
ADVICE = {
    Word.YES: (
        _l("Compare employer, country, work and wage below with what you were told. If anything differs, stop."),
        _l("Pay nothing without a receipt, and nothing more than it says below. Keep your passport yourself."),
    ),
    Word.CHECK: (
        _l("Look at each line below before you pay anything."),
        _l("Pay nothing without a receipt. Keep your passport yourself."),
    ),
    Word.NO: (
        _l("Do not pay and do not give your passport."),
        _l("Ask at a labour office. If you have paid already, keep every paper and message."),
    ),
    Word.SUSPENDED: (
        _l("It may not recruit anybody now. Do not pay it and do not give it your passport."),
        _l(
            "Have you signed a contract already? You have done nothing wrong. An officer looks at your case; ask at a "
            "labour office before you pay or travel."
        ),
    ),
    Word.ENDED: (
        _l("It may not recruit anybody. Do not pay it and do not give it your passport."),
        _l("If it has your money or your passport, tell the labour office."),
    ),
    Word.BLACKLISTED: (
        _l("Stay away from it. Do not pay it and do not give it your passport."),
        _l("If it has your money or your passport, tell the labour office."),
    ),
    Word.NOT_LICENSED: (
        _l("Whoever recruits without a licence breaks the law. Do not pay and do not give your passport."),
        _l("Report this recruiter. You need not give your name."),
    ),
    Word.WHICH_ONE: (
        _l("Choose the agency below, or type the licence number from its papers."),
        _l("If it is none of these, it has no licence: do not pay and do not give your passport."),
    ),
    Word.UNKNOWN: (_l("Type the name or the licence number of the agency, or the number of the job."),),
}


def tone_of(word: Word) -> str:
    """The colour and icon of a word; whatever is not named is a refusal."""
    return WORD_TONES.get(word, "bad")
