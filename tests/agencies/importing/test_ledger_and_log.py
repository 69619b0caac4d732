"""Imported facts on the security's ledger, in the table of sanctions and in the register's public log."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from agencies.importing import deciding
from agencies.importing.kinds.sanctions import Sanctions
from agencies.importing.models import ImportedRecord
from agencies.importing.status import ImportKind
from agencies.licensing.status import Standing
from agencies.register_log import verification
from agencies.register_log.models import RegisterEvent
from agencies.register_log.queries import leaves_of
from agencies.register_log.services import seal
from agencies.register_log.standing import on_day
from agencies.registration.models import Agency
from agencies.sanctions import services as sanctions
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from agencies.security import instruments, ledger, watch
from agencies.security.models import SecurityAccount, SecurityEntry, SecurityInstrument
from agencies.security.status import EntryKind, InstrumentStatus
from core.db import legal_today
from core.errors import Denied, TooLate
from tests.agencies import factories as make
from tests.agencies.importing.test_again import HEAD, both, conflict_of, licence_of

PAPERS = "source_key,agency_key,kind,amount,currency,bank_name,document_number,guarantee_until\n"
ORDERS = "source_key,agency_key,kind,status,ordered_on,last_day,reason\n"


def brought(mover, session, line):
    mover.text("securities", PAPERS + line)
    return session.scalars(select(SecurityInstrument).execution_options(populate_existing=True)).one()


def test_an_imported_security_counts_when_two_officers_have_it_from_the_bank(mover, session):
    both(mover)
    paper = brought(mover, session, "B1,1,cash,5000,NPR,Nabil Bank,CD-1,2020-01-01\n")
    agency_id = session.get_one(SecurityAccount, paper.account_id).agency_id
    assert agency_id == licence_of(session).agency_id
    # Cash has no end: the night does not take it out.
    assert (paper.status, paper.guarantee_until) == (InstrumentStatus.RECORDED, None)
    assert watch.end_guarantees(session, 10) == 0
    assert ledger.held(session, agency_id).total.minor == 0
    # While nobody has asked the bank, the line is followed.
    paper = brought(mover, session, "B1,1,cash,6000,NPR,Nabil Bank,CD-1,2020-01-01\n")
    assert (mover.outcomes(), paper.amount_minor) == ([(2, "B1", "changed")], 600000)

    first, second = make.finance(session), make.finance(session)
    question = instruments.ask(session, first, paper.id)
    with pytest.raises(Denied, match="recorded this paper"):
        instruments.answer(session, first, paper.id, instruments.Answer(question.reference, True, make.photo()))
    assert session.scalar(select(func.count()).select_from(SecurityEntry)) == 0
    instruments.answer(session, second, paper.id, instruments.Answer(question.reference, True, make.photo()))
    entry = session.scalars(select(SecurityEntry)).one()
    assert (entry.kind, entry.amount_minor) == (EntryKind.DEPOSIT, 600000)
    assert (entry.made_by, entry.checked_by) == (first.account_id, second.account_id)

    # From now on a line can't alter the paper that the entry rests on.
    mover.text("securities", PAPERS + "B1,1,cash,9000,NPR,Nabil Bank,CD-1,2020-01-01\n")
    assert mover.reason("B1") == "Officers or the calendar have dealt with this bank paper here since."
    waiting, officer = conflict_of(session), make.reviewer(session)
    with pytest.raises(TooLate, match="dealt with here"), session.begin_nested():
        deciding.take(session, officer, waiting.id, "They say so.")
    deciding.keep(session, officer, conflict_of(session).id, "The bank said otherwise.")
    session.expire_all()
    assert session.scalars(select(SecurityInstrument)).one().amount_minor == 600000
    assert ledger.held(session, agency_id).total.minor == 600000


def test_other_money_is_refused_and_an_account_is_opened_once(mover, session):
    both(mover)
    mover.text("securities", PAPERS + "B1,1,cash,5,USD,Nabil Bank,CD-1,\nB2,1,cash,5,NPR,Nabil Bank,CD-2,\n")
    assert mover.outcomes() == [(2, "B1", "refused"), (3, "B2", "added")]
    assert mover.reason("B1") == "Securities are kept in NPR here."
    mover.text("securities", PAPERS + "B3,1,cash,5,NPR,Nabil Bank,CD-3,\n")
    papers = session.execute(select(SecurityInstrument.amount_minor, SecurityInstrument.account_id)).all()
    assert [p.amount_minor for p in papers] == [500, 500]
    assert set(session.scalars(select(SecurityAccount.id))) == {p.account_id for p in papers}


def test_the_database_takes_no_paper_or_sanction_of_nobody(mover, session):
    both(mover)
    brought(mover, session, "B1,1,cash,5,NPR,Nabil Bank,CD-1,\n")
    table = SecurityInstrument.__table__
    for values in ({"imported_record_id": None}, {"status": "verified"}, {"status": "verification_asked"}):
        with pytest.raises(IntegrityError, match=r"recorded|paper_or_imported"), session.begin_nested():
            session.execute(table.update().values(**values))
    agency_id, officer = licence_of(session).agency_id, make.account(session)
    record = session.scalars(select(ImportedRecord.id)).first()
    origins = {"proposed_by": officer.id, "cause": "security.unpaid", "imported_record_id": record}
    for names in ((), ("proposed_by", "cause"), ("proposed_by", "imported_record_id"), ("cause", "imported_record_id")):
        with pytest.raises(IntegrityError, match="made_by_somebody"), session.begin_nested():
            session.execute(
                insert(Sanction).values(
                    agency_id=agency_id, kind=SanctionKind.SUSPENSION, reason="x", **{n: origins[n] for n in names}
                )
            )
    assert session.scalars(select(Sanction)).all() == []


@pytest.mark.parametrize("status", [SanctionStatus.STAYED, SanctionStatus.REVERSED, SanctionStatus.VARIED])
def test_what_an_appeal_decided_is_not_undone_by_a_line(mover, session, status):
    both(mover)
    mover.text("sanctions", ORDERS + "S1,1,suspension,in_force,2026-01-01,,fees\n")
    sanction = session.scalars(select(Sanction)).one()
    session.execute(Sanction.__table__.update().values(status=status))
    session.refresh(sanction)
    mover.text("sanctions", ORDERS + "S1,1,suspension,in_force,2026-01-01,,other fees\n")
    assert mover.reason("S1") == "This sanction was ended here."
    record = session.scalars(select(ImportedRecord).where(ImportedRecord.kind == ImportKind.SANCTIONS)).one()
    with pytest.raises(TooLate):
        Sanctions().write(session, mover.actor, record, {"status": "in_force"})
    session.expire_all()
    assert session.scalars(select(Sanction.status)).one() is status


def lift(session, agency_id):
    held = session.scalars(
        select(Sanction).where(Sanction.agency_id == agency_id, Sanction.status == SanctionStatus.IN_FORCE)
    ).one()
    sanctions.lift(session, make.approver(session), held.id, "Paid back.")


def events(session):
    rows = session.execute(
        select(RegisterEvent.event, RegisterEvent.day, RegisterEvent.imported).order_by(RegisterEvent.id)
    )
    return [(event, day.isoformat() if day else None, imported) for event, day, imported in rows]


def test_the_public_log_tells_of_old_facts_as_taken_over_and_finds_nothing_back_dated(mover, session):
    today = legal_today(session)
    now = today.isoformat()
    both(mover)
    mover.text(
        "licences",
        HEAD + f"L1,1,12/065,A,active,2020-01-01,2030-01-01\nL0,1,3/055,A,expired,2010-01-01,2012-03-31\n"
        f"L9,1,4/057,A,cancelled,2013-01-01,{today + timedelta(90)}\n",
    )
    assert events(session) == [
        ("issued", "2020-01-01", True),
        ("issued", "2010-01-01", True),
        ("expired", "2012-04-01", True),
        ("issued", "2013-01-01", True),
        ("cancelled", now, True),
    ]
    # A number is mended there: it is no new licence, and not back-dated.
    mover.text("licences", HEAD + "L1,1,12/0650,A,active,2020-01-01,2030-01-01\n")
    assert events(session)[5:] == [("deleted", None, False), ("issued", "2020-01-01", True)]
    mover.text(
        "sanctions",
        ORDERS + "S1,1,suspension,in_force,2026-03-01,2030-02-01,fees\nS0,1,blacklisting,lifted,2016-01-01,,old\n",
    )
    assert events(session)[7:] == [
        ("suspension_ordered", "2026-03-01", True),
        ("suspended", "2026-03-01", True),
        ("blacklisting_lifted", now, True),
    ]
    # The old register goes on: later last days.
    mover.text("licences", HEAD + "L1,1,12/0650,A,suspended,2020-01-01,2031-01-01\n")
    mover.text("sanctions", ORDERS + "S1,1,suspension,in_force,2026-03-01,2030-03-01,fees\n")
    assert events(session)[10:] == [("renewed", now, True), ("suspension_extended", now, True)]
    leaves = leaves_of(session, session.scalars(select(Agency.reference)).one())
    for day, standing in (
        ("2011-05-05", Standing.LICENSED), ("2025-05-05", Standing.LICENSED), ("2026-03-01", Standing.SUSPENDED),
    ):  # fmt: skip
        assert on_day(leaves, date.fromisoformat(day)).standing is standing
    seal(session)
    assert [f.text for f in verification.verify(session).findings] == []
    # What is decided here afterwards is no imported fact.
    lift(session, licence_of(session, "12/0650").agency_id)
    assert events(session)[12:] == [("suspension_lifted", None, False), ("reinstated", None, False)]
    assert [f.text for f in verification.verify(session).findings] == []
