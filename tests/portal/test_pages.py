"""What every page has: a title in plain text, and a change of language that leads back to where the person was."""

import re

from sqlalchemy.orm import Session

from core.permissions import StaffRole
from tests.agencies import factories as agencies
from tests.conftest import PortalClient
from tests.portal.factories import officer


def title(text: str) -> str:
    found = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    assert found
    return found[1]


def language_links(text: str) -> set[str]:
    return set(re.findall(r'href="/language/\w+\?next=([^"]+)"', text))


def test_a_title_is_plain_text_and_says_the_name_of_the_portal_once(client: PortalClient, session: Session):
    assert title(client.get("/").text) == "OpenPassage"
    assert title(client.get("/check").text) == "Check an agency – OpenPassage"
    admin = officer(session, StaffRole.STAFF_ADMIN)
    client.sign_in(session, admin)
    made = client.post_form(
        "/staff/organisations/ngo/new",
        name="Help & <b>Hope</b>",
        district="Kaski",
        owner_name="A",
        owner_email="a@b.example",
    )
    shown = client.get(made.headers["Location"]).text
    assert title(shown) == "Help &amp; &lt;b&gt;Hope&lt;/b&gt; – OpenPassage"
    assert "<h1><bdi>Help &amp; &lt;b&gt;" in shown


def test_after_a_refused_form_the_language_leads_back_to_the_forms_page(client: PortalClient, session: Session):
    application, _agency, _owner = agencies.submitted(session)
    reviewer, _ = agencies.officer(session, StaffRole.LICENSING_OFFICER)
    client.sign_in(session, reviewer)
    page = f"/licensing/applications/{application.id}"
    refused = client.post_form(f"{page}/return")
    assert refused.status_code == 422
    assert language_links(refused.text) == {page}
    again = client.get(f"{page}/return")
    assert (again.status_code, again.headers["Location"]) == (303, page)
    assert client.get("/sign-out").status_code == 405


def test_the_page_that_a_form_came_from_is_preferred_when_it_is_ours(client: PortalClient, session: Session):
    application, _agency, _owner = agencies.submitted(session)
    reviewer, _ = agencies.officer(session, StaffRole.LICENSING_OFFICER)
    client.sign_in(session, reviewer)
    page = f"/licensing/applications/{application.id}"

    def after(referrer: str) -> set[str]:
        with client.session_transaction() as cookie:
            secret = cookie.setdefault("csrf", "0" * 32)
        data = {"csrf_token": "00" * 16 + secret}
        return language_links(client.post(f"{page}/return", data=data, headers={"Referer": referrer}).text)

    assert after("http://localhost/staff") == {"/staff"}
    assert after("http://localhost/staff/search?q=Ram") == {"/staff/search?q%3DRam"}
    assert after("http://localhost/nowhere") == {page}
    assert after("https://elsewhere.example/staff") == {page}
    assert after(f"http://localhost{page}/return") == {page}


def test_a_worker_finds_where_to_sign_in_and_is_not_sent_to_the_organisations(client):
    workers, organisations = client.get("/").text.split("For organisations")
    assert "Sign in as a worker" in workers
    assert "Workers" not in organisations.split("</main>")[0]


def test_the_portals_name_leads_home_whoever_signed_in_and_a_stranger_to_the_first_page(client, session):
    brand = re.compile(r'class="brand" href="([^"]+)"')
    assert brand.search(client.get("/check").text)[1] == "/"
    client.sign_in(session, officer(session))
    assert brand.search(client.get("/check").text)[1] == "/home"
    assert client.get("/home").headers["Location"].endswith("/staff")


def test_a_long_menu_is_folded_without_javascript_and_a_short_one_is_not(client, session):
    client.sign_in(session, officer(session, StaffRole.REMITTANCE_OFFICER))
    long = client.get("/account").text
    assert '<details class="menu"><summary>Menu</summary></details>' in long
    # The lines stand beside the fold, once, so that a wide page shows them without it.
    assert long.count('action="/sign-out"') == 1
    client.sign_in(session, officer(session, StaffRole.AIRPORT_OFFICER))
    assert '<details class="menu">' not in client.get("/account").text
