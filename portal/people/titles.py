"""Roles and rights in words."""

from typing import Any

from core.i18n import _l
from core.permissions import ClerkRight, StaffRole, SubjectKind

ROLE_TITLES: dict[StaffRole, Any] = {
    StaffRole.LICENSING_OFFICER: _l("Licensing officer"),
    StaffRole.LICENSING_APPROVER: _l("Licensing approver"),
    StaffRole.APPEAL_OFFICER: _l("Appeal officer"),
    StaffRole.FINANCE_OFFICER: _l("Finance officer"),
    StaffRole.IDENTITY_OFFICER: _l("Identity officer"),
    StaffRole.IDENTITY_APPROVER: _l("Identity approver"),
    StaffRole.CHILD_PROTECTION_OFFICER: _l("Child protection officer"),
    StaffRole.MISSION_OFFICER: _l("Mission officer"),
    StaffRole.LABOUR_OFFICER: _l("Labour officer"),
    StaffRole.CLEARANCE_OFFICER: _l("Clearance officer"),
    StaffRole.CLEARANCE_APPROVER: _l("Clearance approver"),
    StaffRole.AIRPORT_OFFICER: _l("Airport officer"),
    StaffRole.REMITTANCE_OFFICER: _l("Remittance officer"),
    StaffRole.REMITTANCE_APPROVER: _l("Remittance approver"),
    StaffRole.CENTRE_INSPECTOR: _l("Inspector of orientation centres"),
    StaffRole.CASE_OFFICER: _l("Case officer"),
    StaffRole.AUDITOR: _l("Auditor"),
    StaffRole.STAFF_ADMIN: _l("Staff administrator"),
    StaffRole.LICENCE_INSPECTOR: _l("Inspector of agencies"),
    StaffRole.EXEMPTION_OFFICER: _l("Officer for exemptions from bans"),
}
RIGHT_TITLES: dict[ClerkRight, Any] = {
    ClerkRight.APPLY: _l("Apply for licences and send papers"),
    ClerkRight.PEOPLE: _l("Invite and remove people"),
    ClerkRight.JOB_ORDERS: _l("Write job orders"),
    ClerkRight.CONTRACTS: _l("Lodge contracts"),
    ClerkRight.SIGN: _l("Sign in the organisation's name"),
    ClerkRight.SESSIONS: _l("Publish orientation sessions"),
    ClerkRight.ATTENDANCE: _l("Record attendance"),
}
KIND_TITLES: dict[SubjectKind, Any] = {
    SubjectKind.MIGRANT: _l("a person's own record"),
    SubjectKind.AGENCY: _l("a recruitment agency"),
    SubjectKind.EMPLOYER: _l("an employer"),
    SubjectKind.CENTRE: _l("an orientation centre"),
    SubjectKind.NGO: _l("a helping organisation"),
}
