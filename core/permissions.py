"""Every permission and every staff role, in one place. Default deny: what no role names, nobody may do."""

from enum import StrEnum


class Permission(StrEnum):
    """What an actor may be allowed to do. Named noun_verb; add yours under your package's line."""

    # core and portal
    STAFF_HOME = "staff_home"
    SEARCH_PEOPLE = "search_people"
    SEARCH_AGENCIES = "search_agencies"
    STAFF_MANAGE = "staff_manage"
    AUDIT_READ = "audit_read"
    OWN_ACCOUNT = "own_account"
    # agencies
    AGENCY_OWN = "agency_own"
    LICENCE_REVIEW = "licence_review"
    LICENCE_INSPECT = "licence_inspect"
    LICENCE_APPROVE = "licence_approve"
    SECURITY_RECORD = "security_record"
    SANCTION_PROPOSE = "sanction_propose"
    SANCTION_DECIDE = "sanction_decide"
    SANCTION_APPEAL = "sanction_appeal"
    IMPORT_RUN = "import_run"
    # migrants
    MIGRANT_OWN = "migrant_own"
    IDENTITY_REVIEW = "identity_review"
    IDENTITY_APPROVE = "identity_approve"
    CHILD_PROTECTION = "child_protection"
    RECOVERY_CONFIRM = "recovery_confirm"
    # contracts
    EMPLOYER_OWN = "employer_own"
    EMPLOYER_VERIFY = "employer_verify"
    EMPLOYER_ACCREDIT = "employer_accredit"
    JOB_ORDER_APPROVE = "job_order_approve"
    CONTRACT_REGISTER = "contract_register"
    # orientation and clearance
    CENTRE_OWN = "centre_own"
    CENTRE_INSPECT = "centre_inspect"
    CLEARANCE_REVIEW = "clearance_review"
    CLEARANCE_GRANT = "clearance_grant"
    DEPARTURE_RECORD = "departure_record"
    BAN_EXEMPT = "ban_exempt"
    # remittance
    REMITTANCE_OPERATE = "remittance_operate"
    REFUND_APPROVE = "refund_approve"
    SCREENING_REVIEW = "screening_review"
    # cases
    NGO_OWN = "ngo_own"
    REPORT_READ = "report_read"
    REFERRAL_HANDLE = "referral_handle"


class StaffRole(StrEnum):
    """A role is always held in an office and reaches that office's area only."""

    LICENSING_OFFICER = "licensing_officer"
    LICENSING_APPROVER = "licensing_approver"
    APPEAL_OFFICER = "appeal_officer"
    FINANCE_OFFICER = "finance_officer"
    IDENTITY_OFFICER = "identity_officer"
    IDENTITY_APPROVER = "identity_approver"
    CHILD_PROTECTION_OFFICER = "child_protection_officer"
    MISSION_OFFICER = "mission_officer"
    LABOUR_OFFICER = "labour_officer"
    CLEARANCE_OFFICER = "clearance_officer"
    CLEARANCE_APPROVER = "clearance_approver"
    AIRPORT_OFFICER = "airport_officer"
    REMITTANCE_OFFICER = "remittance_officer"
    REMITTANCE_APPROVER = "remittance_approver"
    CENTRE_INSPECTOR = "centre_inspector"
    CASE_OFFICER = "case_officer"
    AUDITOR = "auditor"
    STAFF_ADMIN = "staff_admin"
    LICENCE_INSPECTOR = "licence_inspector"
    EXEMPTION_OFFICER = "exemption_officer"


_P = Permission
_OFFICER = {_P.STAFF_HOME, _P.OWN_ACCOUNT}

ROLE_PERMISSIONS: dict[StaffRole, frozenset[Permission]] = {
    StaffRole.LICENSING_OFFICER: frozenset(
        _OFFICER | {_P.LICENCE_REVIEW, _P.SANCTION_PROPOSE, _P.SEARCH_AGENCIES, _P.REFERRAL_HANDLE}
    ),
    StaffRole.LICENSING_APPROVER: frozenset(
        _OFFICER | {_P.LICENCE_APPROVE, _P.SANCTION_PROPOSE, _P.SANCTION_DECIDE, _P.SEARCH_AGENCIES, _P.REFERRAL_HANDLE}
    ),
    StaffRole.APPEAL_OFFICER: frozenset(_OFFICER | {_P.SANCTION_APPEAL, _P.SEARCH_AGENCIES}),
    StaffRole.FINANCE_OFFICER: frozenset(_OFFICER | {_P.SECURITY_RECORD, _P.SEARCH_AGENCIES}),
    StaffRole.IDENTITY_OFFICER: frozenset(_OFFICER | {_P.IDENTITY_REVIEW, _P.SEARCH_PEOPLE}),
    StaffRole.IDENTITY_APPROVER: frozenset(
        _OFFICER | {_P.IDENTITY_REVIEW, _P.IDENTITY_APPROVE, _P.RECOVERY_CONFIRM, _P.SEARCH_PEOPLE}
    ),
    StaffRole.CHILD_PROTECTION_OFFICER: frozenset(_OFFICER | {_P.CHILD_PROTECTION}),
    StaffRole.MISSION_OFFICER: frozenset(_OFFICER | {_P.EMPLOYER_VERIFY}),
    StaffRole.LABOUR_OFFICER: frozenset(
        _OFFICER
        | {_P.EMPLOYER_ACCREDIT, _P.JOB_ORDER_APPROVE, _P.CONTRACT_REGISTER, _P.SEARCH_AGENCIES, _P.SEARCH_PEOPLE}
    ),
    StaffRole.CLEARANCE_OFFICER: frozenset(_OFFICER | {_P.CLEARANCE_REVIEW, _P.SEARCH_PEOPLE}),
    StaffRole.CLEARANCE_APPROVER: frozenset(_OFFICER | {_P.CLEARANCE_REVIEW, _P.CLEARANCE_GRANT, _P.SEARCH_PEOPLE}),
    StaffRole.AIRPORT_OFFICER: frozenset(_OFFICER | {_P.DEPARTURE_RECORD}),
    StaffRole.REMITTANCE_OFFICER: frozenset(_OFFICER | {_P.REMITTANCE_OPERATE, _P.SCREENING_REVIEW}),
    StaffRole.REMITTANCE_APPROVER: frozenset(
        _OFFICER | {_P.REMITTANCE_OPERATE, _P.REFUND_APPROVE, _P.SCREENING_REVIEW}
    ),
    StaffRole.CENTRE_INSPECTOR: frozenset(_OFFICER | {_P.CENTRE_INSPECT}),
    StaffRole.CASE_OFFICER: frozenset(_OFFICER | {_P.REPORT_READ}),
    StaffRole.AUDITOR: frozenset(_OFFICER | {_P.AUDIT_READ}),
    StaffRole.STAFF_ADMIN: frozenset(_OFFICER | {_P.STAFF_MANAGE, _P.IMPORT_RUN}),
    StaffRole.LICENCE_INSPECTOR: frozenset(_OFFICER | {_P.LICENCE_INSPECT}),
    StaffRole.EXEMPTION_OFFICER: frozenset(_OFFICER | {_P.BAN_EXEMPT}),
}

# What licenses agencies, or steps against them: nobody who holds one of these reads a report against an agency.
LICENSING = frozenset(
    {_P.LICENCE_REVIEW, _P.LICENCE_APPROVE, _P.SECURITY_RECORD, _P.SANCTION_PROPOSE, _P.SANCTION_DECIDE}
)


# Roles whose work is not divided by area: an airport, a bank statement, a ban and the log belong to the whole country.
NATIONAL = frozenset(
    {
        StaffRole.AUDITOR, StaffRole.AIRPORT_OFFICER, StaffRole.REMITTANCE_OFFICER, StaffRole.REMITTANCE_APPROVER,
        StaffRole.EXEMPTION_OFFICER,
    }
)  # fmt: skip


def apart(role: StaffRole, other: StaffRole) -> bool:
    """Whether one person must not hold both roles: reading reports and licensing the agencies that they are about."""
    reads = {r for r in (role, other) if _P.REPORT_READ in ROLE_PERMISSIONS[r]}
    licenses = {r for r in (role, other) if ROLE_PERMISSIONS[r] & LICENSING}
    return bool(reads and licenses)


class SubjectKind(StrEnum):
    """What a person outside the ministry may act for."""

    MIGRANT = "migrant"
    AGENCY = "agency"
    EMPLOYER = "employer"
    CENTRE = "centre"
    NGO = "ngo"


SUBJECT_PERMISSIONS: dict[SubjectKind, frozenset[Permission]] = {
    SubjectKind.MIGRANT: frozenset({_P.MIGRANT_OWN, _P.OWN_ACCOUNT}),
    SubjectKind.AGENCY: frozenset({_P.AGENCY_OWN, _P.OWN_ACCOUNT}),
    SubjectKind.EMPLOYER: frozenset({_P.EMPLOYER_OWN, _P.OWN_ACCOUNT}),
    SubjectKind.CENTRE: frozenset({_P.CENTRE_OWN, _P.OWN_ACCOUNT}),
    SubjectKind.NGO: frozenset({_P.NGO_OWN, _P.OWN_ACCOUNT}),
}


class ClerkRight(StrEnum):
    """Limited rights that an owner gives a named clerk. An owner has all of them."""

    APPLY = "apply"  # licence applications, papers
    PEOPLE = "people"  # invite and remove clerks
    JOB_ORDERS = "job_orders"
    CONTRACTS = "contracts"
    SIGN = "sign"  # sign in the organisation's name
    SESSIONS = "sessions"  # publish orientation sessions
    ATTENDANCE = "attendance"  # scan people in and out
