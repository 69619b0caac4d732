"""Reporting a recruiter on a phone, and the answer under the codename; each page is looked at."""

import pytest
from playwright.sync_api import Browser

from law.country import deployment
from tests.journeys import kit
from tests.journeys.conftest import Portal, staff

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("locale", ["en", "ne", "ur"])
def test_a_report_and_its_answer(portal: Portal, browser: Browser, locale: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(deployment().policy, "report_patience_seconds", 0)
    context = kit.context(browser, portal.url, locale=locale)
    page = context.new_page()

    def look(name: str) -> None:
        kit.refuse_faults(page, f"report-{name}-{locale}")
        kit.assert_targets(page, name)

    def go_on() -> None:
        kit.follow(page.locator("main form button[type=submit]:not([name])").first)

    page.goto("/report")
    look("danger")
    page.check("#danger-1")
    go_on()
    look("words")
    page.fill("#words", f"They locked us in and took the passports. ({locale})")
    go_on()
    look("who")
    page.fill("#name", "Sagarmatha Dreams")
    page.fill("#phone", "9851011111")
    go_on()
    look("paid")
    go_on()
    look("share")
    page.check("#share-1")
    go_on()
    look("check")
    go_on()
    look("codename")
    codename = page.locator(".amount bdi").inner_text()
    assert len(codename.split()) == 7
    assert [c["name"] for c in context.cookies()] == ["lang"]

    officer = kit.context(browser, portal.url, locale=locale)
    desk = officer.new_page()
    # An officer for each walk: an authenticator's code works once.
    kit.sign_in(desk, staff(portal, "case_officer", office="MOL", number=3 + ["en", "ne", "ur"].index(locale)))
    desk.goto("/staff")
    # The day alone is known of a report, so that those of one day stand in no order.
    first = desk.locator("section").first.locator("tbody a")
    for address in [str(link.get_attribute("href")) for link in first.all()]:
        desk.goto(address)
        if f"({locale})" in desk.locator("main").inner_text():
            break
    else:
        raise AssertionError("the report is not in the queue of those in danger")
    kit.follow(desk.locator("form[action$='/take'] button"))
    kit.refuse_faults(desk, f"report-file-{locale}")
    desk.fill("#words", "Call us.")
    kit.follow(desk.locator("button[formaction$='/write']"))
    desk.set_viewport_size(kit.DESKTOP)  # type: ignore[arg-type]
    kit.screenshot(desk, f"report-file-{locale}-1280")

    page.goto("/report/follow-up")
    page.fill("#codename", codename.upper())
    go_on()
    assert "Call us." in page.locator("main").inner_text()
    look("thread")
    for made in (context, officer):
        made.close()
