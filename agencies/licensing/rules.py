"""What the law file and the country package ask for: classes with their securities, papers. No amount stands here."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from agencies.licensing.status import Procedure
from core.i18n import current_locale, format_number
from core.i18n import gettext as _
from core.money import Money
from law.country import Named, deployment
from law.engine import Applied, Found, applies


@dataclass(frozen=True, slots=True)
class ClassTerms:
    """One licence class on one day.

    ``known`` is False when the law file names no security for it, ``certain`` when its row may not refuse: then an
    officer decides on the amounts. The workers are counted by the year, or over the ``whole_term`` of the licence.
    """

    code: str
    title: str
    workers: str
    cash: Money
    guarantee: Money
    known: bool
    certain: bool
    instrument: str
    citation: str
    note: str
    evidence: dict[str, Any]
    whole_term: bool = False

    @property
    def total(self) -> Money:
        return self.cash + self.guarantee


@dataclass(frozen=True, slots=True)
class PaperRule:
    """A paper that the country asks for with an application, titled in the current language."""

    code: str
    title: str
    citation: str


def class_terms(code: str, on: date) -> ClassTerms | None:
    """The terms of a class on a day; None for a class that the law does not know."""
    if code not in _codes(on):
        return None
    currency = deployment().currency
    nothing = Money(0, currency)
    found = applies("licence.class", on=on, licence_class=code)
    row = found.row
    value = found.value if isinstance(found, Applied) else {}
    return ClassTerms(
        code=code,
        title=deployment().licence_class_name(code),
        workers=workers_in_words(value.get("workers_from", 0), value.get("workers_to")) if value else "",
        cash=(row.money("cash") if row and value else None) or nothing,
        guarantee=(row.money("guarantee") if row and value else None) or nothing,
        known=bool(value),
        certain=found.may_refuse,
        instrument=row.instrument if row else "",
        citation=row.citation if row else "",
        note=row.note if row else "",
        evidence=found.row.as_evidence() if isinstance(found, Applied) else found.as_evidence(),
        whole_term=bool(value.get("whole_term")),
    )


def application_fee(code: str, on: date) -> tuple[Money | None, Found]:
    """What an application for a class costs, by the class's own row or the country's; None where no fee is known."""
    found = applies("licence.class", on=on, licence_class=code) if code else applies("licence.application_fee", on=on)
    if isinstance(found, Applied) and found.row.topic == "licence.class" and "application_fee" in found.value:
        return found.row.money("application_fee"), found
    found = applies("licence.application_fee", on=on)
    return (found.row.money() if isinstance(found, Applied) else None), found


def workers_in_words(low: int, high: int | None) -> str:
    """How many workers a class allows, in words of the current language; ``high`` None means without end."""
    if high is None:
        return _("more than %(low)s", low=format_number(low - 1)) if low > 1 else _("any number")
    if low <= 1:
        return _("up to %(high)s", high=format_number(high))
    return _("%(low)s to %(high)s", low=format_number(low), high=format_number(high))


def _codes(on: date) -> list[str]:
    found = applies("licence.classes", on=on)
    return [str(code) for code in found.value] if isinstance(found, Applied) else []


def classes(on: date) -> list[ClassTerms]:
    """Every class that the law knows on a day."""
    found = [class_terms(code, on) for code in _codes(on)]
    return [terms for terms in found if terms is not None]


def validity_known(on: date) -> dict[str, Any] | None:
    """The law's period of validity as evidence, or None when the law file says that none was found."""
    found = applies("licence.validity", on=on)
    return found.row.as_evidence() if isinstance(found, Applied) else None


def papers(procedure: Procedure) -> list[PaperRule]:
    """Papers asked for with an application for a licence, or for its renewal."""
    locale = current_locale()
    return [PaperRule(p.code, p.name(locale), p.citation) for p in deployment().papers[procedure] if p.required]


def every_paper() -> list[PaperRule]:
    """Papers of every procedure, each once: what a defect can be about."""
    return list({p.code: p for procedure in reversed(Procedure) for p in papers(procedure)}.values())


def visit_checklist() -> list[Named]:
    """What an inspector looks at in an agency's office, by code with names by language."""
    return list(deployment().visit)


def visit_required() -> bool:
    """Whether policy asks for a visit, or for a reason why there is none."""
    return bool(deployment().standard("visit_required"))


def calendar() -> str:
    """The calendar of licence numbers: the country's first one, ``BS`` or ``AD``."""
    return deployment().calendars[0]


def prefix() -> str:
    return deployment().licence_prefix
