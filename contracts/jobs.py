"""Queued work and schedules of this package."""

from sqlalchemy.orm import Session

from contracts import lapses, winding_down
from contracts.answer import sms
from contracts.clearance.replacing import follow_all
from contracts.clearance.services import expire_due
from contracts.clearance.watch import watch
from contracts.employers import jobs as accreditations
from contracts.employment import questions
from contracts.exemptions import services as exemptions
from contracts.job_orders import capacity
from contracts.reviews.services import follow
from core.jobs import every

BATCH = 500


@every("20 * * * *", "contracts.expire_clearances")
def expire_clearances(session: Session) -> None:
    """Each hour, as midnight is at another one in each country; pages ask the day themselves, so a late run lets nothing through."""
    expire_due(session)


@every("*/10 * * * *", "contracts.watch_clearances")
def watch_clearances(session: Session) -> None:
    """Those who may still depart hear of a suspension before they travel; the airport asks anew in any case."""
    follow_all(session)
    watch(session)


@every("25 * * * *", "contracts.expire_exemptions")
def expire_exemptions(session: Session) -> None:
    """Exemptions from bans past their last day; whoever is asked about one asks the day, too."""
    exemptions.expire_due(session)


@every("*/10 * * * *", "contracts.review_workers")
def review_workers(session: Session) -> None:
    """Every worker of a party that was sanctioned is looked at by a person; running twice changes nothing."""
    follow(session)


@every("40 18 * * *", "contracts.escalate_questions")
def escalate_questions(session: Session) -> None:
    """After midnight in the country's zone: what nobody answered in time goes to the labour officers' queue."""
    questions.escalate(session)


@every("22 * * * *", "contracts.lapse")
def lapse(session: Session) -> int:
    """First after midnight in the country's zone, then each hour what a batch left over; gives how many. May run twice."""
    # The contracts first, while this transaction holds no job order: the other parts leave out what somebody holds.
    ended = lapses.lapse_contracts(session, BATCH)
    lapses.begin_missing(session, BATCH)
    lapses.warn(session, BATCH)
    return ended + lapses.lapse_job_orders(session, BATCH)


# Importing declares what the worker needs: the keyword that it answers, who an agency's workers are and how many count.
__all__ = [
    "accreditations",
    "capacity",
    "escalate_questions",
    "expire_clearances",
    "expire_exemptions",
    "lapse",
    "review_workers",
    "sms",
    "watch_clearances",
    "winding_down",
]
