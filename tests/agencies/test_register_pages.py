"""The public licence check: page, API, QR, key set."""

from datetime import timedelta

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from agencies.licensing import decisions, services
from agencies.licensing.status import LicenceStatus
from agencies.register import snapshot
from agencies.registration.models import Agency
from agencies.sanctions import services as sanctions
from agencies.sanctions.status import SanctionKind
from core.db import legal_today
from core.signing import sign_token
from tests.agencies import factories as make
from tests.agencies.test_sanctions import ordered


def text_of(answer):
    return answer.get_data(as_text=True)


def results(client, query, **more):
    answer = client.get("/api/v1/licences", query_string={"q": query, **more})
    assert answer.status_code == 200
    return answer.json["results"]


def test_each_state_is_told_with_what_it_means(client, session):
    make.licensed(session, "Makalu Recruitment Pvt. Ltd.", "मकालु रिक्रुटमेन्ट प्रा. लि.")
    make.licensed(session, "Koshi Overseas Pvt. Ltd.", status=LicenceStatus.SUSPENDED)
    make.licensed(session, "Bheri International Pvt. Ltd.", until=legal_today(session) - timedelta(1))
    barred, _licence = make.licensed(session, "Rara Manpower Pvt. Ltd.")
    ordered(session, barred, SanctionKind.BLACKLISTING)
    for query, status, words in (
        ("makalu recruting", "licensed", "This agency may recruit people"),
        ("मकालु", "licensed", "This agency may recruit people"),
        ("koshi overseas", "suspended", "may not recruit anybody now"),
        ("bheri", "expired", "has run out"),
        ("rara manpower", "blacklisted", "barred from recruiting"),
    ):
        page = client.get("/check", query_string={"q": query})
        assert page.status_code == 200
        assert words in text_of(page), query
        assert results(client, query)[0]["status"] == status
    missing = text_of(client.get("/check", query_string={"q": "Zubrowka"}))
    assert "Not found" in missing
    assert results(client, "Zubrowka") == []


def test_an_expired_licence_shows_as_expired_before_the_nightly_job(client, session):
    _agency, licence = make.licensed(session, "Bheri International", until=legal_today(session) - timedelta(1))
    assert licence.status is LicenceStatus.ACTIVE
    assert results(client, licence.number)[0]["status"] == "expired"


def test_the_exact_name_of_an_agency_is_answered_first_and_the_one_that_it_looks_like_below(client, session):
    make.licensed(session, "Buddha Overseas Pvt. Ltd.", "बुद्ध ओभरसिज प्रा. लि.")
    _agency, old = make.licensed(
        session, "Buddhaa Overseas Pvt. Ltd.", "बौद्ध ओभरसिज प्रा. लि.", until=legal_today(session) - timedelta(9)
    )
    for asked in ("Buddhaa Overseas Pvt. Ltd.", "buddhaa overseas pvt ltd", "बौद्ध ओभरसिज प्रा. लि.", old.number):
        found = results(client, asked)
        assert (found[0]["name"], found[0]["status"]) == ("Buddhaa Overseas Pvt. Ltd.", "expired"), asked
        page = text_of(client.get("/check", query_string={"q": asked}))
        assert page.index("The licence of this agency has run out.") < page.index("The licensed agency is another one")
        assert page.count("this name looks like that of a licensed agency") == 1


@pytest.mark.parametrize("path", ["/check?q=", "/check?q=%20", "/answer?agency=&job_order=&destination="])
def test_an_empty_question_is_answered_with_what_to_type(client, session, path):
    answer = client.get(path)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text_of(answer)
    assert client.get(path.partition("?")[0]).status_code == 200


def test_an_imitator_is_answered_for_itself_and_named_as_one(client, session):
    make.licensed(session, "Makalu Recruitment Pvt. Ltd.")
    application, _copy, _owner = make.submitted(session, name="New Makaalu Recruitment", native="")
    assert [r["name"] for r in results(client, "makalu")] == ["Makalu Recruitment Pvt. Ltd."]
    decisions.release(session, make.approver(session), application.id, "Compared with the other.")
    decisions.take(session, make.reviewer(session), application.id)
    found = results(client, "New Makaalu Recruitment")
    assert [r["name"] for r in found] == ["New Makaalu Recruitment", "Makalu Recruitment Pvt. Ltd."]
    assert found[1]["lookalike_of"] is None
    assert found[0]["lookalike_of"] == found[1]["licence_number"]
    assert (found[0]["status"], found[0]["licence_number"], found[0]["valid_until"]) == ("not_licensed", None, None)
    # Not quite as it is written: nobody can know which one is meant, and the licensed one stands first.
    assert results(client, "New Makalu Recruitmnt")[0]["name"] == "Makalu Recruitment Pvt. Ltd."
    page = text_of(client.get("/check", query_string={"q": "New Makaalu Recruitment"}))
    assert "The licensed agency is another one" in page
    assert page.index("This agency has no licence.") < page.index("Makalu Recruitment Pvt. Ltd.")


def test_a_change_shows_at_once(client, session):
    agency, licence = make.licensed(session, "Makalu Recruitment")
    before, _day = snapshot.current(session)
    assert results(client, licence.number)[0]["status"] == "licensed"
    assert snapshot.current(session)[0] is before
    sanction = sanctions.propose(
        session,
        make.reviewer(session),
        agency.id,
        sanctions.Propose(SanctionKind.SUSPENSION, "Complaints.", legal_today(session)),
    )
    sanctions.order(session, make.approver(session), sanction.id, "Proved.")
    assert results(client, licence.number)[0]["status"] == "suspended"
    assert snapshot.current(session)[0] is not before


def test_the_register_tells_nothing_personal_and_nothing_of_drafts(client, session):
    agency, _account, owner = make.agency(session, "Hidden Draft Overseas")
    make.fill_in(session, owner, agency)
    assert results(client, "Hidden Draft Overseas") == []
    make.licensed(session, "Makalu Recruitment")
    row = results(client, "makalu")[0]
    assert set(row) == {
        "name", "name_local", "licence_number", "licence_class", "status", "valid_until", "district", "lookalike_of",
        "lookalike_of_name",
        "from_old_register",
        "winding_down",
    }  # fmt: skip


def test_the_api_pages_by_cursor_without_repeats_and_refuses_nonsense_as_problems(client, session):
    for name in ("Alpha", "Bravo", "Charlie", "Delta", "Echo"):
        make.licensed(session, f"{name} Overseas")
    seen, cursor = [], None
    while True:
        answer = client.get("/api/v1/licences", query_string={"limit": "2", **({"cursor": cursor} if cursor else {})})
        seen += [r["name"] for r in answer.json["results"]]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            break
        assert 'rel="next"' in answer.headers["Link"]
    assert seen == [f"{n} Overseas" for n in ("Alpha", "Bravo", "Charlie", "Delta", "Echo")]
    for wrong in (
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"limit": "٣"},
        {"cursor": "zz"},
        {"cursor": "bzE?"},
        {"q": "x" * 121},
    ):
        answer = client.get("/api/v1/licences", query_string=wrong)
        assert answer.status_code == 422, wrong
        assert answer.content_type == "application/problem+json"
        assert answer.json["status"] == 422


def test_odd_queries_do_no_harm(client, session):
    make.licensed(session, "Makalu Recruitment")
    for query in (
        "%",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "\x00",
        "a" * 5000,
        "्",
        "​",
        "🙂",
        "۰" * 50,
        "/" * 100,
    ):
        page = client.get("/check", query_string={"q": query})
        assert page.status_code == (400 if "\x00" in query else 200)
        assert "<script>alert" not in text_of(page)


@pytest.fixture
def issued(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    make.secured(session, cashier, application.id, make.security())
    return decisions.issue(session, cashier, application.id), agency, owner


def test_the_qr_of_a_licence_is_valid_until_the_licence_is_not(client, session, issued):
    licence, agency, owner = issued
    page = text_of(client.get(f"/verify/{licence.token}"))
    assert "This licence is valid" in page
    assert agency.name in page
    assert licence.number in page
    services.surrender(session, owner, agency.id, "We close.")
    page = text_of(client.get(f"/verify/{licence.token}"))
    assert "This licence is not valid" in page
    assert "This agency has given up its licence." in page


def test_the_qr_of_an_older_licence_is_not_valid_though_the_agency_is_licensed(client, session, issued):
    licence, _agency, _owner = issued
    licence.status = LicenceStatus.EXPIRED
    session.flush()
    assert "This licence is not valid" in text_of(client.get(f"/verify/{licence.token}"))


def test_a_changed_a_strange_and_an_unknown_code_are_not_ours(client, session, issued):
    licence, _agency, _owner = issued
    head, body, signature = licence.token.split(".")
    other = sign_token({"lid": "no-uuid"}, typ="licence")
    for token in (f"{head}.{body[:-2]}AA.{signature}", "nonsense", f"{head}.{body}.", other, sign_token({}, typ="odd")):
        page = client.get(f"/verify/{token}")
        assert page.status_code == 200
        assert "This is not one of our documents" in text_of(page), token
    assert "This is not one of our documents" in text_of(client.get("/verify"))


def test_the_qr_verifies_offline_with_the_published_keys(client, session, issued):
    licence, _agency, _owner = issued
    keys = client.get("/.well-known/jwks.json").json
    assert all("d" not in key for key in keys["keys"])
    opened = jws.deserialize_compact(licence.token, KeySet.import_key_set(keys), algorithms=["ES256"])
    assert opened.headers()["typ"] == "licence"
    assert licence.number.encode() in opened.payload


def walk(client, change, **query) -> tuple[list[str], int]:  # type: ignore[no-untyped-def]
    """All names of the pages of two, with a change after the first one; gives the last status, too."""
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = client.get("/api/v1/licences", query_string={"limit": "2", "cursor": cursor, **query})
        if answer.status_code != 200:
            return seen, answer.status_code
        seen += [r["name"] for r in answer.json["results"]]
        cursor = answer.json["next_cursor"]
        if len(seen) == 2:
            change()
    return seen, 200


def test_an_agency_that_enters_or_leaves_between_two_pages_repeats_and_drops_no_other(client, session):
    made = {n: make.licensed(session, f"{n} Overseas")[0].id for n in ("Bravo", "Charlie", "Delta", "echo", "Foxtrot")}

    def enter() -> None:
        make.licensed(session, "Alpha Overseas")

    def leave() -> None:
        session.get_one(Agency, made["Charlie"]).listed_at = None
        session.flush()
        make.licensed(session, "Aaron Overseas")

    rest = ["Delta Overseas", "echo Overseas", "Foxtrot Overseas"]
    assert walk(client, enter) == (["Bravo Overseas", "Charlie Overseas", *rest], 200)
    assert walk(client, leave) == (["Alpha Overseas", "Bravo Overseas", *rest], 200)
    seen, status = walk(client, lambda: None)
    assert (seen, status) == (["Aaron Overseas", "Alpha Overseas", "Bravo Overseas", *rest], 200)


def test_the_last_row_of_a_page_may_leave_and_the_next_page_goes_on_after_its_name(client, session):
    made = {n: make.licensed(session, f"{n} Overseas")[0].id for n in ("Bravo", "Charlie", "Delta")}

    def leave() -> None:
        session.get_one(Agency, made["Charlie"]).listed_at = None
        session.flush()
        make.licensed(session, "Alpha Overseas")

    assert walk(client, leave) == (["Bravo Overseas", "Charlie Overseas", "Delta Overseas"], 200)


def test_a_ranked_answer_that_changed_between_two_pages_is_asked_for_anew(client, session):
    for name in ("Makalu East", "Makalu West", "Makalu North"):
        make.licensed(session, f"{name} Overseas")
    assert len(walk(client, lambda: None, q="makalu")[0]) == 3
    _seen, status = walk(client, lambda: make.licensed(session, "Makalu South Overseas"), q="makalu")
    assert status == 409
