"""Terms in the reader's language: whole sentences made from the data, key terms first."""

from typing import Any

from contracts.employment.terms import PassportKeeper, Payer, Provision, Terms
from core.i18n import _l, format_money, format_number
from core.i18n import gettext as _
from core.money import Money
from law.country import deployment

# The version of these sentences: language.json of each language names the one that a native speaker has reviewed.
WORDING_VERSION = "2026-11"

FIELD_TITLES = {
    "wage_minor": _l("Pay each month"),
    "wage_currency": _l("Currency of the pay"),
    "worker_pays_minor": _l("What you pay in total"),
    "passport_kept_by": _l("Your passport"),
    "country": _l("Country"),
    "employer": _l("Employer"),
    "post": _l("Your job"),
    "occupation": _l("Occupation (ISCO-08)"),
    "site": _l("Place of work"),
    "hours_per_day": _l("Hours a day"),
    "days_per_week": _l("Working days a week"),
    "overtime_paid": _l("Overtime"),
    "food": _l("Food"),
    "lodging": _l("A place to live"),
    "ticket_out": _l("Ticket there"),
    "ticket_back": _l("Ticket home"),
    "insurance": _l("Insurance"),
    "leave_days": _l("Paid leave a year"),
    "term_months": _l("How long"),
    "probation_months": _l("Trial period"),
    "notice_days": _l("Notice"),
}
# What decides over a life comes first, whatever the order of the data.
KEY_FIELDS = (
    "wage_minor",
    "worker_pays_minor",
    "employer",
    "country",
    "post",
    "hours_per_day",
    "days_per_week",
    "passport_kept_by",
)


def value_words(name: str, value: Any, terms: Terms) -> str:
    """One field's value in words."""
    if name == "wage_minor":
        return format_money(Money(int(value), terms.wage_currency))
    if name == "worker_pays_minor":
        return format_money(Money(int(value), deployment().currency)) if value else _("Nothing")
    if name == "country":
        return deployment().destination_name(str(value))
    if name == "occupation":
        return f"{deployment().occupation_name(str(value))} ({value})"
    if name == "overtime_paid":
        return _("Paid extra") if value else _("Not paid extra")
    if name in ("food", "lodging"):
        return {
            Provision.PROVIDED: _("Given by the employer"),
            Provision.ALLOWANCE: _("Money for it"),
            Provision.NONE: _("You pay yourself"),
        }[Provision(value)]
    if name in ("ticket_out", "ticket_back", "insurance"):
        return _("The employer pays") if Payer(value) is Payer.EMPLOYER else _("You pay")
    if name == "passport_kept_by":
        return (
            _("You keep it yourself") if PassportKeeper(value) is PassportKeeper.WORKER else _("The employer takes it")
        )
    return _number_words(name, value)


def _number_words(name: str, value: Any) -> str:
    if name in ("term_months", "probation_months"):
        return _("%(number)s months", number=format_number(int(value)))
    if name in ("leave_days", "notice_days", "days_per_week"):
        return _("%(number)s days", number=format_number(int(value)))
    if name == "hours_per_day":
        return _("%(number)s hours", number=format_number(int(value)))
    return str(value)


# What an officer sees of a contract beside a decision, and the titles that otherwise speak to the worker.
OFFICER_FIELDS = (
    "employer", "country", "post", "wage_minor", "hours_per_day", "days_per_week", "term_months", "worker_pays_minor",
    "passport_kept_by",
)  # fmt: skip
_OFFICER_TITLES = {
    "post": _l("Job"),
    "worker_pays_minor": _l("What the worker pays in total"),
    "passport_kept_by": _l("The passport is kept by"),
    "lodging": _l("Lodging"),
    "term_months": _l("Term of the contract"),
}
_KEEPERS = {PassportKeeper.WORKER: _l("The worker"), PassportKeeper.EMPLOYER: _l("The employer")}
_PAYERS = {Payer.EMPLOYER: _l("The employer pays"), Payer.WORKER: _l("The worker pays")}


def staff_title(name: str) -> Any:
    """A term's title for officers, agencies and employers: no word of it speaks to the worker."""
    return _OFFICER_TITLES.get(name, FIELD_TITLES[name])


def staff_words(name: str, value: Any, terms: Terms) -> str:
    """A term's value for the same readers."""
    if name == "passport_kept_by":
        return str(_KEEPERS[PassportKeeper(value)])
    if name in ("food", "lodging") and Provision(value) is Provision.NONE:
        return str(_PAYERS[Payer.WORKER])
    if name in ("ticket_out", "ticket_back", "insurance"):
        return str(_PAYERS[Payer(value)])
    return value_words(name, value, terms)


def officer_rows(terms: Terms) -> list[tuple[Any, str]]:
    """Title and value of the terms that an officer weighs."""
    return [(staff_title(n), staff_words(n, getattr(terms, n), terms)) for n in OFFICER_FIELDS]


def ordered_fields() -> list[str]:
    """Key fields first, then the rest as listed."""
    return [*KEY_FIELDS, *(name for name in FIELD_TITLES if name not in KEY_FIELDS)]
