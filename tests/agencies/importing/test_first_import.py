"""The whole old register comes over: five files in several scripts, with faults."""

from datetime import date

import pytest
from sqlalchemy import func, select

from agencies.importing.models import ImportedRecord, ImportRun
from agencies.importing.status import ImportKind
from agencies.licensing import services as licensing
from agencies.licensing.models import Licence
from agencies.licensing.queries import licence_for, newest_licence
from agencies.licensing.status import ApplicationStatus, LicenceStatus, SecurityKind, Standing
from agencies.register import snapshot
from agencies.register.search import search
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.status import IdentifierKind
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.security.models import SecurityInstrument
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied
from tests.agencies import factories as make


def by_key(session, kind, key):
    record = session.scalars(
        select(ImportedRecord).where(ImportedRecord.kind == ImportKind(kind), ImportedRecord.source_key == key)
    ).one()
    model = {"agencies": Agency, "licences": Licence, "directors": AgencyDirector, "sanctions": Sanction,
             "securities": SecurityInstrument}[kind]  # fmt: skip
    return record, session.get_one(model, record.target_id)


def test_five_files_come_over_and_every_fault_is_named(mover, session):
    summary = mover.data("agencies", expect="rows=7")
    assert mover.outcomes() == [
        (3, "101", "added"), (4, "102", "added"), (6, "103", "added"), (8, "", "refused"), (9, "", "refused"),
        (10, "101", "refused"), (11, "", "refused"),
    ]  # fmt: skip
    assert [str(line.result.why) for line in mover.lines[3:]] == [
        "phone: This does not look like a telephone number. Check the digits.",
        "name is empty.",
        "This key stands in the file twice; the first line counts.",
        "This line has 3 columns, the header has 11.",
    ]
    assert summary.reconciled["difference"] == "0"
    record, agency = by_key(session, "agencies", "101")
    assert (agency.name, agency.name_local) == ("Himal Overseas Pvt. Ltd.", "हिमाल ओभरसिज प्रा. लि.")
    assert (agency.company_number, agency.address) == ("001234", "वडा ३; बसुन्धरा")
    assert (agency.phone, agency.email, agency.bank_account) == ("+97714350000", "office@himal.example", "00177")
    # Nothing personal stands open, and what is sealed opens again.
    assert set(record.facts) == {"name", "name_local", "company_number", "district", "address", "office"}
    assert "himal.example" in record.personal
    assert b"himal" not in record.personal_sealed
    assert (record.source, record.line, record.file_hash) == ("feims", 3, summary.file_hash)
    assert record.imported_by == mover.account.id


def licences_in(mover):
    mover.data("agencies")
    return mover.data("licences", expect="count:status:active=4,count:status:cancelled=1")


def test_licences_keep_their_number_and_have_no_paper_of_ours(mover, session):
    licences_in(mover)
    assert [(key, out) for _line, key, out in mover.outcomes()][:3] == [
        ("L1", "added"),
        ("L2", "added"),
        ("L3", "added"),
    ]
    faults = [str(line.result.why) for line in mover.lines[3:]]
    assert faults == [
        "status: This word is not known. Add it to the mapping’s values.",
        "The agency with this key is not here, or waits for an officer. Import agencies first.",
        "There is no such licence class here. Add it to the mapping’s values.",
        "issued_on: There is no such day. Check the month and the day.",
    ]
    record, licence = by_key(session, "licences", "L1")
    assert licence.number == "१०१/०६५/६६"
    assert (licence.issued_on, licence.valid_until) == (date(2023, 7, 17), date(2028, 7, 15))
    assert (licence.token, licence.document_id, licence.application_id) == (None, None, None)
    assert licence.serial < 0
    assert licence.imported_record_id == record.id
    standing = licence_for(session, licence.agency_id, legal_today(session))
    assert (standing.status, standing.licence_number) == (Standing.LICENSED, "१०१/०६५/६६")


@pytest.mark.parametrize("asked", ["१०१/०६५/६६", "101/65/66", "Lic. No. 101/065/66", "101", "इजाजतपत्र नं १०१"])
def test_the_register_finds_an_old_number_as_people_write_it(mover, session, asked):
    licences_in(mover)
    ours, _licence = make.licensed(session, "Annapurna Manpower Pvt. Ltd.")
    register, today = snapshot.current(session)
    answer = search(register, asked, today)
    assert [h.entry.name for h in answer.hits] == ["Himal Overseas Pvt. Ltd."]
    assert answer.exact is not None
    assert answer.exact.entry.agency_id != ours.id
    assert answer.exact.entry.imported


def test_a_licence_issued_here_is_the_newer_one_and_is_not_found_by_an_old_serial(mover, session):
    licences_in(mover)
    _record, old = by_key(session, "licences", "L1")
    ours, licence = make.licensed(session, "Annapurna Manpower Pvt. Ltd.")
    register, today = snapshot.current(session)
    assert [h.entry.agency_id for h in search(register, licence.number, today).hits] == [ours.id]
    assert licence.serial > old.serial
    assert newest_licence(session, old.agency_id).id == old.id


def test_blacklisting_counts_at_once_for_agency_and_directors(mover, session):
    licences_in(mover)
    mover.data("directors")
    assert [o for _line, _key, o in mover.outcomes()] == ["added", "added", *["refused"] * 4]
    _record, director = by_key(session, "directors", "D2")
    assert (director.name, director.identifier, director.phone) == ("محمد حسین", "PA1234567", "+923001234567")
    mover.data("sanctions")
    assert [o for _line, _key, o in mover.outcomes()] == ["added", "added", "refused", "refused"]
    _record, sanction = by_key(session, "sanctions", "S1")
    assert (sanction.proposed_by, sanction.decided_by, sanction.status.value) == (None, None, "in_force")
    listed = session.scalars(select(BlacklistedPerson.director_id)).all()
    assert listed == [director.id]
    today = legal_today(session)
    assert licence_for(session, sanction.agency_id, today).status is Standing.BLACKLISTED
    _record, licence = by_key(session, "licences", "L2")
    assert licence.status is LicenceStatus.CANCELLED
    _record, suspended = by_key(session, "licences", "L1")
    assert suspended.status is LicenceStatus.SUSPENDED
    moved = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_kind == "imported_licence")).all()
    assert sorted(moved) == ["follow_cancelled", "follow_suspended"]

    # The same person, written in Latin letters, applies under a new name.
    again = make.director("pa 1234567", name="Mohammad Hussain", born=date(1975, 11, 2))
    again = type(again)(again.name, IdentifierKind.PASSPORT, again.identifier, again.birth_date, again.phone)
    application, _agency, _owner = make.submitted(session, name="Fresh Start Overseas", native="", directors=[again])
    assert application.status is ApplicationStatus.STOPPED


def test_a_director_who_comes_after_the_blacklisting_is_listed_too(mover, session):
    licences_in(mover)
    mover.data("sanctions")
    mover.data("directors")
    _record, director = by_key(session, "directors", "D2")
    assert session.scalars(select(BlacklistedPerson.director_id)).all() == [director.id]


def test_an_imported_director_with_the_paper_of_a_listed_person_stops_the_next_application(mover, session):
    licences_in(mover)
    mover.data("directors")
    mover.data("sanctions")
    _record, agency = by_key(session, "agencies", "102")
    owner = make.account(session)
    from core.accounts import actor_for, add_membership
    from core.permissions import SubjectKind

    add_membership(session, owner, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    with pytest.raises(Exception, match="on the blacklist"):
        licensing.start_application(session, actor_for(session, owner), agency.id)


def test_securities_are_counted_to_the_paisa(mover, session):
    licences_in(mover)
    summary = mover.data("securities", expect="rows=5,sum:amount=20000200.00")
    assert [(key, out) for _line, key, out in mover.outcomes()] == [
        ("B1", "added"), ("B2", "added"), ("B3", "refused"), ("", "refused"), ("B5", "refused"),
    ]  # fmt: skip
    assert mover.reason("B5") == "This bank paper is recorded here already."
    assert mover.reason("B3") == "A guarantee needs the day on which it ends."
    _record, guarantee = by_key(session, "securities", "B2")
    assert (guarantee.kind, guarantee.amount_minor, guarantee.currency) == (
        SecurityKind.GUARANTEE,
        15_000_000_00,
        "NPR",
    )
    assert guarantee.guarantee_until == date(2028, 12, 31)
    assert (guarantee.application_id, guarantee.file_id, guarantee.recorded_by) == (None, None, None)
    assert summary.reconciled["sum_here:amount:NPR"] == "20000000.00"
    run = session.get_one(ImportRun, summary.run)
    assert run.totals["sum:amount:NPR"] == "20000200.00"


def test_control_totals_that_differ_write_nothing(mover, session):
    summary = mover.data("agencies", expect="rows=8")
    assert [(d.name, d.expected, d.found) for d in summary.differences] == [("rows", "8", "7")]
    assert summary.run is None
    assert mover.lines == []
    assert session.scalar(select(func.count()).select_from(Agency)) == 0
    assert session.scalar(select(func.count()).select_from(ImportRun)) == 0


def test_who_may_not_bring_in_the_register_changes_nothing(mover, session):
    mover.actor = make.approver(session)
    with pytest.raises(Denied):
        mover.data("agencies")
    assert session.scalar(select(func.count()).select_from(ImportedRecord)) == 0
