"""The states of each kind of record in words, as the log's pages show them: the titles that the packages give them."""

from collections.abc import Mapping
from typing import Any

from agencies.branches.status import MOVE_STATES
from agencies.branches.status import STATUS_TITLES as PRESENCE_TITLES
from agencies.importing.status import CLAIM_TITLES as AGENCY_CLAIM_TITLES
from agencies.importing.status import CONFLICT_TITLES
from agencies.licensing.status import APPEAL_TITLES, APPLICATION_TITLES, LICENCE_TITLES
from agencies.register_names.status import STATUS_TITLES as NAME_TITLES
from agencies.sanctions.case_status import BAR_TITLES, CASE_TITLES, FINE_TITLES, LIFTING_TITLES
from agencies.sanctions.status import REVIEW_TITLES as SUSPENSION_REVIEW_TITLES
from agencies.sanctions.status import SANCTION_TITLES
from agencies.security.status import CLAIM_TITLES, DEMAND_TITLES, INSTRUMENT_TITLES, ProposalStatus
from agencies.winding_down.status import CUSTODY_TITLES, OWED_TITLES, WINDING_TITLES
from cases.reports.status import REFERRAL_TITLES
from cases.reports.status import STAFF_TITLES as REPORT_TITLES
from contracts.clearance.status import CLEARANCE_TITLES
from contracts.employers.accreditation_status import REQUEST_TITLES
from contracts.employers.bar_status import BAR_TITLES as EMPLOYER_BAR_TITLES
from contracts.employers.correction_status import CORRECTION_TITLES
from contracts.employers.status import BARRED_TITLE, EMPLOYER_TITLES
from contracts.employment.question_status import QUESTION_TITLES
from contracts.employment.status import CONTRACT_TITLES
from contracts.exemptions.status import EXEMPTION_TITLES
from contracts.job_orders.status import JOB_ORDER_TITLES
from contracts.orientation.status import SEAT_TITLES, SESSION_TITLES
from contracts.reviews.status import REVIEW_TITLES
from core.i18n import _l
from migrants.registration.status import STATUS_TITLES as MIGRANT_TITLES
from migrants.registration.status import RecoveryStatus
from portal.contacts.status import STATUS_TITLES as CONTACT_TITLES
from portal.owners.status import STATUS_TITLES as OWNER_TITLES
from remittance.credit_transfers.status import TRANSFER_TITLES
from remittance.orders.status import LINE_TITLES, REFUND_TITLES
from remittance.orders.status import STATUS_TITLES as REMITTANCE_TITLES
from remittance.reconciliation.status import DifferenceStatus

RECOVERY_TITLES = {
    RecoveryStatus.PROPOSED: _l("waits for a second officer"),
    RecoveryStatus.CONFIRMED: _l("confirmed"),
    RecoveryStatus.USED: _l("new secret set"),
    RecoveryStatus.REFUSED: _l("refused"),
}
PROPOSAL_TITLES = {
    ProposalStatus.PROPOSED: _l("waits for a second officer"),
    ProposalStatus.DONE: _l("done"),
    ProposalStatus.REJECTED: _l("rejected"),
}
DIFFERENCE_TITLES = {DifferenceStatus.OPEN: _l("open"), DifferenceStatus.CLOSED: _l("closed")}


def _words(titles: Mapping[Any, Any]) -> dict[str, Any]:
    """Words by the status as the log writes it; some tables keep a tone beside the word."""
    return {str(status): title[0] if isinstance(title, tuple) else title for status, title in titles.items()}


STATES: dict[str, dict[str, Any]] = {
    "access_recovery": _words(RECOVERY_TITLES),
    "accreditation_request": _words(REQUEST_TITLES),
    "agency_claim": _words(AGENCY_CLAIM_TITLES),
    "agency_presence": _words(PRESENCE_TITLES),
    "ban_exemption": _words(EXEMPTION_TITLES),
    "bank_line": _words(LINE_TITLES),
    "contact_change": _words(CONTACT_TITLES),
    "contract": _words(CONTRACT_TITLES),
    "contract_question": _words(QUESTION_TITLES),
    "credit_transfer": _words(TRANSFER_TITLES),
    "custody_item": _words(CUSTODY_TITLES),
    "departure_clearance": _words(CLEARANCE_TITLES),
    "employer_correction": _words(CORRECTION_TITLES),
    # Rows of before bars had an end know it as a state.
    "employer": _words({**EMPLOYER_TITLES, "barred": BARRED_TITLE}),
    "employer_bar": _words(EMPLOYER_BAR_TITLES),
    "import_conflict": _words(CONFLICT_TITLES),
    "imported_licence": _words(LICENCE_TITLES),
    "imported_sanction": _words(SANCTION_TITLES),
    "job_order": _words(JOB_ORDER_TITLES),
    "licence": _words(LICENCE_TITLES),
    "licence_application": _words(APPLICATION_TITLES),
    "licence_appeal": _words(APPEAL_TITLES),
    "licensing_referral": _words(REFERRAL_TITLES),
    "migrant": _words(MIGRANT_TITLES),
    "name_proposal": _words(NAME_TITLES),
    "orientation_seat": _words(SEAT_TITLES),
    "orientation_session": _words(SESSION_TITLES),
    "owed_item": _words(OWED_TITLES),
    "owner_replacement": _words(OWNER_TITLES),
    "reconciliation_difference": _words(DIFFERENCE_TITLES),
    "refund": _words(REFUND_TITLES),
    "remittance": _words(REMITTANCE_TITLES),
    "report": _words(REPORT_TITLES),
    "sanction": _words(SANCTION_TITLES),
    "sanction_bar": _words(BAR_TITLES),
    "sanction_case": _words(CASE_TITLES),
    "sanction_fine": _words(FINE_TITLES),
    "sanction_lifting": _words(LIFTING_TITLES),
    "suspension_review": _words(SUSPENSION_REVIEW_TITLES),
    "security_claim": _words(CLAIM_TITLES),
    "security_demand": _words(DEMAND_TITLES),
    "security_instrument": _words(INSTRUMENT_TITLES),
    "presence_move": _words(MOVE_STATES),
    "security_proposal": _words(PROPOSAL_TITLES),
    "winding_down": _words(WINDING_TITLES),
    "worker_review": _words(REVIEW_TITLES),
}
