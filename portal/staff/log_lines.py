"""Rows of the log as people read them: words, references and names, with one query for each kind on the page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.branches.models import Presence, PresenceMove
from agencies.importing.models import AgencyClaim, ImportConflict, ImportRun
from agencies.licensing.models import Licence, LicenceApplication
from agencies.register_names.models import NameProposal
from agencies.registration.models import Agency
from agencies.sanctions.case_models import SanctionBar, SanctionCase, SanctionFine, SanctionLifting
from agencies.sanctions.models import Sanction
from agencies.security.models import (
    SecurityAccount,
    SecurityClaim,
    SecurityDemand,
    SecurityInstrument,
    SecurityProposal,
)
from agencies.winding_down.models import CustodyItem, OwedItem, WindingDown
from cases.organisations.models import HelpingOrganisation
from cases.reports.models import LicensingReferral, Report
from contracts.clearance.models import DepartureClearance
from contracts.employers.accreditation_models import AccreditationRequest
from contracts.employers.bar_models import EmployerBar
from contracts.employers.correction_models import EmployerCorrection
from contracts.employers.models import Employer
from contracts.employment.models import EmploymentContract
from contracts.employment.question_models import ContractQuestion
from contracts.exemptions.models import BanExemption
from contracts.job_orders.models import JobOrder
from contracts.orientation.models import OrientationCentre, OrientationSeat, OrientationSession
from contracts.reviews.models import WorkerReview
from core.accounts import Membership, Office, StaffPosting, UserAccount, account_names
from core.actor import ActorKind
from core.audit import AuditEvent
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import SubjectKind
from migrants.registration.models import AccessRecovery, Migrant
from portal.partner.models import PartnerClient
from portal.staff import wording
from remittance.credit_transfers.models import CreditTransfer
from remittance.orders.models import Refund, Remittance


def _own(*models: Any) -> list[AnySelect]:
    return [select(model.id, model.reference) for model in models]


def _through(model: Any, key: Any, above: Any) -> AnySelect:
    """A record without a reference of its own is called by the file in which it stands."""
    return select(model.id, above.reference).join(above, above.id == key)


def _of_security(model: Any) -> AnySelect:
    account = select(model.id, Agency.reference).join(SecurityAccount, SecurityAccount.id == model.account_id)
    return account.join(Agency, Agency.id == SecurityAccount.agency_id)


# Each selects (id, reference). A kind that is missing here has no reference that people know.
REFERENCES: dict[str, AnySelect] = dict(
    zip(
        (
            "accreditation_request",
            "agency", "agency_claim", "agency_presence", "ban_exemption", "centre", "contract", "credit_transfer", "departure_clearance",
            "employer", "employer_bar", "employer_correction", "employment_contract",
            "import_conflict", "import_run", "imported_sanction", "job_order",
            "licence_application", "licensing_referral", "migrant", "name_proposal", "ngo", "orientation_session",
            "remittance", "report", "sanction", "sanction_bar", "sanction_case", "sanction_lifting", "security_claim",
            "security_demand", "user_account", "winding_down", "worker_review",
        ),
        _own(
            AccreditationRequest, Agency, AgencyClaim, Presence, BanExemption, OrientationCentre, EmploymentContract, CreditTransfer,
            DepartureClearance,
            Employer, EmployerBar, EmployerCorrection, EmploymentContract, ImportConflict, ImportRun, Sanction, JobOrder,
            LicenceApplication, LicensingReferral, Migrant, NameProposal, HelpingOrganisation, OrientationSession,
            Remittance, Report, Sanction, SanctionBar, SanctionCase, SanctionLifting, SecurityClaim,
            SecurityDemand, UserAccount, WindingDown, WorkerReview,
        ),
        strict=True,
    )
) | {
    "access_recovery": _through(AccessRecovery, AccessRecovery.migrant_id, Migrant),
    "contract_question": _through(ContractQuestion, ContractQuestion.contract_id, EmploymentContract),
    "custody_item": _through(CustodyItem, CustodyItem.winding_id, WindingDown),
    "imported_licence": select(Licence.id, Licence.number),
    "licence": select(Licence.id, Licence.number),
    "office": select(Office.id, Office.code),
    "orientation_seat": _through(OrientationSeat, OrientationSeat.session_id, OrientationSession),
    "owed_item": _through(OwedItem, OwedItem.winding_id, WindingDown),
    "partner_client": select(PartnerClient.id, PartnerClient.client_id),
    "presence_move": _through(PresenceMove, PresenceMove.presence_id, Presence),
    "refund": _through(Refund, Refund.remittance_id, Remittance),
    "sanction_fine": _through(SanctionFine, SanctionFine.case_id, SanctionCase),
    "security_instrument": _of_security(SecurityInstrument),
    "security_proposal": _of_security(SecurityProposal),
}  # fmt: skip

WHO: dict[str, Any] = {
    SubjectKind.AGENCY: _l("an agency’s clerk"),
    SubjectKind.EMPLOYER: _l("an employer’s clerk"),
    SubjectKind.CENTRE: _l("a centre’s clerk"),
    SubjectKind.NGO: _l("a helping organisation’s clerk"),
    ActorKind.PERSON: _l("a person"),
    ActorKind.STAFF: _l("an officer"),
    ActorKind.SYSTEM: _l("the system"),
    ActorKind.ANONYMOUS: _l("somebody who was not signed in"),
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One row in the words of the reader's language. ``named`` says whether ``actor`` is a name.

    ``reference`` is empty where the record has none, or is gone.
    """

    event: AuditEvent
    kind: str
    action: str
    before: str
    after: str
    reference: str
    actor: str
    named: bool
    reason: str


def lines(session: Session, rows: Iterable[AuditEvent]) -> list[LogLine]:
    """The rows in words. Queries: one for each kind among them, one for names, two for who people are."""
    rows = list(rows)
    references, names, clerks = _references(session, rows), _names(session, rows), _clerks(session, rows)
    return [_line(row, references, names, clerks) for row in rows]


def _line(
    row: AuditEvent, references: dict[tuple[str, UUID], str], names: dict[UUID, str], clerks: dict[UUID, str]
) -> LogLine:
    who = row.actor_account_id
    name = names.get(who, "") if who and (row.actor_kind == ActorKind.STAFF or _own_account(row)) else ""
    kind = clerks.get(who) if who and row.actor_kind == ActorKind.PERSON else None
    return LogLine(
        event=row,
        kind=wording.kind_words(row.subject_kind),
        action=wording.action_words(row.subject_kind, row.action),
        before=wording.state_words(row.subject_kind, row.from_status),
        after=wording.state_words(row.subject_kind, row.to_status),
        reference=references.get((row.subject_kind, row.subject_id), "") if row.subject_id else "",
        actor=name or str(WHO.get(kind or row.actor_kind, row.actor_kind)),
        named=bool(name),
        reason=wording.reason_words(row.action, row.reason),
    )


def _own_account(row: AuditEvent) -> bool:
    """Signing in is written before the roles are read; an officer's own account is the officer's all the same."""
    return row.subject_kind == "user_account" and row.subject_id == row.actor_account_id


def _references(session: Session, rows: Sequence[AuditEvent]) -> dict[tuple[str, UUID], str]:
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        if row.subject_id and row.subject_kind in REFERENCES:
            wanted[row.subject_kind].add(row.subject_id)
    found: dict[tuple[str, UUID], str] = {}
    for kind, ids in wanted.items():
        query = REFERENCES[kind]
        key = query.selected_columns[0]
        found |= {(kind, record_id): name for record_id, name in session.execute(query.where(key.in_(ids)))}
    return found


def _names(session: Session, rows: Sequence[AuditEvent]) -> dict[UUID, str]:
    """Names of staff alone: people and their clerks stay unnamed on these pages."""
    staff = {row.actor_account_id for row in rows if row.actor_account_id and row.actor_kind == ActorKind.STAFF}
    own = {row.actor_account_id for row in rows if row.actor_account_id and _own_account(row)} - staff
    if own:
        staff |= set(
            session.scalars(select(StaffPosting.account_id).where(StaffPosting.account_id.in_(own)).distinct())
        )
    return account_names(session, staff)


def _clerks(session: Session, rows: Sequence[AuditEvent]) -> dict[UUID, str]:
    """For whom a person acts, or acted; empty for those who act for themselves."""
    people = {row.actor_account_id for row in rows if row.actor_account_id and row.actor_kind == ActorKind.PERSON}
    if not people:
        return {}
    query = select(Membership.account_id, Membership.kind).where(
        Membership.account_id.in_(people), Membership.kind != SubjectKind.MIGRANT
    )
    query = query.order_by(Membership.created_at)
    return {account_id: str(kind) for account_id, kind in session.execute(query)}
