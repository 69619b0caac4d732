"""Queues and searches that this package offers to staff."""

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from contracts.clearance import queries as clearances
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus
from contracts.employers import accreditation_queries as accreditations
from contracts.employers import bar_queries as bars
from contracts.employers import correction_queries as corrections
from contracts.employers import queries as employers
from contracts.employers.accreditation_models import AccreditationRequest
from contracts.employers.accreditation_status import KIND_TITLES, RequestStatus
from contracts.employers.bar_models import EmployerBar
from contracts.employers.correction_models import EmployerCorrection
from contracts.employers.correction_status import CORRECTION_KINDS
from contracts.employers.models import Employer
from contracts.employers.status import BARRED_TITLE, EMPLOYER_TITLES, EmployerStatus
from contracts.employment import queries as employment
from contracts.employment import question_queries
from contracts.employment.models import EmploymentContract
from contracts.employment.question_models import ContractQuestion
from contracts.employment.question_status import QUESTION_TITLES, QuestionStatus
from contracts.employment.status import CONTRACT_TITLES
from contracts.exemptions import grounds
from contracts.exemptions import queries as exemptions
from contracts.exemptions.models import BanExemption
from contracts.job_orders import queries as job_orders
from contracts.job_orders.models import JobOrder
from contracts.orientation import queries as orientation
from contracts.orientation.models import OrientationSession
from contracts.reviews.queue import REVIEWS
from core.actor import Actor
from core.db import legal_today
from core.i18n import _l, format_date
from core.i18n import gettext as _
from core.ids import parse_reference
from core.permissions import Permission
from core.queues import Queue, QueueRow
from core.search import SearchHit, SearchProvider


def _employer_row(row: Any) -> QueueRow:
    employer: Employer = row[0]
    url = url_for("employers.show", employer_id=employer.id)
    return QueueRow(employer.reference, employer.name, employer.created_at, None, url, employer.country)


def _employers(name: str, title: Any, permission: Permission, state: EmployerStatus) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: employers.reachable(actor, [state]),
        keys=(Employer.created_at, Employer.id),
        row=_employer_row,
    )


def _accreditation_row(row: Any) -> QueueRow:
    url = url_for("accreditations.show", request_id=row.id)
    return QueueRow(row.reference, row.employer, row.created_at, row.due_on, url, str(KIND_TITLES[row.kind]))


def _accreditations(name: str, title: Any, permission: Permission, status: RequestStatus) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: accreditations.waiting(actor, status),
        keys=(AccreditationRequest.created_at, AccreditationRequest.id),
        row=_accreditation_row,
    )


def _correction_row(row: Any) -> QueueRow:
    url = url_for("corrections.show", correction_id=row.id)
    return QueueRow(row.reference, row.employer, row.created_at, row.due_on, url, str(CORRECTION_KINDS[row.kind]))


def _bar_row(row: Any) -> QueueRow:
    url = url_for("employer_bars.listed", employer_id=row.employer_id)
    return QueueRow(row.reference, row.employer, row.created_at, row.answer_by, url)


def _job_order_row(row: Any) -> QueueRow:
    url = url_for("job_orders.show", job_order_id=row.id)
    return QueueRow(row.reference, row.employer, row.created_at, row.due_on, url)


def _contract_row(row: Any) -> QueueRow:
    url = url_for("contracts.show", contract_id=row.id)
    return QueueRow(row.reference, row.employer, row.accepted_at, row.due_on, url)


def _question_row(row: Any) -> QueueRow:
    url = url_for("contract_questions.show", contract_id=row.contract_id)
    why = QUESTION_TITLES[QuestionStatus.OVERDUE][0]
    return QueueRow(row.reference, row.employer, row.created_at, row.due_on, url, str(why))


def _clearance_row(row: Any) -> QueueRow:
    flight = _("Flight on %(day)s", day=format_date(row.flight_on)) if row.flight_on else ""
    url = url_for("clearance.file", clearance_id=row.id)
    return QueueRow(row.reference, flight, row.applied_at, row.due_on, url)


def _clearances(name: str, title: Any, permission: Permission, *states: ClearanceStatus) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: clearances.waiting(actor, list(states), permission),
        keys=(clearances.FLIGHT, DepartureClearance.applied_at, DepartureClearance.id),
        row=_clearance_row,
    )


def _exemption_row(row: Any) -> QueueRow:
    ban = grounds.written(row.ban_row)
    url = url_for("exemptions.show", exemption_id=row.id)
    return QueueRow(row.reference, ban.citation if ban else "", row.created_at, row.due_on, url)


def _rushed_row(row: Any) -> QueueRow:
    note = _("people were scanned faster than a face can be compared")
    return QueueRow(
        row.reference, note, row.starts_at, None, url_for("inspection.show", session_id=row.id), str(row.scans)
    )


P, S = Permission, ClearanceStatus
QUEUES = [
    _employers("employers-new", _l("Employers to verify"), P.EMPLOYER_VERIFY, EmployerStatus.REGISTERED),
    _employers("employers-verified", _l("Employers to accredit"), P.EMPLOYER_ACCREDIT, EmployerStatus.VERIFIED),
    Queue(
        "employer-bars",
        _l("Bars of employers to decide"),
        P.EMPLOYER_ACCREDIT,
        query=bars.proposed,
        keys=(EmployerBar.created_at, EmployerBar.id),
        row=_bar_row,
    ),
    Queue(
        "employer-corrections",
        _l("Corrections of employers to decide"),
        P.EMPLOYER_VERIFY,
        query=corrections.waiting,
        keys=(EmployerCorrection.created_at, EmployerCorrection.id),
        row=_correction_row,
    ),
    _accreditations(
        "accreditations", _l("Renewals and enlargements to look at"), P.EMPLOYER_VERIFY, RequestStatus.SENT
    ),
    _accreditations(
        "accreditations-decide", _l("Renewals and enlargements to decide"), P.EMPLOYER_ACCREDIT, RequestStatus.SEEN
    ),
    Queue(
        "job-orders",
        _l("Job orders to approve"),
        P.JOB_ORDER_APPROVE,
        query=job_orders.waiting,
        keys=(JobOrder.created_at, JobOrder.id),
        row=_job_order_row,
    ),
    Queue(
        "contracts",
        _l("Contracts to register"),
        P.CONTRACT_REGISTER,
        query=employment.waiting,
        keys=(EmploymentContract.accepted_at, EmploymentContract.id),
        row=_contract_row,
    ),
    Queue(
        "contract-questions",
        _l("Workers’ questions that nobody answered"),
        P.CONTRACT_REGISTER,
        query=question_queries.overdue,
        keys=(ContractQuestion.due_on, ContractQuestion.id),
        row=_question_row,
    ),
    _clearances("clearances", _l("Clearances to look through"), P.CLEARANCE_REVIEW, S.APPLIED, S.APPEALED),
    _clearances("clearances-decide", _l("Clearances to decide"), P.CLEARANCE_GRANT, S.UNDER_REVIEW),
    _clearances("clearances-held", _l("Clearances held: help these workers"), P.CLEARANCE_REVIEW, S.HELD),
    _clearances("clearances-stopped", _l("Clearances stopped at the airport"), P.CLEARANCE_REVIEW, S.STOPPED),
    Queue(
        "exemptions",
        _l("Exemptions from bans to decide"),
        P.BAN_EXEMPT,
        query=exemptions.waiting,
        keys=(BanExemption.created_at, BanExemption.id),
        row=_exemption_row,
    ),
    REVIEWS,
    Queue(
        "attendance",
        _l("Attendance to inspect"),
        P.CENTRE_INSPECT,
        query=orientation.rushed,
        keys=(OrientationSession.starts_at, OrientationSession.id),
        row=_rushed_row,
    ),
]


def _search(session: Session, actor: Actor, text: str, limit: int) -> list[SearchHit]:
    found = employers.find_by_text(session, actor, text, limit)
    barred = bars.barred_employers(session, legal_today(session), [e.id for e in found])
    return [
        SearchHit(
            _l("Employer"),
            e.reference,
            e.name,
            BARRED_TITLE[0] if e.id in barred else EMPLOYER_TITLES[e.status][0],
            url_for("employers.show", employer_id=e.id),
        )
        for e in found
    ]


def _find_contract(session: Session, actor: Actor, text: str, limit: int) -> list[SearchHit]:
    found = employment.by_reference(session, actor, parse_reference(text))
    if found is None:
        return []
    title = CONTRACT_TITLES[found.status][0]
    return [
        SearchHit(
            _l("Contract"),
            found.reference,
            str(found.terms["post"]),
            title,
            url_for("contracts.show", contract_id=found.id),
        )
    ]


SEARCHES = [
    SearchProvider("employers", Permission.EMPLOYER_ACCREDIT, _search),
    SearchProvider("contracts", Permission.CONTRACT_REGISTER, _find_contract),
]
