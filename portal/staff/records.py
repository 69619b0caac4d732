"""From a row of the log to the record that it speaks of: which page shows it to the auditor, or why none does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from agencies.branches.models import Presence, PresenceMove
from agencies.importing.models import AgencyClaim, ImportConflict
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.paper_models import LicenceAppeal
from agencies.register_names.models import NameProposal
from agencies.registration.models import Agency
from agencies.sanctions.case_models import SanctionCase, SanctionLifting
from agencies.sanctions.models import Sanction, SuspensionReview
from agencies.security.models import (
    SecurityAccount,
    SecurityClaim,
    SecurityDemand,
    SecurityInstrument,
    SecurityProposal,
)
from agencies.winding_down.models import CustodyItem, OwedItem, WindingDown
from contracts.employers.accreditation_models import AccreditationRequest
from contracts.employers.bar_models import EmployerBar
from contracts.employers.correction_models import EmployerCorrection
from contracts.employers.models import Employer
from contracts.employment.models import EmploymentContract
from contracts.employment.question_models import ContractQuestion
from contracts.exemptions.models import BanExemption
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from contracts.reviews.models import WorkerReview
from core.audit import AuditEvent
from core.i18n import _l
from portal.owners.models import OwnerReplacement
from remittance.reconciliation.models import ReconciliationDifference, ReconciliationReport


@dataclass(frozen=True, slots=True)
class RecordPage:
    """The page of one kind of record: its endpoint, and what stands in its address for a record's id.

    ``argument`` is empty for a page that shows all records of the kind together.
    """

    endpoint: str
    argument: str = ""
    find: Callable[[Session, UUID], Any] | None = None


def _column(column: InstrumentedAttribute[Any], key: InstrumentedAttribute[Any]) -> Callable[[Session, UUID], Any]:
    return lambda session, record_id: session.scalars(select(column).where(key == record_id)).one_or_none()


def _own(endpoint: str, argument: str, model: Any) -> RecordPage:
    return RecordPage(endpoint, argument, _column(model.id, model.id))


def _of_agency(model: Any) -> RecordPage:
    return RecordPage("sanctions.agency", "agency_id", _column(model.agency_id, model.id))


def _of_security(model: Any) -> RecordPage:
    def agency(session: Session, record_id: UUID) -> Any:
        query = select(SecurityAccount.agency_id).join(model, model.account_id == SecurityAccount.id)
        return session.scalars(query.where(model.id == record_id)).one_or_none()

    return RecordPage("securities.file", "agency_id", agency)


def _handed_in(endpoint: str, argument: str, model: Any, sent: ColumnElement[bool]) -> RecordPage:
    """A draft is its author's own."""

    def found(session: Session, record_id: UUID) -> Any:
        return session.scalars(select(model.id).where(model.id == record_id, sent)).one_or_none()

    return RecordPage(endpoint, argument, found)


_SIGNED_ORDER = (JobOrder.status != JobOrderStatus.DRAFT) & JobOrder.signed_at.is_not(None)


def _difference_day(session: Session, record_id: UUID) -> Any:
    query = select(ReconciliationReport.day).join(
        ReconciliationDifference, ReconciliationDifference.report_id == ReconciliationReport.id
    )
    return session.scalars(query.where(ReconciliationDifference.id == record_id)).one_or_none()


PAGES: dict[str, RecordPage] = {
    "licence_application": _handed_in(
        "licensing.application", "application_id", LicenceApplication, LicenceApplication.submitted_at.is_not(None)
    ),
    "licence_appeal": _own("licence_appeals.show", "appeal_id", LicenceAppeal),
    "licence": _of_agency(Licence),
    "imported_licence": _of_agency(Licence),
    "agency": _own("sanctions.agency", "agency_id", Agency),
    "agency_claim": _of_agency(AgencyClaim),
    "agency_presence": _own("branch_files.show", "presence_id", Presence),
    "presence_move": RecordPage("branch_files.show", "presence_id", _column(PresenceMove.presence_id, PresenceMove.id)),
    "name_proposal": _own("register_names.show", "proposal_id", NameProposal),
    "sanction": _of_agency(Sanction),
    "imported_sanction": _of_agency(Sanction),
    "sanction_case": _own("proceedings.show", "case_id", SanctionCase),
    "suspension_review": _own("suspension_reviews.show", "review_id", SuspensionReview),
    "sanction_lifting": _own("proceedings.lifting", "lifting_id", SanctionLifting),
    "security_instrument": _of_security(SecurityInstrument),
    "security_claim": _of_security(SecurityClaim),
    "security_demand": _of_security(SecurityDemand),
    "security_proposal": _of_security(SecurityProposal),
    "winding_down": _own("winding_files.show", "winding_id", WindingDown),
    "custody_item": RecordPage("winding_files.show", "winding_id", _column(CustodyItem.winding_id, CustodyItem.id)),
    "owed_item": RecordPage("winding_files.show", "winding_id", _column(OwedItem.winding_id, OwedItem.id)),
    "owner_replacement": _own("owner_changes.show", "change_id", OwnerReplacement),
    "import_conflict": _own("importing.conflict", "conflict_id", ImportConflict),
    "import_run": RecordPage("importing.runs"),
    "declared_tie": RecordPage("insider.officers"),
    "employer": _own("employers.show", "employer_id", Employer),
    "employer_bar": RecordPage("employer_bars.listed", "employer_id", _column(EmployerBar.employer_id, EmployerBar.id)),
    "employer_correction": _own("corrections.show", "correction_id", EmployerCorrection),
    "accreditation_request": _own("accreditations.show", "request_id", AccreditationRequest),
    "job_order": _handed_in("job_orders.show", "job_order_id", JobOrder, _SIGNED_ORDER),
    "contract": _own("contracts.show", "contract_id", EmploymentContract),
    "contract_question": RecordPage(
        "contracts.show", "contract_id", _column(ContractQuestion.contract_id, ContractQuestion.id)
    ),
    "employment_contract": _own("contracts.show", "contract_id", EmploymentContract),
    "ban_exemption": _own("exemptions.show", "exemption_id", BanExemption),
    "worker_review": RecordPage("contracts.show", "contract_id", _column(WorkerReview.contract_id, WorkerReview.id)),
    "reconciliation_report": RecordPage(
        "remittance_office.reconciled", "day", _column(ReconciliationReport.day, ReconciliationReport.id)
    ),
    "reconciliation_difference": RecordPage("remittance_office.reconciled", "day", _difference_day),
    "partner_float": RecordPage("remittance_office.books"),
    "bank_statement": RecordPage("remittance_office.books"),
}

_PERSON = _l(
    "This is the file of a private person. Only the identity officers of the area open it. "
    "The row of a decision says what was decided and why."
)
_REPORT = _l("Reports may be anonymous. Only case officers read them, and this row holds none of their words.")
_MONEY = _l(
    "This order names two private persons. You check the money in the books and in the reconciliation of each day."
)
_HEALTH = _l(
    "This file holds health papers. Only clearance officers open it. "
    "The row of a decision says what each point of the checklist rested on."
)
_CENTRE = _l("The centre keeps this record, and there is no page of it for staff. All its rows stand in this log.")
_ACCOUNT = _l("An account has no papers. All its rows stand in this log.")
_LOG = _l("This row is about reading the log or searching. There is no record behind it.")
WHY_NONE: dict[str, Any] = {
    "migrant": _PERSON,
    "access_recovery": _PERSON,
    "report": _REPORT,
    "report_day": _REPORT,
    "licensing_referral": _REPORT,
    "remittance": _MONEY,
    "refund": _MONEY,
    "bank_line": _MONEY,
    "credit_transfer": _MONEY,
    "departure_clearance": _HEALTH,
    "orientation_centre": _CENTRE,
    "orientation_session": _CENTRE,
    "orientation_seat": _CENTRE,
    "centre": _CENTRE,
    "ngo": _ACCOUNT,
    "user_account": _ACCOUNT,
    "contact_change": _ACCOUNT,
    "office": _ACCOUNT,
    "partner_client": _ACCOUNT,
    "defect_phrase": _l("This is a phrase that officers reuse. There are no papers behind it."),
    "search": _LOG,
    "audit_log": _LOG,
    "register_log": _l("Here the seals of the register kept elsewhere were compared. The result stands in this row."),
    "reading": _LOG,
}
GONE = _l("There is nothing to open: the record is not there any more, or was not handed in yet.")


def address(session: Session, event: AuditEvent) -> str | None:
    """Where the record of a row is shown; None when it has no page, or is not there."""
    shown = PAGES.get(event.subject_kind)
    if shown is None:
        return None
    if shown.find is None:
        return url_for(shown.endpoint)
    found = shown.find(session, event.subject_id) if event.subject_id else None
    return None if found is None else url_for(shown.endpoint, **{shown.argument: found})


def why_none(event: AuditEvent) -> Any:
    """In words, why there is nothing to open."""
    return WHY_NONE.get(event.subject_kind, GONE)
