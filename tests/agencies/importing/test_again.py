"""The same register again, changed there, changed here: what follows, what waits, and who decides."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from agencies.importing import comparing, deciding
from agencies.importing.comparing import Side
from agencies.importing.mapping import read_mapping
from agencies.importing.merging import merge
from agencies.importing.models import ImportConflict, ImportedRecord
from agencies.importing.services import ImportFile
from agencies.importing.status import (
    AGENCY_CLAIM,
    CONFLICT,
    IMPORTED_LICENCE,
    IMPORTED_SANCTION,
    ConflictStatus,
    ImportKind,
)
from agencies.jobs import expire
from agencies.licensing.models import Licence
from agencies.licensing.queries import licence_for
from agencies.licensing.status import LicenceStatus, Standing
from agencies.registration.models import Agency
from agencies.sanctions import services as sanctions
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from tests.agencies import factories as make

CONFLICT_PAIRS = {
    ("waiting", "keep", "kept"),
    ("waiting", "take", "taken"),
    ("waiting", "propose", "proposed"),
    ("proposed", "confirm", "taken"),
    ("proposed", "reject", "waiting"),
    ("waiting", "supersede", "superseded"),
    ("proposed", "supersede", "superseded"),
}
CLAIM_PAIRS = {
    ("asked", "prove", "proved"),
    ("asked", "see", "seen"),
    ("seen", "hand_over", "handed_over"),
    ("proved", "claim", "claimed"),
    ("handed_over", "claim", "claimed"),
    ("claimed", "check", "checked"),
    ("seen", "stop", "stopped"),
    ("handed_over", "stop", "stopped"),
    ("claimed", "stop", "stopped"),
    ("asked", "lapse", "lapsed"),
    ("proved", "lapse", "lapsed"),
    ("handed_over", "lapse", "lapsed"),
}
STATES = ("active", "suspended", "expired", "surrendered", "cancelled")
SANCTION_PAIRS = {
    ("lifted", "follow_in_force", "in_force"),
    ("lapsed", "follow_in_force", "in_force"),
    ("in_force", "follow_lifted", "lifted"),
    ("lapsed", "follow_lifted", "lifted"),
}


def test_the_transition_tables_are_the_ones_written_down_here():
    assert CONFLICT.pairs() == CONFLICT_PAIRS
    assert AGENCY_CLAIM.pairs() == CLAIM_PAIRS
    assert IMPORTED_LICENCE.pairs() == {(a, f"follow_{b}", b) for a in STATES for b in STATES if a != b}
    assert IMPORTED_SANCTION.pairs() == SANCTION_PAIRS


WORDS = st.sampled_from(["a", "b", "c", None])


@given(st.dictionaries(st.sampled_from("xyz"), st.tuples(WORDS, WORDS, WORDS)))
def test_a_field_follows_the_source_only_where_nobody_here_touched_it(values):
    base, ours, theirs = ({f: v[i] for f, v in values.items()} for i in range(3))
    found = merge(base, ours, theirs)
    after = {**ours, **{f: theirs[f] for f in found.changes}}
    for name in values:
        touched = ours[name] != base[name]
        assert (after[name] == ours[name]) if touched else (after[name] == theirs[name])
        assert (name in found.clashes) == (touched and theirs[name] not in (base[name], ours[name]))
    again = merge(theirs, {**after, **{f: theirs[f] for f in found.clashes}}, theirs)
    assert again.fields == ()


HEAD = "source_key,agency_key,number,licence_class,status,issued_on,valid_until\n"


def agencies(*rows):
    return "source_key,name,company_number,phone,email\n" + "\n".join(rows) + "\n"


def both(mover, status="active", until="2030-01-01"):
    """One agency with one licence, brought in."""
    mover.text("agencies", agencies("1,Himal Overseas,555,01-4350000,office@himal.example"))
    mover.text("licences", HEAD + f"L1,1,12/065,A,{status},2020-01-01,{until}\n")
    assert [str(line.result.outcome) for line in mover.lines] == ["added"]


def licence_of(session, number="12/065"):
    return session.scalars(select(Licence).where(Licence.number == number)).one()


def agency_of(session, name="Himal Overseas"):
    return session.scalars(select(Agency).where(Agency.name == name).execution_options(populate_existing=True)).one()


def conflict_of(session):
    open_ = [ConflictStatus.WAITING, ConflictStatus.PROPOSED]
    return session.scalars(select(ImportConflict).where(ImportConflict.status.in_(open_))).one()


def snapshot_of(session):
    """Everything that an import may touch, to be compared."""
    session.flush()
    rows = session.execute(select(Licence.id, Licence.status, Licence.valid_until, Licence.number)).all()
    rows += session.execute(select(Agency.id, Agency.name, Agency.phone_sealed, Agency.company_number)).all()
    return sorted(map(str, rows))


def test_the_same_files_again_change_nothing(mover, session):
    for kind in ImportKind:
        mover.data(kind)
    before = snapshot_of(session)
    for kind in ImportKind:
        summary = mover.data(kind)
        assert set(summary.counts) <= {"unchanged", "refused"}
        assert summary.reconciled["difference"] == "0"
    assert snapshot_of(session) == before
    assert session.scalars(select(ImportConflict)).all() == []


def test_a_changed_line_changes_what_nobody_here_has_decided_on(mover, session):
    both(mover, until="2021-01-01")
    expire(session)
    assert licence_of(session).status is LicenceStatus.EXPIRED
    mover.text("agencies", agencies("1,Himal Overseas,555,01-4350001,office@himal.example"))
    assert mover.lines[0].result.fields == ("phone",)
    assert session.scalars(select(Agency)).one().phone == "+97714350001"
    # Renewed in the old system while both run: that the day had passed was no decision of ours.
    mover.text("licences", HEAD + "L1,1,12/065,A,active,2020-01-01,2031-01-01\n")
    assert [(str(x.result.outcome), x.result.fields) for x in mover.lines] == [("changed", ("valid_until",))]
    licence = licence_of(session)
    assert (licence.status, licence.valid_until.year) == (LicenceStatus.ACTIVE, 2031)
    assert licence_for(session, licence.agency_id, legal_today(session)).licensed


def test_an_edited_contact_waits_and_one_officer_decides(mover, session):
    both(mover)
    agency = session.scalars(select(Agency)).one()
    agency.phone = "+97714999999"
    session.flush()
    theirs = agencies("1,Himal Overseas,555,01-4350001,new@himal.example")
    mover.text("agencies", theirs)
    assert mover.outcomes() == [(2, "1", "conflict")]
    assert (agency.phone, agency.email) == ("+97714999999", "office@himal.example")
    mover.text("agencies", theirs)
    assert mover.reason("1") == "Waits for an officer already."
    conflict = conflict_of(session)
    assert (set(conflict.fields), conflict.standing) == ({"phone", "email"}, False)
    assert "himal" not in str(conflict.theirs.get("email"))
    officer = make.reviewer(session)
    far = make.reviewer(session, at=make.office(session, "P9", parent=make.office(session)))
    with pytest.raises(NotVisible):
        deciding.take(session, far, conflict.id, "theirs is newer")
    with pytest.raises(DomainError, match="reason"):
        deciding.take(session, officer, conflict.id, "  ")
    assert conflict.status is ConflictStatus.WAITING
    deciding.take(session, officer, conflict.id, "The agency wrote so.")
    agency = agency_of(session)
    assert (agency.phone, agency.email) == ("+97714350001", "new@himal.example")
    with pytest.raises(TooLate):
        deciding.keep(session, make.reviewer(session), conflict.id, "no")
    mover.text("agencies", theirs)
    assert mover.outcomes() == [(2, "1", "unchanged")]


def test_what_was_kept_does_not_ask_again_until_the_line_says_something_new(mover, session):
    both(mover)
    agency = session.scalars(select(Agency)).one()
    agency.phone = "+97714999999"
    session.flush()
    theirs = agencies("1,Himal Overseas,555,01-4350001,office@himal.example")
    mover.text("agencies", theirs)
    deciding.keep(session, make.reviewer(session), conflict_of(session).id, "They moved.")
    assert agency_of(session).phone == "+97714999999"
    mover.text("agencies", theirs)
    assert mover.outcomes() == [(2, "1", "unchanged")]
    mover.text("agencies", agencies("1,Himal Overseas,555,01-4350002,office@himal.example"))
    first = conflict_of(session)
    mover.text("agencies", agencies("1,Himal Overseas,555,01-4350003,office@himal.example"))
    assert session.get_one(ImportConflict, first.id).status is ConflictStatus.SUPERSEDED
    assert conflict_of(session).id != first.id


def suspend(session, agency_id):
    today = legal_today(session)
    sanction = sanctions.propose(
        session, make.reviewer(session), agency_id,
        sanctions.Propose(SanctionKind.SUSPENSION, "Complaints", today + timedelta(20)),
    )  # fmt: skip
    return sanctions.order(session, make.approver(session), sanction.id, "Proved.")


def test_a_standing_that_was_decided_here_changes_by_two_officers_only(mover, session):
    both(mover)
    licence = licence_of(session)
    suspend(session, licence.agency_id)
    mover.text("licences", HEAD + "L1,1,12/065,A,cancelled,2020-01-01,2030-01-01\n")
    assert mover.reason("L1") == "This portal has decided on the licence or its agency since."
    assert licence.status is LicenceStatus.SUSPENDED
    conflict, first, second = conflict_of(session), make.reviewer(session), make.approver(session)
    with pytest.raises(DomainError, match="second officer"):
        deciding.take(session, first, conflict.id, "They cancelled it.")
    with pytest.raises(TooLate):
        deciding.confirm(session, second, conflict.id, "Not proposed yet.")
    deciding.propose(session, first, conflict.id, "They cancelled it.")
    with pytest.raises(Denied):
        deciding.confirm(session, first, conflict.id, "I confirm myself.")
    assert licence_of(session).status is LicenceStatus.SUSPENDED
    deciding.reject(session, second, conflict.id, "Show the order.")
    assert (conflict.status, conflict.proposed_by) == (ConflictStatus.WAITING, None)
    deciding.propose(session, first, conflict.id, "The order is in the file.")
    deciding.confirm(session, second, conflict.id, "Seen.")
    session.expire_all()
    assert licence_of(session).status is LicenceStatus.CANCELLED
    assert (conflict.proposed_by, conflict.decided_by) == (first.account_id, second.account_id)
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_kind == "import_conflict").order_by(AuditEvent.at)
    ).all()
    assert actions == ["propose", "reject", "propose", "confirm"]


def test_an_officer_who_proposed_with_both_roles_still_cannot_confirm(mover, session):
    from core.accounts import Office, UserAccount, actor_for, post_staff
    from core.permissions import StaffRole

    both(mover)
    suspend(session, licence_of(session).agency_id)
    mover.text("licences", HEAD + "L1,1,12/065,A,cancelled,2020-01-01,2030-01-01\n")
    account, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    office = session.scalars(select(Office)).first()
    post_staff(session, account, StaffRole.LICENSING_APPROVER, office)
    two = actor_for(session, account)
    conflict = conflict_of(session)
    deciding.propose(session, two, conflict.id, "mine")
    with pytest.raises(Denied):
        deciding.confirm(session, two, conflict.id, "mine too")
    # Who brought the file in decides on nothing of it, whatever roles they hold.
    importer = session.get_one(UserAccount, mover.account.id)
    post_staff(session, importer, StaffRole.LICENSING_APPROVER, office)
    with pytest.raises(Denied, match="brought this file in"):
        deciding.confirm(session, actor_for(session, importer), conflict.id, "mine")
    assert conflict.status is ConflictStatus.PROPOSED


def test_a_line_never_lifts_a_sanction_or_brings_back_a_cancelled_licence_by_itself(mover, session):
    both(mover, status="cancelled")
    head = "source_key,agency_key,kind,status,ordered_on,last_day,reason\n"
    mover.text("sanctions", head + "S1,1,blacklisting,in_force,2024-01-01,,fees\n")
    mover.text("sanctions", head + "S1,1,blacklisting,lifted,2024-01-01,,fees\n")
    assert mover.outcomes() == [(2, "S1", "conflict")]
    mover.text("licences", HEAD + "L1,1,12/065,A,active,2020-01-01,2030-01-01\n")
    assert mover.reason("L1") == "A licence that was cancelled or given up would come back."
    licence = licence_of(session)
    assert licence_for(session, licence.agency_id, legal_today(session)).status is Standing.BLACKLISTED
    conflict = session.scalars(select(ImportConflict).where(ImportConflict.why == "lifts_a_sanction")).one()
    deciding.propose(session, make.reviewer(session), conflict.id, "Court order.")
    deciding.confirm(session, make.approver(session), conflict.id, "Seen.")
    session.expire_all()
    assert session.scalars(select(Sanction)).one().status is SanctionStatus.LIFTED
    assert licence_of(session).status is LicenceStatus.CANCELLED


def test_a_suspension_of_the_old_register_ends_there_and_the_licence_stands_again(mover, session):
    both(mover)
    head = "source_key,agency_key,kind,status,ordered_on,last_day,reason\n"
    mover.text("sanctions", head + "S1,1,suspension,in_force,2026-01-01,,fees\n")
    assert licence_of(session).status is LicenceStatus.SUSPENDED
    mover.text("sanctions", head + "S1,1,suspension,lifted,2026-01-01,,fees\n")
    conflict = conflict_of(session)
    deciding.propose(session, make.reviewer(session), conflict.id, "Order seen.")
    deciding.confirm(session, make.approver(session), conflict.id, "Seen.")
    session.expire_all()
    assert licence_of(session).status is LicenceStatus.ACTIVE


def test_an_agency_that_registered_itself_is_tied_to_its_line_and_never_doubled(mover, session):
    made, _owner, actor = make.agency(session, name="Himal Overseas P. Ltd.", native="")
    make.fill_in(session, actor, made)
    made.company_number = "555"
    session.flush()
    mover.text("agencies", agencies("1,Himal Overseas,5-5-5,01-4350000,office@himal.example"))
    assert mover.outcomes() == [(2, "1", "conflict")]
    mover.text("licences", HEAD + "L1,1,12/065,A,active,2020-01-01,2030-01-01\n")
    assert mover.outcomes() == [(2, "L1", "refused")]
    deciding.keep(session, make.reviewer(session), conflict_of(session).id, "The same company.")
    assert session.scalars(select(Agency.name)).all() == ["Himal Overseas P. Ltd."]
    mover.text("licences", HEAD + "L1,1,12/065,A,active,2020-01-01,2030-01-01\n")
    assert licence_of(session).agency_id == made.id


def test_an_agency_that_was_licensed_here_keeps_its_licence_until_two_officers_say_otherwise(mover, session):
    mover.text("agencies", agencies("1,Himal Overseas,555,,"))
    agency = session.scalars(select(Agency)).one()
    _other, ours = make.licensed(session, "Stand-in")
    ours.agency_id = agency.id
    session.flush()
    mover.text("licences", HEAD + "L1,1,12/065,A,active,2020-01-01,2030-01-01\n")
    assert mover.reason("L1") == "The agency has a licence that was issued here."
    mover.text(
        "sanctions",
        "source_key,agency_key,kind,status,ordered_on,last_day,reason\nS1,1,blacklisting,in_force,2024-01-01,,x\n",
    )
    assert mover.reason("S1") == "This portal has licensed the agency, or decided on it, since."
    assert licence_for(session, agency.id, legal_today(session)).licensed
    for each in session.scalars(select(ImportConflict).order_by(ImportConflict.created_at, ImportConflict.id)).all():
        deciding.propose(session, make.reviewer(session), each.id, "The old one counts.")
        deciding.confirm(session, make.approver(session), each.id, "Seen.")
        if each.why == "licensed_here":
            standing = licence_for(session, agency.id, legal_today(session))
            assert (standing.licence_number, standing.licensed) == ("12/065", True)
    session.expire_all()
    assert session.get_one(Licence, ours.id).status is LicenceStatus.EXPIRED
    assert licence_for(session, agency.id, legal_today(session)).status is Standing.BLACKLISTED
    assert set(session.scalars(select(ImportConflict.status))) == {ConflictStatus.TAKEN}
    assert licence_of(session).status is LicenceStatus.CANCELLED
    assert session.scalars(select(ImportedRecord.target_id).where(ImportedRecord.target_id.is_(None))).all() == []


def test_a_newer_licence_of_the_old_register_ends_the_older_one(mover, session):
    both(mover)
    mover.text(
        "licences", HEAD + "L2,1,13/068,A,active,2023-01-01,2030-01-01\nL3,1,11/060,A,active,2015-01-01,2030-01-01\n"
    )
    assert mover.outcomes() == [(2, "L2", "added"), (3, "L3", "refused")]
    assert mover.reason("L3") == "This agency has a newer licence in force; two can’t be."
    session.expire_all()
    assert licence_of(session).status is LicenceStatus.EXPIRED
    standing = licence_for(session, licence_of(session).agency_id, legal_today(session))
    assert (standing.licence_number, standing.licensed) == ("13/068", True)


def test_a_number_or_an_agency_is_not_taken_from_another(mover, session):
    both(mover)
    mover.text("agencies", agencies("1,Himal Overseas,555,01-4350000,office@himal.example", "2,Other,777,,"))
    mover.text(
        "licences",
        HEAD + "L9,2,12/065,A,active,2020-01-01,2030-01-01\nL1,2,12/065,A,active,2020-01-01,2030-01-01\n"
        "L8,1,12/065,A,active,2020-01-01,2030-01-01\nL7,2,99/1,A,active,2030-01-01,2020-01-01\n",
    )
    assert [str(line.result.why) for line in mover.lines] == [
        "This licence number belongs to another agency here.",
        "This record belonged to another agency before. Give it a key of its own.",
        "This licence number came with another key already.",
        "The last day does not come after the first.",
    ]
    assert len(session.scalars(select(Licence)).all()) == 1


def test_the_difference_report_names_what_is_only_there_only_here_and_what_differs(mover, session):
    mover.text("agencies", agencies("1,One,1,,", "2,Two,2,,", "3,Three,3,,"))
    session.scalars(select(Agency).where(Agency.name == "Two")).one().district = "Kaski"
    ours, _licence = make.licensed(session, "Ours alone")
    session.flush()
    path = mover.folder / "now.csv"
    path.write_text(agencies("1,One,1,,", "2,Two changed,2,,", "4,Four,4,,", "5,,5,,"))
    found = []
    command = ImportFile(ImportKind.AGENCIES, path, read_mapping(None, ImportKind.AGENCIES, "feims"))
    before = snapshot_of(session)
    comparison = comparing.compare(session, mover.actor, command, found.append)
    assert [(e.side, e.key, e.fields) for e in found] == [
        (Side.UNREADABLE, "", ()),
        (Side.SAME, "1", ()),
        (Side.DIFFERS, "2", ("name", "district")),
        (Side.ONLY_THERE, "4", ()),
        (Side.ONLY_HERE, "3", ()),
        (Side.ONLY_HERE, ours.reference, ()),
    ]
    assert not comparison.alike
    assert snapshot_of(session) == before
