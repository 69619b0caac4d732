"""Queued work and schedules of this package."""

from sqlalchemy.orm import Session

from contracts import winding_down
from contracts.answer import sms
from contracts.clearance.replacing import follow_all
from contracts.clearance.services import expire_due
from contracts.clearance.watch import watch
from contracts.exemptions import services as exemptions
from contracts.job_orders import capacity
from contracts.reviews.services import follow
from core.jobs import every


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


# Importing declares what the worker needs: the keyword that it answers, who an agency's workers are and how many count.
__all__ = [
    "capacity",
    "expire_clearances",
    "expire_exemptions",
    "review_workers",
    "sms",
    "watch_clearances",
    "winding_down",
]
