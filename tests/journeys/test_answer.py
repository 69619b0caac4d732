"""Somebody with a phone checks a good offer and a bad one; somebody without a smart one asks by SMS."""

import hmac
import json
import re
from dataclasses import replace
from hashlib import sha256
from time import time

import pytest
import requests
from playwright.sync_api import Browser

from core import settings
from core.ids import new_reference
from tests.contracts import factories as contracts
from tests.journeys import kit
from tests.journeys.conftest import Portal

pytestmark = pytest.mark.browser
WORDS = {
    "en": ("Yes, for this job", "No. Do not pay", "Not licensed", "Licensed, but check first"),
    "ne": ("हो, यो कामका लागि", "होइन। पैसा नतिर्नुहोस्", "इजाजतपत्र नभएको", "इजाजतपत्र छ, तर पहिले जाँच्नुहोस्"),
    "ur": ("ہاں، اس کام کے لیے", "نہیں۔ رقم نہ دیں", "لائسنس نہیں", "لائسنس ہے، مگر پہلے جانچیں"),
}


@pytest.fixture(scope="module")
def job(portal: Portal) -> tuple[str, str]:
    """An approved job: its number, and the name of its agency."""
    with portal.sessions() as session:
        scene = contracts.approved(session)
        session.commit()
        return scene.order.reference, scene.agency_record.name


@pytest.mark.parametrize("locale", ["en", "ne", "ur"])
@pytest.mark.parametrize("javascript", [True, False], ids=["", "without JavaScript"])
def test_a_good_and_a_bad_offer(portal: Portal, browser: Browser, job: tuple[str, str], locale: str, javascript: bool):
    number, agency = job
    yes, no, unlisted, check = WORDS[locale]
    context = kit.context(browser, portal.url, locale=locale, javascript=javascript)
    page = context.new_page()

    def answered(word: str, name: str) -> None:
        assert page.locator(".answer .word").inner_text().strip() == word
        if javascript:
            kit.refuse_faults(page, f"answer-{name}-{locale}")
            kit.assert_targets(page, name)

    def ask(**fields: str) -> None:
        for field, text in fields.items():
            if field == "destination":
                page.select_option("#destination", text)
            else:
                page.fill(f"#{field}", text)
        kit.follow(page.locator("main form button[type=submit]"))

    page.goto("/")
    kit.follow(page.locator("main a[href='/answer']"))
    if javascript:
        kit.refuse_faults(page, f"answer-form-{locale}")
    ask(agency=agency)
    answered(check, "licensed")
    ask(job_order=number.lower().replace("-", " "))
    answered(yes, "good")
    page.locator("summary").first.click()
    if javascript:
        kit.refuse_faults(page, f"answer-good-open-{locale}")
    # The man says that the work is in Saudi Arabia; the ministry approved it for Qatar.
    ask(destination="SA")
    answered(no, "bad")
    ask(agency="Zzyzx Qwerty Travels", job_order="", destination="")
    answered(unlisted, "unlisted")
    assert page.locator(".answer a[href='/report']").is_visible()
    assert page.locator(".answer a[href='/information']").is_visible()
    page.goto(f"/answer?job_order={new_reference('JB')}")
    answered(no, "made-up")
    if javascript:
        page.set_viewport_size(kit.DESKTOP)  # type: ignore[arg-type]
        kit.screenshot(page, f"answer-made-up-{locale}-1280")
    context.close()


def test_the_same_by_sms_and_a_forged_one_is_refused(portal: Portal, browser: Browser, job: tuple[str, str]):
    secret = "a-key-agreed-with-the-gateway"
    settings.configure(replace(settings.current(), sms_webhook_secret=secret))

    def send(text: str, event: str, key: str = secret) -> int:
        payload = {"messageId": event, "message": text, "phoneNumber": "9800000077", "simNumber": 1, "receivedAt": "x"}
        body = json.dumps({"event": "sms:received", "id": event, "payload": payload}, ensure_ascii=False).encode()
        stamp = str(int(time()))
        signature = hmac.new(key.encode(), body + stamp.encode(), sha256).hexdigest()
        headers = {"X-Timestamp": stamp, "X-Signature": signature, "Content-Type": "application/json"}
        return requests.post(f"{portal.url}/webhooks/sms", data=body, headers=headers, timeout=20).status_code

    assert send(f"CHECK {job[0]}", "e1") == 200
    assert send(f"CHECK {job[0]}", "e1") == 200
    assert send("जाँच Zzyzx Qwerty Travels", "e2") == 200
    assert send("CHECK 1", "e3", key="somebody-elses-key") == 403
    portal.drain()
    context = kit.context(browser, portal.url)
    page = context.new_page()
    page.goto("/dev/outbox")
    said = page.locator(".card", has_text="+9779800000077").all_inner_texts()
    assert len(said) == 2
    assert any(re.search(r"YES, for this job.*हो, यो कामका लागि", t) for t in said), said
    assert any("इजाजतपत्र छैन" in t and "/report" in t for t in said), said
    context.close()
