"""What a worker does next: read the contract, book the orientation, apply to depart; offered to the worker's first page."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ENDED, ClearanceStatus
from contracts.employment.queries import newest_of, registered_contract
from contracts.employment.question_queries import has_answer
from contracts.employment.status import ContractStatus
from contracts.orientation.queries import active_seat, certificate_of
from core.i18n import _l, format_datetime
from migrants.registration import next_steps
from migrants.registration.next_steps import NextStep

_CONTRACT = {
    ContractStatus.WORKER_REVIEW: NextStep(
        _l("Read your contract"),
        _l("A contract waits for you. Read each term, take your time, then accept it or say no. Nobody else may."),
        "contracts.mine",
    ),
    ContractStatus.QUESTION: NextStep(
        _l("You have asked about your contract"),
        _l("The answer comes to the page of your contract. You can also go on without it, or say no."),
        "contracts.mine",
    ),
    ContractStatus.ACCEPTED: NextStep(
        _l("Your contract is with an officer"),
        _l(
            "You have accepted it. An officer looks at it and registers it; you get a message. You can book your orientation now."
        ),
        "orientation.mine",
    ),
    ContractStatus.RETURNED: NextStep(
        _l("Your contract was sent back"), _l("Something in it was not right. Read what happens now."), "contracts.mine"
    ),
    ContractStatus.WITHDRAWN: NextStep(
        _l("Your contract was taken back"), _l("Read by whom, and why."), "contracts.mine"
    ),
    ContractStatus.LAPSED: NextStep(
        _l("The time for your contract has run out"), _l("Read what this means for you."), "contracts.mine"
    ),
}
_ANSWERED = NextStep(
    _l("Your question was answered"),
    _l("Read the answer beside your contract. Then accept the contract, say no, or ask again."),
    "contracts.mine",
)
_CLEARANCE = {
    ClearanceStatus.QUERIED: NextStep(
        _l("An officer asks for something more"),
        _l("Look what is missing for your departure, and send it."),
        "clearance.mine",
    ),
    ClearanceStatus.REFUSED: NextStep(
        _l("Your departure was refused"),
        _l("Read why, and how to have it looked at again. It costs nothing."),
        "clearance.mine",
    ),
    ClearanceStatus.HELD: NextStep(
        _l("Do not travel yet"), _l("Something has changed since you were cleared. Read what it is."), "clearance.mine"
    ),
    ClearanceStatus.STOPPED: NextStep(
        _l("Do not travel yet"), _l("At the airport something did not match. Read what it is."), "clearance.mine"
    ),
    ClearanceStatus.GRANTED: NextStep(
        _l("You are cleared to depart"), _l("Show the code at the airport with your passport."), "clearance.mine"
    ),
}
_WITH_OFFICERS = (ClearanceStatus.APPLIED, ClearanceStatus.UNDER_REVIEW, ClearanceStatus.APPEALED)


def worker_step(session: Session, migrant_id: UUID) -> NextStep | None:
    """The clearance in hand first, then a contract to read, then the orientation, then applying."""
    status = session.scalar(
        select(DepartureClearance.status).where(
            DepartureClearance.migrant_id == migrant_id, DepartureClearance.status.not_in(ENDED)
        )
    )
    if status in _CLEARANCE:
        return _CLEARANCE[status]
    newest = newest_of(session, migrant_id)
    if newest is not None and has_answer(session, newest):
        return _ANSWERED
    if newest is not None and newest.status in _CONTRACT:
        return _CONTRACT[newest.status]
    if registered_contract(session, migrant_id) is None:
        return None
    return _orientation(session, migrant_id) or _apply(status)


def _orientation(session: Session, migrant_id: UUID) -> NextStep | None:
    if certificate_of(session, migrant_id) is not None:
        return None
    seat = active_seat(session, migrant_id)
    if seat is None:
        why = _l("Your contract is registered. Choose a session; you get the certificate when you stay to the end.")
        return NextStep(_l("Book your orientation"), why, "orientation.mine")
    why = _l("Your seat is on %(at)s. Be there from beginning to end.", at=format_datetime(seat[1].starts_at))
    return NextStep(_l("Go to your orientation"), why, "orientation.mine")


def _apply(status: ClearanceStatus | None) -> NextStep | None:
    if status in _WITH_OFFICERS:
        return NextStep(
            _l("You have applied to depart"), _l("An officer looks at it. You need do nothing now."), "clearance.mine"
        )
    why = _l("See what is still needed, send your papers, and apply.")
    return NextStep(_l("Prepare your departure"), why, "clearance.mine")


next_steps.offer(worker_step)
