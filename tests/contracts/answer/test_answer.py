"""The one answer: a table of questions, written by hand, with the word and the line that each has to get."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from agencies.branches import services as branches
from agencies.branches.queries import Acting, open_card
from agencies.branches.status import PresenceKind
from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus, Standing
from agencies.registration.status import IdentifierKind
from agencies.sanctions.case_status import CaseSubject, OrderKind
from contracts.answer import agency_parts
from contracts.answer import queries as facts
from contracts.answer.status import ADVICE, STANDING_WORDS, TITLES, State, Subject, Word
from contracts.employers.accreditation_queries import last_term
from contracts.employers.status import EmployerStatus
from contracts.job_orders.status import JobOrderStatus
from core.accounts import actor_for, add_membership
from core.db import db_now
from core.ids import new_reference
from core.permissions import SubjectKind
from law import engine
from tests.agencies import factories as make
from tests.agencies import proceedings
from tests.contracts.answer.scene import barred, employer, job, row, scene, use_law
from tests.contracts.test_comparison import PROMISED

NAME = "Annapurna Manpower"
BAN = "Nobody may be sent"


@pytest.fixture
def s(session, monkeypatch):
    use_law(monkeypatch)
    return scene(session)


# --- a licensed agency -------------------------------------------------------------------------------------------

# What is asked beside the agency; {job} and {employer} stand for the scene's references.
LICENSED = [
    ({}, "yes_but_check", {"licence": "licensed", "job_order": "ask_number", "fee": "not_in_law"}),
    ({"job_order": "{job}"}, "yes", {"job_order": "open", "employer": "accredited", "destination": "approved_no_ban"}),
    ({"job_order": "{job}", "destination": "QA"}, "yes", {"destination": "approved_no_ban"}),
    ({"job_order": "{job}", "occupation": "9329"}, "yes", {"occupation": "as_in_order"}),
    ({"job_order": "{job}", "employer": "Doha Build W.L.L."}, "yes", {"employer": "accredited"}),
    ({"job_order": "{job}", "employer": "DOHA BUILD WLL"}, "yes", {"employer": "accredited"}),
    ({"job_order": "{job}", "employer": "{employer}"}, "yes", {"employer": "accredited"}),
    ({"job_order": "{job}", "destination": "SA"}, "no", {"destination": "other_than_order"}),
    ({"job_order": "{job}", "occupation": "9111"}, "no", {"occupation": "other_than_order"}),
    ({"job_order": "{job}", "employer": "Riyadh Foods"}, "no", {"job_order": "open"}),
    ({"job_order": "JB-0000"}, "yes_but_check", {"job_order": "malformed"}),
    ({"destination": "QA"}, "yes_but_check", {"job_order": "ask_number", "destination": "not_in_law"}),
    ({"destination": "SA"}, "no", {"job_order": "none", "destination": "not_in_law"}),
    ({"occupation": "9111"}, "no", {"job_order": "none"}),
    ({"employer": "Doha Build W.L.L."}, "yes_but_check", {"job_order": "ask_number", "employer": "accredited"}),
    ({"employer": "Nobody & Sons"}, "yes_but_check", {"employer": "not_found"}),
    ({"card": "BR-1"}, "yes_but_check", {"presence": "malformed"}),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "word", "lines"), LICENSED, ids=lambda v: str(v) if isinstance(v, dict) else v)
@pytest.mark.parametrize("by", ["name", "number"])
def test_what_a_licensed_agency_gets(s, asked, word, lines, by):
    given = {k: v.format(job=s.job.reference, employer=s.employer.reference) for k, v in asked.items()}
    found, said = s.says(agency=NAME if by == "name" else s.number, **given)
    assert (found, {k: said.get(k) for k in lines}) == (word, lines)


def test_a_job_number_alone_names_its_agency_and_a_made_up_one_nobody(s):
    found = s.ask(job_order=s.job.reference)
    assert (found.word, found.agency.number) == ("yes", s.number)
    assert s.says(job_order=s.job.reference.lower().replace("-", " "))[0] == "yes"
    made_up = s.ask(job_order=new_reference("JB"))
    assert (made_up.word, made_up.agency, made_up.parts[0].code) == ("no", None, "not_found")
    assert s.says(agency=NAME, job_order=new_reference("JB"))[0] == "no"


def test_without_agency_job_or_card_nobody_can_say(s):
    for asked in (
        {},
        {"destination": "QA"},
        {"employer": "Doha Build W.L.L."},
        {"occupation": "9329"},
        {"card": "BR-1"},
    ):
        assert s.says(**asked)[0] == "unknown", asked


def test_a_job_of_another_agency_is_refused_and_names_whose_it_is(s, session):
    other, _licence = make.licensed(session, "Dhaulagiri Overseas Pvt. Ltd.")
    theirs = job(session, other.id, s.employer)
    found = s.ask(agency=NAME, job_order=theirs.reference)
    line = found.part(Subject.JOB_ORDER)
    assert (found.word, line.code) == ("no", "other_agency")
    assert "Dhaulagiri Overseas" in str(line.sentence)


@pytest.mark.parametrize(
    "status",
    [
        JobOrderStatus.DRAFT,
        JobOrderStatus.EMPLOYER_SIGNED,
        JobOrderStatus.AGENCY_ACKNOWLEDGED,
        JobOrderStatus.WITHDRAWN,
    ],
)
def test_what_is_not_approved_is_answered_like_what_never_was(s, session, status):
    hidden = job(session, s.agency.id, s.employer, status=status)
    seen, never = s.ask(agency=NAME, job_order=hidden.reference), s.ask(agency=NAME, job_order=new_reference("JB"))
    assert [(p.code, str(p.sentence), p.facts) for p in seen.parts] == [
        (p.code, str(p.sentence), p.facts) for p in never.parts
    ]
    assert seen.word == "no"


def test_a_closed_and_a_full_job_are_refused(s, session):
    closed = job(session, s.agency.id, s.employer, status=JobOrderStatus.CLOSED)
    full = job(session, s.agency.id, s.employer, reserved=2, contracted=2, cleared=1)
    one_left = job(session, s.agency.id, s.employer, reserved=2, contracted=2)
    assert s.says(agency=NAME, job_order=closed.reference)[0] == "no"
    assert s.says(agency=NAME, job_order=closed.reference)[1]["job_order"] == "closed"
    assert s.says(agency=NAME, job_order=full.reference)[1]["job_order"] == "full"
    assert s.says(agency=NAME, job_order=one_left.reference)[0] == "yes"


@pytest.mark.parametrize(
    ("status", "days", "word", "code"),
    [
        ("V", 100, "yes", "open"),
        ("V", 101, "no", "expired"),
        ("R", 101, "yes_but_check", "perhaps_expired"),
        ("M", 500, "yes_but_check", "perhaps_expired"),
    ],
)
def test_a_job_runs_out_by_the_law_alone(session, monkeypatch, status, days, word, code):
    use_law(monkeypatch, row("job_order.validity_days", 100, status))
    s = scene(session)
    s.job.approved_at = db_now(session) - timedelta(days)
    session.flush()
    found, said = s.says(agency=NAME, job_order=s.job.reference)
    assert (found, said["job_order"]) == (word, code)
    # Without its number an expired job counts for nothing where the law was seen.
    assert s.says(agency=NAME)[1]["job_order"] == ("none" if code == "expired" else "ask_number")


# --- the employer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "word", "code"),
    [
        ({"status": EmployerStatus.ACCREDITED}, "yes", "accredited"),
        ({"status": EmployerStatus.WATCH}, "yes_but_check", "watch"),
        ({"barred": True}, "no", "barred"),
        ({"ended": True}, "no", "not_accredited"),
        ({"status": EmployerStatus.REGISTERED}, "no", "not_accredited"),
    ],
)
def test_how_the_employer_stands_decides_too(session, monkeypatch, changes, word, code):
    use_law(monkeypatch)
    s = scene(session)
    if "ended" in changes:
        term = last_term(session, s.employer.id)
        term.starts_on, term.ends_on = date(2019, 1, 1), date(2020, 1, 1)
    elif "barred" in changes:
        barred(session, s.employer)
    else:
        s.employer.status = changes["status"]
    session.flush()
    found, said = s.says(agency=NAME, job_order=s.job.reference)
    assert (found, said["employer"]) == (word, code)


def test_an_employer_barred_by_a_proceeding_is_barred_here(s, session):
    case = proceedings.ordered(session, OrderKind.BLACKLIST, kind=CaseSubject.EMPLOYER, reference=s.employer.reference)
    assert case.subject_id == s.employer.id
    found, said = s.says(agency=NAME, job_order=s.job.reference)
    assert (found, said["employer"]) == ("no", "barred")
    assert s.says(agency=NAME, employer=s.employer.name)[0] == "no"


def test_an_employer_that_nobody_decided_on_is_not_told_from_a_made_up_one(s, session):
    employer(session, "Quiet Company", status=EmployerStatus.REGISTERED)
    quiet, made_up = s.ask(agency=NAME, employer="Quiet Company"), s.ask(agency=NAME, employer="Loud Company")
    assert [(p.code, str(p.sentence)) for p in quiet.parts] == [(p.code, str(p.sentence)) for p in made_up.parts]


def test_two_employers_of_one_name_are_told_apart_by_the_country(s, session):
    barred(session, employer(session, "Doha Build W.L.L.", country="SA", registration_number="other"))
    assert s.says(agency=NAME, employer="Doha Build W.L.L.")[1]["employer"] == "several"
    assert s.says(agency=NAME, employer="Doha Build W.L.L.", destination="QA")[1]["employer"] == "accredited"
    assert s.says(agency=NAME, employer="Doha Build W.L.L.", destination="SA")[1]["employer"] == "barred"


def test_a_name_like_that_of_the_jobs_employer_is_compared_by_the_person(s):
    found = s.ask(agency=NAME, job_order=s.job.reference, employer="Doha Bild WLL")
    assert (found.word, [p.code for p in found.parts if p.subject is Subject.EMPLOYER]) == (
        "yes_but_check",
        ["similar_to_order", "accredited"],
    )


# --- the country -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "word", "code"),
    [
        ([row("destination_ban", BAN, "V", destination="QA")], "no", "banned"),
        ([row("destination_ban", BAN, "R", destination="QA")], "yes_but_check", "ban_reported"),
        ([row("destination_ban", BAN, "M", destination="QA")], "yes_but_check", "ban_reported"),
        ([row("destination_ban", None, "X", destination="QA")], "yes_but_check", "not_in_law"),
        ([row("destination_ban", BAN, "V", destination="SA")], "yes", "approved_no_ban"),
        ([row("destination_ban", BAN, "V", destination="QA", occupation="9329")], "no", "banned"),
        ([row("destination_ban", BAN, "V", destination="QA", occupation="9111")], "yes", "approved_no_ban"),
        ([row("destination_ban", BAN, "V", destination="QA", sex="F")], "yes_but_check", "banned_for_some"),
        ([row("destination_ban", BAN, "R", destination="QA", sex="F")], "yes_but_check", "ban_reported_for_some"),
    ],
    ids=lambda v: v[0].id if isinstance(v, list) else v,
)
def test_a_ban_refuses_only_where_it_was_seen_in_the_law(session, monkeypatch, rows, word, code):
    use_law(monkeypatch, *rows)
    s = scene(session)
    found, said = s.says(agency=NAME, job_order=s.job.reference)
    assert (found, said["destination"]) == (word, code)


def test_without_a_job_a_ban_for_some_work_is_told_and_a_country_that_no_row_names_is_unknown(session, monkeypatch):
    use_law(monkeypatch, row("destination_ban", BAN, "V", destination="QA", occupation="9111"))
    s = scene(session)
    codes = [p.code for p in s.ask(agency=NAME, destination="QA").parts if p.subject is Subject.DESTINATION]
    assert codes == ["not_in_law", "banned_for_some"]
    assert s.ask(agency=NAME, destination="QA").word == "yes_but_check"


# --- what may be asked of a worker -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cap", "status", "asks", "word", "codes"),
    [
        (10_000, "V", 0, "yes", ["free"]),
        (10_000, "V", 10_000_00, "yes", ["stated"]),
        (10_000, "V", 10_000_01, "no", ["over_limit"]),
        (10_000, "R", 10_000_01, "yes_but_check", ["over_limit"]),
        (0, "V", 1, "no", ["over_limit"]),
        (None, "X", 10_000_01, "yes", ["stated"]),
    ],
)
def test_what_a_job_asks_of_the_worker_is_held_against_the_law(session, monkeypatch, cap, status, asks, word, codes):
    use_law(monkeypatch, row("fee_cap.worker", cap, status))
    s = scene(session)
    dear = job(session, s.agency.id, s.employer, replace(PROMISED, worker_pays_minor=asks))
    found = s.ask(agency=NAME, job_order=dear.reference)
    assert (found.word, [p.code for p in found.parts if p.subject is Subject.FEE]) == (word, codes)


@pytest.mark.parametrize(
    ("cap", "status", "asks", "sentence", "law"),
    [
        (10_000, "V", 0, "For this job the worker pays nothing.", "The law never allows more than NPR 10,000.00."),
        (10_000, "R", 0, "For this job the worker pays nothing.",
         "It is reported that the law never allows more than NPR 10,000.00."),
        (0, "V", 0, "For this job the worker pays nothing.", "An agency may ask nothing of you."),
        (None, "X", 5_000_00, "For this job the worker pays NPR 5,000.00 in all.",
         "No limit is known for certain here. Ask at a labour office before you pay anything."),
    ],
)  # fmt: skip
def test_what_a_job_costs_is_one_answer_and_the_law_only_its_limit(
    session, monkeypatch, cap, status, asks, sentence, law
):
    use_law(monkeypatch, row("fee_cap.worker", cap, status))
    s = scene(session)
    order = job(session, s.agency.id, s.employer, replace(PROMISED, worker_pays_minor=asks))
    (line,) = [p for p in s.ask(agency=NAME, job_order=order.reference).parts if p.subject is Subject.FEE]
    assert str(line.sentence).replace("\xa0", " ") == sentence
    assert [str(value).replace("\xa0", " ") for _label, value in line.facts] == [law]


def test_who_may_be_asked_is_told_by_the_names_of_the_countries(session, monkeypatch):
    monkeypatch.setattr(engine, "law", lambda: engine.law_of("np"))
    words = str(scene(session).ask(agency=NAME, destination="QA").part(Subject.FEE).facts[0][1])
    assert "seven" not in words
    for name in ("Bahrain", "Kuwait", "Malaysia", "Oman", "Qatar", "Saudi Arabia", "United Arab Emirates"):
        assert name in words


@pytest.mark.parametrize(
    ("country", "destination", "fee", "days", "job_then"),
    [
        ("np", "QA", ("limit_reported", 10_000, "R"), 3000, ("open", None)),
        ("bd", "SA", ("limit_reported", 61_850, "R"), 3000, ("open", None)),
        ("bd", "MY", ("limit_reported", 79_000, "R"), 3000, ("open", None)),
        ("bd", "QA", ("not_in_law", None, None), 3000, ("open", None)),
        ("in", "QA", ("limit", 30_000, "V"), 3000, ("open", None)),
        ("lk", "QA", ("limit_reported", 0, "R"), 366, ("expired", "V")),
        ("ph", "QA", ("not_in_law", None, None), 731, ("perhaps_expired", "R")),
        ("pk", "QA", ("limit_reported", 15_000, "R"), 121, ("expired", "V")),
    ],
)
def test_the_law_of_each_country_says_what_may_be_asked_and_how_long_a_job_stands(
    session, monkeypatch, country, destination, fee, days, job_then
):
    monkeypatch.setattr(engine, "law", lambda: engine.law_of(country))
    s = scene(session)
    line = next(p for p in s.ask(agency=NAME, destination=destination).parts if p.subject is Subject.FEE)
    found = next(((r.value, r.status.value) for r in line.rows), (None, None))
    assert (line.code, *found) == fee
    s.job.approved_at = db_now(session) - timedelta(days)
    session.flush()
    line = s.ask(job_order=s.job.reference).part(Subject.JOB_ORDER)
    assert (line.code, next((r.status.value for r in line.rows), None)) == job_then


# --- agencies that may not -----------------------------------------------------------------------------------------

STANDINGS = [
    ({"status": LicenceStatus.SUSPENDED}, "suspended", "suspended"),
    ({"status": LicenceStatus.EXPIRED}, "ended", "expired"),
    ({"until": date(2024, 5, 1)}, "ended", "expired"),
    ({"status": LicenceStatus.CANCELLED}, "ended", "cancelled"),
    ({"status": LicenceStatus.SURRENDERED}, "ended", "surrendered"),
]


@pytest.mark.parametrize(("licence", "word", "code"), STANDINGS, ids=lambda v: str(v))
def test_whoever_may_not_recruit_may_not_for_an_open_job_either(session, monkeypatch, licence, word, code):
    use_law(monkeypatch)
    s = scene(session, **licence)
    for asked in ({}, {"job_order": s.job.reference}, {"destination": "QA"}, {"employer": "{x}"}):
        found, said = s.says(agency=NAME, **asked)
        assert (found, said["licence"]) == (word, code), asked
        # Neither what it might charge nor what else it has: nobody is sent back to it.
        assert "fee" not in said
        assert said.get("job_order", "other_agency") not in ("ask_number", "none")
    assert s.says(job_order=s.job.reference)[0] == word


def test_a_suspended_agency_is_told_with_its_day_and_a_blacklisted_one_too(s, session):
    proceedings.ordered(session, OrderKind.SUSPEND, **proceedings.against(s.agency))
    found = s.ask(agency=NAME)
    assert found.word == "suspended"
    assert "since" in str(found.part(Subject.LICENCE).sentence)
    assert any("signed a contract" in str(line) for line in found.advice)
    second = make.licensed(session, "Dhaulagiri Overseas Pvt. Ltd.")[0]
    proceedings.ordered(session, OrderKind.BLACKLIST, **proceedings.against(second))
    assert s.says(agency="Dhaulagiri Overseas")[0] == "blacklisted"


def test_an_unlisted_name_is_not_licensed_whatever_job_it_shows(s):
    for asked in ({}, {"job_order": s.job.reference}, {"destination": "QA"}):
        found = s.ask(agency="Zzyzx Qwerty Travels", **asked)
        assert (found.word, found.agency, found.parts[0].code) == ("not_licensed", None, "not_found")
    assert s.says(agency="9999/081")[0] == "not_licensed"
    with_job = s.says(agency="Zzyzx Qwerty Travels", job_order=s.job.reference)[1]
    assert with_job["job_order"] == "open"


# --- names ---------------------------------------------------------------------------------------------------------


def test_a_name_that_fits_two_agencies_asks_which_one_and_a_job_decides(session, monkeypatch):
    use_law(monkeypatch)
    s = scene(session, "Everest Kailash Overseas Pvt. Ltd.")
    make.licensed(session, "Everest Langtang Overseas Pvt. Ltd.")
    found = s.ask(agency="Everest Overseas")
    assert found.word == "ask_which_one"
    assert {c.name for c in found.choices} >= {
        "Everest Kailash Overseas Pvt. Ltd.",
        "Everest Langtang Overseas Pvt. Ltd.",
    }
    decided = s.ask(agency="Everest Overseas", job_order=s.job.reference)
    assert (decided.word, decided.agency.number) == ("yes", s.number)


def test_a_look_alike_without_a_licence_points_to_the_licensed_one(s, session):
    make.licensed(session, "Anapurna Manpower Pvt. Ltd.", status=LicenceStatus.CANCELLED)
    found = s.ask(agency="Anapurna Manpower Pvt. Ltd.")
    assert found.word in ("ended", "ask_which_one")
    assert s.number in str([str(p.sentence) for p in found.parts] + [c.number for c in found.choices])


def test_a_licensed_agency_of_nearly_the_same_name_warns_by_name_and_only_tells_by_number(s, session):
    later = make.licensed(session, "Annapoorna Man Power Pvt. Ltd.")[1]
    by_number = s.ask(agency=later.number, job_order="")
    line = by_number.part(Subject.NAME)
    assert (line.code, line.state) == ("similar_licensed", "note")
    assert s.number in str(line.sentence)


def test_letters_of_two_alphabets_warn(s):
    found = s.ask(agency="Annаpurna Manpower")  # the third a is Cyrillic
    assert "mixed_letters" in [p.code for p in found.parts]
    assert found.word != "yes"


# --- cards ---------------------------------------------------------------------------------------------------------


def presence(session, agency, *, country="QA", number="27-01-70-09999", kind=PresenceKind.REPRESENTATIVE):
    account = make.account(session)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    owner = actor_for(session, account)
    command = branches.Propose(
        kind, country, "Old Airport Road", "Deepa Nair", IdentifierKind.CITIZENSHIP, number, date(1985, 5, 23), "+9779841000009"
    )  # fmt: skip
    made = branches.propose(session, owner, agency.id, command)
    branches.verify(session, make.reviewer(session), made.id, "Seen.", "NB-1")
    branches.activate(session, make.approver(session), made.id, "In order.")
    return made, open_card(session, made.id), owner


def test_a_card_is_good_for_its_own_agency_alone_and_says_nothing_of_its_holder(s, session):
    _made, card, _owner = presence(session, s.agency)
    found = s.ask(agency=NAME, card=card.number, job_order=s.job.reference)
    assert (found.word, found.part(Subject.PRESENCE).code) == ("yes", "representative")
    assert "Deepa" not in repr(found)
    assert "9999" not in repr(found.part(Subject.PRESENCE))
    other = make.licensed(session, "Dhaulagiri Overseas Pvt. Ltd.")[1]
    found = s.ask(agency=other.number, card=card.number)
    assert (found.word, found.part(Subject.PRESENCE).code) == ("no", "other_agency")
    assert s.ask(card=card.number).agency.number == s.number
    assert s.says(card="BR" + new_reference("BR")[2:])[0] == "no"


def test_a_replaced_card_and_a_removed_branch_are_refused(s, session):
    made, card, owner = presence(session, s.agency, kind=PresenceKind.BRANCH, country="")
    reference = card.number.split("/")[0]
    assert s.says(agency=NAME, card=reference)[1]["presence"] == "branch"
    branches.withdraw(session, owner, made.id)
    for asked in (reference, card.number, card.number.replace("/", " / ")):
        assert s.says(agency=NAME, card=asked) == ("no", {**s.says(agency=NAME)[1], "presence": "not_valid"})


def test_the_reference_alone_stands_for_the_newest_card_and_a_number_for_its_own(s, session):
    made, old, _owner = presence(session, s.agency)
    new = branches.renew_card(session, make.approver(session), made.id)
    assert s.says(agency=NAME, card=made.reference)[1]["presence"] == "representative"
    assert s.says(agency=NAME, card=new.number)[1]["presence"] == "representative"
    assert s.says(agency=NAME, card=old.number)[1]["presence"] == "not_valid"


def test_where_the_law_forbids_representatives_no_card_of_one_is_good(session, monkeypatch):
    use_law(monkeypatch, row("representative.domestic.allowed", True, "V"))
    s = scene(session)
    _made, card, _owner = presence(session, s.agency, country="")
    assert s.says(agency=NAME, card=card.number)[1]["presence"] == "representative"
    use_law(monkeypatch, row("representative.domestic.allowed", False, "R"))
    assert s.says(agency=NAME, card=card.number)[1]["presence"] == "representative"
    use_law(monkeypatch, row("representative.domestic.allowed", False, "V"))
    assert s.says(agency=NAME, card=card.number)[1]["presence"] == "forbidden"
    assert s.says(agency=NAME, card=card.number)[0] == "no"


def test_a_card_of_a_suspended_agency_is_as_bad_as_the_agency(s, session):
    _made, card, _owner = presence(session, s.agency)
    proceedings.ordered(session, OrderKind.SUSPEND, **proceedings.against(s.agency))
    found, said = s.says(card=card.number)
    assert (found, said["presence"]) == ("suspended", "not_valid")


# --- whatever is asked ---------------------------------------------------------------------------------------------

TYPED = st.one_of(
    st.text(max_size=60),
    st.text("JBR-0123456789/ ०१२", max_size=24),
    st.sampled_from(
        ("", "NP-1/083", "Annapurna Manpower", "JB-0000-00000-0", "9329", "QA", "%_\\'", "\u202e", "१", "²")
    ),
)


def test_every_standing_but_one_has_a_word_and_every_word_a_title_and_advice():
    assert set(STANDING_WORDS) == set(Standing) - {Standing.LICENSED}
    assert set(TITLES) == set(ADVICE) == set(Word)
    assert all(ADVICE.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agency=TYPED, card=TYPED, job_order=TYPED, employer=TYPED)
def test_whatever_is_typed_gets_a_word_and_a_yes_only_with_an_open_job(s, agency, card, job_order, employer):
    given_ = {k: v.replace("\0", "") for k, v in {"agency": agency, "card": card, "employer": employer}.items()}
    found = s.ask(**given_, job_order=job_order)
    assert found.word in Word
    assert found.word is not Word.YES
    sure = s.ask(**given_, job_order=s.job.reference)
    if sure.word is Word.YES:
        assert {p.state for p in sure.parts} <= {State.GOOD, State.NOTE}
        assert sure.agency.number == s.number


def test_without_a_card_the_answer_counts_those_who_may_act_and_says_so_as_a_note_only(s, session, monkeypatch):
    word, said = s.says(agency=NAME)
    assert said["presence"] == "none"
    for found, code in ((Acting(1, 2, False), "some"), (Acting(0, 1, True), "some"), (Acting(0, 0, True), "forbidden")):
        monkeypatch.setattr(agency_parts, "counted", lambda *_args, found=found: found)
        assert s.says(agency=NAME) == (word, {**said, "presence": code})
    part = s.ask(agency=NAME).part(Subject.PRESENCE)
    assert (part.state, part.facts) == (State.NOTE, ())
    # A card is answered for itself, and of an agency that may not recruit nobody is counted.
    assert s.says(agency=NAME, card="BR-0000-00000-0/1")[1]["presence"] != "forbidden"
    licence = session.scalars(select(Licence)).first()
    licence.status = LicenceStatus.SUSPENDED
    session.flush()
    assert "presence" not in s.says(agency=NAME)[1]


def test_a_job_whose_agent_abroad_is_barred_is_refused(s, session, monkeypatch):
    monkeypatch.setattr(facts, "is_barred", lambda _session, _order: True)
    word, said = s.says(agency=NAME, job_order=s.job.reference)
    assert (word, said["job_order"]) == ("no", "agent_barred")
