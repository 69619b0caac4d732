"""The counter of an agency's licence class: how many workers it may be trusted with in a licence year, or its whole term.

Asked at the approval of a job order, with the agency locked, so that two approvals are counted one after the other. An
approved job order counts with its whole headcount, a closed or expired one with the workers who were contracted on it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from agencies.security import tranches
from agencies.security.queries import Capacity, capacity
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import WITH_PEOPLE, JobOrderStatus
from core.db import legal_zone
from core.errors import DomainError
from core.i18n import _l, format_money
from core.money import Money


@dataclass(frozen=True, slots=True)
class Counter:
    """The class's limit and the workers counted since its beginning; ``capacity`` None without a licence."""

    capacity: Capacity | None
    taken: int

    def passed_by(self, headcount: int) -> bool:
        """Whether so many workers more would pass the limit."""
        return self.capacity is not None and self.capacity.passed_by(self.taken + headcount)

    def missing_for(self, headcount: int) -> Money | None:
        """The security that the agency has to bring for so many workers more; None where its class buys no places."""
        return self.capacity.missing_for(self.taken + headcount) if self.capacity else None

    @property
    def evidence(self) -> dict[str, Any]:
        if self.capacity is None:
            return {}
        found = self.capacity
        return {"law": found.evidence, "limit": found.limit, "since": found.since, "taken": self.taken}


def counter(session: Session, agency_id: UUID, on: date, *, lock: bool = False) -> Counter:
    """What the agency's class allows, and what of it is used.

    :param lock: hold the agency until the caller's transaction ends.
    """
    found = capacity(session, agency_id, on, lock=lock)
    return Counter(found, counted(session, agency_id, found.since) if found else 0)


def counted(session: Session, agency_id: UUID, since: date) -> int:
    """The workers of an agency's job orders that were approved since the beginning of a day."""
    places = case(
        (JobOrder.status == JobOrderStatus.APPROVED, JobOrder.approved), else_=JobOrder.contracted + JobOrder.cleared
    )
    start = datetime.combine(since, time(), ZoneInfo(legal_zone()))
    query = select(func.coalesce(func.sum(places), 0)).where(
        JobOrder.agency_id == agency_id,
        JobOrder.status.in_(WITH_PEOPLE),
        JobOrder.approved_at >= start,
    )
    return int(session.scalars(query).one())


tranches.offer(counted)


def refuse_past_limit(session: Session, agency_id: UUID, headcount: int, on: date) -> dict[str, Any]:
    """The counter as evidence for the approval; a limit that was not seen in the law is noted and left to the officer.

    :raises DomainError: when a limit seen in the law would be passed.
    """
    found = counter(session, agency_id, on, lock=True)
    passed = found.passed_by(headcount)
    if passed and found.capacity is not None and found.capacity.certain:
        if (missing := found.missing_for(headcount)) is not None:
            raise DomainError(
                _l(
                    "The agency’s licence class and its security allow %(limit)s workers; %(taken)s are counted. For this job "
                    "order it has to bring %(amount)s more security first.",
                    limit=found.capacity.limit,
                    taken=found.taken,
                    amount=format_money(missing),
                )
            )
        raise DomainError(
            _l(
                "The agency’s licence class allows %(limit)s workers a year; %(taken)s are counted. It has to bring its "
                "security up to a higher class first.",
                limit=found.capacity.limit,
                taken=found.taken,
            )
        )
    return {**found.evidence, "past_unverified_limit": passed}
