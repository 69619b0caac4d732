"""Page, QR, JSON and SMS say the same; nothing can be leafed through; too many questions are refused."""

import re
from urllib.parse import urlencode

import pypdfium2
import pytest
from sqlalchemy import event, select

from agencies.licensing.status import LicenceStatus
from contracts.answer import rendered, services, sms
from contracts.answer.address import answer_address
from contracts.answer.shape import Question
from contracts.answer.status import ADVICE, TITLES, Word
from contracts.employers.status import EmployerStatus
from contracts.job_orders.status import JobOrderStatus
from core.accounts import UserAccount
from core.ids import new_reference
from core.inbound import InboundMessage
from core.settings import current
from law.country import deployment
from tests.agencies import factories as make
from tests.contracts import factories as contracts
from tests.contracts.answer.scene import employer, job, row, scene, use_law

UNLISTED = "Zzyzx Qwerty Travels"


@pytest.fixture
def s(session, monkeypatch):
    use_law(monkeypatch, row("destination_ban", "Closed", "V", destination="KW"), row("fee_cap.worker", 10_000, "R"))
    return scene(session)


def cases(s):
    """Questions for every overall word, as the four channels can ask them."""
    session = s.session
    suspended = make.licensed(session, "Dhaulagiri Overseas Pvt. Ltd.", status=LicenceStatus.SUSPENDED)[1]
    expired = make.licensed(session, "Machhapuchhre Overseas Pvt. Ltd.", status=LicenceStatus.EXPIRED)[1]
    for middle in ("Kailash", "Langtang"):
        make.licensed(session, f"Everest {middle} Overseas Pvt. Ltd.")
    watched = job(session, s.agency.id, employer(session, "Watched Co", status=EmployerStatus.WATCH))
    closed_country = job(session, s.agency.id, employer(session, "Kuwait Foods", country="KW"))
    return [
        (Question(agency=s.number), Word.CHECK),
        (Question(agency="annapurna manpwer"), Word.CHECK),
        (Question(job_order=s.job.reference), Word.YES),
        (Question(agency=s.number, job_order=s.job.reference), Word.YES),
        (Question(agency=s.number, job_order=watched.reference), Word.CHECK),
        (Question(agency=s.number, job_order=closed_country.reference), Word.NO),
        (Question(agency=s.number, job_order=new_reference("JB")), Word.NO),
        (Question(job_order=new_reference("JB")), Word.NO),
        (Question(card=new_reference("BR") + "/4"), Word.NO),
        (Question(job_order="JB-12"), Word.UNKNOWN),
        (Question(agency=suspended.number), Word.SUSPENDED),
        (Question(agency=expired.number), Word.ENDED),
        (Question(agency=UNLISTED), Word.NOT_LICENSED),
        (Question(agency="Everest Overseas"), Word.WHICH_ONE),
    ]


def test_page_json_qr_and_sms_say_the_same_word(s, client):
    for question, word in cases(s):
        asked = {n: getattr(question, n) for n in rendered.LENGTHS if getattr(question, n)}
        found = services.answer(s.session, question)
        assert found.word is word, question
        data = client.get(f"/api/v1/answer?{urlencode(asked)}").json
        assert (data["word"], data["title"], data["advice"]) == (
            word,
            str(TITLES[word]),
            [str(a) for a in ADVICE[word]],
        )
        page = client.get(f"/answer?{urlencode(asked)}").text
        assert re.search(r'class="word">.*?<span>(.*?)</span>', page, re.S)[1] == str(TITLES[word])
        written = " ".join(v for v in (question.agency, question.card, question.job_order) if v)
        # The short sentence is the word's own, or a finer one of the same word.
        short = {str(sms.SHORT[word])}
        short |= (
            {str(sms.ASK_NUMBER)}
            if word is Word.CHECK
            else set(map(str, sms.NO_BECAUSE.values()))
            if word is Word.NO
            else set()
        )
        said = sms.check(s.session, written, "en")
        assert any(said.startswith(t) for t in short), (written, said)
    address = answer_address(job_order=s.job.reference).removeprefix(current().public_url)
    assert str(TITLES[Word.YES]) in client.get(address).text
    address = answer_address(agency=s.number).removeprefix(current().public_url)
    assert client.get(address).status_code == 200
    assert s.number in client.get(address).text


def test_every_answer_fits_the_published_schema(s, client):
    published = client.get("/api/v1/answer/schema.json").json
    words = set()
    for question, _word in cases(s):
        asked = {n: getattr(question, n) for n in rendered.LENGTHS if getattr(question, n)}
        data = client.get(f"/api/v1/answer?{urlencode(asked)}").json
        fits(data, published)
        words.add(data["word"])
    assert words >= {"yes", "yes_but_check", "no", "not_licensed", "suspended", "ended", "ask_which_one", "unknown"}
    broken = client.get(f"/api/v1/answer?agency={s.number}").json
    broken["parts"][0]["state"] = "maybe"
    with pytest.raises(AssertionError):
        fits(broken, published)


def fits(value, schema, at="$"):
    """As much of JSON Schema as ours uses."""
    if "anyOf" in schema:
        assert any(_fits(value, s, at) for s in schema["anyOf"]), at
        return
    if "enum" in schema:
        assert value in schema["enum"], f"{at}: {value}"
    kinds = {"string": str, "null": type(None), "object": dict, "array": list}
    wanted = schema.get("type")
    if wanted:
        assert isinstance(value, tuple(kinds[k] for k in ([wanted] if isinstance(wanted, str) else wanted))), at
    if wanted == "object":
        assert set(value) == set(schema["required"]) == set(schema["properties"]), at
        for name, inner in schema["properties"].items():
            fits(value[name], inner, f"{at}.{name}")
    if wanted == "array":
        for item in value:
            fits(item, schema["items"], f"{at}[]")


def _fits(value, schema, at):
    try:
        fits(value, schema, at)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "agency"),
        ("agency=+", "agency"),
        ("agency=" + "a" * 121, "agency"),
        ("agency=A&destination=ZZ", "destination"),
        ("agency=A&destination=Q1", "destination"),
        ("agency=A&destination=EU", "destination"),
        ("agency=A&occupation=12", "occupation"),
        ("agency=A&occupation=abcd", "occupation"),
        ("job_order=" + "J" * 41, "job_order"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_that_names_the_parameter(client, session, query, parameter):
    refused = client.get(f"/api/v1/answer?{query}")
    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    assert refused.json["parameter"] == parameter
    page = client.get(f"/answer?{query}")
    assert page.status_code == (422 if query else 200)


def test_a_country_that_is_no_destination_can_be_asked_for_in_digits_and_letters_of_any_kind(s, client):
    for query in ("destination=iq", "destination=IQ&occupation=९३२९"):
        data = client.get(f"/api/v1/answer?agency={s.number}&{query}").json
        line = next(p for p in data["parts"] if p["subject"] == "destination")
        assert (line["code"], "Iraq" in line["sentence"]) == ("not_in_law", True)
    assert "Iraq" in client.get(f"/answer?agency={s.number}&destination=IQ").text


def test_nothing_typed_comes_back_as_markup(s, client):
    for name in rendered.LENGTHS:
        query = urlencode({name: '<b>"x'})
        text = client.get(f"/answer?{query}").text
        assert "<b>" not in text, name


def test_no_channel_tells_a_hidden_job_or_employer_from_a_made_up_one(s, client):
    hidden = job(s.session, s.agency.id, s.employer, status=JobOrderStatus.AGENCY_ACKNOWLEDGED)
    employer(s.session, "Quiet Co", status=EmployerStatus.VERIFIED)
    pairs = (
        ({"job_order": hidden.reference}, {"job_order": new_reference("JB")}),
        ({"agency": s.number, "job_order": hidden.reference}, {"agency": s.number, "job_order": new_reference("JB")}),
        ({"agency": s.number, "employer": "Quiet Co"}, {"agency": s.number, "employer": "Louder Co"}),
    )
    for one, other in pairs:
        seen, never = (client.get(f"/api/v1/answer?{urlencode(q)}").json for q in (one, other))
        del seen["question"], never["question"]
        assert seen == never


def test_no_answer_lists_jobs_employers_or_cards(s, client):
    for query in (
        "agency=" + s.number,
        f"agency={s.number}&destination=QA",
        f"agency={s.number}&employer=Doha+Build+WLL",
    ):
        text = client.get(f"/api/v1/answer?{query}").text + client.get(f"/answer?{query}").text
        assert s.job.reference not in text
    # A part of an employer's name finds nothing.
    data = client.get(f"/api/v1/answer?agency={s.number}&employer=Doha").json
    assert [p["code"] for p in data["parts"] if p["subject"] == "employer"] == ["not_found"]


def test_references_are_tried_out_so_often_and_no_more_while_the_register_stays_open(s, client, monkeypatch):
    monkeypatch.setitem(deployment().policy, "answers_per_hour", 3)
    codes = [client.get(f"/api/v1/answer?job_order={new_reference('JB')}").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    refused = client.get("/api/v1/answer?card=BR-1")
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert refused.headers["Retry-After"] == "3600"
    assert client.get("/answer?employer=x").status_code == 429
    assert client.get(f"/api/v1/answer?agency={s.number}").status_code == 200
    assert client.get(f"/answer?agency={s.number}&destination=QA").status_code == 200


def test_a_question_leaves_nothing_in_the_database(s, client):
    before = len(s.session.scalars(select(InboundMessage)).all())
    assert client.get(f"/answer?agency={s.number}").headers.get("Set-Cookie") is None
    assert len(s.session.scalars(select(InboundMessage)).all()) == before


def test_a_whole_question_costs_few_queries_however_many_jobs_there_are(s):
    for _ in range(20):
        job(s.session, s.agency.id, s.employer)
    asked = Question(s.number, "", s.job.reference, "Doha Build W.L.L.", "9329", "QA")
    services.answer(s.session, asked)
    seen = []
    connection = s.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
    assert services.answer(s.session, asked).word is Word.YES
    assert len(seen) <= 12, seen


def test_a_poster_is_for_the_parties_of_an_approved_job_alone(client, session):
    deal = contracts.approved(session)
    address = f"/job-orders/{deal.order.id}/poster"
    assert client.get(address).status_code == 303
    client.sign_in(session, session.get_one(UserAccount, deal.agency.require_account()))
    poster = client.get(address)
    assert (poster.status_code, poster.mimetype, poster.data[:5]) == (200, "application/pdf", b"%PDF-")
    # Labels in English and in the country's own language.
    with pypdfium2.PdfDocument(poster.data) as pdf:
        assert len(pdf) == 1
        text = pdf[0].get_textpage().get_text_range()
    for said in ("Country", "Wage a month", "देश", "कामदारले जम्मा तिर्ने", "कतार", "Qatar", deal.order.reference):
        assert said in text, text
    page = client.get(f"/job-orders/{deal.order.id}").text
    assert address in page
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert "<svg" in client.get("/agency/job-orders").text
    draft = contracts.signed(session)
    client.sign_in(session, session.get_one(UserAccount, draft.agency.require_account()))
    assert client.get(f"/job-orders/{draft.order.id}/poster").status_code == 404
    assert client.get(address).status_code == 404


def test_the_licence_check_leads_here_with_what_was_typed(s, client):
    page = client.get(f"/check?q={s.number}").text
    assert f"/answer?agency={s.number.replace('/', '/')}" in page.replace("%2F", "/")
    assert 'href="/answer"' in client.get("/").text
