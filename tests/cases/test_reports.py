"""A report from its arrival to its end: who may do what, what a second officer is for, what licensing learns."""

import base64
import io
import json
import re
import threading
import uuid
from datetime import UTC, time, timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from cases import jobs
from cases.queues import QUEUES
from cases.reports import officers, queries, services
from cases.reports.arrivals import check_arrivals
from cases.reports.models import LicensingReferral, Report, ReportMessage, ReportPhoto
from cases.reports.services import Send
from cases.reports.status import REFERRAL, REPORT, Category, Indicator, ReferralStatus, ReportStatus, Share, Speaker
from cases.reports.words import LENGTH, LISTS, WORDS, codename_index, codename_of, fold, read_codename, whole
from core import audit
from core.accounts import Absence, actor_for, post_staff
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import in_locale
from core.permissions import ROLE_PERMISSIONS, Permission, StaffRole, apart
from core.privacy import PersonKey
from core.queues import fetch
from law.country import deployment
from tests.agencies import factories as make
from tests.cases import factories as tell

S = ReportStatus
UNLICENSED = officers.Sort(Category.UNLICENSED)
ARROWS = {
    ("received", "take", "triage"),
    ("triage", "accept", "accepted"),
    ("triage", "redirect", "redirected"),
    ("accepted", "redirect", "redirected"),
    ("accepted", "answer", "answered"),
    ("redirected", "answer", "answered"),
    ("answered", "close", "closed"),
    ("triage", "propose_closing", "closing"),
    ("closing", "confirm_closing", "closed"),
    ("closing", "keep", "triage"),
    ("answered", "reopen", "triage"),
    ("closed", "reopen", "triage"),
}
ACTS = {
    "take": officers.take,
    "accept": lambda s, a, i: officers.accept(s, a, i, UNLICENSED),
    "redirect": officers.redirect,
    "answer": lambda s, a, i: officers.answer(s, a, i, "Thank you."),
    "close": officers.close,
    "propose_closing": lambda s, a, i: officers.propose_closing(s, a, i, "Not for us."),
    "confirm_closing": officers.confirm_closing,
    "keep": officers.keep,
    "reopen": officers.reopen,
}


def test_the_arrows_are_these_and_no_others():
    assert REPORT.pairs() == ARROWS
    assert REFERRAL.pairs() == {
        ("sent", "take", "in_hand"),
        ("in_hand", "finish", "done"),
        ("sent", "decline", "declined"),
        ("in_hand", "decline", "declined"),
    }


def test_each_act_moves_along_its_arrow_alone(session):
    """Every act tried in every state, by an officer who did none of the acts before."""
    officer, other = tell.case_officer(session), tell.case_officer(session)
    report, _codename = tell.sent(session)
    for state in S:
        for action, act in ACTS.items():
            target = next((t for s, a, t in ARROWS if (s, a) == (state.value, action)), None)
            with session.begin_nested() as attempt:
                session.execute(
                    text("UPDATE report SET status = :s, closing_by = :b, closing_answer_sealed = NULL WHERE id = :i"),
                    {"s": state.value, "b": officer.account_id if state is S.CLOSING else None, "i": report.id},
                )
                session.refresh(report)
                if target is None:
                    with pytest.raises(TooLate):
                        act(session, other, report.id)
                else:
                    act(session, other, report.id)
                    assert report.status.value == target, (state, action)
                    done = session.scalars(
                        select(AuditEvent).where(AuditEvent.subject_id == report.id, AuditEvent.action == action)
                    ).one()
                    assert (done.from_status, done.to_status) == (state.value, target)
                attempt.rollback()


@pytest.mark.parametrize("role", [r for r in StaffRole if r is not StaffRole.CASE_OFFICER], ids=lambda r: r.value)
def test_no_other_role_reads_a_report(session, role):
    report, _codename = tell.sent(session)
    stranger = make.officer(session, role, at=tell.ministry(session))[1]
    with pytest.raises(NotVisible):
        queries.file(session, stranger, report.id)
    for act in ACTS.values():
        with pytest.raises(NotVisible):
            act(session, stranger, report.id)
    assert session.get_one(Report, report.id, populate_existing=True).status is S.RECEIVED
    assert session.execute(queries.waiting(stranger)).all() == []


def test_an_officer_of_another_office_finds_nothing(session):
    report, _codename = tell.sent(session)
    province = make.office(session, "P9", parent=tell.ministry(session))
    with pytest.raises(NotVisible):
        queries.file(session, tell.case_officer(session, at=province), report.id)
    assert queries.file(session, tell.case_officer(session), report.id).words == tell.WORDS


LICENSING_ROLES = ("licensing_officer", "licensing_approver", "finance_officer")


def test_reading_reports_and_licensing_do_not_go_together(session):
    assert {r.value for r in StaffRole if apart(StaffRole.CASE_OFFICER, r)} == set(LICENSING_ROLES)
    for first, second in [
        *((StaffRole.CASE_OFFICER, StaffRole(r)) for r in LICENSING_ROLES),
        *((StaffRole(r), StaffRole.CASE_OFFICER) for r in LICENSING_ROLES),
    ]:
        account, _actor = make.officer(session, first)
        with pytest.raises(DomainError, match="Nobody reads reports and licenses"):
            post_staff(session, account, second, tell.ministry(session))
        assert {r.role for r in actor_for(session, account).roles} == {first}


def test_an_absence_brings_nobody_both(session):
    place = tell.ministry(session)
    reads, licenses = (
        make.officer(session, StaffRole.CASE_OFFICER, at=place),
        make.officer(session, StaffRole.LICENSING_OFFICER, at=place),
    )
    today = legal_today(session)
    for away, to in ((reads, licenses), (licenses, reads)):
        with session.begin_nested() as attempt:
            session.add(Absence(account_id=away[0].id, first_day=today, last_day=today, handed_to=to[0].id))
            session.flush()
            assert [r.role for r in actor_for(session, to[0]).roles] == [r.role for r in to[1].roles]
            attempt.rollback()


def test_two_roles_given_at_once_do_not_slip_past_each_other(committed):
    with committed() as session:
        account = make.account(session)
        tell.ministry(session)
        session.commit()
        account_id = account.id
    start, refused = threading.Barrier(2), []

    def give(role):
        with committed() as session:
            found = session.get_one(type(account), account_id)
            start.wait()
            try:
                post_staff(session, found, role, tell.ministry(session))
                session.commit()
            except DomainError:
                refused.append(role)

    threads = [threading.Thread(target=give, args=(r,)) for r in (StaffRole.CASE_OFFICER, StaffRole.FINANCE_OFFICER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        held = actor_for(session, session.get_one(type(account), account_id)).roles
    assert len(refused) == 1
    assert len(held) == 1


def test_not_for_us_needs_a_second_officer_and_the_answer_waits_for_that(session):
    report, codename = tell.sent(session)
    first, second = tell.case_officer(session), tell.case_officer(session)
    officers.take(session, first, report.id)
    officers.propose_closing(session, first, report.id, "Your ward office can help.")
    assert len(services.thread(session, codename).messages) == 1
    for act in (officers.confirm_closing, officers.keep):
        with pytest.raises(Denied, match="Another officer"):
            act(session, first, report.id)
    assert report.status is S.CLOSING
    officers.confirm_closing(session, second, report.id)
    thread = services.thread(session, codename)
    assert (thread.status, [m.text for m in thread.messages][1:]) == (S.CLOSED, ["Your ward office can help."])
    assert (report.closing_by, report.closed_by) == (first.account_id, second.account_id)


def test_a_second_officer_who_disagrees_sends_nothing(session):
    report, codename = tell.sent(session)
    officers.take(session, tell.case_officer(session), report.id)
    officers.propose_closing(session, tell.case_officer(session), report.id, "Not for us.")
    officers.keep(session, tell.case_officer(session), report.id)
    assert report.status is S.TRIAGE
    assert report.closing_answer is None
    assert len(services.thread(session, codename).messages) == 1


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (Share.FACTS, {"name", "phone", "place", "asked", "destination"}),
        (Share.WORDS, {"name", "phone", "place", "asked", "destination", "words"}),
    ],
)
def test_licensing_learns_what_the_reporter_agreed_to(session, share, told):
    report, _codename = tell.sent(session, share=share, name="Dreams", phone="9851011111", when="on 3 May at noon")
    officer = tell.case_officer(session)
    make.office(session)
    officers.take(session, officer, report.id)
    note = officers.redirect(session, officer, report.id)
    assert set(json.loads(note.content)) == told
    assert note.person_key_id != report.person_key_id
    assert "3 May" not in note.content
    columns = {c.name for c in LicensingReferral.__table__.columns}
    assert columns & {"report_id", "received_on", "codename_index"} == set()
    # What licensing's log says of the note does not name the report, nor the other way round.
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_id.in_([report.id, note.id]))).all()
    assert not any(str(note.id) in json.dumps(r.evidence) for r in rows if r.subject_id == report.id)
    licensing = make.reviewer(session)
    officers.handle_referral(session, licensing, note.id, "take", "")
    with pytest.raises(DomainError, match="reason"):
        officers.handle_referral(session, licensing, note.id, "finish", " ")
    officers.handle_referral(session, licensing, note.id, "finish", "Visited; police told.")
    assert note.status is ReferralStatus.DONE
    with pytest.raises(NotVisible):
        officers.handle_referral(session, officer, note.id, "decline", "x")


def test_what_the_reporter_keeps_is_kept(session):
    report, _codename = tell.sent(session, share=Share.NOTHING)
    officer = tell.case_officer(session)
    officers.take(session, officer, report.id)
    with pytest.raises(Denied, match="wants nothing"):
        officers.redirect(session, officer, report.id)
    assert report.status is S.TRIAGE
    assert session.scalar(select(func.count()).select_from(LicensingReferral)) == 0


def test_sorting_asks_for_signs_and_for_the_number(session):
    report, _codename = tell.sent(session)
    officer = tell.case_officer(session)
    officers.take(session, officer, report.id)
    with pytest.raises(DomainError, match="signs"):
        officers.accept(session, officer, report.id, officers.Sort(Category.FORCED_LABOUR))
    with pytest.raises(DomainError, match="licence number"):
        officers.accept(session, officer, report.id, officers.Sort(Category.LICENSED))
    with pytest.raises(DomainError, match="No agency"):
        officers.accept(session, officer, report.id, officers.Sort(Category.LICENSED, (), "NP-1"))
    assert (report.status, report.category) == (S.TRIAGE, None)
    agency, licence = make.licensed(session)
    signs = (Indicator.DEBT, Indicator.DOCUMENTS)
    officers.accept(session, officer, report.id, officers.Sort(Category.FORCED_LABOUR, signs, licence.number.lower()))
    assert (report.agency_id, report.indicators) == (agency.id, ["debt", "documents"])


def test_one_of_the_agencys_people_does_not_touch_a_report_about_it(session):
    report, _codename = tell.sent(session)
    agency, owner, _actor = make.agency(session)
    post_staff(session, owner, StaffRole.CASE_OFFICER, tell.ministry(session))
    tied = actor_for(session, owner)
    report.agency_id = agency.id
    session.flush()
    with pytest.raises(Denied, match="Another officer"):
        officers.take(session, tied, report.id)
    assert report.status is S.RECEIVED


def test_what_is_added_comes_back_to_the_officers(session):
    report, codename = tell.sent(session)
    officer = tell.case_officer(session)
    officers.take(session, officer, report.id)
    officers.accept(session, officer, report.id, UNLICENSED)
    officers.answer(session, officer, report.id, "Where was it?")
    services.add(session, codename, "At the bus park.")
    services.add(session, codename, "At the bus park.")
    assert report.unread_since == legal_today(session)
    with pytest.raises(DomainError, match="added something"):
        officers.close(session, officer, report.id)
    assert report.status is S.ANSWERED
    officers.message(session, officer, report.id, "Between us: known place.", note=True)
    officers.seen(session, officer, report.id)
    officers.close(session, officer, report.id)
    texts = [(m.mine, m.text) for m in services.thread(session, codename).messages]
    assert texts == [(True, tell.WORDS), (False, "Where was it?"), (True, "At the bus park.")]
    with pytest.raises(NotVisible):
        services.add(session, codename_of(b"somebody else's!"), "Hello?")


def test_reports_about_the_same_people_are_shown_together(session):
    report, _ = tell.sent(session, name="Sagarmatha Dreams", phone="९८५१०१११११")
    same_phone, _ = tell.sent(session, "Another story.", phone="+977 985-1011111")
    same_name, _ = tell.sent(session, "A third story.", name="सगरमाथा ड्रिम्स")
    same_words, _ = tell.sent(session, f"  {tell.WORDS.upper()}")
    tell.sent(session, "Nothing to do with it.", name="Gulf Star Placement", phone="9801022222")
    found = {r.id: r for r in queries.file(session, tell.case_officer(session), report.id).similar}
    assert set(found) == {same_phone.id, same_name.id, same_words.id}
    assert found[same_phone.id].same_phone
    assert found[same_words.id].same_words


def test_a_flood_of_one_text_fills_one_line(session):
    officer = tell.case_officer(session)
    first, _ = tell.sent(session, "Everybody send this! No. 7")
    others = [tell.sent(session, "everybody send THIS — no 7") for _ in range(4)]
    assert [r.id for r in session.execute(queries.waiting(officer))] == [first.id]
    assert {r.folded_into_id for r, _ in others} == {first.id}
    # Whoever of them has more to say comes out of the fold.
    services.add(session, others[0][1], "I was there myself.")
    assert {r.id for r in session.execute(queries.waiting(officer))} == {first.id, others[0][0].id}


def test_the_regulator_sees_counts_that_point_at_nobody(session):
    k = deployment().standard("report_k")
    officer = tell.case_officer(session)
    many, licence = make.licensed(session, "Many Complaints Pvt. Ltd.")
    few, other = make.licensed(session, "Few Complaints Pvt. Ltd.")
    last_month = legal_today(session).replace(day=1) - timedelta(3)

    def against(number, how_many, *, start=0, on=last_month):
        for n in range(start, start + how_many):
            report, _ = tell.sent(session, f"Story {number} {n}")
            officers.take(session, officer, report.id)
            officers.accept(session, officer, report.id, officers.Sort(Category.LICENSED, (), number))
            report.received_on = on
        session.flush()

    against(licence.number, k + 2)
    against(other.number, k - 1)
    shown = [(r.agency_id, r.at_least) for r in queries.counts(session).rows]
    assert shown == [(many.id, k)]
    # The same words over and over, and what came this month, change nothing.
    for _ in range(k):
        report, _ = tell.sent(session, f"Story {other.number} 0")
        officers.take(session, officer, report.id)
        officers.accept(session, officer, report.id, officers.Sort(Category.LICENSED, (), other.number))
        report.received_on = last_month
    against(other.number, 3, start=50, on=legal_today(session))
    assert [(r.agency_id, r.at_least) for r in queries.counts(session).rows] == shown
    against(other.number, 1, start=90)
    assert {(r.agency_id, r.at_least) for r in queries.counts(session).rows} == {(many.id, k), (few.id, k)}


def picture_with_a_secret():
    image = Image.new("RGB", (80, 60), (10, 90, 30))
    exif = image.getexif()
    exif[0x010E], exif[0x0110] = "EXIF-SECRET", "Telephone-Model-X"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"COMMENT-SECRET")
    assert b"EXIF-SECRET" in out.getvalue()
    return out.getvalue()


def test_photos_are_drawn_anew_and_sealed_in_the_row(session, settings):
    before = set(settings.storage.rglob("*"))
    report, _codename = tell.sent(session, photos=(picture_with_a_secret(),) * 5)
    photos = session.scalars(select(ReportPhoto).where(ReportPhoto.report_id == report.id)).all()
    assert len(photos) == deployment().standard("report_photos")
    kept = base64.b64decode(photos[0].content)
    for secret in (b"SECRET", b"Telephone-Model", b"Exif"):
        assert secret not in kept
    assert Image.open(io.BytesIO(kept)).size == (80, 60)
    assert set(settings.storage.rglob("*")) == before
    with pytest.raises(DomainError, match="photos alone"):
        tell.sent(session, "With a PDF.", photos=(b"%PDF-1.4 ... %%EOF",))


def test_nothing_of_a_report_carries_an_instant(session):
    before = session.scalar(select(func.count()).select_from(AuditEvent))
    report, codename = tell.sent(session, photos=(picture_with_a_secret(),))
    services.add(session, codename, "More.")
    message = session.scalars(select(ReportMessage).where(ReportMessage.report_id == report.id)).one()
    photo = session.scalars(select(ReportPhoto).where(ReportPhoto.report_id == report.id)).one()
    key = session.get_one(PersonKey, report.person_key_id)
    assert {uuid.UUID(str(i)).version for i in (report.id, message.id, photo.id, key.id)} == {4}
    session.refresh(key)
    assert key.created_at.astimezone(UTC).time() == time()
    for model in (Report, ReportMessage, ReportPhoto):
        assert [
            c.name
            for c in model.__table__.columns
            if "DATETIME" in str(c.type).upper() or "TIME" in str(c.type).upper()
        ] == []
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == before
    assert (report.words, json.loads(report.facts)["name"]) == (tell.WORDS, "")
    raw = session.execute(text("SELECT words_sealed, facts_sealed FROM report")).one()
    assert tell.WORDS.encode() not in raw[0] + raw[1]


def test_the_night_writes_the_count_and_notices_what_is_gone(session):
    today = legal_today(session)
    for days in (3, 3, 1, 0):
        report, _ = tell.sent(session, f"{days} {uuid.uuid4()}")
        report.received_on = today - timedelta(days)
    session.flush()
    assert (jobs.count_arrivals(session), jobs.count_arrivals(session)) == (3, 0)
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "report_day")).all()
    assert {r.evidence["day"]: r.evidence["reports"] for r in rows} == {
        (today - timedelta(d)).isoformat(): n for d, n in ((3, 2), (2, 0), (1, 1))
    }
    assert check_arrivals(session) == []
    report = session.scalars(select(Report).where(Report.received_on == today - timedelta(1))).one()
    report.received_on = today - timedelta(2)
    session.flush()
    assert [(d.day, d.counted, d.found) for d in check_arrivals(session)] == [
        (today - timedelta(2), 0, 1),
        (today - timedelta(1), 1, 0),
    ]


def test_the_applications_role_can_neither_delete_a_report_nor_change_what_was_said(committed):
    with committed() as session:
        tell.sent(session)
        session.commit()
        for statement in (
            "DELETE FROM report",
            "UPDATE report_message SET written_on = now()",
            "DELETE FROM report_photo",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"):
                session.execute(text(statement))
            session.rollback()


def test_the_same_draft_sent_twice_at_once_is_one_report(committed):
    with committed() as session:
        tell.ministry(session)
        session.commit()
    start, names = threading.Barrier(4), []

    def press():
        with committed() as session:
            start.wait()
            names.append(services.send(session, b"sixteen bytes!!!", Send(tell.WORDS, False, Share.FACTS)))
            session.commit()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 1
    assert len(names) == 4
    assert len(set(names)) == 1


def test_codenames_are_long_enough_and_read_with_slips():
    assert len(WORDS) ** LENGTH >= 2**60
    assert len({w[:4] for w in WORDS}) == len(WORDS) == 512
    assert all(w.isascii() and w.islower() and 3 <= len(w) <= 9 for w in WORDS)
    # No word's telling letters are the start of another word: "card" is not read for "cardamom".
    assert [(a, b) for a in WORDS for b in WORDS if a != b and b[:4] == a[:4]] == []
    codename = codename_of(b"sixteen bytes!!!")
    words = codename.split()
    assert len(words) == LENGTH
    typed = " - ".join(w[:4].upper() + "xx" if len(w) > 4 else w for w in words)
    assert read_codename(typed) == codename
    assert read_codename(" ".join(reversed(words))) != codename


@pytest.mark.parametrize(("language", "script"), [("en", "a-z"), ("ne", "\u0900-\u097f"), ("ur", "\u0621-\u06d5")])
def test_each_language_has_words_of_its_own_script_that_nothing_confuses(language, script):
    own = LISTS[language]
    assert len(own) == len({fold(w) for w in own}) == len({whole(w) for w in own}) == 512
    assert all(re.fullmatch(f"[{script}]{{2,9}}", word) for word in own)


@pytest.mark.parametrize("language", ["en", "ne", "ur"])
def test_a_codename_opens_in_any_language_and_however_it_is_typed(language):
    secret = b"sixteen bytes!!!"
    words = codename_of(secret, language).split()
    meant = codename_of(secret)
    assert len(words) == LENGTH
    numbered = {"en": "1234567", "ne": "१२३४५६७", "ur": "۱۲۳۴۵۶۷"}[language]
    for typed in (
        " ".join(words),
        "\n".join(words),
        "  ,  ".join(words),
        "".join(words),
        f"{words[0][:2]} {words[0][2:]} {' '.join(words[1:])}",
        " ".join(f"{n}. {w}" for n, w in zip(numbered, words, strict=True)),
        " ".join("\u200d".join(w) for w in words),
        " ".join(f"\u200f{w}\u200c" for w in words),
        # Half of them in the words of another language.
        " ".join([*words[:3], *codename_of(secret, "ur").split()[3:5], *codename_of(secret, "ne").split()[5:]]),
    ):
        assert read_codename(typed) == meant, typed
        assert codename_index(typed) == codename_index(meant)
    for wrong in (words[:6], [*words, words[0]], list(reversed(words)), [*words[:6], "zzzz"]):
        assert read_codename(" ".join(wrong)) != meant, wrong


@pytest.mark.parametrize(
    ("right", "typed"),
    [
        ("अदुवा", "अदूवा"), ("किताब", "कीताव"), ("अंगुर", "अगुर"), ("गुफा", "गूफा"), ("सिपाही", "सिपाहि"),
        ("شطرنج", "شترنج"), ("صندوق", "صندوك"), ("پیالہ", "پیاله"), ("آڑو", "اڑو"), ("حساب", "ہساب"),
    ],
)  # fmt: skip
def test_a_word_is_read_as_people_spell_it(right, typed):
    language = "ne" if right in LISTS["ne"] else "ur"
    place = LISTS[language].index(right)
    rest = [LISTS[language][n] for n in range(6)]
    assert read_codename(" ".join([typed, *rest])).split()[0] == WORDS[place]


def test_the_same_draft_in_another_language_is_the_same_report(session):
    tell.ministry(session)
    with in_locale("ne"):
        first = services.send(session, b"sixteen bytes!!!", Send(tell.WORDS, False, Share.FACTS))
    with in_locale("ur"):
        again = services.send(session, b"sixteen bytes!!!", Send(tell.WORDS, False, Share.FACTS))
    assert first != again
    assert services.thread(session, first).messages == services.thread(session, again).messages
    assert session.scalar(select(func.count()).select_from(Report)) == 1


@pytest.mark.parametrize("locale", ["ne", "ur"])
def test_the_page_gives_the_codename_in_the_language_of_the_report(session, client, locale):
    tell.ministry(session)
    client.get(f"/language/{locale}")
    codename = tell.codename_in(tell.send(client, tell.fill_in(client)).text)
    assert set(codename.split()) <= set(LISTS[locale])
    client.get("/language/en")
    assert tell.WORDS in client.post("/report/follow-up", data={"codename": codename}).text


def test_queues_tell_days_and_kinds_and_no_word(session, app):
    officer = tell.case_officer(session)
    old, _ = tell.sent(session, name="Secret Name")
    old.received_on -= timedelta(4)
    danger, _ = tell.sent(session, "Locked in.", in_danger=True)
    session.flush()
    with app.test_request_context():
        pages = {q.name: fetch(session, q, officer, limit=10) for q in QUEUES if q.permission is Permission.REPORT_READ}
    assert [r.reference for r in pages["report.danger"].rows] == [danger.reference]
    (row,) = pages["report.new"].rows
    assert (row.reference, row.note, row.received_at) == (old.reference, "waits 4 days", None)
    assert "Secret" not in str(pages)
    assert Permission.REPORT_READ not in ROLE_PERMISSIONS[StaffRole.STAFF_ADMIN]


def test_speakers_and_authors_go_together(session):
    report, _codename = tell.sent(session)
    message = ReportMessage(
        person_key_id=report.person_key_id, report_id=report.id, position=1, written_on=report.received_on,
        speaker=Speaker.ANSWER, author_id=None, text="No name.",
    )  # fmt: skip
    session.add(message)
    with pytest.raises(IntegrityError, match="officers_are_named"):
        session.flush()


def test_every_act_is_in_the_log_and_the_log_holds(session):
    report, _codename = tell.sent(session)
    officer = tell.case_officer(session)
    officers.take(session, officer, report.id)
    officers.accept(session, officer, report.id, UNLICENSED)
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == report.id)).all()
    assert {(r.action, r.actor_account_id) for r in rows} == {
        ("take", officer.account_id),
        ("accept", officer.account_id),
    }
    assert audit.verify(session).intact
