"""The tests of a renewal: each measures one thing now, and says what it means by the row that asks for it.

A test that fails refuses; ``warn`` and ``unknown`` refuse nobody. What is asked in time, and how many workers departed, is
measured on the day on which the renewal was sent: the office's own slowness changes neither.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence, LicenceMatch
from agencies.renewal import activity, rules
from agencies.renewal.status import OFFICERS_ONLY, TEST_TITLES, VERDICT_TITLES, TestCode, Verdict
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import SERVED
from agencies.sanctions.fines import unpaid_fines
from agencies.sanctions.models import Sanction
from agencies.sanctions.queries import is_blacklisted, match_blacklist
from agencies.sanctions.status import SanctionKind, SanctionStatus
from agencies.security import ledger
from agencies.security.models import SecurityAccount, SecurityClaim
from agencies.security.rules import required
from agencies.security.status import OWED_CLAIMS
from core.i18n import _l, format_date, format_money, format_number
from law.country import deployment
from law.engine import Applied, Found, RowStatus, applies

# Steps that the agency knows of: what is still being screened is told to nobody.


@dataclass(frozen=True, slots=True)
class Asked:
    """Which licence is to be renewed, since when its term runs, for which day the tests are made, and until when it
    would last; ``application_id`` once there is one."""

    licence: Licence
    began: date
    on: date
    today: date
    until: date
    application_id: UUID | None = None
    fee_paid: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """One result, ``says`` and ``mend`` in words for a person."""

    __test__ = False

    code: TestCode
    verdict: Verdict
    says: Any
    mend: Any = None
    measured: dict[str, Any] = field(default_factory=dict)
    law: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> Any:
        return TEST_TITLES[self.code]

    @property
    def word(self) -> Any:
        return VERDICT_TITLES[self.verdict][0]

    @property
    def tone(self) -> str:
        return VERDICT_TITLES[self.verdict][1]

    @property
    def source(self) -> str:
        """The text of law behind it, as a reader looks it up; empty where none is known."""
        return str(self.law.get("citation") or "")

    @property
    def seen_in_law(self) -> bool:
        """Whether the row behind it was seen in the law; else it was reported, and refuses nobody."""
        return bool(self.law.get("status") == RowStatus.SEEN)


def run(session: Session, asked: Asked, *, for_officer: bool) -> list[Test]:
    """Every test, in the order in which a person would ask; what only officers may know is left out for others."""
    found = [test(session, asked) for test in TESTS]
    return [t for t in found if for_officer or t.code not in OFFICERS_ONLY]


def failing(tests: list[Test]) -> list[Test]:
    return [t for t in tests if t.verdict is Verdict.FAIL]


def _window(_session: Session, asked: Asked) -> Test:
    w = rules.window(asked.licence.valid_until, asked.on)
    measured = {"asked_on": asked.on, "opens": w.opens, "until": w.until, "ends": w.ends}
    if asked.on < w.opens:
        says = _l("It can be asked for from %(day)s on.", day=format_date(w.opens))
        return Test(TestCode.WINDOW, Verdict.FAIL, says, _l("Come back on that day."), measured, w.evidence)
    if asked.on <= w.until:
        says = _l("In time: it can be asked for until %(day)s.", day=format_date(w.until))
        return Test(TestCode.WINDOW, Verdict.PASS, says, None, measured, w.evidence)
    late = _l("It should have been asked for by %(day)s.", day=format_date(w.until))
    seen = isinstance(w.found, Applied) and w.found.may_refuse
    if seen or asked.on > w.closes:
        return Test(TestCode.WINDOW, Verdict.FAIL, late, _l("Apply for a new licence instead."), measured, w.evidence)
    mend = _l("Send it as soon as you can. An officer weighs that it is late.")
    return Test(TestCode.WINDOW, Verdict.WARN, late, mend, measured, w.evidence)


def _activity(session: Session, asked: Asked) -> Test:
    found = rules.floor(asked.on)
    spans, whole = rules.years_back(asked.on, asked.began, asked.licence.issued_on)
    counts = activity.departed(session, asked.licence.agency_id, spans)
    years = [{"from": s.first, "to": s.last, "departed": n} for s, n in zip(spans, counts or [], strict=False)]
    measured, law = {"years": years, "whole_years": whole}, rules.evidence_of(found)
    if counts is None:
        return Test(TestCode.ACTIVITY, Verdict.UNKNOWN, _l("Departures are not counted here."), None, measured, law)
    fewest = format_number(min(counts))
    if not isinstance(found, Applied) and found.row is not None and found.row.value is not None:
        # The law, or what is told of it, speaks in words: an officer reads them, beside the number.
        says = _l(
            "In the weakest year %(count)s workers departed. Asked for: %(words)s", count=fewest, words=found.row.text
        )
        law = {**law, **found.row.as_evidence()}
        return Test(TestCode.ACTIVITY, Verdict.UNKNOWN, says, None, measured, law)
    if not isinstance(found, Applied):
        says = _l("In the weakest year %(count)s workers departed. The law file names no lowest number.", count=fewest)
        return Test(TestCode.ACTIVITY, Verdict.UNKNOWN, says, None, measured, law)
    met = min(counts) >= int(found.value)
    says = _l(
        "In the weakest year %(count)s workers departed; %(floor)s are asked for.",
        count=fewest, floor=format_number(int(found.value)),
    )  # fmt: skip
    if met:
        return Test(TestCode.ACTIVITY, Verdict.PASS, says, None, measured, law)
    if not whole:
        # No year is over yet: a yearly number can't be said to be missed.
        mend = _l("The first year is not over yet: an officer decides.")
        return Test(TestCode.ACTIVITY, Verdict.WARN, says, mend, measured, law)
    mend = _l(
        "Only workers count whose departure was written down at the airport. Report one that is missing to the office."
    )
    return Test(TestCode.ACTIVITY, rules.judge(met, found), says, mend, measured, law)


def _awards(session: Session, asked: Asked) -> Test:
    found = applies("licence.renewal.awards_paid", on=asked.on)
    owed = session.scalars(
        select(SecurityClaim.reference)
        .join(SecurityAccount, SecurityAccount.id == SecurityClaim.account_id)
        .where(SecurityAccount.agency_id == asked.licence.agency_id, SecurityClaim.status.in_(OWED_CLAIMS))
        .order_by(SecurityClaim.decided_at)
        .limit(20)
    ).all()
    if not owed:
        return _clear(TestCode.AWARDS, _l("No award against the security is unpaid."), found)
    says = _l("Unpaid: %(references)s.", references=", ".join(owed))
    mend = _l("Pay the workers, or bring the security up so that it pays them.")
    return _judged(TestCode.AWARDS, found, says, mend, {"claims": list(owed)})


def _fines(session: Session, asked: Asked) -> Test:
    found = applies("licence.renewal.fines_paid", on=asked.on)
    unpaid = unpaid_fines(session, asked.licence.agency_id)
    if not unpaid:
        return _clear(TestCode.FINES, _l("No fine is unpaid."), found)
    lines = "; ".join(f"{format_money(f.amount)}, {f.case_reference}, {format_date(f.due_on)}" for f in unpaid)
    mend = _l("Pay at the office and keep the receipt.")
    says = _l("Unpaid: %(references)s.", references=lines)
    return _judged(TestCode.FINES, found, says, mend, {"fines": [f.fine_id for f in unpaid]})


def _suspension(session: Session, asked: Asked) -> Test:
    found = applies("licence.renewal.not_suspended", on=asked.on)
    if not suspended(session, asked.licence.agency_id):
        return _clear(TestCode.SUSPENSION, _l("No suspension is in force."), found)
    says = _l("A suspension is in force. As long as it lasts the licence is not renewed.")
    return _judged(TestCode.SUSPENSION, found, says, _l("Settle the ground of the suspension with the office."), {})


def suspended(session: Session, agency_id: UUID) -> bool:
    """Whether a step against the agency is in force, also after its licence has ended."""
    held = exists().where(
        Sanction.agency_id == agency_id,
        Sanction.status == SanctionStatus.IN_FORCE,
        Sanction.kind != SanctionKind.EXTENSION,
    )
    return bool(session.scalar(select(held)))


def _proceeding(session: Session, asked: Asked) -> Test:
    found = applies("licence.renewal.no_proceeding", on=asked.on)
    open_cases = session.scalars(
        select(SanctionCase.reference)
        .where(SanctionCase.agency_id == asked.licence.agency_id, SanctionCase.status.in_(SERVED))
        .order_by(SanctionCase.created_at)
        .limit(20)
    ).all()
    if not open_cases:
        return _clear(TestCode.PROCEEDING, _l("No proceeding is open."), found)
    says = _l("Open: %(references)s.", references=", ".join(open_cases))
    mend = _l("Answer in the proceeding in time.")
    return _judged(TestCode.PROCEEDING, found, says, mend, {"cases": list(open_cases)})


def _security(session: Session, asked: Asked) -> Test:
    needed = required(session, asked.licence, asked.on)
    tail = int(deployment().standard("security_tail_days"))
    until = asked.until + timedelta(days=tail)
    there = ledger.held(session, asked.licence.agency_id, until=until).total
    measured = {
        "until": until,
        "held_minor": there.minor,
        "asked_minor": needed.total.minor,
        "currency": there.currency,
    }
    law = {**needed.evidence, "tail_days": tail}
    if not needed.known:
        says = _l("How much security is needed is not known; the approver says it.")
        return Test(TestCode.SECURITY, Verdict.UNKNOWN, says, None, measured, law)
    says = _l(
        "%(held)s of %(asked)s stand until %(day)s or longer.",
        held=format_money(there), asked=format_money(needed.total), day=format_date(until),
    )  # fmt: skip
    if there.minor >= needed.total.minor:
        return Test(TestCode.SECURITY, Verdict.PASS, says, None, measured, law)
    # It may still be brought: finance asks for it before the renewed licence is given, so nobody is sent away for it now.
    mend = _l(
        "Send a longer guarantee, or another security. The renewed licence is given once the bank has confirmed it."
    )
    return Test(TestCode.SECURITY, Verdict.WARN, says, mend, measured, law)


def _blacklist(session: Session, asked: Asked) -> Test:
    law = {"rule": "a blacklisted agency holds no licence"}
    if is_blacklisted(session, asked.licence.agency_id):
        says = _l("This agency is on the blacklist. It can’t get a licence.")
        return Test(TestCode.BLACKLIST, Verdict.FAIL, says, None, {}, law)
    return Test(TestCode.BLACKLIST, Verdict.PASS, _l("It is not on the blacklist."), None, {}, law)


def _people(session: Session, asked: Asked) -> Test:
    law = {"rule": "an approver compares"}
    cleared = select(LicenceMatch.director_id, LicenceMatch.listed_person_id).where(
        LicenceMatch.application_id == asked.application_id, LicenceMatch.dismissed_by.is_not(None)
    )
    known = {tuple(row) for row in session.execute(cleared)}
    found = [
        m for m in match_blacklist(session, asked.licence.agency_id) if (m.director_id, m.listed_person_id) not in known
    ]
    if found:
        says = _l("A director is, or may be, on the blacklist. An approver compares.")
        return Test(TestCode.PEOPLE, Verdict.WARN, says, None, {"matches": len(found)}, law)
    return Test(TestCode.PEOPLE, Verdict.PASS, _l("No director is on the blacklist."), None, {}, law)


def _fee(_session: Session, asked: Asked) -> Test:
    amount, found = rules.fee(asked.on)
    law = rules.evidence_of(found)
    if asked.fee_paid:
        return Test(TestCode.FEE, Verdict.PASS, _l("Finance has seen the receipt."), None, {}, law)
    if amount is None:
        says = _l("The law file names no fee. Ask the office whether there is one.")
        return Test(TestCode.FEE, Verdict.UNKNOWN, says, None, {}, law)
    says = _l("%(amount)s are to be paid before the renewed licence is given.", amount=format_money(amount))
    measured = {"fee_minor": amount.minor, "currency": amount.currency}
    return Test(TestCode.FEE, Verdict.WARN, says, _l("Take the receipt to the finance officer."), measured, law)


def _clear(code: TestCode, says: Any, found: Found) -> Test:
    return Test(code, Verdict.PASS, says, None, {}, rules.evidence_of(found))


def _judged(code: TestCode, found: Found, says: Any, mend: Any, measured: dict[str, Any]) -> Test:
    return Test(code, rules.judge(False, found), says, mend, measured, rules.evidence_of(found))


TESTS: tuple[Callable[[Session, Asked], Test], ...] = (
    _window, _activity, _awards, _fines, _suspension, _proceeding, _security, _blacklist, _people, _fee,
)  # fmt: skip
