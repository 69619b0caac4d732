"""The log in words: kinds of record, actions, purposes and the reasons that the system itself gives.

The log keeps the machine's words, and exports carry them unchanged: they are evidence. Pages say these instead.
Each table is total over what the sources write; tests read the sources.
"""

from typing import Any

from core.i18n import _l
from core.workflow import ALL
from portal.staff.states import STATES

KINDS: dict[str, Any] = {
    "accreditation_request": _l("Renewal or enlargement of an accreditation"),
    "access_recovery": _l("Lost telephone, recovered in person"),
    "agency": _l("Agency"),
    "agency_claim": _l("Claim of an agency from the old register"),
    "agency_presence": _l("Branch or representative"),
    "audit_log": _l("This log"),
    "bank_line": _l("Line of a bank statement"),
    "ban_exemption": _l("Exemption from a ban"),
    "bank_statement": _l("Bank statement"),
    "centre": _l("Orientation centre"),
    "contact_change": _l("Change of an account’s e-mail or telephone"),
    "contract": _l("Employment contract"),
    "contract_question": _l("Worker’s question about a contract"),
    "credit_transfer": _l("Payment that the bank is told to make"),
    "custody_item": _l("Worker’s passport or paper"),
    "declared_tie": _l("Officer’s declared tie"),
    "defect_phrase": _l("Phrase that officers reuse"),
    "departure_clearance": _l("Departure clearance"),
    "employer": _l("Employer"),
    "employer_bar": _l("Bar of an employer by officers"),
    "employer_correction": _l("Correction of an employer’s data"),
    "employment_contract": _l("Contract, its witness"),
    "import_conflict": _l("Conflict with the old register"),
    "import_run": _l("File of the old register"),
    "imported_licence": _l("Licence of the old register"),
    "imported_sanction": _l("Sanction of the old register"),
    "job_order": _l("Job order"),
    "licence": _l("Licence"),
    "licence_application": _l("Licence application"),
    "licence_appeal": _l("Appeal against a refusal"),
    "licensing_referral": _l("Report passed to licensing"),
    "migrant": _l("Person’s registration"),
    "name_proposal": _l("Further name of an agency"),
    "ngo": _l("Helping organisation"),
    "office": _l("Office"),
    "orientation_centre": _l("Orientation centre"),
    "orientation_seat": _l("Seat in an orientation"),
    "orientation_session": _l("Orientation session"),
    "owner_replacement": _l("Another owner of an account"),
    "owed_item": _l("Money owed to a worker"),
    "partner_client": _l("Partner’s system"),
    "partner_float": _l("Money held at the payout partner"),
    "reading": _l("Record or paper that an auditor opened"),
    "reconciliation_difference": _l("Difference between the books and the bank"),
    "reconciliation_report": _l("Day’s comparison of the books"),
    "refund": _l("Refund"),
    "remittance": _l("Remittance"),
    "report": _l("Report of a recruiter"),
    "report_day": _l("Day’s count of reports"),
    "sanction": _l("Sanction"),
    "sanction_bar": _l("Bar from taking part"),
    "sanction_case": _l("Proceedings"),
    "sanction_fine": _l("Fine"),
    "sanction_lifting": _l("Lifting of a sanction"),
    "search": _l("Search"),
    "security_claim": _l("Claim on a security"),
    "security_demand": _l("Demand to top up a security"),
    "security_instrument": _l("Paper of a security"),
    "presence_move": _l("Proposal about a branch or representative"),
    "security_proposal": _l("Proposal about a security"),
    "user_account": _l("Account"),
    "winding_down": _l("Winding down"),
    "worker_review": _l("Contract looked at after a sanction"),
    "suspension_review": _l("Review of an interim suspension"),
}

# What is done outside a transition table; what belongs to one has its title there.
ACTIONS: dict[str, Any] = {
    "alert": _l("Somebody was alerted"),
    "bar": _l("Barred"),
    "reply": _l("Answered"),
    "ask": _l("Review of the suspension asked for"),
    "follow_contract": _l("Made for another contract"),
    "look_at_scans": _l("Marked scans looked at"),
    "pass_on": _l("Somebody else has to act now"),
    "remind": _l("Reminder sent"),
    "unpaid": _l("What stays unpaid was written down"),
    "add_director": _l("Director added"),
    "add_paper": _l("Paper added"),
    "add_partner": _l("Partner’s system let in"),
    "add_phrase": _l("Phrase added"),
    "assign": _l("Drawn for an officer"),
    "attach_paper": _l("Paper uploaded"),
    "begin": _l("Begun"),
    "book": _l("Seat booked"),
    "cancel_absence": _l("Absence taken back"),
    "change_details": _l("Details changed"),
    "change_password": _l("Password changed"),
    "check_paper": _l("Paper checked"),
    "choose_class": _l("Class of licence chosen"),
    "claim": _l("Taken over by its owner"),
    "count": _l("Counted"),
    "declare_tie": _l("Tie declared"),
    "demand": _l("Demanded"),
    "destroy": _l("Destroyed after its time"),
    "draft": _l("Drafted"),
    "due_anew": _l("New day set"),
    "end_partner": _l("Partner’s access ended"),
    "end_role": _l("Role ended"),
    "export": _l("Exported"),
    "file": _l("Filed"),
    "found": _l("Found in a search"),
    "give_marks": _l("Listed signs given to an officer’s account"),
    "import": _l("Read in"),
    "invite": _l("Invited"),
    "invite_staff": _l("Officer invited"),
    "issue": _l("Issued"),
    "issue_card": _l("Card issued"),
    "join": _l("Invitation taken up"),
    "link_office_account": _l("Office sign-in linked"),
    "lodge": _l("Handed in"),
    "make": _l("Made"),
    "name": _l("Put on the list"),
    "new_recovery_codes": _l("New recovery codes made"),
    "note": _l("Note written"),
    "open": _l("Opened"),
    "partner_answered": _l("The partner answered"),
    "pay_in": _l("Money paid in"),
    "post_staff": _l("Role given"),
    "propose": _l("Proposed"),
    "provider_settled": _l("Settled by the card company"),
    "read": _l("File opened"),
    "record_absence": _l("Absence recorded"),
    "record_fee": _l("Fee recorded"),
    "record_new": _l("Recorded"),
    "record_security": _l("Security recorded"),
    "register": _l("Registered"),
    "remove_clerk": _l("Clerk removed"),
    "remove_director": _l("Director removed"),
    "remove_everybody": _l("All its people removed"),
    "remove_phrase": _l("Phrase removed"),
    "renew_passport": _l("New passport taken up"),
    "report": _l("Reported"),
    "reset_password": _l("New password after it was forgotten"),
    "reset_second_step": _l("Second step reset"),
    "restore_account": _l("Account given back"),
    "sample": _l("Sample drawn"),
    "search": _l("Searched"),
    "seen": _l("Read by an officer"),
    "sign_in": _l("Signed in"),
    "start": _l("Begun"),
    "suspend": _l("Suspended"),
    "suspend_account": _l("Account suspended"),
    "take_back_invitation": _l("Invitation taken back"),
    "unlink_office_account": _l("Office sign-in unlinked"),
    "witness": _l("Acceptance witnessed"),
    "write": _l("Answer written"),
}

# Why a file was read or a search made; the word that the log keeps is the key.
PURPOSES: dict[str, Any] = {
    "airport": _l("The person stood at the airport"),
    "branch or representative": _l("Its branch or representative was looked at"),
    "case work": _l("Work on the report"),
    "complaint": _l("Somebody complained"),
    "irregular": _l("Something in the log looks wrong"),
    "licensing": _l("Licensing works on it"),
    "ordered": _l("A court or another authority asked"),
    "paper": _l("A paper was opened"),
    "photo": _l("A photo was opened"),
    "queue": _l("It was in the officer’s queue"),
    "request": _l("The person or agency asked"),
    "review": _l("It was in the officer’s queue"),
    "sample": _l("It was drawn in a sample"),
    "winding down": _l("The winding down was looked at"),
}

# What the system writes as its reason, where nobody typed one.
REASONS: dict[str, Any] = {
    "another change was stopped": _l("Another change of this account was stopped."),
    "another account has it": _l("Another account has it."),
    "another suspension holds": _l("Another suspension still holds."),
    "ended by the agency": _l("The agency ended it."),
    "ended while the appeal was open": _l("It ended while the appeal was open."),
    "nobody answered in time": _l("Nobody answered in time."),
    "last day passed": _l("Its last day has passed."),
    "not for us": _l("It is not for this office."),
    "replaced by a new licence": _l("A new licence takes its place."),
    "the owner has changed": _l("The owner has changed meanwhile."),
    "the password or the account has changed": _l("The password or the account has changed."),
    "overtaken": _l("Something else happened first, so nothing is left to decide."),
    "the person was blacklisted": _l("The person was blacklisted."),
    "the suspension has ended": _l("The suspension has ended."),
    "the licence has ended again": _l("The licence has ended again."),
    "the old register says so": _l("The old register says so."),
    "the order takes its place": _l("The order takes its place."),
    "the contract moved on": _l("The contract moved on without an answer."),
    "the sanction has ended or changed": _l("The sanction has ended or changed."),
    "time over": _l("The time is over."),
    "withdrawn by the agency": _l("The agency withdrew it."),
    "withdrawn by the employer": _l("The employer withdrew it."),
}


def kind_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def action_words(kind: str, action: str) -> str:
    """The title of the transition where the kind has a table with this action, else the table above."""
    arrow = ALL[kind].transitions.get(action) if kind in ALL else None
    return str(arrow.title if arrow else ACTIONS.get(action, action))


def state_words(kind: str, status: str | None) -> str:
    return str(STATES.get(kind, {}).get(status, status)) if status else ""


def reason_words(action: str, reason: str) -> str:
    """A purpose or a reason of the system in words; what a person typed as it was typed."""
    if action in {"read", "search"}:
        return str(PURPOSES.get(reason, reason))
    return str(REASONS.get(reason, reason))
