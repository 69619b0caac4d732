import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from core import jobs
from core.accounts import UserAccount, find_accounts
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.files import StoredFile
from core.messages import OutgoingMessage
from core.permissions import StaffRole
from core.privacy import blind_index
from migrants.registration import deciding, queries, recovery, services
from migrants.registration.deciding import age_on
from migrants.registration.models import IdentityCheck, Migrant, Passport
from migrants.registration.status import MigrantStatus as S
from migrants.registration.status import migrant_workflow, recovery_workflow
from tests.migrants.factories import PASSWORD, account_of, actor_of, applicant, officer, zone

Sessions = sessionmaker[Session]


def test_the_transition_table_is_the_one_that_was_agreed():
    before = ("started", "contact_verified", "more_asked")
    assert migrant_workflow.pairs() == {
        ("started", "confirm_contact", "contact_verified"),
        *((s, "submit_identity", "identity_submitted") for s in before),
        *((s, "close", "closed") for s in before),
        *((s, "refer_minor", "protection") for s in (*before, "identity_submitted")),
        ("identity_submitted", "match", "matched"),
        ("identity_submitted", "find_mismatch", "mismatch"),
        ("identity_submitted", "find_duplicate", "possible_duplicate"),
        ("matched", "verify", "verified"),
        ("mismatch", "accept", "verified"),
        ("possible_duplicate", "accept", "verified"),
        ("mismatch", "ask_more", "more_asked"),
        ("possible_duplicate", "ask_more", "more_asked"),
        ("possible_duplicate", "merge", "merged"),
        ("mismatch", "pass_on", "passed_on"),
        ("possible_duplicate", "pass_on", "passed_on"),
        ("passed_on", "accept", "verified"),
        ("passed_on", "ask_more", "more_asked"),
        ("passed_on", "refuse", "closed"),
        ("passed_on", "merge", "merged"),
        ("passed_on", "take_back", "more_asked"),
        ("protection", "note_protection", "protection"),
        ("protection", "refer_protection", "protection"),
        ("protection", "keep_protection", "protection"),
        ("protection", "return_from_protection", "more_asked"),
        ("mismatch", "refuse", "closed"),
        ("possible_duplicate", "refuse", "closed"),
        ("identity_submitted", "wait_for_register", "external_pending"),
        ("external_pending", "resume", "identity_submitted"),
        ("identity_submitted", "take_back", "more_asked"),
        ("external_pending", "take_back", "more_asked"),
        ("mismatch", "take_back", "more_asked"),
        ("possible_duplicate", "take_back", "more_asked"),
        ("verified", "suspend", "suspended"),
        ("suspended", "reinstate", "verified"),
    }


def test_a_clear_match_is_verified_at_level_one_at_once(session: Session):
    migrant, actor = applicant(session)
    services.submit(session, actor)
    assert (migrant.status, migrant.level) == (S.VERIFIED, 1)
    assert session.scalars(select(Passport.verified_at).where(Passport.migrant_id == migrant.id)).one() is not None


def test_beginning_needs_no_passport_telephone_or_contract_and_resumes(session: Session):
    from tests.migrants.factories import office

    office(session)
    migrant, account = services.begin(session, services.Begin("सीता", PASSWORD, "ne", consent=True))
    assert account.reference == migrant.reference
    assert find_accounts(session, migrant.reference.lower().replace("-", "")) == [account]
    assert queries.registration(session, migrant).full_name == "सीता"
    with pytest.raises(DomainError):
        services.submit(session, actor_of(session, migrant.id))
    assert migrant.status is S.STARTED


def test_nothing_is_kept_without_consent(session: Session):
    before = session.scalar(select(func.count()).select_from(UserAccount))
    with pytest.raises(DomainError):
        services.begin(session, services.Begin("Sita", PASSWORD, "ne", consent=False))
    assert session.scalar(select(func.count()).select_from(UserAccount)) == before


@pytest.mark.parametrize(
    ("born", "name"), [(date(1996, 4, 13), ("TAMANG", "SUNITA")), (date(1996, 4, 12), ("SHRESTHA", "BINOD"))]
)
def test_what_does_not_fit_waits_for_an_officer(session: Session, born: date, name: tuple[str, str]):
    migrant, actor = applicant(session, number="PA7770001", mrz=zone("PA7770001", born=born, name=name))
    services.submit(session, actor)
    assert (migrant.status, migrant.level) == (S.MISMATCH, 0)
    query = select(IdentityCheck).where(IdentityCheck.migrant_id == migrant.id, IdentityCheck.verifier == "document")
    check = session.scalars(query).one()
    assert [r["code"] for r in check.reasons if not r["fits"]] in (["birth_date"], ["name"])


def test_a_zone_with_a_wrong_check_digit_is_refused_at_once(session: Session):
    _migrant, actor = applicant(session)
    first, second = zone("PA7770002").lines()
    with pytest.raises(DomainError, match="passport number"):
        services.save_passport(session, actor, services.PassportDetails("PA7770002", f"{first}\nPA7770003{second[9:]}"))


def test_one_passport_is_one_person_and_the_second_sees_nothing_of_the_first(session: Session):
    first, first_actor = applicant(session, number="PA7770009")
    services.submit(session, first_actor)
    second, second_actor = applicant(session, number="PA7770009", name="Anita Lama", phone="+9779841000002")
    services.submit(session, second_actor)
    assert (first.status, second.status) == (S.VERIFIED, S.POSSIBLE_DUPLICATE)
    shown = queries.registration(session, second)
    assert first.reference not in repr(shown)
    # The first is told, out of band and without a name.
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "details_used")).one()
    assert told.account_id == first.account_id
    assert "Anita" not in (told.body or "")


def test_the_same_name_birth_date_and_parents_under_another_passport_is_noticed(session: Session):
    services.submit(session, applicant(session)[1])
    other, actor = applicant(session, name="सुनिता तामाङ", number="PB1234567")
    services.save_details(session, actor, services.Details(full_name="Sunita Tamaang"))
    services.submit(session, actor)
    assert other.status is S.POSSIBLE_DUPLICATE


def test_a_minor_is_neither_verified_nor_refused_but_meets_child_protection(session: Session):
    migrant, actor = applicant(session, born=date(2012, 1, 1))
    services.submit(session, actor)
    assert (migrant.status, migrant.level) == (S.PROTECTION, 0)
    identity = officer(session)
    assert queries.identity_file(session, identity, migrant.id) is None
    protector = officer(session, StaffRole.CHILD_PROTECTION_OFFICER)
    assert queries.identity_file(session, protector, migrant.id) is not None


def test_a_birthday_on_the_29th_of_february():
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_details_that_were_sent_stay_as_they_are(session: Session):
    migrant, actor = applicant(session)
    services.submit(session, actor)
    with pytest.raises(TooLate):
        services.save_details(session, actor, services.Details(full_name="Somebody Else"))
    assert migrant.full_name == "Sunita Tamang"


def test_an_officer_of_another_area_sees_nothing_and_decides_nothing(session: Session):
    migrant, actor = applicant(session, mrz=zone("PA7770011", born=date(1990, 1, 1)), number="PA7770011")
    services.submit(session, actor)
    stranger = officer(session, StaffRole.IDENTITY_APPROVER, "P2")
    assert queries.identity_file(session, stranger, migrant.id) is None
    with pytest.raises(NotVisible):
        deciding.decide(session, stranger, migrant.id, "accept", "looks fine")
    assert migrant.status is S.MISMATCH


def test_an_officer_never_decides_on_the_own_record(session: Session):
    migrant, actor = applicant(session, mrz=zone("PA7770012", born=date(1990, 1, 1)), number="PA7770012")
    services.submit(session, actor)
    from core.accounts import actor_for, post_staff
    from tests.migrants.factories import office

    account = account_of(session, actor)
    post_staff(session, account, StaffRole.IDENTITY_APPROVER, office(session))
    with pytest.raises(NotVisible):
        deciding.decide(session, actor_for(session, account), migrant.id, "accept", "that's me")
    assert migrant.status is S.MISMATCH


def test_an_officer_accepts_with_a_reason_and_the_migrant_gets_news(session: Session):
    migrant, actor = applicant(session, mrz=zone("PA7770013", born=date(1990, 1, 1)), number="PA7770013")
    services.submit(session, actor)
    with pytest.raises(DomainError):
        deciding.decide(session, officer(session), migrant.id, "accept", "  ")
    deciding.decide(session, officer(session), migrant.id, "accept", "Saw the citizenship paper")
    assert (migrant.status, migrant.level) == (S.VERIFIED, 1)
    assert (
        session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "record_changed")).one().account_id
        == migrant.account_id
    )


def test_accepting_a_second_person_with_one_passport_is_refused(session: Session):
    services.submit(session, applicant(session, number="PA7770014")[1])
    second, actor = applicant(session, number="PA7770014", name="Anita Lama")
    services.submit(session, actor)
    with pytest.raises(DomainError, match="another person"):
        deciding.decide(session, officer(session), second.id, "accept", "never mind")
    assert second.status is S.POSSIBLE_DUPLICATE
    with pytest.raises(Denied):
        deciding.decide(session, officer(session), second.id, "merge", "the same")
    deciding.decide(session, officer(session, StaffRole.IDENTITY_APPROVER), second.id, "merge", "the same person, seen")
    assert second.status is S.MERGED
    assert second.merged_into is not None


def test_forty_registrations_with_one_passport_make_one_verified_person(committed: Sessions):
    actors = []
    with committed() as session:
        for index in range(40):
            name = f"{'ABCDEFGHIJKLMNOPQRST'[index % 20]}asu Rai"
            migrant, actor = applicant(
                session, number="PA9990001", name=name, mrz=zone("PA9990001", name=("RAI", name.split()[0].upper()))
            )
            actors.append(actor)
            del migrant
        session.commit()

    def send(actor):
        with committed() as session:
            services.submit(session, actor)
            session.commit()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(send, actors))
    with committed() as session:
        counts = dict(session.execute(select(Migrant.status, func.count()).group_by(Migrant.status)).all())
        assert counts == {S.VERIFIED: 1, S.POSSIBLE_DUPLICATE: 39}


def test_a_telephone_code_confirms_the_number_and_can_be_shared(session: Session):
    for _ in range(2):
        migrant, actor = applicant(session)
        account = account_of(session, actor)
        account.phone_confirmed_at = None
        services.give_phone(session, actor, "९८४१२३४५६७")
        body = session.scalars(select(OutgoingMessage).where(OutgoingMessage.account_id == account.id)).one().body or ""
        code = re.search(r"[0-9]{6}", body)
        assert code
        services.confirm_phone(session, actor, code[0])
        assert migrant.status is S.CONTACT_VERIFIED
    assert len(find_accounts(session, "+9779841234567")) == 2


def test_lost_access_needs_two_officers_and_a_paper_code(committed: Sessions):
    with committed() as session:
        migrant, actor = applicant(session)
        account = account_of(session, actor)
        account.email, account.email_index = "stranger@people.example", blind_index("email", "stranger@people.example")
        one, two = officer(session, StaffRole.IDENTITY_APPROVER), officer(session, StaffRole.IDENTITY_APPROVER)
        proposed = recovery.propose(session, one, migrant.id, "Citizenship paper, face compared")
        session.commit()
        with pytest.raises(Denied):
            recovery.confirm(session, one, proposed.id)
        session.rollback()
        paper = recovery.confirm(session, two, proposed.id)
        session.commit()
        with pytest.raises(DomainError):
            recovery.use(session, reference=paper.reference, code="0000-0000-0000", secret="another secret 9")
        session.rollback()
        recovery.use(session, reference=paper.reference, code=paper.code, secret="another secret 9")
        session.commit()
        with pytest.raises(DomainError):
            recovery.use(session, reference=paper.reference, code=paper.code, secret="third secret 99")
        session.rollback()
        found = account_of(session, actor)
        assert (found.phone, found.email, found.email_index) == (None, None, None)


def test_the_ways_of_a_recovery_are_the_ones_that_were_agreed():
    assert recovery_workflow.pairs() == {
        ("proposed", "confirm", "confirmed"), ("proposed", "refuse", "refused"), ("confirmed", "use", "used"),
    }  # fmt: skip


def test_a_photo_that_nobody_reads_holds_nobody_up(session: Session):
    from tests.migrants.specimens import draw, jpeg, someone

    made = zone("PA7771002")
    migrant, actor = applicant(session, number="PA7771002", mrz=made)
    services.save_photo(session, actor, jpeg(draw(someone(1))))
    services.submit(session, actor)
    assert migrant.status is S.IDENTITY_SUBMITTED
    assert jobs.run_schedule_now("migrants.give_up_reading", session) == 0
    session.execute(update(StoredFile).values(created_at=StoredFile.created_at - timedelta(minutes=31)))
    assert jobs.run_schedule_now("migrants.give_up_reading", session) == 1
    assert queries.registration(session, migrant).photo_state == "unreadable"
    assert migrant.status in (S.VERIFIED, S.MISMATCH)
    assert jobs.run_schedule_now("migrants.give_up_reading", session) == 0


def test_a_photo_is_read_by_the_worker_and_shown_for_comparison(session: Session):
    from tests.migrants.specimens import draw, jpeg, someone

    made = someone(1)
    migrant, actor = applicant(session)
    services.save_photo(session, actor, jpeg(draw(made)))
    assert queries.registration(session, migrant).photo_state == "waiting"
    jobs.run_waiting(session)
    shown = queries.registration(session, migrant)
    assert shown.photo_state == "read"
    assert (shown.photo_mrz or "").split("\n")[1] == made.lines()[1]
