"""The register's log against its writers and against the database's superuser, on a database with real commits."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from agencies import jobs as agency_jobs
from agencies.licensing.status import LicenceStatus
from agencies.register_log.leaf import read
from agencies.register_log.models import RegisterEvent, RegisterHead, RegisterLeaf
from agencies.register_log.services import seal, taken_over
from agencies.register_log.standing import on_day
from agencies.sanctions import suspension
from agencies.sanctions.status import SanctionKind
from core.db import legal_today
from core.errors import DomainError
from core.jobs import run_schedule_now
from tests.agencies import factories as make
from tests.agencies.register_log import stories

EVERYTHING = [
    ("issued", "active", None),
    ("issued", "active", None),
    ("suspension_ordered", "in_force", "suspension"),
    ("suspended", "suspended", "suspension"),
    ("suspension_lifted", "lifted", "suspension"),
    ("reinstated", "active", "suspension"),
    ("issued", "active", None),
    ("surrendered", "surrendered", None),
    ("blacklisting_ordered", "in_force", "blacklisting"),
    ("cancelled", "cancelled", "blacklisting"),
]


def leaves(sessions):
    with sessions() as session:
        return [read(body) for body in session.scalars(select(RegisterLeaf.body).order_by(RegisterLeaf.index))]


def test_every_public_change_is_a_leaf_and_the_log_is_whole(told):
    sessions, first, second, third, order = told
    found = leaves(sessions)
    assert [(leaf.event, leaf.status, leaf.order_kind) for leaf in found] == EVERYTHING
    assert [leaf.licence for leaf in found] == [first, second, None, first, None, first, third, third, None, second]
    assert {leaf.order for leaf in found[2:6]} == {order}
    assert not any(leaf.imported for leaf in found)
    assert stories.verify(sessions, stories.newest(sessions).token) == []
    with sessions() as session:
        assert session.scalars(select(RegisterHead.size).order_by(RegisterHead.number)).all() == [2, 6, 10]
        assert {leaf.day for leaf in found} == {legal_today(session)}


def test_nothing_new_makes_no_head_unless_one_is_wanted_for_the_day(told):
    sessions = told[0]
    with sessions() as session:
        assert seal(session) is None
        fresh = seal(session, refresh=True)
        assert (fresh.number, fresh.size) == (4, 10)
        session.commit()
    assert stories.verify(sessions) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_leaf SET body = 'x'",
        "DELETE FROM register_leaf",
        "TRUNCATE register_leaf",
        "UPDATE register_head SET size = 0",
        "DELETE FROM register_head",
        "DELETE FROM register_anchor",
        "UPDATE register_event SET day = '2020-01-01'",
        "DELETE FROM register_event",
        "INSERT INTO register_event (event, agency, status, imported) VALUES ('issued', 'AG', 'active', false)",
        "ALTER TABLE licence DISABLE TRIGGER licence_log",
        "DROP TRIGGER sanction_log ON sanction",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_can_neither_change_nor_invent_nor_silence(session, statement):
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        session.execute(text(statement))


def test_no_leaf_holds_a_word_about_a_person(told):
    sessions = told[0]
    with sessions() as session:
        bodies = "".join(session.scalars(select(RegisterLeaf.body)))
    for word in ("Ram Bahadur", "Shrestha", "Makalu", "+977", "27-01-70", "Complaints", "Kathmandu"):
        assert word not in bodies


# --- tampering -------------------------------------------------------------------------------------------------------


def test_an_edited_leaf_is_named(told):
    sessions = told[0]
    stories.as_superuser("UPDATE register_leaf SET body = replace(body, 'suspended', 'reinstated') WHERE index = 3")
    found = stories.verify(sessions)
    assert "Entry 4 is not linked to the entry before it: entry 3 was changed." in found
    assert "The entries under head 2 are not the ones that were sealed." in found
    assert "Entry 3 does not have the hash that stands beside it: it was changed." in found


def test_a_deleted_leaf_is_named_and_nothing_is_sealed_over_the_gap(told):
    sessions = told[0]
    stories.as_superuser("DELETE FROM register_leaf WHERE index = 4")
    found = stories.verify(sessions)
    assert "Entry 5 stands at place 4: entries were deleted, added or moved before it." in found
    assert "The tail was cut: head 3 covers 10 entries, the log has 9." in found
    with sessions() as session, pytest.raises(DomainError, match="not whole"):
        seal(session)
    assert len(leaves(sessions)) == 9


def test_a_changed_event_behind_a_leaf_is_named(told):
    sessions = told[0]
    stories.as_superuser("UPDATE register_event SET day = '2020-01-01' WHERE event = 'suspended'")
    assert stories.verify(sessions) == ["The event behind entry 3 is not the one that was sealed: it was changed."]


def test_a_back_dated_entry_is_named_by_its_effect_and_by_its_recording(told):
    sessions, first, *_rest = told
    insert = (
        "INSERT INTO register_event (recorded_at, event, agency, licence, licence_class, status, until, day, imported)"
        " SELECT {at}, 'changed', agency, licence, licence_class, 'active', until, {day}, false FROM register_event"
        f" WHERE licence = '{first}' ORDER BY id LIMIT 1"
    )
    stories.as_superuser(insert.format(at="now()", day="current_date - 40"))
    stories.as_superuser(insert.format(at="now() - interval '40 days'", day="current_date - 40"))
    stories.seal_now(sessions)
    found = stories.verify(sessions)
    assert sum("Entry 10 is back-dated: changed" in f and "is to count from" in f for f in found) == 1
    assert sum("Entry 11 is back-dated: it says that it was recorded at" in f for f in found) == 1


def test_a_licence_dated_back_through_the_front_door_is_named_too(committed):
    with committed() as session:
        make.licensed(session, "Quiet Favour Overseas")
        session.commit()
    stories.seal_now(committed)
    assert [f for f in stories.verify(committed) if "Entry 0 is back-dated: issued" in f]


def test_a_cut_tail_is_named(told):
    sessions = told[0]
    kept = stories.newest(sessions).token
    stories.as_superuser(
        "DELETE FROM register_head WHERE number = 3",
        "DELETE FROM register_leaf WHERE index >= 6",
        "DELETE FROM register_event WHERE id NOT IN (SELECT event_id FROM register_leaf)",
    )
    found = stories.verify(sessions, kept)
    assert any(f.startswith("The tail was cut: the saved head 3 of") for f in found)
    # The tables still say what the log has lost.
    assert any("is not in the log" in f for f in found)


def test_a_wholly_rewritten_log_is_named_by_a_head_kept_elsewhere(told):
    sessions = told[0]
    with sessions() as session:
        heads = session.scalars(select(RegisterHead.token).order_by(RegisterHead.number)).all()
    # Whoever owns server and keys lets the suspension never have been: from events, leaves, heads and tables.
    stories.as_superuser(
        "DELETE FROM register_head",
        "DELETE FROM register_leaf",
        "DELETE FROM register_event WHERE order_kind = 'suspension'",
        "ALTER TABLE sanction DISABLE TRIGGER sanction_log",
        "DELETE FROM sanction WHERE kind = 'suspension'",
        "ALTER TABLE sanction ENABLE TRIGGER sanction_log",
    )
    stories.seal_now(sessions)
    assert stories.verify(sessions) == []
    found = stories.verify(sessions, heads[0], heads[1])
    assert any("History was rewritten: among the entries 2 to 5" in f for f in found)
    assert any("tells different people different things" in f for f in found)


def test_a_register_that_says_something_else_than_its_log_is_named(told):
    sessions, _first, second, third, order = told
    stories.as_superuser(
        "ALTER TABLE licence DISABLE TRIGGER licence_log",
        f"UPDATE licence SET status = 'active', valid_until = valid_until + 365 WHERE number = '{second}'",
        f"DELETE FROM winding_down WHERE licence_id = (SELECT id FROM licence WHERE number = '{third}')",
        f"DELETE FROM licence WHERE number = '{third}'",
        "ALTER TABLE licence ENABLE TRIGGER licence_log",
        "ALTER TABLE sanction DISABLE TRIGGER sanction_log",
        f"UPDATE sanction SET status = 'rejected' WHERE reference = '{order}'",
        "ALTER TABLE sanction ENABLE TRIGGER sanction_log",
    )
    found = stories.verify(sessions)
    assert f"The register says of {second}: status active; its log says cancelled." in found
    assert any(f.startswith(f"The register says of {second}: last day") for f in found)
    assert f"The log has licence {third}, which the register does not have any more." in found
    assert f"The register says of order {order}: status rejected; its log says lifted." in found
    assert len(found) == 4


def test_a_superuser_who_forgets_the_trigger_is_logged_like_anybody(told):
    sessions, _first, second, *_rest = told
    stories.as_superuser(f"UPDATE licence SET status = 'active' WHERE number = '{second}'")
    stories.seal_now(sessions)
    last = leaves(sessions)[-1]
    assert (last.event, last.licence, last.status) == ("reinstated", second, "active")
    assert stories.verify(sessions) == []


def test_a_forged_head_is_named(told):
    sessions = told[0]
    stories.as_superuser("UPDATE register_head SET token = overlay(token placing 'AAAA' from length(token) - 9 for 4)")
    assert sum("signature of head" in f for f in stories.verify(sessions)) == 3
    stories.as_superuser("UPDATE register_head SET size = 9 WHERE number = 3")
    assert "Head 3 says something else than what was signed: it was changed." in stories.verify(sessions)


# --- what the trigger knows --------------------------------------------------------------------------------------------


def test_ends_that_come_by_themselves_count_from_the_day_after_the_last(committed):
    with committed() as session:
        today = legal_today(session)
        with taken_over(session, today - timedelta(9)):
            make.licensed(session, "Bheri International", until=today - timedelta(5))
            held, licence = make.licensed(session, "Kali Overseas")
        order = stories.order(session, held, SanctionKind.SUSPENSION, today)
        longer = stories.order(session, held, SanctionKind.EXTENSION, today + timedelta(3))
        session.commit()
        stories.as_superuser(
            f"UPDATE sanction SET last_day = current_date - 3 WHERE reference IN ('{order.reference}', '{longer.reference}')"
        )
        session.expire_all()
        assert agency_jobs.expire(session) == 1
        assert suspension.lapse(session, 10) == 2
        session.commit()
        assert licence.status is LicenceStatus.ACTIVE
    stories.seal_now(committed)
    found = {leaf.event: leaf for leaf in leaves(committed)}
    assert found["issued"].imported
    assert found["expired"].day == today - timedelta(4)
    assert found["suspension_lapsed"].day == found["suspension_lapsed"].until + timedelta(1)
    assert found["suspension_extended"].until == today + timedelta(3)
    assert found["reinstated"].order == order.reference
    assert found["reinstated"].day == today
    assert stories.verify(committed) == []


def test_a_proposal_that_is_rejected_never_becomes_public(committed):
    from agencies.sanctions import services as sanctions

    with committed() as session:
        agency, _licence = make.licensed(session)
        before = session.scalars(select(RegisterEvent.id)).all()
        proposed = sanctions.propose(
            session,
            make.reviewer(session),
            agency.id,
            sanctions.Propose(SanctionKind.SUSPENSION, "Rumour.", legal_today(session)),
        )
        sanctions.reject(session, make.approver(session), proposed.id, "Nothing in it.")
        session.commit()
        assert session.scalars(select(RegisterEvent.id)).all() == before


def test_a_change_that_is_rolled_back_leaves_no_leaf(committed):
    with committed() as session:
        make.licensed(session)
        session.rollback()
    stories.seal_now(committed)
    assert leaves(committed) == []


# --- races ---------------------------------------------------------------------------------------------------------------


def test_writers_that_commit_out_of_order_lose_no_leaf(committed):
    """The slow writer's transaction is older than the fast one's; a seal in between must leave both for later."""
    written, go = threading.Event(), threading.Event()

    def slow():
        with committed() as session:
            make.licensed(session, "Slow Overseas")
            written.set()
            assert go.wait(20)
            session.commit()

    with committed() as session:
        make.office(session)
        session.commit()
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(slow)
        assert written.wait(20)
        with committed() as session:
            make.licensed(session, "Fast Overseas")
            session.commit()
        stories.seal_now(committed)
        assert leaves(committed) == []
        go.set()
        task.result()
    stories.seal_now(committed)
    assert len(leaves(committed)) == 2
    assert [f for f in stories.verify(committed) if "recorded at" in f or "never sealed" in f] == []


def test_many_writers_and_sealers_at_once_make_one_whole_log(committed):
    with committed() as session:
        make.office(session)
        today = legal_today(session)
        session.commit()

    def work(place):
        with committed() as session:
            if place % 3 == 0:
                run_schedule_now("register_log.seal", session)
            else:
                with taken_over(session, today):
                    make.licensed(session, f"Agency {place}")
            session.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(48)))
    stories.seal_now(committed)
    found = leaves(committed)
    assert len(found) == 32
    assert len({leaf.licence for leaf in found}) == 32
    assert stories.verify(committed, stories.newest(committed).token) == []


def test_a_closing_and_its_leaf_say_the_same_and_no_other_standing_comes_of_it(told):
    sessions, _first, _second, third, _order = told
    people = "(SELECT id FROM user_account ORDER BY id {} LIMIT 1)"
    stories.as_superuser(
        "UPDATE winding_down SET status = 'closed', outcome = 'release', closed_on = current_date, declared_at = now(),"
        f" proposed_by = {people.format('ASC')}, decided_by = {people.format('DESC')}"
        f" WHERE licence_id = (SELECT id FROM licence WHERE number = '{third}')"
    )
    stories.seal_now(sessions)
    assert [(leaf.event, leaf.status, leaf.order_kind) for leaf in leaves(sessions)[10:]] == [
        ("closed", "surrendered", "winding_down")
    ]
    assert stories.verify(sessions, stories.newest(sessions).token) == []
    found = on_day([leaf for leaf in leaves(sessions) if leaf.licence == third], legal_day_of(sessions))
    assert found.because is not None
    assert found.because.event != "closed"
    stories.as_superuser(
        "ALTER TABLE winding_down DISABLE TRIGGER winding_down_log",
        "UPDATE winding_down SET unpaid_minor = 5, unpaid_count = 1, unpaid_currency = 'NPR' WHERE status = 'closed'",
    )
    (said,) = stories.verify(sessions)
    assert "money unpaid; its log says closed" in said
    stories.as_superuser("UPDATE winding_down SET reference = 'WD-X' WHERE status = 'closed'")
    assert any("WD-X, which is not in the log" in text for text in stories.verify(sessions))


def legal_day_of(sessions):
    with sessions() as session:
        return legal_today(session)
