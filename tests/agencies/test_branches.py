"""Branches and representatives: the country's switch, one principal, two officers, a card that tells whose it is."""

import json
import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from agencies.branches import cards, listed, moves, queries, rules, services, status_list
from agencies.branches.models import Presence, PresenceCard
from agencies.branches.rules import card_until, rule
from agencies.branches.status import PRESENCE, MoveKind, PresenceKind, PresenceStatus
from agencies.insider import duties
from agencies.licensing.status import LicenceStatus
from agencies.registration.status import IdentifierKind
from agencies.sanctions.case_status import CaseSubject, OrderKind
from core import signing
from core.accounts import UserAccount, actor_for, add_membership
from core.actor import SYSTEM
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.files import StoredFile
from core.permissions import StaffRole, SubjectKind
from core.settings import ROOT, current
from core.verification import Answer, verify
from law.engine import law_of
from tests.agencies import factories as make
from tests.agencies import proceedings
from tools import verify_offline

K, S = PresenceKind, PresenceStatus
REPRESENTATIVE, BRANCH = K.REPRESENTATIVE, K.BRANCH
ARROWS = {
    ("proposed", "verify", "verified"),
    ("proposed", "refuse", "removed"),
    ("verified", "send_back", "proposed"),
    ("verified", "activate", "active"),
    ("active", "suspend", "suspended"),
    ("active", "stop", "suspended"),
    ("suspended", "stop", "suspended"),
    ("suspended", "lapse", "active"),
    ("active", "hold", "suspended"),
    ("suspended", "hold", "suspended"),
    ("suspended", "restore", "active"),
    ("active", "remove", "removed"),
    ("suspended", "remove", "removed"),
    ("proposed", "withdraw", "removed"),
    ("verified", "withdraw", "removed"),
    ("active", "withdraw", "removed"),
    ("suspended", "withdraw", "removed"),
}


@pytest.fixture(autouse=True)
def fresh_list():
    status_list.forget()


def licensed(session, name="Annapurna Manpower Pvt. Ltd.", **kw):
    """A licensed agency with an owner."""
    agency, licence = make.licensed(session, name, **kw)
    account = make.account(session)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    return agency, licence, actor_for(session, account)


def command(kind=REPRESENTATIVE, country="QA", number="27-01-70-09999", **kw):
    values = {
        "kind": kind, "country": country, "place": "Old Airport Road", "name": "Deepa Nair",
        "identifier_kind": IdentifierKind.CITIZENSHIP, "identifier": number, "birth_date": date(1985, 5, 23),
        "phone": "+9779841000009",
    }  # fmt: skip
    return services.Propose(**{**values, **kw})


def active(session, owner, agency, **kw):
    """An active presence and its card."""
    made = services.propose(session, owner, agency.id, command(**kw))
    services.verify(session, make.reviewer(session), made.id, "Seen.", "NB-1")
    services.activate(session, make.approver(session), made.id, "In order.")
    return made, queries.open_card(session, made.id)


def by_two(session, made, kind, *, proposer=None):
    """Proposed by one officer and done by another one, for whom it is drawn."""
    move = moves.propose(session, proposer or make.reviewer(session), made.id, kind, "It has to be.")
    return moves.decide(session, make.approver(session), move.id, "accept", "So it is.")


def lapsed(session, made):
    made.suspended_by = made.suspended_until = None
    PRESENCE.apply(session, made, "lapse", actor=SYSTEM, reason="last day passed")


def test_the_arrows_are_these_and_each_act_keeps_to_them(session):
    assert PRESENCE.pairs() == ARROWS
    agency, _licence, owner = licensed(session)
    made = services.propose(session, owner, agency.id, command())
    maker = make.reviewer(session)
    acts = {
        "verify": lambda: services.verify(session, make.reviewer(session), made.id, "Seen.", "NB-1"),
        "withdraw": lambda: services.withdraw(session, owner, made.id),
        "stop": lambda: PRESENCE.apply(session, made, "stop", actor=SYSTEM, reason="the person was blacklisted"),
        "suspend": lambda: moves.suspend(session, make.approver(session), made.id, "Because."),
        "lapse": lambda: lapsed(session, made),
        **{kind.value: lambda kind=kind: by_two(session, made, kind) for kind in MoveKind},
        **{
            name: lambda act=act, name=name: act(
                session, make.reviewer(session) if name == "refuse" else make.approver(session), made.id, "Because."
            )
            for name, act in services.ACTIONS.items()
        },
    }
    for state in S:
        for action, act in acts.items():
            target = next((t for s, a, t in ARROWS if (s, a) == (state.value, action)), None)
            with session.begin_nested() as attempt:
                session.execute(
                    text(
                        "UPDATE agency_presence SET verified_by = :m, activated_by = :a, status = :s,"
                        " suspended_by = :by, suspended_until = :day WHERE id = :i"
                    ),
                    {
                        "s": state.value, "i": made.id, "m": maker.account_id,
                        "by": maker.account_id if state is S.SUSPENDED else None,
                        "day": date(2030, 1, 1) if state is S.SUSPENDED else None,
                        "a": owner.account_id if state in (S.ACTIVE, S.SUSPENDED) else None,
                    },
                )  # fmt: skip
                session.refresh(made)
                if target is None:
                    with pytest.raises(TooLate):
                        act()
                else:
                    act()
                    assert made.status.value == target, (state, action)
                attempt.rollback()


COUNTRIES = {
    # country: (representative at home forbidden, doubtful)
    "np": (True, True),
    "pk": (True, True),
    "bd": (False, True),
    "lk": (False, True),
    "in": (False, True),
}


@pytest.mark.parametrize("code", COUNTRIES)
def test_each_countrys_law_is_the_switch(app, monkeypatch, code):
    monkeypatch.setattr(rules, "applies", law_of(code).applies)
    found = rule(REPRESENTATIVE, "", date(2026, 11, 1))
    assert (found.forbidden, found.doubtful) == COUNTRIES[code]
    if found.forbidden:
        assert found.evidence["status"] == "V"
        assert found.row.instrument


def test_where_the_law_forbids_them_nobody_is_named_and_the_page_shows_how_to_report(session, client):
    agency, _licence, owner = licensed(session)
    with pytest.raises(DomainError, match="forbids representatives"):
        services.propose(session, owner, agency.id, command(country=""))
    assert session.scalars(select(Presence)).all() == []
    client.sign_in(session, _account(session, owner))
    for address in (f"/agencies/{agency.id}/branches", f"/agencies/{agency.id}/branches/new/representative"):
        page = client.get(address).text
        assert "Representatives in this country are forbidden" in page
        assert 'href="/report"' in page
    assert "forbidden" not in client.get(f"/agencies/{agency.id}/branches/new/branch").text


def _account(session, actor):
    return session.get_one(UserAccount, actor.account_id)


def test_a_deposit_that_the_law_asks_for_is_seen_and_kept_with_the_rows(session):
    agency, _licence, owner = licensed(session)
    made = services.propose(session, owner, agency.id, command())
    with pytest.raises(DomainError, match="deposit"):
        services.verify(session, make.reviewer(session), made.id, "Seen.", " ")
    assert made.status is S.PROPOSED
    services.verify(session, make.reviewer(session), made.id, "Seen.", "NB-77")
    row = law_of("np").applies("representative.abroad", on=legal_today(session)).row
    assert (made.deposit_minor, made.deposit_currency) == (row.value["deposit"] * 100, "NPR")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "verify")).one()
    assert event.evidence["law"]["row"] == row.id


def test_maker_is_never_checker(session):
    agency, _licence, owner = licensed(session)
    made = services.propose(session, owner, agency.id, command())
    both, _actor = make.officer(session, make.StaffRole.LICENSING_OFFICER)
    make.post_staff(session, both, make.StaffRole.LICENSING_APPROVER, make.office(session))
    one = actor_for(session, both)
    services.verify(session, one, made.id, "Seen.", "NB-1")
    with pytest.raises(Denied, match="You verified this"):
        services.activate(session, one, made.id, "Mine.")
    assert (made.status, queries.open_card(session, made.id)) == (S.VERIFIED, None)
    with pytest.raises(NotVisible):
        services.withdraw(session, licensed(session, "Other Pvt. Ltd.")[2], made.id)


def test_one_principal_only(session):
    agency, _licence, owner = licensed(session)
    other, _licence, rival = licensed(session, "Rival Overseas Pvt. Ltd.")
    made, _card = active(session, owner, agency)
    with pytest.raises(DomainError, match="represents an agency already") as refused:
        services.propose(session, rival, other.id, command(number="२७-०१-७०-०९९९९"))
    assert agency.name not in str(refused.value)
    services.withdraw(session, owner, made.id)
    assert services.propose(session, rival, other.id, command()).status is S.PROPOSED


def test_two_agencies_that_name_one_person_at_once(committed):
    with committed() as session:
        pairs = [(a.id, o) for a, _l, o in (licensed(session, f"Agency {n} Pvt. Ltd.") for n in range(4))]
        session.commit()
    start, refused = threading.Barrier(4), []

    def name(agency_id, owner):
        with committed() as session:
            start.wait()
            try:
                services.propose(session, owner, agency_id, command())
                session.commit()
            except DomainError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=name, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        assert len(session.scalars(select(Presence)).all()) == 1
    assert len(refused) == 3
    assert all("already" in r for r in refused)


def test_who_is_on_the_blacklist_is_not_verified(session):
    bad, _owner, actor = make.agency(session, "Bad Agency Pvt. Ltd.")
    make.registration.add_director(session, actor, bad.id, make.director("27-01-70-09999", name="Deepa Nair"))
    proceedings.ordered(session, OrderKind.BLACKLIST, **proceedings.against(bad))
    agency, _licence, owner = licensed(session)
    made = services.propose(session, owner, agency.id, command())
    with pytest.raises(DomainError, match="blacklist"):
        services.verify(session, make.reviewer(session), made.id, "Seen.", "NB-1")
    assert made.status is S.PROPOSED


def fresh_status(session, made):
    session.expire(made)
    return made.status


BARRED = {
    "kind": CaseSubject.DIRECTOR, "name": "Deepa Nair", "identifier": "27-01-70-09999",
    "identifier_kind": IdentifierKind.CITIZENSHIP, "birth_date": date(1985, 5, 23),
}  # fmt: skip


def test_a_person_barred_by_a_proceeding_of_their_own_is_refused_at_each_step(session):
    agency, _licence, owner = licensed(session)
    made = services.propose(session, owner, agency.id, command())
    maker, checker = make.reviewer(session), make.approver(session)
    services.verify(session, maker, made.id, "Seen.", "NB-1")
    proceedings.ordered(session, OrderKind.BLACKLIST, **BARRED)
    with pytest.raises(DomainError, match="blacklist"):
        services.activate(session, checker, made.id, "In order.")
    services.send_back(session, checker, made.id, "Look again.")
    with pytest.raises(DomainError, match="blacklist"):
        services.verify(session, maker, made.id, "Seen.", "NB-1")
    assert listed.matches(session, made) == [listed.ListedMatch(True, 100)]


def test_a_name_that_sounds_like_a_listed_persons_is_shown_and_weighed_by_the_officer(client, session):
    proceedings.ordered(session, OrderKind.BLACKLIST, **BARRED | {"identifier": "1-1"})
    agency, _licence, owner = licensed(session)
    made = services.propose(session, owner, agency.id, command(name="Dipa Nair"))
    (match,) = listed.matches(session, made)
    assert not match.same
    officer, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    client.sign_in(session, officer)
    assert "Perhaps a person on the blacklist" in client.get(f"/licensing/branches/{made.id}").get_data(as_text=True)
    services.verify(session, make.reviewer(session), made.id, "Another person: the papers differ.", "NB-1")
    other = services.propose(session, owner, agency.id, command(BRANCH, "", "5-5", birth_date=date(1990, 1, 1)))
    assert listed.matches(session, other) == []


@pytest.mark.parametrize("how", ["person", "agency"])
def test_on_the_day_of_a_listing_who_works_already_is_stopped_and_stays_so(session, how):
    agency, _licence, owner = licensed(session)
    made, card = active(session, owner, agency)
    branch, _card = active(session, owner, agency, kind=BRANCH, country="", number="5-5")
    if how == "person":
        proceedings.ordered(session, OrderKind.BLACKLIST, **BARRED)
    else:
        bad, _owner, actor = make.agency(session, "Bad Agency Pvt. Ltd.")
        make.registration.add_director(session, actor, bad.id, make.director("27-01-70-09999", name="Deepa Nair"))
        proceedings.ordered(session, OrderKind.BLACKLIST, **proceedings.against(bad))
    assert [fresh_status(session, p) for p in (made, branch)] == [S.SUSPENDED, S.ACTIVE]
    assert verify(session, card.token).answer is not Answer.VALID
    with pytest.raises(DomainError, match="blacklist"):
        by_two(session, made, MoveKind.RESTORE)
    assert listed.stop_listed(session) == 0


def test_the_nightly_job_finds_who_came_onto_the_list_another_way(session):
    agency, _licence, owner = licensed(session)
    made, _card = active(session, owner, agency)
    proceedings.ordered(session, OrderKind.BLACKLIST, **BARRED)
    session.execute(text("UPDATE agency_presence SET status = 'active' WHERE id = :id"), {"id": made.id})
    session.expire_all()
    assert listed.stop_listed(session) == 1
    assert fresh_status(session, made) is S.SUSPENDED


def test_an_agency_without_a_licence_in_force_names_nobody(session):
    agency, licence, owner = licensed(session)
    made = services.propose(session, owner, agency.id, command())
    services.verify(session, make.reviewer(session), made.id, "Seen.", "NB-1")
    licence.status = LicenceStatus.SUSPENDED
    session.flush()
    with pytest.raises(DomainError, match="suspended"):
        services.activate(session, make.approver(session), made.id, "In order.")
    with pytest.raises(DomainError, match="suspended"):
        services.propose(session, owner, agency.id, command(BRANCH, "", "1-2-3-4"))


def test_the_card_says_what_it_must_and_ends_with_the_year_or_the_licence(session):
    agency, licence, owner = licensed(session)
    made, card = active(session, owner, agency)
    today = legal_today(session)
    assert card.valid_until == licence.valid_until
    assert card_until(REPRESENTATIVE, "QA", date(2028, 2, 29), date(2031, 1, 1)) == date(2029, 2, 28)
    assert card_until(BRANCH, "", date(2026, 1, 1), date(2031, 1, 1)) == date(2026, 12, 31)
    kind, claims = signing.verify_token(card.token)
    assert kind == "representative"
    assert (claims["name"], claims["paper"], claims["agency"]) == ("Deepa Nair", "…9999", agency.name)
    stored = session.get_one(StoredFile, card.document_id)
    assert stored.media_type == "application/pdf"
    shown = cards.document_data(card, made, agency, "x")
    assert "27-01-70" not in json.dumps(shown)
    template = (ROOT / "templates/documents/presence_card.typ").read_text()
    for sentence in ("neither your money nor your passport", "पैसा वा राहदानी राख्न पाउँदैन", "رقم یا پاسپورٹ"):
        assert sentence in template
    renewed = services.renew_card(session, make.approver(session), made.id)
    assert (card.revoked_on, renewed.revoked_on) == (today, None)
    assert verify(session, card.token).answer is Answer.REVOKED
    assert verify(session, renewed.token).answer is Answer.VALID


def said(session, token):
    found = verify(session, token)
    return found.answer, str(found.sentence)


def test_the_qr_resolves_to_what_is_true_now_and_always_names_its_holder(session):
    agency, licence, owner = licensed(session)
    made, card = active(session, owner, agency)
    good = verify(session, card.token)
    assert (good.answer, good.facts[0][1], good.facts[1][1]) == (Answer.VALID, "Deepa Nair", "…9999")
    today = legal_today(session)
    yesterday, later = today - timedelta(1), today + timedelta(300)

    def put(record, name, value):
        return lambda: setattr(record, name, value)

    for change, back, word in (
        (put(licence, "status", LicenceStatus.SUSPENDED), put(licence, "status", LicenceStatus.ACTIVE), "suspended"),
        (put(licence, "valid_until", yesterday), put(licence, "valid_until", later), "expired"),
        (
            lambda: by_two(session, made, MoveKind.HOLD),
            lambda: by_two(session, made, MoveKind.RESTORE),
            "office has suspended",
        ),
        (put(card, "valid_until", yesterday), put(card, "valid_until", later), "run out"),
    ):
        card.issued_on = legal_today(session) - timedelta(20)
        change()
        session.flush()
        found = verify(session, card.token)
        assert (found.answer, word in str(found.sentence)) == (Answer.REVOKED, True), word
        assert found.facts[0][1] == "Deepa Nair"
        back()
        session.flush()
        assert verify(session, card.token).answer is Answer.VALID
    services.withdraw(session, owner, made.id)
    assert said(session, card.token) == (Answer.REVOKED, "This has been ended.")


def flipped(token):
    head, body, signature = token.split(".")
    place = len(body) // 2
    return ".".join((head, body[:place] + ("A" if body[place] != "A" else "B") + body[place + 1 :], signature))


@pytest.fixture
def other_key(session):
    """The signing key is replaced, and the old one is published no more."""
    folder = current().var / "keys"
    signing.public_jwks()
    old = {p: p.read_text() for p in folder.glob("*.json")}

    def replace():
        for path in old:
            path.unlink()
        signing.new_key(folder, "zz-next")
        signing._keys.cache_clear()
        status_list.forget()

    yield replace
    for path in folder.glob("*.json"):
        path.unlink()
    for path, content in old.items():
        path.write_text(content)
    signing._keys.cache_clear()


def offline(session, client, token, on=None):
    """What the standalone script says with the files that a scanner fetched."""
    keys = client.get("/.well-known/jwks.json").json
    listed = client.get("/.well-known/status-list.json").json
    try:
        return "valid", verify_offline.check(token, keys, listed, on or legal_today(session))
    except verify_offline.NotValid as reason:
        return str(reason), None


def test_a_changed_byte_an_old_key_and_a_revoked_card_say_why_online_and_offline(session, client, other_key):
    agency, licence, owner = licensed(session)
    made, card = active(session, owner, agency)
    url = cards.verify_url(card.token)
    word, claims = offline(session, client, url)
    assert (word, claims["name"], claims["paper"]) == ("valid", "Deepa Nair", "…9999")
    for bad in (flipped(card.token), "nonsense", card.token[:-4]):
        assert said(session, bad)[0] is Answer.NOT_OURS
        assert "changed" in said(session, bad)[1]
        assert "changed" in offline(session, client, bad)[0]
    assert "valid from" in offline_on(session, client, card.token)
    tomorrow_but_one = legal_today(session) + timedelta(2)
    assert "fetch a new one" in offline(session, client, card.token, tomorrow_but_one)[0]
    licence.status = LicenceStatus.SUSPENDED
    session.flush()
    status_list.forget()
    assert offline(session, client, card.token)[0].startswith("suspended, by the list")
    licence.status = LicenceStatus.ACTIVE
    services.withdraw(session, owner, made.id)
    status_list.forget()
    assert offline(session, client, card.token)[0].startswith("revoked, by the list")
    other_key()
    assert "not used any more" in said(session, card.token)[1]
    assert "not used any more" in offline(session, client, card.token)[0]


def offline_on(session, client, token):
    """Before its first day, with a list of that day."""
    keys = client.get("/.well-known/jwks.json").json
    day = legal_today(session) - timedelta(1)
    listed = signing.sign_token({"day": day, "cards": {}, "licences": {}}, typ="status-list")
    with pytest.raises(verify_offline.NotValid) as refused:
        verify_offline.check(token, keys, {"status_list": listed}, day)
    # A card is no status list, and a status list no card.
    for paper, listing in ((listed, listed), (token, token)):
        with pytest.raises(verify_offline.NotValid):
            verify_offline.check(paper, keys, {"status_list": listing}, day)
    return str(refused.value)


def test_the_status_list_names_what_stands_no_more_and_is_cached(session, client):
    agency, licence, owner = licensed(session)
    _made, card = active(session, owner, agency)
    _held, suspended = make.licensed(session, "Held Pvt. Ltd.", status=LicenceStatus.SUSPENDED)
    first = client.get("/.well-known/status-list.json")
    kind, listed = signing.verify_token(first.json["status_list"])
    assert kind == "status-list"
    assert (listed["cards"], listed["licences"]) == ({}, {str(suspended.id): "suspended"})
    assert first.headers["Cache-Control"] == "public, max-age=30"
    again = client.get("/.well-known/status-list.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    licence.status = LicenceStatus.CANCELLED
    session.flush()
    status_list.forget()
    changed = client.get("/.well-known/status-list.json", headers={"If-None-Match": first.headers["ETag"]})
    listed = signing.verify_token(changed.json["status_list"])[1]
    assert listed["cards"] == {str(card.id): "suspended"}
    assert listed["licences"][str(licence.id)] == "cancelled"
    assert "Deepa" not in json.dumps(listed)


def test_the_way_through_the_pages(session, client):
    agency, _licence, owner = licensed(session)
    client.sign_in(session, _account(session, owner))
    form = {
        "country": "QA", "place": "Old Airport Road", "name": "Deepa Nair", "identifier_kind": "citizenship",
        "identifier": "27-01-70-09999", "birth_date": "1985-05-23", "phone": "+9779841000009",
    }  # fmt: skip
    new = f"/agencies/{agency.id}/branches/new/representative"
    assert client.post_form(new, **{**form, "country": ""}).status_code == 422
    assert client.post_form(new, **{**form, "place": ""}).status_code == 422
    assert client.post_form(new, **form).status_code == 303
    made = session.scalars(select(Presence)).one()
    address = f"/licensing/branches/{made.id}"
    assert client.get(address).status_code == 403
    for role, action, extra in (
        ("licensing_officer", "verify", {"deposit_reference": "NB-1"}),
        ("licensing_approver", "activate", {}),
    ):
        account, _actor = make.officer(session, make.StaffRole(role))
        assert duties.redistribute(session) == 1
        client.sign_in(session, account)
        assert made.reference in client.get("/staff").text
        assert "Deepa Nair" in client.get(address).text
        assert client.post_form(f"{address}/{action}", reason="").status_code == 422
        assert client.post_form(f"{address}/{action}", reason="Right.", **extra).status_code == 303
    assert client.post_form(f"{address}/card").status_code == 303
    assert len(session.scalars(select(PresenceCard)).all()) == 2
    card = queries.open_card(session, made.id)
    document = f"/agencies/branches/cards/{card.id}/document"
    assert client.get(document).data.startswith(b"%PDF")
    page = client.get(f"/verify/{card.token}").text
    assert "This card is valid" in page
    assert "…9999" in page
    stranger = make.account(session)
    client.sign_in(session, stranger)
    assert client.get(document).status_code == 404
    client.sign_in(session, _account(session, owner))
    assert made.reference in client.get(f"/agencies/{agency.id}/branches").text
    assert client.post_form(f"/agencies/branches/{made.id}/withdraw").status_code == 303
    assert "This has been ended." in client.get(f"/verify/{card.token}").text
    _other, _licence, rival = licensed(session, "Rival Overseas Pvt. Ltd.")
    client.sign_in(session, _account(session, rival))
    assert client.get(f"/agencies/{agency.id}/branches").status_code == 404


# --- what everybody is told --------------------------------------------------------------------------------------------------


def counts(session, agency):
    found = queries.acting(session, agency.id, legal_today(session))
    return found.branches, found.representatives


def test_everybody_is_told_how_many_may_act_today_and_nobodys_name_or_place(client, session):
    agency, licence, owner = licensed(session)
    page = f"/check?q={licence.number}"
    assert counts(session, agency) == (0, 0)
    assert "The law lets no representative work in this country." in client.get(page).text
    made, card = active(session, owner, agency)
    active(session, owner, agency, kind=BRANCH, country="", number="27-01-70-09998", name="Bimala Adhikari")
    services.propose(session, owner, agency.id, command(number="27-01-70-09997", name="Not Yet"))
    assert counts(session, agency) == (1, 1)
    shown = client.get(page).text
    assert "must show you a card" in shown
    for secret in ("Deepa", "Bimala", "Not Yet", "Old Airport Road", made.reference, card.number):
        assert secret not in shown
    other, *_rest = licensed(session, "Mechi Overseas Pvt. Ltd.")
    assert counts(session, other) == (0, 0)
    licence.status = LicenceStatus.SUSPENDED
    session.flush()
    assert counts(session, agency) == (0, 0)
    assert "must show you a card" not in client.get(page).text


@pytest.mark.parametrize("what", ["run out", "not yet", "called back", "suspended"])
def test_whoever_stands_no_more_is_counted_no_more(session, what):
    agency, _licence, owner = licensed(session)
    made, card = active(session, owner, agency)
    today = legal_today(session)
    assert counts(session, agency) == (0, 1)
    if what == "suspended":
        moves.suspend(session, make.approver(session), made.id, "Complaints.")
    else:
        changed = {
            "run out": ("valid_until", today - timedelta(1)), "not yet": ("issued_on", today + timedelta(1)),
            "called back": ("revoked_on", today),
        }  # fmt: skip
        card.issued_on -= timedelta(10)
        setattr(card, *changed[what])
        session.flush()
    assert not queries.standing(session, made, card, today).good
    assert counts(session, agency) == (0, 0)


def test_a_representative_whom_the_law_forbids_is_not_counted(session, monkeypatch):
    agency, _licence, owner = licensed(session)
    active(session, owner, agency)
    assert counts(session, agency) == (0, 1)
    monkeypatch.setattr(queries, "rule", lambda *_asked: rules.Rule(True, True, None, None, None, {}))
    assert counts(session, agency) == (0, 0)
