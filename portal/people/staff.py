"""Staff accounts: posting to an office, ending a role, suspension, a lost second step, absence and hand-over.

Whatever takes rights away ends the sessions at once.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core import accounts, audit, jobs
from core.accounts import Absence, Office, StaffPosting, UserAccount
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import DomainError, NotVisible, TooLate
from core.i18n import _l
from core.permissions import Permission, StaffRole
from portal.people import policies


def account_in_area(session: Session, actor: Actor, account_id: UUID) -> UserAccount:
    """A staff account that the actor administers: every role it holds is in the actor's area.

    :raises NotVisible: otherwise.
    """
    held = session.scalars(
        select(StaffPosting.office_id).where(StaffPosting.account_id == account_id, StaffPosting.ended_at.is_(None))
    ).all()
    ended = session.scalars(select(StaffPosting.office_id).where(StaffPosting.account_id == account_id)).all()
    # Who lost the last role stays visible to those who administered it.
    wanted = held or ended
    if not wanted or not set(wanted) <= policies.offices(actor):
        raise NotVisible
    found = session.get(UserAccount, account_id, with_for_update=True)
    if found is None:
        raise NotVisible
    return found


def post(
    session: Session, actor: Actor, *, account: UserAccount, role: StaffRole, office: Office, by: UUID | None
) -> StaffPosting:
    """Give a role in an office. The sessions end: staff sign in with a second step, which a session from before lacks.

    :raises Denied: to whoever would give it to themselves.
    :raises DomainError: when the role is held there already, or does not go with another one.
    """
    policies.require_other(by, account.id)
    held = session.execute(
        select(StaffPosting.role, StaffPosting.office_id)
        .where(StaffPosting.account_id == account.id, StaffPosting.ended_at.is_(None))
        .with_for_update()
    ).all()
    if (role, office.id) in [(r, o) for r, o in held]:
        raise DomainError(_l("This person holds this role in this office already."), field="role")
    others = {r for r, _office in held}
    if (role in policies.ALONE and others - policies.ALONE) or (others & policies.ALONE and role not in policies.ALONE):
        raise DomainError(_l("An auditor holds no other role."), field="role")
    posting = accounts.post_staff(session, account, role, office, by=by)
    accounts.end_sessions(session, account.id, why="role given")
    audit.record(
        session, actor, subject=("user_account", account.id), action="post_staff",
        evidence={"posting_id": posting.id, "role": str(role), "office_id": office.id, "by": by},
    )  # fmt: skip
    return posting


def give_role(session: Session, actor: Actor, account_id: UUID, *, role: StaffRole, office_id: UUID) -> StaffPosting:
    """Give a member of staff one more role in an office of the actor's area.

    :raises NotVisible: outside the area.
    """
    account = account_in_area(session, actor, account_id)
    policies.require_other(actor, account_id)
    if not actor.can(Permission.STAFF_MANAGE, office_id):
        raise NotVisible
    office = session.get_one(Office, office_id)
    return post(session, actor, account=account, role=role, office=office, by=actor.account_id)


def end_role(session: Session, actor: Actor, account_id: UUID, posting_id: UUID, *, reason: str) -> None:
    """Take a role away; the sessions end at once.

    :raises DomainError: without a reason.
    :raises NotVisible: outside the area.
    :raises TooLate: when it has ended already.
    """
    account_in_area(session, actor, account_id)
    policies.require_other(actor, account_id)
    posting = session.scalars(
        select(StaffPosting)
        .where(StaffPosting.id == posting_id, StaffPosting.account_id == account_id)
        .with_for_update()
    ).one_or_none()
    if posting is None:
        raise NotVisible
    if not reason.strip():
        raise DomainError(_l("Give a reason."), field="reason")
    if posting.ended_at is not None:
        raise TooLate(_l("This role has ended already."))
    accounts.end_posting(session, posting)
    audit.record(
        session, actor, subject=("user_account", account_id), action="end_role", reason=reason.strip(),
        evidence={"posting_id": posting.id, "role": str(posting.role), "office_id": posting.office_id},
    )  # fmt: skip


def set_suspended(session: Session, actor: Actor, account_id: UUID, *, suspended: bool, reason: str) -> None:
    """Suspend a staff account at once, or take it back.

    :raises TooLate: when it is so already.
    :raises DomainError: without a reason.
    """
    account = account_in_area(session, actor, account_id)
    policies.require_other(actor, account_id)
    if not reason:
        raise DomainError(_l("Give a reason."), field="reason")
    if (account.suspended_at is not None) == suspended:
        raise TooLate(_l("Somebody changed this account since. Look again."))
    if suspended:
        accounts.suspend_account(session, account)
    else:
        account.suspended_at = None
    action = "suspend_account" if suspended else "restore_account"
    audit.record(session, actor, subject=("user_account", account_id), action=action, reason=reason)


def reset_second_step(session: Session, actor: Actor, account_id: UUID, *, reason: str) -> None:
    """After a lost telephone: a new authenticator is set up at the next sign-in; the password stays.

    :raises DomainError: without a reason.
    """
    account = account_in_area(session, actor, account_id)
    policies.require_other(actor, account_id)
    if not reason:
        raise DomainError(_l("Give a reason."), field="reason")
    account.totp_secret, account.totp_confirmed, account.recovery_hashes = None, False, []
    accounts.end_sessions(session, account_id, why="second step reset")
    audit.record(session, actor, subject=("user_account", account_id), action="reset_second_step", reason=reason)


@dataclass(frozen=True, slots=True)
class RecordAbsence:
    """Days away, both included, and who takes the work over (None: it goes back to the queue)."""

    first_day: date
    last_day: date
    handed_to: UUID | None


def record_absence(session: Session, actor: Actor, account_id: UUID, command: RecordAbsence) -> Absence:
    """An officer is away: their roles rest, and a colleague of the same role holds them for those days.

    :raises DomainError: for days in the past or in the wrong order, or a colleague without the same role.
    """
    account_in_area(session, actor, account_id)
    if command.last_day < max(command.first_day, legal_today(session)):
        raise DomainError(_l("The last day must not lie before the first day, or in the past."), field="last_day")
    if command.handed_to is not None:
        policies.require_other(actor, command.handed_to)
        if command.handed_to not in {c for c, _name in colleagues(session, account_id)}:
            raise DomainError(_l("Choose a colleague who holds the same role."), field="handed_to")
    absence = Absence(
        account_id=account_id,
        first_day=command.first_day,
        last_day=command.last_day,
        handed_to=command.handed_to,
    )
    session.add(absence)
    session.flush()
    audit.record(
        session, actor, subject=("user_account", account_id), action="record_absence",
        evidence={
            "absence_id": absence.id, "first_day": command.first_day.isoformat(),
            "last_day": command.last_day.isoformat(), "handed_to": command.handed_to,
        },
    )  # fmt: skip
    jobs.enqueue(session, "agencies.redistribute", queueing_lock="agencies.redistribute")
    return absence


def cancel_absence(session: Session, actor: Actor, account_id: UUID, absence_id: UUID) -> None:
    """Back early, or a mistake.

    :raises NotVisible: when it is no absence of that account.
    """
    account_in_area(session, actor, account_id)
    found = session.scalars(
        select(Absence).where(Absence.id == absence_id, Absence.account_id == account_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotVisible
    if found.cancelled_at is not None:
        raise TooLate(_l("This absence was cancelled already."))
    found.cancelled_at = db_now(session)
    audit.record(
        session, actor, subject=("user_account", account_id), action="cancel_absence",
        evidence={"absence_id": absence_id},
    )  # fmt: skip


def colleagues(session: Session, account_id: UUID) -> list[tuple[UUID, str]]:
    """Who may take this account's work over, by name: who holds one of its roles where that role's office is in reach.

    What is held by name is never handed over, so holding it too makes nobody a colleague here.
    """
    open_postings = select(StaffPosting.account_id, StaffPosting.role, StaffPosting.office_id).where(
        StaffPosting.ended_at.is_(None), StaffPosting.role.not_in(accounts.HELD_BY_NAME)
    )
    own = {(role, office) for _id, role, office in session.execute(open_postings.where(_is(account_id)))}
    if not own:
        return []
    reach = accounts.areas(session)
    others = session.execute(
        open_postings.join(UserAccount, UserAccount.id == StaffPosting.account_id).where(
            ~_is(account_id), StaffPosting.role.in_({role for role, _office in own}), UserAccount.suspended_at.is_(None)
        )
    )
    found = {i for i, role, office in others if any(role == mine and at in reach[office] for mine, at in own)}
    return sorted(accounts.account_names(session, found).items(), key=lambda pair: pair[1])


def _is(account_id: UUID) -> ColumnElement[bool]:
    return StaffPosting.account_id == account_id
