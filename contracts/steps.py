"""The pages on which employers and agencies give the terms of a job: a few questions each."""

from typing import Any

from core.i18n import _l
from core.web_steps import Step
from law.country import deployment

TERMS = (
    Step("work", _l("What work, and where"), ("post", "occupation", "site")),
    Step("pay", _l("Pay and costs"), ("wage", "overtime_paid", "worker_pays")),
    Step("time", _l("Working time and leave"), ("hours_per_day", "days_per_week", "leave_days")),
    Step("living", _l("Food, lodging and insurance"), ("food", "lodging", "insurance")),
    Step("travel", _l("Tickets and passport"), ("ticket_out", "ticket_back", "passport_kept_by")),
    Step("term", _l("How long, and how it ends"), ("term_months", "probation_months", "notice_days")),
)
JOB_ORDER = (
    Step(
        "who",
        _l("Which agency, how many workers"),
        ("agency", "headcount", "agent_name", "agent_country", "agent_number"),
    ),
    *TERMS,
)
LODGE = (Step("worker", _l("Which worker"), ("migrant",)), *TERMS)
NUMBER = {"latin": True, "inputmode": "numeric", "short": True}
AMOUNT = {"latin": True, "inputmode": "decimal", "short": True}


def options() -> dict[str, dict[str, Any]]:
    """How each field is shown."""
    return {
        **dict.fromkeys(("headcount", "hours_per_day", "days_per_week", "leave_days", "term_months"), NUMBER),
        **dict.fromkeys(("probation_months", "notice_days"), NUMBER),
        "agency": {"latin": True, "hint": _l("It must have a licence in force today.")},
        "agent_name": {"hint": _l("Leave this and the next two empty if you recruit without an agent abroad.")},
        "agent_number": {"latin": True},
        "migrant": {"latin": True, "short": True, "hint": _l("The worker gives it to you. It begins with MG.")},
        "wage": {**AMOUNT, "hint": _l("In the currency of the country of work.")},
        "worker_pays": {**AMOUNT, "hint": _l("In %(currency)s. Write 0 when nothing.", currency=deployment().currency)},
    }


def units(country: str) -> dict[str, str]:
    """The currency behind each amount of the terms, for a job in this country."""
    return {"wage": deployment().destination_currencies[country], "worker_pays": deployment().currency}
