"""An applicant whose name could be taken for a listed agency's: stopped, compared side by side, released or refused."""

import threading

import pytest
from sqlalchemy import func, select

from agencies.licensing import decisions, services
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import ApplicationStatus, LicenceStatus
from agencies.register.models import NameMatch, NameUse, RegisterName
from agencies.sanctions.status import SanctionKind
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible
from tests.agencies import factories as make
from tests.agencies.test_sanctions import ordered

S = ApplicationStatus


def matches(session):
    return session.scalars(select(NameMatch).order_by(NameMatch.id)).all()


@pytest.mark.parametrize(
    ("listed", "applicant"),
    [
        ("Makalu Recruitment Pvt. Ltd.", "Mаkаlu Recruitment"),  # Cyrillic a
        ("Makalu Recruitment Pvt. Ltd.", "New Makaalu Overseas (P) Ltd"),
        ("Makalu Recruitment Pvt. Ltd.", "Ma Kalu Manpower"),
        ("Makalu Recruitment Pvt. Ltd.", "মাকালু রিক্রুটমেন্ট"),
        ("Makalu Recruitment Pvt. Ltd.", "මකාලු මෑන්පවර්"),
    ],
)
def test_a_name_like_a_listed_one_is_stopped_whatever_makes_it_alike(session, listed, applicant):
    make.licensed(session, listed)
    application, _agency, _owner = make.submitted(session, name=applicant, native="")
    assert application.status is S.STOPPED
    (found,) = matches(session)
    assert (found.name, found.other_name, found.cleared_by) == (applicant, listed, None)
    logged = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == application.id, AuditEvent.action == "stop")
    ).one()
    assert logged.evidence["namesakes"][0]["agency_id"] == str(found.other_agency_id)
    assert "akalu" not in str(logged.evidence)


def test_names_that_share_trade_words_or_one_word_of_two_go_on(session):
    make.licensed(session, "Makalu Recruitment Pvt. Ltd.")
    for number, name in enumerate(("Annapurna Recruitment Pvt. Ltd.", "Makalu Star Recruitment")):
        director = make.director(f"9-{number}", phone=f"+97798410009{number:02}")
        application, _agency, _owner = make.submitted(session, name=name, native="", directors=[director])
        assert application.status is S.SUBMITTED
    assert matches(session) == []


def test_a_blacklisted_an_ended_and_an_earlier_name_count_as_well(session):
    barred, _licence = make.licensed(session, "Rara Manpower Pvt. Ltd.")
    ordered(session, barred, SanctionKind.BLACKLISTING)
    make.licensed(session, "Tilicho Overseas", status=LicenceStatus.CANCELLED)
    renamed, _licence = make.licensed(session, "Bheri International")
    renamed.name = "Karnali International"
    session.flush()
    kept = session.scalars(select(RegisterName)).one()
    assert (kept.text, kept.use, kept.agency_id) == ("Bheri International", NameUse.FORMER, renamed.id)
    for number, name in enumerate(("Raraa Man Power", "Tilicho Overseas Nepal", "Bheri Overseas")):
        director = make.director(f"8-{number}", phone=f"+97798410008{number:02}")
        application, _agency, _owner = make.submitted(session, name=name, native="", directors=[director])
        assert application.status is S.STOPPED, name


def test_the_original_is_not_stopped_for_those_who_copied_it(session):
    agency, _owner, owner = make.agency(session, "Makalu Recruitment", "")
    _other, old = make.licensed(session, "Annapurna Recruitment")
    agency.listed_at = session.scalar(select(func.now()))
    own = Licence(
        agency_id=agency.id, number="NP-0900/080", serial=900, licence_class="A", status=LicenceStatus.EXPIRED,
        issued_on=old.issued_on, valid_until=legal_today(session), token="t900",
    )  # fmt: skip
    session.add(own)
    session.flush()
    copy, newer = make.licensed(session, "New Makaalu Recruitment")
    newer.serial = 901
    session.flush()
    application = make.fill_in(session, owner, agency)
    services.submit(session, owner, application.id)
    assert application.status is S.SUBMITTED
    assert copy.id not in {m.other_agency_id for m in matches(session)}


def test_an_approver_compares_and_releases_and_the_pair_is_not_raised_again(client, session):
    listed, licence = make.licensed(session, "Makalu Recruitment Pvt. Ltd.")
    application, agency, owner = make.submitted(session, name="New Makaalu Recruitment", native="")
    account, approver = make.officer(session, make.StaffRole.LICENSING_APPROVER)
    make.draw_for(session, application, approver)
    client.sign_in(session, account)
    page = client.get(f"/licensing/applications/{application.id}").get_data(as_text=True)
    for words in (listed.name, licence.number, agency.name, "The name may stand: let it go on", "sound alike"):
        assert words in page, words
    assert "The same person" not in page
    decisions.release(session, approver, application.id, "Another district, another trade.")
    assert application.status is S.SUBMITTED
    assert [m.cleared_by for m in matches(session)] == [account.id]
    logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "release")).one()
    assert logged.evidence["namesakes"] == [str(listed.id)]
    services.withdraw(session, owner, application.id)
    again = services.start_application(session, owner, agency.id)
    services.choose_class(session, owner, again.id, services.ChooseClass("A"))
    for code in ("registration", "tax", "premises", "police"):
        services.attach_paper(session, owner, again.id, services.AttachPaper(code, make.photo()))
    services.submit(session, owner, again.id)
    assert again.status is S.SUBMITTED
    assert len(matches(session)) == 1


def test_who_may_not_release_changes_nothing(session):
    make.licensed(session, "Makalu Recruitment Pvt. Ltd.")
    application, _agency, owner = make.submitted(session, name="New Makaalu Recruitment", native="")
    far = make.approver(session, at=make.office(session, "P7", parent=make.office(session)))
    approver = make.approver(session)
    for actor, error in ((make.reviewer(session), Denied), (owner, Denied), (far, NotVisible)):
        with pytest.raises(error):
            decisions.release(session, actor, application.id, "Looks fine.")
    with pytest.raises(DomainError):
        decisions.release(session, approver, application.id, "")
    with pytest.raises(DomainError):
        decisions.take(session, make.reviewer(session), application.id)
    assert make.reload(session, application).status is S.STOPPED
    assert [m.cleared_by for m in matches(session)] == [None]
    decisions.refuse_stopped(session, approver, application.id, "Your name can be taken for another agency’s.")
    assert make.reload(session, application).status is S.REFUSED
    assert [m.cleared_by for m in matches(session)] == [None]


def test_an_agency_licensed_in_between_under_a_like_name_keeps_the_second_from_approval(session):
    maker, checker = make.reviewer(session), make.approver(session)
    application, _agency, _owner = make.recommended(session, maker, name="Makalu Recruitment", native="")
    make.licensed(session, "Makaalu Recruitment Pvt. Ltd.")
    with pytest.raises(DomainError, match="nearly this name"):
        decisions.approve(session, checker, application.id, make.approval(session))
    again = make.reload(session, application)
    assert (again.status, again.decided_by) == (S.DECISION, None)


def test_of_two_like_names_approved_at_the_same_moment_one_wins(committed):
    with committed() as session:
        maker, checker = make.reviewer(session), make.approver(session)
        names = ("Makalu Recruitment", "Makaalu Recruitment")
        made = []
        for number, name in enumerate(names):
            director = make.director(f"7-{number}", phone=f"+97798410007{number:02}")
            made.append(make.submitted(session, name=name, native="", directors=[director])[0])
        for application in made:
            decisions.take(session, maker, application.id)
            make.recommend(session, maker, application)
        ids = [a.id for a in made]
        session.commit()
    both, won, lost = threading.Barrier(2), [], []

    def work(application_id):
        with committed() as session:
            command = make.approval(session)
            both.wait()
            try:
                decisions.approve(session, checker, application_id, command)
                session.commit()
                won.append(application_id)
            except DomainError:
                session.rollback()
                lost.append(application_id)

    threads = [threading.Thread(target=work, args=(i,)) for i in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == len(lost) == 1
    with committed() as session:
        states = dict(session.execute(select(LicenceApplication.id, LicenceApplication.status)).all())
    assert (states[won[0]], states[lost[0]]) == (S.SECURITY_PENDING, S.DECISION)
