"""Words of a renewal: what is tested, what a test can say, when tests are run."""

from enum import StrEnum

from core.i18n import _l


class TestCode(StrEnum):
    """What an agency is tested for when its licence is to go on."""

    __test__ = False

    WINDOW = "window"
    ACTIVITY = "activity"
    AWARDS = "awards"
    FINES = "fines"
    SECURITY = "security"
    SUSPENSION = "suspension"
    PROCEEDING = "proceeding"
    BLACKLIST = "blacklist"
    PEOPLE = "people"
    FEE = "fee"


TEST_TITLES = {
    TestCode.WINDOW: _l("Asked for in time"),
    TestCode.ACTIVITY: _l("Workers who have departed"),
    TestCode.AWARDS: _l("Awards to workers are paid"),
    TestCode.FINES: _l("Fines are paid"),
    TestCode.SECURITY: _l("The security lasts for the new term"),
    TestCode.SUSPENSION: _l("The licence is not suspended"),
    TestCode.PROCEEDING: _l("No proceeding is open"),
    TestCode.BLACKLIST: _l("The agency is not on the blacklist"),
    TestCode.PEOPLE: _l("No director is on the blacklist"),
    TestCode.FEE: _l("Fee of the renewal"),
}
# Told to officers alone: an applicant is not told that a director was compared with the blacklist.
OFFICERS_ONLY = frozenset({TestCode.PEOPLE})


class Verdict(StrEnum):
    """``fail`` refuses; ``warn`` and ``unknown`` refuse nobody, an officer decides."""

    PASS = "pass"  # noqa: S105 -- a result, no password
    WARN = "warn"
    UNKNOWN = "unknown"
    FAIL = "fail"


VERDICT_TITLES = {
    Verdict.PASS: (_l("in order"), "good"),
    Verdict.WARN: (_l("look at this"), "warn"),
    Verdict.UNKNOWN: (_l("an officer decides"), "note"),
    Verdict.FAIL: (_l("not met"), "bad"),
}


class Occasion(StrEnum):
    """When tests were run and kept."""

    SENT = "sent"
    APPROVED = "approved"
    AGREED = "agreed"
    RENEWED = "renewed"
