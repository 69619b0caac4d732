"""From application to licence: the whole way, who may not, and two at once."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from agencies.licensing import checklist, decisions, fees, queries, rules, services
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.policies import Held
from agencies.licensing.screen import allowed, screen
from agencies.licensing.status import APPLICATION, LICENCE, ApplicationStatus, LicenceStatus, SecurityKind, Standing
from agencies.registration import services as registration
from agencies.registration.queries import directors
from agencies.sanctions import orders
from agencies.sanctions.case_status import CaseStatus
from core.accounts import OfficeKind, actor_for, add_membership
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import format_money
from core.money import Money
from core.permissions import ClerkRight, StaffRole, SubjectKind
from core.signing import verify_token
from law import engine
from law.engine import law_of
from tests.agencies import factories as make
from tests.agencies import proceedings
from tests.agencies.renewal import renewals

PAIRS = {
    ("draft", "submit", "submitted"),
    ("draft", "stop", "stopped"),
    ("returned", "resubmit", "in_review"),
    ("returned", "stop_again", "stopped"),
    ("draft", "withdraw", "withdrawn"),
    ("submitted", "withdraw", "withdrawn"),
    ("returned", "withdraw", "withdrawn"),
    ("stopped", "withdraw", "withdrawn"),
    ("in_review", "withdraw", "withdrawn"),
    ("inspection", "withdraw", "withdrawn"),
    ("decision", "withdraw", "withdrawn"),
    ("second_check", "withdraw", "withdrawn"),
    ("security_pending", "withdraw", "withdrawn"),
    ("stopped", "release", "submitted"),
    ("stopped", "refuse_stopped", "refused"),
    ("returned", "resubmit_visit", "inspection"),
    ("submitted", "take", "in_review"),
    ("in_review", "give_back", "submitted"),
    ("in_review", "return", "returned"),
    ("in_review", "ask_visit", "inspection"),
    ("in_review", "recommend", "decision"),
    ("inspection", "report", "decision"),
    ("inspection", "return_visit", "returned"),
    ("inspection", "void", "in_review"),
    ("decision", "void", "in_review"),
    ("second_check", "void", "in_review"),
    ("security_pending", "void", "in_review"),
    ("decision", "approve_first", "second_check"),
    ("second_check", "confirm", "security_pending"),
    ("second_check", "disagree", "in_review"),
    ("decision", "send_back", "in_review"),
    ("decision", "approve", "security_pending"),
    ("decision", "refuse", "refused"),
    ("security_pending", "issue", "issued"),
    ("refused", "reverse", "in_review"),
    ("refused", "reverse_stopped", "stopped"),
}
LICENCE_PAIRS = {
    ("active", "suspend", "suspended"),
    ("suspended", "reinstate", "active"),
    ("suspended", "come_back", "active"),
    ("active", "cancel", "cancelled"),
    ("suspended", "cancel", "cancelled"),
    ("expired", "cancel", "cancelled"),
    ("active", "expire", "expired"),
    ("suspended", "expire", "expired"),
    ("active", "renew", "active"),
    ("expired", "renew", "active"),
    ("active", "surrender", "surrendered"),
    ("active", "hold", "suspended"),
    ("cancelled", "restore", "active"),
    ("active", "cancel_again", "cancelled"),
    ("suspended", "cancel_again", "cancelled"),
    ("expired", "cancel_again", "cancelled"),
}


def test_the_transition_tables_are_the_ones_written_down_here():
    assert APPLICATION.pairs() == PAIRS
    assert LICENCE.pairs() == LICENCE_PAIRS


def test_an_agency_gets_its_licence_from_three_officers(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    make.secured(session, cashier, application.id, make.security(amount=5_000_000_00))
    until = legal_today(session) + timedelta(400)
    make.secured(session, cashier, application.id, make.security(SecurityKind.GUARANTEE, 15_000_000_00, until=until))
    licence = decisions.issue(session, cashier, application.id)

    assert make.reload(session, application).status is ApplicationStatus.ISSUED
    assert licence.status is LicenceStatus.ACTIVE
    assert licence.number == f"NP-{licence.serial:04d}/083"
    assert licence.valid_until == legal_today(session) + timedelta(365)
    typ, claims = verify_token(licence.token)
    assert typ == "licence"
    assert claims["num"] == licence.number
    assert set(claims) == {"iss", "lid", "num", "name", "from", "until"}
    standing = queries.licence_for(session, agency.id, legal_today(session))
    assert (standing.status, standing.licensed, standing.reasons) == (Standing.LICENSED, True, ())
    assert not queries.licence_for(session, agency.id, licence.valid_until + timedelta(1)).licensed
    assert queries.licence_for(session, agency.id, licence.valid_until).licensed
    actions = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.subject_kind == "licence_application", AuditEvent.subject_id == application.id)
        .order_by(AuditEvent.at)
    ).all()
    assert [a for a in actions if a in APPLICATION.transitions] == ["submit", "take", "recommend", "approve", "issue"]
    assert owner.owns(SubjectKind.AGENCY, agency.id)


def test_nothing_personal_stands_in_the_audit_log(session):
    maker = make.reviewer(session)
    application, agency, _owner = make.recommended(session, maker)
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_id.in_([application.id, agency.id]))).all()
    text = " ".join(f"{r.reason} {r.evidence}" for r in rows)
    for secret in ("Shrestha", "27-01-70", "2701700", "9841000001", "1980-05-23", "0010017500123", "Nabil"):
        assert secret not in text


def test_an_application_can_not_be_sent_while_something_is_missing(session):
    agency, _account, actor = make.agency(session)
    application = services.start_application(session, actor, agency.id)
    with pytest.raises(DomainError, match="Still missing: About the agency, The directors, Licence class, Company"):
        services.submit(session, actor, application.id)
    assert make.reload(session, application).status is ApplicationStatus.DRAFT
    assert services.start_application(session, actor, agency.id).id == application.id


def test_a_class_that_the_law_does_not_know_can_not_be_chosen(session):
    agency, _account, actor = make.agency(session)
    application = services.start_application(session, actor, agency.id)
    with pytest.raises(DomainError):
        services.choose_class(session, actor, application.id, services.ChooseClass("Z"))
    assert make.reload(session, application).licence_class is None


def test_a_return_names_each_defect_and_keeps_the_place_in_the_queue(session):
    maker = make.reviewer(session)
    application, _agency, owner = make.submitted(session)
    place = application.submitted_at
    decisions.take(session, maker, application.id)
    with pytest.raises(DomainError):
        decisions.return_defects(session, maker, application.id, decisions.ReturnDefects(()))
    with pytest.raises(DomainError):
        decisions.return_defects(
            session, maker, application.id, decisions.ReturnDefects((decisions.Defect("poem", "Not asked for."),))
        )
    found = (decisions.Defect("tax", "The year is missing."), decisions.Defect("other", "Sign the letter."))
    decisions.return_defects(session, maker, application.id, decisions.ReturnDefects(found))
    assert make.reload(session, application).status is ApplicationStatus.RETURNED

    with pytest.raises(DomainError, match="Mend everything"):
        services.submit(session, owner, application.id)
    services.attach_paper(session, owner, application.id, services.AttachPaper("tax", make.photo(120)))
    rest = [d for d in checklist.defects(session, application.id, 1) if d.mended_at is None]
    assert [d.item for d in rest] == ["other"]
    services.mend_defect(session, owner, application.id, rest[0].id)
    services.submit(session, owner, application.id)
    again = make.reload(session, application)
    assert again.status is ApplicationStatus.IN_REVIEW
    assert again.submitted_at == place
    assert again.reviewer_id == maker.account_id
    assert again.round == 2


def test_while_the_office_looks_nothing_can_be_changed(session):
    application, agency, owner = make.submitted(session)
    with pytest.raises(TooLate):
        services.attach_paper(session, owner, application.id, services.AttachPaper("tax", make.photo()))
    with pytest.raises(DomainError):
        registration.add_director(session, owner, agency.id, make.director("99-99"))
    with pytest.raises(DomainError):
        registration.remove_director(session, owner, agency.id, directors(session, agency.id)[0].id)


def test_who_reviewed_never_decides_not_even_with_both_roles_or_after_a_hand_over(session):
    both_account, _ = make.officer(session, StaffRole.LICENSING_OFFICER)
    from core.accounts import post_staff

    post_staff(session, both_account, StaffRole.LICENSING_APPROVER, make.office(session))
    both = actor_for(session, both_account)
    application, _agency, _owner = make.recommended(session, both)
    for act in (
        lambda: decisions.approve(session, both, application.id, make.approval(session)),
        lambda: decisions.refuse(session, both, application.id, "No."),
        lambda: decisions.send_back(session, both, application.id, "Look again."),
    ):
        with pytest.raises(Denied):
            act()
    assert make.reload(session, application).status is ApplicationStatus.DECISION

    # Another officer is drawn for the review; the first one still can't decide, nor is drawn for it.
    other, boss = make.reviewer(session), make.approver(session)
    decisions.send_back(session, boss, application.id, "Look again.")
    assert make.reload(session, application).reviewer_id == both.account_id
    with make.drawn_for(other):
        decisions.give_back(session, both, application.id, "I go on leave.")
    decisions.take(session, other, application.id)
    with make.drawn_for(both):
        make.recommend(session, other, application)
    assert make.reload(session, application).approver_id == boss.account_id
    with pytest.raises(Denied):
        decisions.approve(session, both, application.id, make.approval(session))
    decisions.approve(session, boss, application.id, make.approval(session))


def test_a_director_of_the_agency_decides_nothing_known_again_by_telephone_or_mail(session):
    maker = make.reviewer(session)
    by_phone = make.approver(session, phone="+9779841000001")
    by_mail = make.approver(session, email="boss@example.org")
    directors = [
        make.director(),
        make.director("11-22", name="Sita Rai", phone="+9779841000002", email="BOSS@example.org"),
    ]
    application, agency, _owner = make.recommended(session, maker, directors=directors)
    for insider in (by_phone, by_mail):
        with pytest.raises(Denied, match="one of this agency’s people"):
            decisions.approve(session, insider, application.id, make.approval(session))
        held = Held(make.reload(session, application), agency)
        actions, hindrance = allowed(session, insider, held)
        assert actions == ()
        assert hindrance is not None
    assert make.reload(session, application).status is ApplicationStatus.DECISION


def test_a_former_clerk_of_the_agency_decides_nothing(session):
    maker = make.reviewer(session)
    boss_account, boss = make.officer(session, StaffRole.LICENSING_APPROVER)
    application, agency, _owner = make.recommended(session, maker)
    membership = add_membership(
        session, boss_account, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[ClerkRight.APPLY]
    )
    membership.ended_at = session.scalar(select(func.now()))
    with pytest.raises(Denied):
        decisions.approve(session, boss, application.id, make.approval(session))


def test_officers_of_another_office_do_not_see_the_application(session):
    application, _agency, _owner = make.submitted(session)
    elsewhere = make.office(session, "P9", OfficeKind.PROVINCE, parent=make.office(session))
    for stranger in (make.reviewer(session, at=elsewhere), make.approver(session, at=elsewhere)):
        with pytest.raises(NotVisible):
            decisions.take(session, stranger, application.id)
        with pytest.raises(NotVisible):
            screen(session, stranger, application.id)
    assert make.reload(session, application).status is ApplicationStatus.SUBMITTED


def test_another_agency_and_a_clerk_without_the_right_can_do_nothing(session):
    application, agency, _owner = make.submitted(session)
    _other, _account, stranger = make.agency(session, "Other Agency")
    with pytest.raises(NotVisible):
        services.withdraw(session, stranger, application.id)
    clerk_account = make.account(session, "Clerk")
    add_membership(session, clerk_account, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[ClerkRight.CONTRACTS])
    clerk = actor_for(session, clerk_account)
    with pytest.raises(Denied):
        services.withdraw(session, clerk, application.id)
    with pytest.raises(Denied):
        services.surrender(session, clerk, agency.id, "Because.")
    assert make.reload(session, application).status is ApplicationStatus.SUBMITTED


def test_staff_do_not_see_an_application_that_was_never_sent(session):
    agency, _account, actor = make.agency(session)
    application = make.fill_in(session, actor, agency)
    with pytest.raises(NotVisible):
        screen(session, make.reviewer(session), application.id)


def test_security_below_a_certain_law_row_is_refused_and_more_cash_may_stand_in(session):
    maker, checker = make.reviewer(session), make.approver(session)
    application, _agency, _owner = make.recommended(session, maker)
    low = make.approval(session, cash=Money(4_999_999_99, "NPR"))
    with pytest.raises(DomainError, match=r"at least NPR 50,00,000.00 in cash"):
        decisions.approve(session, checker, application.id, low)
    short = make.approval(session, guarantee=Money(14_999_999_99, "NPR"))
    with pytest.raises(DomainError, match=r"NPR 2,00,00,000.00 in all"):
        decisions.approve(session, checker, application.id, short)
    assert make.reload(session, application).status is ApplicationStatus.DECISION
    assert make.reload(session, application).decided_by is None
    cash = make.approval(session, cash=Money(20_000_000_00, "NPR"), guarantee=Money(0, "NPR"))
    decisions.approve(session, checker, application.id, cash)


def test_class_c_rests_on_memory_so_its_amounts_refuse_nobody_and_an_officer_decides(session):
    maker, checker = make.reviewer(session), make.approver(session)
    application, _agency, _owner = make.recommended(session, maker, licence_class="C")
    assert make.reload(session, application).law["status"] == "M"
    low = make.approval(session, cash=Money(1_000_000_00, "NPR"), guarantee=Money(0, "NPR"))
    decisions.approve(session, checker, application.id, low)
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == application.id, AuditEvent.action == "approve")
    ).one()
    assert event.evidence["law"]["row"] == "np.licence.class.c"
    assert event.evidence["validity_law"] is None
    assert event.evidence["valid_until_reason"] == "One year, as for the others."


def test_no_licence_before_the_security_is_complete(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, _owner = make.recommended(session, maker)
    with pytest.raises(TooLate):
        decisions.record_security(session, cashier, application.id, make.security())
    decisions.approve(session, checker, application.id, make.approval(session))
    with pytest.raises(DomainError, match=r"NPR 2,00,00,000.00 is missing"):
        decisions.issue(session, cashier, application.id)
    paper = make.security(amount=19_999_999_99, number="A 1")
    recorded = decisions.record_security(session, cashier, application.id, paper)
    with pytest.raises(DomainError, match=r"NPR 2,00,00,000.00 is missing"):
        decisions.issue(session, cashier, application.id)
    make.verified(session, recorded)
    with pytest.raises(DomainError, match="recorded before"):
        decisions.record_security(session, cashier, application.id, make.security(amount=1, number="a-1"))
    with pytest.raises(DomainError, match=r"NPR 0.01 is missing"):
        decisions.issue(session, cashier, application.id)
    with pytest.raises(Denied):
        decisions.issue(session, checker, application.id)
    assert not queries.licence_for(session, agency.id, legal_today(session)).licensed


def test_a_guarantee_that_ends_before_the_licence_is_not_taken(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, _agency, _owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    for until in (None, legal_today(session) + timedelta(364)):
        with pytest.raises(DomainError):
            decisions.record_security(
                session, cashier, application.id, make.security(SecurityKind.GUARANTEE, 100, until=until)
            )


def test_the_database_refuses_one_officer_for_both_and_two_open_applications(session):
    application, agency, owner = make.submitted(session)
    officer, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    with pytest.raises(IntegrityError), session.begin_nested():  # noqa: PT012 -- the flush inside the savepoint
        application.reviewer_id = application.decided_by = officer.id
        session.flush()
    session.refresh(application)
    with pytest.raises(IntegrityError), session.begin_nested():  # noqa: PT012 -- the flush inside the savepoint
        session.add(LicenceApplication(agency_id=agency.id, started_by=owner.account_id))
        session.flush()


def test_of_two_decisions_at_once_only_one_wins(committed):
    with committed() as session:
        maker = make.reviewer(session)
        bosses = [make.approver(session) for _ in range(2)]
        application, _agency, _owner = make.recommended(session, maker)
        session.commit()
        drawn = make.reload(session, application).approver_id
        boss = next(b for b in bosses if b.account_id == drawn)
    together, answers = threading.Barrier(2), []

    def decide(actor, number):
        # The officer who was drawn, in two windows.
        with committed() as own:
            together.wait()
            try:
                if number:
                    decisions.approve(own, actor, application.id, make.approval(own))
                else:
                    decisions.refuse(own, actor, application.id, "Not fit.")
                own.commit()
                answers.append("done")
            except TooLate:
                own.rollback()
                answers.append("too late")

    threads = [threading.Thread(target=decide, args=(boss, i)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "too late"]
    with committed() as session:
        found = session.get_one(LicenceApplication, application.id)
        assert found.status in {ApplicationStatus.REFUSED, ApplicationStatus.SECURITY_PENDING}
        decided = session.scalars(
            select(AuditEvent.action).where(
                AuditEvent.subject_id == application.id, AuditEvent.action.in_(["approve", "refuse"])
            )
        ).all()
        assert len(decided) == 1


def test_a_new_licence_takes_the_place_of_the_old_one(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    first, agency, owner = make.recommended(session, maker)
    decisions.approve(session, checker, first.id, make.approval(session))
    make.secured(session, cashier, first.id, make.security())
    old = decisions.issue(session, cashier, first.id)
    second = services.start_application(session, owner, agency.id)
    services.choose_class(session, owner, second.id, services.ChooseClass("B"))
    for code in ("registration", "tax", "premises", "police"):
        services.attach_paper(session, owner, second.id, services.AttachPaper(code, make.photo()))
    services.submit(session, owner, second.id)
    decisions.take(session, maker, second.id)
    make.recommend(session, maker, second)
    decisions.approve(
        session, checker, second.id,
        make.approval(session, cash=Money(10_000_000_00, "NPR"), guarantee=Money(30_000_000_00, "NPR")),
    )  # fmt: skip
    make.secured(session, cashier, second.id, make.security(amount=40_000_000_00))
    new = decisions.issue(session, cashier, second.id)
    assert session.get_one(Licence, old.id, populate_existing=True).status is LicenceStatus.EXPIRED
    assert new.licence_class == "B"
    assert queries.licence_for(session, agency.id, legal_today(session)).licence_number == new.number


def test_a_licensed_agency_can_not_rename_itself_under_cover_of_a_new_application(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    make.secured(session, cashier, application.id, make.security())
    decisions.issue(session, cashier, application.id)
    services.start_application(session, owner, agency.id)
    details = {
        "name": "Makalu Recruitment", "name_local": None, "company_number": "1", "district": "Kaski", "address": "Ward 1",
        "phone": "+97714350000", "email": None, "bank_name": "Nabil", "bank_account": "1",
    }  # fmt: skip
    with pytest.raises(DomainError, match="Your licence is in this name"):
        registration.change_details(session, owner, agency.id, registration.AgencyDetails(**details))
    assert agency.name == "Sagarmatha Overseas Pvt. Ltd."
    same = {**details, "name": agency.name, "name_local": agency.name_local}
    registration.change_details(session, owner, agency.id, registration.AgencyDetails(**same))
    assert agency.district == "Kaski"


def test_only_the_owner_gives_a_licence_up(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    make.secured(session, cashier, application.id, make.security())
    decisions.issue(session, cashier, application.id)
    services.surrender(session, owner, agency.id, "We close.")
    assert queries.licence_for(session, agency.id, legal_today(session)).status is Standing.SURRENDERED
    with pytest.raises(TooLate):
        services.surrender(session, owner, agency.id, "Again.")


@pytest.mark.parametrize(("status", "refuses"), [("V", True), ("R", False)])
def test_the_fee_of_a_first_licence_has_its_receipt_where_it_was_seen_in_the_law(session, monkeypatch, status, refuses):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, _agency, _owner = make.recommended(session, maker)
    renewals.with_rows(monkeypatch, renewals.row("licence.application_fee", 5000, status, "NPR"))
    with pytest.raises(TooLate):
        fees.record(session, cashier, application.id, renewals.fee(session, 5_000_00))
    decisions.approve(session, checker, application.id, make.approval(session))
    make.secured(session, cashier, application.id, make.security(amount=20_000_000_00))
    if refuses:
        with pytest.raises(DomainError, match=r"The fee of NPR 5,000.00 has no receipt yet"):
            decisions.issue(session, cashier, application.id)
        with pytest.raises(DomainError, match=r"The fee is NPR 5,000.00"):
            fees.record(session, cashier, application.id, renewals.fee(session, 4_999_99))
        with pytest.raises((Denied, NotVisible)):
            fees.record(session, checker, application.id, renewals.fee(session, 5_000_00))
        fees.record(session, cashier, application.id, renewals.fee(session, 5_000_00))
        with pytest.raises(TooLate):
            fees.record(session, cashier, application.id, renewals.fee(session, 5_000_00))
    assert decisions.issue(session, cashier, application.id).status is LicenceStatus.ACTIVE


@pytest.mark.parametrize(
    ("country", "licence_class", "asked"),
    [("in", "full", "INR 25,000.00"), ("pk", "standard", "PKR 5,000.00"), ("np", "A", None)],
)
def test_the_fee_of_an_application_comes_out_of_the_law_file(session, monkeypatch, country, licence_class, asked):
    monkeypatch.setattr(engine, "law", lambda: law_of(country))
    amount, found = rules.application_fee(licence_class, date(2026, 11, 28))
    assert (format_money(amount) if amount else None) == asked
    assert found.may_refuse == (asked is not None)


def test_nobody_leaves_a_proceeding_by_giving_the_licence_up(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    make.secured(session, cashier, application.id, make.security())
    decisions.issue(session, cashier, application.id)
    case = proceedings.walked(session, CaseStatus.DECISION, **proceedings.against(agency))
    with pytest.raises(DomainError, match="proceeding against the agency is open"):
        services.surrender(session, owner, agency.id, "We close.")
    orders.dismiss(session, proceedings.approver(session), case.id, "It was not so.")
    assert services.surrender(session, owner, agency.id, "We close.").status is LicenceStatus.SURRENDERED


def test_an_application_whose_security_never_comes_is_taken_back_and_another_begun(session):
    maker, checker = make.reviewer(session), make.approver(session)
    application, agency, owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    services.withdraw(session, owner, application.id)
    assert make.reload(session, application).status is ApplicationStatus.WITHDRAWN
    assert services.start_application(session, owner, agency.id).id != application.id
    with pytest.raises(TooLate):
        decisions.record_security(session, make.finance(session), application.id, make.security())
