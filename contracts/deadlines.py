"""Until when a contract or a job order waits for a party: a day set at the move into a state in which somebody has to act.

The days are standards of the country's policy, counted in working days; where the ministry has set none there is no day, and
nothing lapses. How long may be recruited under a job order is the law's, where it was seen there, else a standard, too.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus, contract_workflow
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus, job_order_workflow
from core.actor import Actor
from core.db import legal_day, legal_today
from core.errors import TooLate
from core.i18n import _l, format_date
from core.workflow import Transition
from law.country import due_if_set, standard_if_set
from law.engine import Applied, applies

CONTRACT_DAYS = {
    ContractStatus.WORKER_REVIEW: "contract_answer_days",
    ContractStatus.QUESTION: "contract_question_days",
    ContractStatus.RETURNED: "contract_mend_days",
}
JOB_ORDER_DAYS = {
    JobOrderStatus.DRAFT: "job_order_sign_days",
    JobOrderStatus.EMPLOYER_SIGNED: "job_order_acknowledge_days",
}
RECRUITING_DAYS = "job_order_recruiting_days"
CONTRACT_WARNING, JOB_ORDER_WARNING = "contract_warning_days", "job_order_warning_days"
# It keeps the day on which its time was over.
_OVER = frozenset({ContractStatus.LAPSED, JobOrderStatus.LAPSED, JobOrderStatus.EXPIRED})

Waiting = EmploymentContract | JobOrder


def last_day(status: ContractStatus | JobOrderStatus, since: date) -> date | None:
    """The last day of a state that began on ``since``; None where nobody of the parties has to act, or no days are set."""
    if status is JobOrderStatus.APPROVED:
        return recruiting_until(since)
    standard = CONTRACT_DAYS.get(status) if isinstance(status, ContractStatus) else JOB_ORDER_DAYS.get(status)
    return due_if_set(since, standard) if standard else None


def recruiting_until(approved_on: date) -> date | None:
    """The last day to lodge contracts under a job order: by the law where that was seen, else by the ministry's standard."""
    found = applies("job_order.validity_days", on=approved_on)
    if isinstance(found, Applied) and found.may_refuse:
        return approved_on + timedelta(days=int(found.value))
    days = standard_if_set(approved_on, RECRUITING_DAYS)
    return None if days is None else approved_on + timedelta(days=days)


def basis(record: Waiting) -> dict[str, Any]:
    """What the last day of a record comes from, as evidence: a row of the law, or one of the ministry's policy."""
    if isinstance(record, EmploymentContract):
        return {"policy": CONTRACT_DAYS[record.status]}
    if record.status is not JobOrderStatus.APPROVED or record.approved_at is None:
        return {"policy": JOB_ORDER_DAYS[record.status]}
    found = applies("job_order.validity_days", on=legal_day(record.approved_at))
    return (
        {"law": found.row.as_evidence()}
        if isinstance(found, Applied) and found.may_refuse
        else {"policy": RECRUITING_DAYS}
    )


def begin(session: Session, record: Waiting) -> None:
    """Set the day of a state that begins now."""
    record.lapses_on = last_day(record.status, legal_today(session))


def on_move(session: Session, record: Waiting, transition: Transition[Any], _actor: Actor) -> None:
    """Each move into a state that waits for a party starts its time anew."""
    if transition.target not in _OVER:
        begin(session, record)


def is_over(record: Waiting, today: date) -> bool:
    """Whether its day has passed, also before the job has come by."""
    return record.lapses_on is not None and record.lapses_on < today


def refuse_late(session: Session, record: Waiting) -> None:
    """
    :raises TooLate: once the last day of a contract or a job order has passed.
    """
    if record.lapses_on is not None and is_over(record, legal_today(session)):
        raise TooLate(_l("The time for this ended on %(day)s.", day=format_date(record.lapses_on)))


def refuse_unless_recruiting(session: Session, order: JobOrder) -> None:
    """Contracts are lodged, and their terms changed, under a job order that is approved and in its time.

    :raises TooLate: saying why not.
    """
    if order.status is JobOrderStatus.CLOSED:
        raise TooLate(
            _l(
                "This job order is closed: contracts under it stay as they are, and none can be lodged or changed any more."
            )
        )
    over = order.status is JobOrderStatus.APPROVED and is_over(order, legal_today(session))
    if order.lapses_on is not None and (over or order.status is JobOrderStatus.EXPIRED):
        raise TooLate(
            _l(
                "The time to recruit under this job order ended on %(day)s: contracts under it stay as they are, and none can "
                "be lodged or changed any more.",
                day=format_date(order.lapses_on),
            )
        )
    if order.status is not JobOrderStatus.APPROVED:
        raise TooLate(_l("This job order is not open."))


def is_recruiting(session: Session, order: JobOrder) -> bool:
    """Whether contracts are lodged and changed under it today."""
    return order.status is JobOrderStatus.APPROVED and not is_over(order, legal_today(session))


contract_workflow.watch(on_move)
job_order_workflow.watch(on_move)
