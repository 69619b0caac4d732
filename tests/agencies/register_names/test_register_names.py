"""A further name in the register: two people, one script, no name that could be taken for another agency's."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from agencies.licensing.status import LicenceStatus
from agencies.queues import QUEUES
from agencies.register.models import NameUse, RegisterName
from agencies.register_log.models import RegisterEvent
from agencies.register_names import services
from agencies.register_names.models import NameProposal, ProposalMatch
from agencies.register_names.status import NAME, NameStatus, Script
from agencies.sanctions.status import SanctionKind
from core.accounts import UserAccount, actor_for, add_membership
from core.audit import AuditEvent
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import ClerkRight, StaffRole, SubjectKind
from core.queues import fetch
from tests.agencies import factories as make
from tests.agencies.test_sanctions import ordered

S, U = NameStatus, NameUse
ARROWS = {
    ("proposed", "stop", "stopped"),
    ("proposed", "agree", "in_register"),
    ("proposed", "refuse", "refused"),
    ("stopped", "release", "proposed"),
    ("stopped", "refuse_stopped", "refused"),
    ("in_register", "strike", "struck"),
    ("proposed", "withdraw", "withdrawn"),
    ("stopped", "withdraw", "withdrawn"),
    ("in_register", "withdraw", "withdrawn"),
}


def licensed(session, name="Annapurna Manpower Pvt. Ltd.", **kw):
    """A licensed agency with an owner."""
    agency, licence = make.licensed(session, name, **kw)
    account = make.account(session)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    return agency, licence, actor_for(session, account)


def trade(name="Sky Path Careers", script=Script.LATIN):
    return services.Propose(name, U.TRADE, script)


def proposed(session, command=None):
    agency, licence, owner = licensed(session)
    return services.propose(session, owner, agency.id, command or trade()), agency, owner, licence


def in_register(session, command=None):
    made, agency, owner, licence = proposed(session, command)
    services.agree(session, make.reviewer(session), made.id, "On the sign.")
    return made, agency, owner, licence


def stopped(session, name="Makaalu Overseas"):
    """A trade name that looks like that of another listed agency."""
    other, _licence = make.licensed(session, "Makalu Recruitment Pvt. Ltd.")
    made, agency, owner, _licence = proposed(session, trade(name))
    assert made.status is S.STOPPED
    return made, agency, owner, other


def found(client, query):
    return [r["name"] for r in client.get("/api/v1/licences", query_string={"q": query}).json["results"]]


def public_names(session, agency):
    query = select(RegisterName.text).where(RegisterName.agency_id == agency.id, RegisterName.ended_at.is_(None))
    return set(session.scalars(query))


def test_the_arrows_are_these_and_each_act_keeps_to_them(session):
    assert NAME.pairs() == ARROWS
    made, agency, owner, _licence = in_register(session)
    public, decided = made.register_name_id, made.decided_by
    acts = {"withdraw": lambda: services.withdraw(session, owner, made.id)}
    for name, act in services.ACTIONS.items():
        role = make.reviewer if name in ("agree", "refuse") else make.approver
        acts[name] = lambda act=act, role=role: act(session, role(session), made.id, "Because.")
    assert set(acts) | {"stop"} == {action for _s, action, _t in ARROWS}
    for state in S:
        for action, act in acts.items():
            target = next((t for s, a, t in ARROWS if (s, a) == (state.value, action)), None)
            with session.begin_nested() as attempt:
                kept = state in (S.IN_REGISTER, S.STRUCK)
                if not kept:
                    session.execute(text("UPDATE register_name SET ended_at = now() WHERE id = :i"), {"i": public})
                session.execute(
                    text("UPDATE name_proposal SET status = :s, decided_by = :d, register_name_id = :r WHERE id = :i"),
                    {"s": state.value, "i": made.id, "d": decided if kept else None, "r": public if kept else None},
                )
                session.refresh(made)
                if target is None:
                    with pytest.raises(TooLate):
                        act()
                else:
                    act()
                    assert made.status.value == target, (state, action)
                    assert public_names(session, agency) == ({made.text} if target == "in_register" else set())
                attempt.rollback()


def test_the_public_finds_an_agency_by_a_trade_name_once_an_officer_agreed(client, session):
    made, agency, owner, _licence = proposed(session)
    assert found(client, "sky path careers") == []
    services.agree(session, make.reviewer(session), made.id, "On the sign over the door.")
    assert found(client, "sky path careers") == [agency.name]
    page = client.get("/check", query_string={"q": "Sky Path Careers"}).text
    assert "This agency may recruit people" in page
    assert "Other and earlier names" in page
    assert page.count("Sky Path Careers") >= 2
    logged = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_kind == "name_proposal").order_by(AuditEvent.at)
    ).all()
    assert [(e.action, e.to_status) for e in logged] == [("propose", "proposed"), ("agree", "in_register")]
    assert "Sky" not in str([e.evidence for e in logged])
    services.withdraw(session, owner, made.id)
    assert found(client, "sky path careers") == []
    assert "Other and earlier names" not in client.get("/check", query_string={"q": agency.name}).text


def test_a_name_is_no_leaf_of_the_registers_log(session):
    events = session.scalars(select(RegisterEvent.id)).all()
    agency, _licence, owner = licensed(session)
    before = session.scalars(select(RegisterEvent.id)).all()
    assert len(before) > len(events)
    made = services.propose(session, owner, agency.id, trade())
    services.agree(session, make.reviewer(session), made.id, "On the sign.")
    assert session.scalars(select(RegisterEvent.id)).all() == before


def test_a_name_in_another_script_is_found_in_that_script(client, session):
    made, agency, _owner, _licence = in_register(
        session, services.Propose("অন্নপূর্ণা ম্যানপাওয়ার", U.OTHER_SCRIPT, Script.BENGALI)
    )
    assert found(client, "অন্নপূর্ণা ম্যানপাওয়ার") == [agency.name]
    kept = session.get_one(RegisterName, made.register_name_id)
    assert (kept.use, kept.added_by) == (U.OTHER_SCRIPT, made.decided_by)


@pytest.mark.parametrize(
    ("name", "use", "script", "field"),
    [
        ("Sky Path", U.TRADE, Script.DEVANAGARI, "text"),
        ("Skу Path", U.TRADE, Script.LATIN, "text"),  # Cyrillic y
        ("Sky पथ", U.TRADE, Script.LATIN, "text"),
        ("24 / 7", U.TRADE, Script.LATIN, "text"),
        ("Sky Path", U.OTHER_SCRIPT, Script.LATIN, "script"),
        ("Annapurna Manpower Pvt. Ltd.", U.TRADE, Script.LATIN, "text"),
        ("Sky Path", U.FORMER, Script.LATIN, "use"),
        ("Sky Path", U.SHORT, Script.LATIN, "use"),
    ],
)
def test_what_is_refused_at_once(session, name, use, script, field):
    agency, _licence, owner = licensed(session)
    with pytest.raises(DomainError) as refused:
        services.propose(session, owner, agency.id, services.Propose(name, use, script))
    assert refused.value.field == field
    assert session.scalars(select(NameProposal)).all() == []


def test_a_name_twice_and_too_many_names_are_refused(session):
    made, agency, owner, _licence = in_register(session)
    with pytest.raises(DomainError, match="already"):
        services.propose(session, owner, agency.id, trade(made.text))
    words = ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliet", "Kilo")
    for word in words:
        services.propose(session, owner, agency.id, trade(f"{word} Careers"))
    with pytest.raises(DomainError, match="too many"):
        services.propose(session, owner, agency.id, trade("Lima Careers"))


def test_a_look_alike_is_stopped_until_an_approver_and_another_officer_agree(client, session):
    made, agency, owner, other = stopped(session)
    (match,) = session.scalars(select(ProposalMatch)).all()
    assert (match.other_agency_id, match.cleared_by) == (other.id, None)
    with pytest.raises(TooLate):
        services.agree(session, make.reviewer(session), made.id, "Fine.")
    assert found(client, "Makaalu Overseas") == [other.name]
    account, approver = make.officer(session, StaffRole.LICENSING_APPROVER)
    make.post_staff(session, account, StaffRole.LICENSING_OFFICER, make.office(session))
    both = actor_for(session, account)
    services.release(session, approver, made.id, "Another district, another sign.")
    with pytest.raises(Denied, match="You compared"):
        services.agree(session, both, made.id, "Mine.")
    assert (make_fresh(session, made).status, public_names(session, agency)) == (S.PROPOSED, set())
    services.agree(session, make.reviewer(session), made.id, "Compared.")
    assert made.status is S.IN_REGISTER
    assert agency.name in found(client, "Makaalu Overseas")
    # The owner is not told whose name it is.
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    assert "Makalu Recruitment" not in client.get(f"/agencies/{agency.id}/names").text


def make_fresh(session, made):
    return session.get_one(NameProposal, made.id, populate_existing=True)


def test_an_agency_that_came_later_under_the_name_is_not_pushed_aside(session):
    agency, _licence, owner = licensed(session)
    make.licensed(session, "Makalu Recruitment Pvt. Ltd.")
    assert services.propose(session, owner, agency.id, trade("Makalu Overseas")).status is S.STOPPED


def test_a_like_name_that_came_in_between_stops_it_at_the_last_moment(session):
    made, agency, _owner, _licence = proposed(session)
    make.licensed(session, "Sky Paths Careers Pvt. Ltd.")
    services.agree(session, make.reviewer(session), made.id, "On the sign.")
    assert (made.status, made.decided_by, public_names(session, agency)) == (S.STOPPED, None, set())


def test_an_officers_proposal_needs_a_second_officer_and_no_licence(client, session):
    agency, _licence = make.licensed(session, "Rara Manpower Pvt. Ltd.", status=LicenceStatus.CANCELLED)
    ordered(session, agency, SanctionKind.BLACKLISTING)
    maker = make.reviewer(session)
    made = services.propose_for(session, maker, agency.id, trade("Lake View Careers"))
    with pytest.raises(Denied, match="You proposed"):
        services.agree(session, maker, made.id, "Mine.")
    assert (make_fresh(session, made).status, public_names(session, agency)) == (S.PROPOSED, set())
    services.agree(session, make.reviewer(session), made.id, "Three people know it so.")
    assert "barred from recruiting" in client.get("/check", query_string={"q": "Lake View Careers"}).text


def test_the_owners_are_told_of_each_decision_without_a_word_of_it(session):
    made, agency, owner, _licence = proposed(session)

    def told():
        return session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "name_news")).all()

    assert told() == []
    services.agree(session, make.reviewer(session), made.id, "On the sign.")
    assert [m.account_id for m in told()] == [owner.account_id]
    services.strike(session, make.approver(session), made.id, "It deceives people.")
    assert len(told()) == 2
    assert made.decision_reason == "It deceives people."
    other = services.propose(session, owner, agency.id, trade("Green Gate Careers"))
    services.refuse(session, make.reviewer(session), other.id, "Nobody knows it so.")
    assert len(told()) == 3
    assert not any("Gate" in (m.body or "") or "Sky" in (m.body or "") for m in told())


def test_the_database_knows_that_maker_is_never_checker(session):
    made, _agency, _owner, _licence = proposed(session)
    for column in ("decided_by", "released_by"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"UPDATE name_proposal SET {column} = proposed_by WHERE id = :i"), {"i": made.id})


def test_who_may_not_changes_nothing(session):
    made, agency, owner, _licence = proposed(session)
    _other, _licence, rival = licensed(session, "Rival Overseas Pvt. Ltd.")
    far = make.reviewer(session, at=make.office(session, "P9", parent=make.office(session)))
    account = make.account(session)
    add_membership(
        session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=False, rights=[ClerkRight.JOB_ORDERS]
    )
    clerk = actor_for(session, account)
    finance = make.finance(session)
    with pytest.raises(NotVisible):
        services.withdraw(session, rival, made.id)
    with pytest.raises(NotVisible):
        services.propose(session, rival, agency.id, trade("Other Careers"))
    with pytest.raises(Denied):
        services.propose(session, clerk, agency.id, trade("Other Careers"))
    for actor, error in (
        (far, NotVisible),
        (rival, NotVisible),
        (finance, Denied),
        (owner, Denied),
        (make.approver(session), Denied),
    ):
        with pytest.raises(error):
            services.agree(session, actor, made.id, "Mine.")
    with pytest.raises(DomainError, match="reason"):
        services.agree(session, make.reviewer(session), made.id, " ")
    session.expire_all()
    assert (make_fresh(session, made).status, public_names(session, agency)) == (S.PROPOSED, set())


def test_nobody_hides_from_those_who_know_them_by_a_name(session):
    made, agency, owner, licence = in_register(session)
    other = services.propose(session, owner, agency.id, trade("Green Gate Careers"))
    licence.status = LicenceStatus.SUSPENDED
    session.flush()
    with pytest.raises(DomainError, match="suspended"):
        services.withdraw(session, owner, made.id)
    with pytest.raises(DomainError, match="suspended"):
        services.agree(session, make.reviewer(session), other.id, "On the sign.")
    assert public_names(session, agency) == {made.text}
    services.withdraw(session, owner, other.id)
    office = services.propose_for(session, make.reviewer(session), agency.id, trade("Blue Gate Careers"))
    with pytest.raises(Denied, match="The office proposed"):
        services.withdraw(session, owner, office.id)


def test_two_officers_who_agree_at_once_put_one_name_in(committed):
    with committed() as session:
        made, agency, _owner, _licence = proposed(session)
        officers = [make.reviewer(session) for _ in range(4)]
        proposal, agency_id = made.id, agency.id
        session.commit()
    start, late = threading.Barrier(4), []

    def agree(officer):
        with committed() as session:
            start.wait()
            try:
                services.agree(session, officer, proposal, "On the sign.")
                session.commit()
            except TooLate:
                late.append(officer)

    run([threading.Thread(target=agree, args=(o,)) for o in officers])
    with committed() as session:
        names = session.scalars(select(RegisterName).where(RegisterName.agency_id == agency_id)).all()
        agreed = session.scalars(select(AuditEvent).where(AuditEvent.action == "agree")).all()
        assert (len(names), len(agreed), len(late)) == (1, 1, 3)


def test_of_two_like_names_agreed_to_at_once_one_is_stopped(committed):
    with committed() as session:
        first, _agency, _owner, _licence = proposed(session)
        other, _licence, owner = licensed(session, "Bheri International Pvt. Ltd.")
        second = services.propose(session, owner, other.id, trade("Skye Path Careers"))
        ids, officers = [first.id, second.id], [make.reviewer(session) for _ in range(2)]
        session.commit()
    start = threading.Barrier(2)

    def agree(officer, proposal):
        with committed() as session:
            start.wait()
            services.agree(session, officer, proposal, "On the sign.")
            session.commit()

    run([threading.Thread(target=agree, args=pair) for pair in zip(officers, ids, strict=True)])
    with committed() as session:
        assert sorted(session.scalars(select(NameProposal.status))) == [S.IN_REGISTER, S.STOPPED]


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_each_waits_in_the_queue_of_whoever_may_decide_it(app, session):
    made, agency, _owner, _other = stopped(session)
    maker = make.reviewer(session)
    services.propose_for(session, maker, agency.id, trade("Green Gate Careers"))
    reviewer, approver = make.reviewer(session), make.approver(session)

    def waits(name, actor):
        return [r.note for r in fetch(session, next(q for q in QUEUES if q.name == name), actor, limit=10).rows]

    with app.test_request_context():
        assert waits("name.agree", reviewer) == ["Trade name"]
        assert waits("name.agree", maker) == []
        assert waits("name.stopped", approver) == ["Trade name"]
        services.release(session, approver, made.id, "Compared.")
        assert len(waits("name.agree", reviewer)) == 2
        assert waits("name.stopped", approver) == []


def test_the_pages_lead_from_a_proposal_to_the_register(client, session):
    agency, _licence, owner = licensed(session)
    make.licensed(session, "Makalu Recruitment Pvt. Ltd.")
    account = session.get_one(UserAccount, owner.account_id)
    client.sign_in(session, account)
    typed = {"use": "trade", "script": "Latn", "text": "Makaalu Overseas"}
    assert client.post_form(f"/agencies/{agency.id}/names/new", **{**typed, "script": "Deva"}).status_code == 422
    assert client.post_form(f"/agencies/{agency.id}/names/new", **typed).status_code == 303
    page = client.get(f"/agencies/{agency.id}/names").text
    assert "Makaalu Overseas" in page
    assert "looks like" not in page
    made = session.scalars(select(NameProposal)).one()
    assert client.get(f"/licensing/names/{made.id}").status_code == 403
    approver, _actor = make.officer(session, StaffRole.LICENSING_APPROVER)
    client.sign_in(session, approver)
    page = client.get(f"/licensing/names/{made.id}").text
    assert "Makalu Recruitment Pvt. Ltd." in page
    assert client.post_form(f"/licensing/names/{made.id}/release").status_code == 422
    assert client.post_form(f"/licensing/names/{made.id}/release", reason="Compared.").status_code == 303
    reviewer, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    client.sign_in(session, reviewer)
    assert client.post_form(f"/licensing/names/{made.id}/agree", reason="On the sign.").status_code == 303
    assert make_fresh(session, made).status is S.IN_REGISTER
    assert client.get(f"/licensing/agencies/{agency.id}/names").text.count("In the register") == 1
    second = {"use": "trade", "script": "Latn", "text": "Green Gate Careers"}
    assert client.post_form(f"/licensing/agencies/{agency.id}/names", **second).status_code == 303
    far, _actor = make.officer(
        session, StaffRole.LICENSING_OFFICER, at=make.office(session, "P9", parent=make.office(session))
    )
    client.sign_in(session, far)
    assert client.get(f"/licensing/names/{made.id}").status_code == 404
    assert client.get(f"/licensing/agencies/{agency.id}/names").status_code == 404


def test_a_foreign_agency_has_no_page(client, session):
    made, agency, _owner, _licence = proposed(session)
    _other, _licence, rival = licensed(session, "Rival Overseas Pvt. Ltd.")
    client.sign_in(session, session.get_one(UserAccount, rival.account_id))
    for address in (f"/agencies/{agency.id}/names", f"/agencies/{agency.id}/names/new"):
        assert client.get(address).status_code == 404
    assert client.post_form(f"/agencies/names/{made.id}/withdraw").status_code == 404
    assert make_fresh(session, made).status is S.PROPOSED
