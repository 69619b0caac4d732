"""`portal user add`: staff are posted by the same service as on the page, and sign in after setting up an authenticator."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyotp
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts import AccountSession, StaffPosting, UserAccount, find_account, open_session
from core.audit import AuditEvent
from core.permissions import StaffRole
from portal import cli
from portal.signin import services as signin
from tests.migrants.factories import office

PASSWORD = "ten long enough words"


@pytest.fixture
def run(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command, in the test's transaction."""
    office(session)

    @contextmanager
    def opened() -> Iterator[Session]:
        yield session

    monkeypatch.setattr(cli, "_session", opened)

    def add(email: str, role: StaffRole, *more: str, code: str = "DOFE") -> Result:
        line = ["user", "add", "--email", email, "--name", "Maya Rai", "--role", str(role), "--office", code, *more]
        return CliRunner().invoke(cli.main, line, catch_exceptions=False)

    return add


def posted(session: Session, account: UserAccount) -> list[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.action == "post_staff", AuditEvent.subject_id == account.id)
    return list(session.scalars(query.order_by(AuditEvent.at)))


def test_a_new_member_of_staff_leaves_the_row_that_the_page_leaves(session: Session, run):  # type: ignore[no-untyped-def]
    done = run("maya@office.example", StaffRole.STAFF_ADMIN, "--password", PASSWORD)
    assert done.exit_code == 0, done.output
    account = find_account(session, "maya@office.example")
    assert account
    (event,) = posted(session, account)
    assert (event.actor_kind, event.actor_account_id) == ("system", None)
    assert event.evidence["role"] == "staff_admin"
    # The key is made at the first sign-in, not here: nobody else has seen it.
    assert (account.totp_required, account.totp_secret) == (True, None)


def test_the_first_sign_in_sets_up_the_authenticator(session: Session, run):  # type: ignore[no-untyped-def]
    run("maya@office.example", StaffRole.IDENTITY_OFFICER, "--password", PASSWORD)
    account = find_account(session, "maya@office.example")
    assert account
    opened = signin.sign_in(session, login="maya@office.example", password=PASSWORD, agent="tests", address="192.0.2.7")
    assert opened.pending
    secret = signin.begin_enrolment(session, account)
    done = signin.confirm_second_factor(session, token=opened.token, code=pyotp.TOTP(secret).now(), agent="tests")
    assert not done.pending
    assert account.totp_confirmed


def test_an_existing_account_gets_one_more_role_without_a_password_and_its_sessions_end(session: Session, run):  # type: ignore[no-untyped-def]
    run("maya@office.example", StaffRole.IDENTITY_OFFICER, "--password", PASSWORD)
    account = find_account(session, "maya@office.example")
    assert account
    open_session(session, account, agent="tests")
    before = account.password_hash
    done = run("Maya@Office.Example", StaffRole.CLEARANCE_OFFICER)
    assert done.exit_code == 0, done.output
    assert [e.evidence["role"] for e in posted(session, account)] == ["identity_officer", "clearance_officer"]
    assert account.password_hash == before
    live = (
        select(func.count())
        .select_from(AccountSession)
        .where(AccountSession.account_id == account.id, AccountSession.ended_at.is_(None))
    )
    assert session.scalar(live) == 0


def test_a_role_that_does_not_go_with_another_is_refused_in_one_sentence(session: Session, run):  # type: ignore[no-untyped-def]
    run("maya@office.example", StaffRole.IDENTITY_OFFICER, "--password", PASSWORD)
    account = find_account(session, "maya@office.example")
    assert account
    held = select(func.count()).select_from(StaffPosting).where(StaffPosting.account_id == account.id)
    for role in (StaffRole.IDENTITY_OFFICER, StaffRole.AUDITOR):
        refused = run("maya@office.example", role)
        assert refused.exit_code == 1
        assert refused.output.startswith("Error: ")
        assert session.scalar(held) == 1
    assert (
        "no office NOWHERE"
        in run("eva@office.example", StaffRole.CASE_OFFICER, "--password", PASSWORD, code="NOWHERE").output
    )
