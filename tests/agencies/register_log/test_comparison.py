"""Keepers of heads are compared with each other and with the log: by tampering with the database, and with their files."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from agencies.register_log import comparison
from agencies.register_log.comparison import Disagreement
from agencies.register_log.folder import FolderAnchor, file_name
from agencies.register_log.heads import sign_head
from agencies.register_log.models import RegisterAnchor, RegisterHead
from agencies.register_log.places import places
from agencies.register_log.port import Held, Wrong
from core import settings
from core.accounts import UserAccount
from core.db import db_now
from core.jobs import run_schedule_now, run_waiting
from core.permissions import StaffRole
from core.settings import configure
from portal import cli
from tests.agencies import factories as make
from tests.agencies.register_log import stories
from tests.doubles import timestamp_authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    with timestamp_authority.running(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def kept(told, authority, tmp_path):
    """A sealed log of ten entries whose newest head is in a folder and stamped: sessions, folder."""
    sessions, folder = told[0], tmp_path / "elsewhere"
    authority.signer, authority.ess, authority.fault = "ecdsa", "sha256", ""
    configure(
        replace(
            settings.current(), anchor_folder=folder, timestamp_url=authority.url,
            timestamp_ca=authority.folder / "ca.pem",
        )
    )  # fmt: skip
    with sessions() as session:
        run_schedule_now("register_log.anchor", session)
        run_waiting(session)
        session.commit()
    return sessions, folder


def found(sessions, *more):
    with sessions() as session:
        compared = comparison.compare(session, [*places().values(), *more])
    return {(d.place, d.wrong) for d in compared.found}


@pytest.fixture
def command(kept, monkeypatch):
    """``portal register compare`` on this database: exit code and what it says."""

    @contextmanager
    def own_session():
        with kept[0]() as session:
            yield session

    monkeypatch.setattr(cli, "_session", own_session)

    def run(*more):
        told = CliRunner().invoke(cli.main, ["register", "compare", *more])
        return told.exit_code, told.output

    return run


def forged(sessions, number, size, root, **changes):
    """A head that is signed with the register's own key over another history."""
    with sessions() as session:
        now = changes.get("at") or db_now(session)
    return sign_head(number, size, root, now, now, settings.current().public_url)


def test_keepers_that_agree_are_said_to_and_the_result_stays_in_the_audit_log(kept, command):
    sessions, folder = kept
    assert found(sessions) == set()
    with sessions() as session:
        assert comparison.last(session) is None
        run_schedule_now("register_log.compare", session)
        session.commit()
        last = comparison.last(session)
    assert (last.compared.agree, last.compared.held) == (True, {"folder": 1, "timestamp": 1})
    code, told = command("--keeper", str(folder))
    assert (code, f"{folder}: 1 heads" in told, "Every keeper agrees" in told) == (0, True, True)


def test_a_rewritten_entry_is_named_by_every_keeper(kept, command):
    sessions, _folder = kept
    stories.as_superuser("UPDATE register_leaf SET hash = sha256(hash) WHERE index = 4")
    assert found(sessions) == {("folder", Wrong.HISTORY), ("timestamp", Wrong.HISTORY)}
    code, told = command()
    assert code == 1
    assert "WRONG: folder holds a seal of other entries than the log has now: it was rewritten (head 4)" in told


def test_a_log_that_shrank_is_named_although_its_own_heads_were_taken_out_too(kept):
    sessions, _folder = kept
    stories.as_superuser(
        "ALTER TABLE register_anchor DROP CONSTRAINT fk_register_anchor_head_number_register_head",
        "DELETE FROM register_head WHERE number > 2",
        "DELETE FROM register_leaf WHERE index > 5",
    )
    # The stamp proves the head that the folder still shows.
    both = {Wrong.SHRUNK, Wrong.UNKNOWN}
    assert found(sessions) == {(place, wrong) for place in ("folder", "timestamp") for wrong in both}


def test_a_log_that_was_signed_anew_is_a_fork_and_the_stamp_sides_with_the_folder(kept):
    sessions, _folder = kept
    with sessions() as session:
        old = session.get_one(RegisterHead, 4)
        token = forged(sessions, 4, old.size, bytes(32))
    stories.as_superuser(f"UPDATE register_head SET token = '{token}' WHERE number = 4")
    assert found(sessions) == {("folder", Wrong.FORK), ("timestamp", Wrong.FORK)}


@pytest.mark.parametrize(
    ("content", "wrong"),
    [("", Wrong.UNREADABLE), ("not a head", Wrong.UNREADABLE), ("é.é.é", Wrong.UNREADABLE), (None, Wrong.GONE)],
)
def test_a_keeper_whose_file_was_spoilt_or_lost_is_named_alone(kept, content, wrong):
    sessions, folder = kept
    path = folder / file_name(4)
    path.unlink()
    if content is not None:
        path.write_text(content, "utf-8")
    assert found(sessions) == {("folder", wrong)}


def test_a_changed_signature_and_another_number_are_named(kept):
    sessions, folder = kept
    path = folder / file_name(4)
    head, body, signature = path.read_text().split(".")
    changed = "A" if signature[0] != "A" else "B"
    path.write_text(f"{head}.{body}.{changed}{signature[1:]}")
    assert found(sessions) == {("folder", Wrong.SIGNATURE)}
    path.write_text(f"{head}.{body}.{signature}")
    path.rename(folder / file_name(3))
    assert found(sessions) == {("folder", Wrong.UNREADABLE), ("folder", Wrong.GONE)}


def test_two_keepers_with_two_histories_of_one_size_are_a_fork_also_beyond_the_end_of_the_log(kept, tmp_path):
    sessions, _folder = kept
    others = []
    for name, root in (("library", bytes(32)), ("court", bytes([1]) * 32)):
        (tmp_path / name).mkdir()
        (tmp_path / name / file_name(9)).write_text(forged(sessions, 9, 40, root))
        others.append(FolderAnchor(tmp_path / name, name))
    assert found(sessions, others[0]) == {("library", Wrong.SHRUNK), ("library", Wrong.UNKNOWN)}
    both = found(sessions, *others)
    assert {("library", Wrong.FORK), ("court", Wrong.FORK)} < both
    assert not {place for place, _wrong in both} & {"folder", "timestamp"}


def test_a_later_head_over_fewer_entries_shrank(kept, tmp_path):
    sessions, _folder = kept
    with sessions() as session:
        tokens = session.scalars(select(RegisterHead.token).order_by(RegisterHead.number)).all()
        small = session.get_one(RegisterHead, 1)
        token = forged(sessions, 5, small.size, small.root)
    (tmp_path / "court").mkdir()
    (tmp_path / "court" / file_name(4)).write_text(tokens[3])
    (tmp_path / "court" / file_name(5)).write_text(token)
    assert found(sessions, FolderAnchor(tmp_path / "court", "court")) == {
        ("court", Wrong.SHRUNK), ("court", Wrong.UNKNOWN),
    }  # fmt: skip


def test_a_stamp_that_was_exchanged_proves_nothing(kept):
    sessions, _folder = kept
    stories.as_superuser("UPDATE register_anchor SET receipt = decode('3003', 'hex') WHERE place = 'timestamp'")
    assert found(sessions) == {("timestamp", Wrong.STAMP)}


def test_a_keeper_that_is_away_is_named(kept, tmp_path):
    sessions, folder = kept
    folder.rename(tmp_path / "moved")
    assert found(sessions) == {("folder", Wrong.UNREACHABLE)}


class Diary:
    """A keeper that has the log's newest head of each of these days."""

    name, only_hashes = "diary", False

    def __init__(self, token, days):
        self.token, self.days = token, days

    def kept(self, _noted, _tokens):
        return [Held(4, self.token, None, day) for day in self.days]


def test_days_without_a_head_are_named_from_the_first_day_until_yesterday(kept):
    sessions, _folder = kept
    token = stories.newest(sessions).token
    with sessions() as session:
        today = db_now(session).astimezone(UTC).date()

        def gaps(*ago):
            compared = comparison.compare(session, [Diary(token, [today - timedelta(n) for n in ago])])
            return [((today - d.day).days, (today - d.until).days) for d in compared.found]

        assert gaps(3, 2, 1) == gaps(2, 1, 0) == gaps(0) == []
        assert gaps(9, 8, 4, 1) == [(7, 5), (3, 2)]
        assert gaps(3) == [(2, 1)]


def test_pages_and_readiness_say_what_was_found(client, session):
    assert client.get("/readyz").json["register_keepers"] == "unknown"
    wrong = [
        Disagreement("folder", Wrong.FORK, 4),
        Disagreement("timestamp", Wrong.DAYS, None, date(2026, 11, 2), date(2026, 11, 3)),
    ]
    comparison.note(session, comparison.Compared({"folder": 4, "timestamp": 2}, wrong))
    assert comparison.last(session).compared.found == wrong
    assert client.get("/readyz").json["register_keepers"] == "disagree"
    public = client.get("/register/log").get_data(as_text=True)
    assert "two histories (seal 4)" in public
    assert "has no seal of some days" in public
    for role, seen in (
        (StaffRole.AUDITOR, True),
        (StaffRole.LICENSING_APPROVER, True),
        (StaffRole.FINANCE_OFFICER, False),
    ):
        client.sign_in(session, make.officer(session, role)[0])
        assert (
            "The seals of the register kept elsewhere do not agree" in client.get("/staff").get_data(as_text=True)
        ) is seen
    comparison.note(session, comparison.Compared({"folder": 4, "timestamp": 4}))
    session.flush()
    assert client.get("/readyz").json["register_keepers"] == "agree"
    assert "every seal kept elsewhere fits" in client.get("/register/log").get_data(as_text=True)
    assert session.scalars(select(RegisterAnchor)).all() == []
    assert session.scalars(select(UserAccount.id)).first() is not None
