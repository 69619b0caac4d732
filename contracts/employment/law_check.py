"""A contract against the law file: each question passes, fails, warns or stays unknown, with the row it rests on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from contracts.ages import HIGHEST, LOWEST, AgeLimit, age_limits
from contracts.employment.terms import PassportKeeper, Terms
from contracts.exemptions.grounds import BAN
from core.i18n import _l
from law.engine import Applied, Unknown, applies


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 -- a verdict
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LawResult:
    """One question. ``row`` is the evidence of the law row, or what was looked for in vain."""

    topic: str
    title: Any
    verdict: Verdict
    row: dict[str, Any]

    def as_data(self) -> dict[str, Any]:
        return {"topic": self.topic, "verdict": str(self.verdict), "row": self.row}


TITLES = {
    "fee_cap": _l("What the worker is asked to pay"),
    "wage": _l("Lowest wage"),
    "passport": _l("The worker keeps the passport"),
    "insurance": _l("Insurance"),
    BAN: _l("Ban on the country or the work"),
    LOWEST: _l("Lowest age"),
    HIGHEST: _l("Highest age"),
}


def check(
    terms: Terms, on: date, *, birth: date | None = None, sex: str | None = None,
    exempted_by: Callable[[str], str | None] = lambda _row: None,
) -> list[LawResult]:  # fmt: skip
    """Every question that this country's law file can answer or leaves open.

    :param birth: of the worker, verified; a limit of age or a ban that no row names makes no line.
    :param exempted_by: gives the reference of the exemption from the ban with this row id, if there is one.
    """
    limits = age_limits(on, destination=terms.country, occupation=terms.occupation, sex=sex)
    ages = [_age(limit, birth, on) for limit in limits]
    return [_fee_cap(terms, on), _wage(terms, on), _passport(terms), *_ban(terms, on, sex, exempted_by), *ages]


def _ban(terms: Terms, on: date, sex: str | None, exempted_by: Callable[[str], str | None]) -> list[LawResult]:
    found = applies(BAN, on=on, destination=terms.country, occupation=terms.occupation, sex=sex)
    if not isinstance(found, Applied):
        return []
    reference = exempted_by(found.row.id)
    row = {**_evidence(found), **({"exemption": reference} if reference else {})}
    return [LawResult(BAN, TITLES[BAN], _verdict(found, holds=reference is not None), row)]


def ages_not_held(terms: Terms, on: date, birth: date | None, sex: str | None) -> list[Any]:
    """What the law asks of the worker's age that does not hold on this day, in words for the worker."""
    limits = age_limits(on, destination=terms.country, occupation=terms.occupation, sex=sex)
    return [x.sentence for x in limits if birth is not None and not x.holds(birth, on)]


def _age(limit: AgeLimit, birth: date | None, on: date) -> LawResult:
    """What is stored names the row and never the birth date."""
    if birth is None:
        verdict = Verdict.UNKNOWN
    elif limit.holds(birth, on):
        verdict = Verdict.PASS
    else:
        verdict = Verdict.FAIL if limit.certain else Verdict.WARN
    return LawResult(limit.topic, TITLES[limit.topic], verdict, limit.row.as_evidence())


def _verdict(found: Applied | Unknown, *, holds: bool) -> Verdict:
    """Only what was seen in the law may fail; what was reported or remembered warns."""
    if not found:
        return Verdict.UNKNOWN
    if holds:
        return Verdict.PASS
    return Verdict.FAIL if found.may_refuse else Verdict.WARN


def _evidence(found: Applied | Unknown) -> dict[str, Any]:
    return found.row.as_evidence() if isinstance(found, Applied) else found.as_evidence()


def _fee_cap(terms: Terms, on: date) -> LawResult:
    found = applies("fee_cap.worker", on=on, destination=terms.country, route="agency")
    cap = found.row.money() if isinstance(found, Applied) else None
    holds = cap is not None and terms.worker_pays_minor <= cap.minor
    return LawResult("fee_cap", TITLES["fee_cap"], _verdict(found, holds=holds), _evidence(found))


def _wage(terms: Terms, on: date) -> LawResult:
    found = applies("contract.min_wage", on=on, destination=terms.country, occupation=terms.occupation)
    number = isinstance(found, Applied) and isinstance(found.value, int)
    if not number:
        return LawResult("wage", TITLES["wage"], Verdict.UNKNOWN, _evidence(found))
    return LawResult(
        "wage", TITLES["wage"], _verdict(found, holds=terms.wage_minor >= int(found.value or 0)), _evidence(found)
    )


def _passport(terms: Terms) -> LawResult:
    # Not a number of any country's law: holding a worker's passport is an indicator of forced labour (ILO).
    holds = terms.passport_kept_by is PassportKeeper.WORKER
    row = {
        "row": "ilo.indicators.document_retention",
        "status": "V",
        "citation": "ILO indicators of forced labour, retention of identity documents",
    }
    return LawResult("passport", TITLES["passport"], Verdict.PASS if holds else Verdict.FAIL, row)
