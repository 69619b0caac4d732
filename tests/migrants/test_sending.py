"""Before and after sending a registration: what is missing is listed, words instead of codes, no promise of a message to nowhere."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from migrants.registration import services
from migrants.registration.status import MigrantStatus as S
from tests.migrants.factories import PASSWORD, account_of, actor_of, applicant, office, officer, zone


def text(response) -> str:
    return response.get_data(as_text=True)


def test_missing_steps_are_listed_where_the_button_would_stand(client: FlaskClient, session: Session):
    office(session)
    migrant, account = services.begin(session, services.Begin("Sita", PASSWORD, "en", consent=True))
    client.sign_in(session, account)
    shown = text(client.get("/me/check"))
    main = shown[shown.index("<main") :]
    assert ">Send<" not in main
    assert 'href="/me/registration/birth"' in main
    answer = client.post_form("/me/check")
    assert answer.status_code == 422
    assert "Do the steps that are listed here" in text(answer)
    session.refresh(migrant)
    assert migrant.status is S.STARTED


def test_the_check_says_country_and_sex_in_words(client: FlaskClient, session: Session):
    _migrant, actor = applicant(session, number="PA9300001")
    client.sign_in(session, account_of(session, actor))
    shown = text(client.get("/me/check"))
    assert ">Nepal<" in shown.replace("<bdi>", "").replace("</bdi>", "").replace("<dd>", ">")
    assert "Female (F)" in shown


def test_without_a_telephone_no_message_is_promised(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, number="PA9300002")
    account = account_of(session, actor)
    account.phone = account.phone_index = account.phone_confirmed_at = None
    services.submit(session, actor)
    client.sign_in(session, account)
    shown = text(client.get("/me"))
    assert migrant.status is S.MISMATCH
    assert "you will also get a message" not in shown
    assert 'href="/me/phone"' in shown


def test_nepali_begins_with_bikram_sambat_and_a_year_to_come_is_explained(client: FlaskClient, session: Session):
    office(session)
    _migrant, account = services.begin(session, services.Begin("Sita", PASSWORD, "en", consent=True))
    client.sign_in(session, account)
    assert 'checked id="calendar-1" name="calendar" type="radio" value="AD"' in text(
        client.get("/me/registration/birth")
    )
    wrong = client.post_form("/me/registration/birth", calendar="AD", day="2053-01-01")
    assert wrong.status_code == 422
    assert "This looks like a year of Bikram Sambat." in text(wrong)
    account.locale = "ne"
    session.flush()
    client.set_cookie("lang", "ne")
    shown = text(client.get("/me/registration/birth"))
    assert 'checked id="calendar-0" name="calendar" type="radio" value="BS"' in shown


def test_the_officers_file_names_language_and_sex(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, number="PA9300003", mrz=zone("PA9300003", sex="M"))
    services.submit(session, actor_of(session, migrant.id))
    client.sign_in(session, account_of(session, officer(session)))
    shown = text(client.get(f"/staff/identity/{migrant.id}"))
    assert "Female (F)" in shown
    assert "Male (M)" in shown
    assert "2026-11 ne" not in shown
    assert "something does not fit" in shown
    assert actor.account_id is not None
