"""Somebody who uses the portal: a browser of their own, and the words that a journey is told in."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from playwright.sync_api import Browser, Locator, Page
from sqlalchemy import select

from core.accounts import find_account
from core.messages import OutgoingMessage
from tests.journeys import kit

if TYPE_CHECKING:
    from tests.journeys.conftest import Portal


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, browser: Browser, portal: "Portal", size: dict[str, int], javascript: bool) -> None:
        self.portal, self.javascript = portal, javascript
        self.context = kit.context(browser, portal.url, size=size, javascript=javascript)
        self.page: Page = self.context.new_page()

    def go(self, address: str) -> None:
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status < 400, f"{address}: {answer.status}"

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            field = self.page.locator(f"main [name={name}]").first
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def press(self, text: str) -> None:
        """Press the button or follow the link with this text; the page that comes must be well."""
        found = self.page.get_by_role("button", name=text, exact=True).or_(
            self.page.get_by_role("link", name=text, exact=True)
        )
        summary = self.page.locator(".menu:not([open]) summary")
        if not found.count() and summary.is_visible():
            summary.click()
        kit.follow(found.first)
        self.refuses_nothing(repr(text))

    def open(self, text: str) -> None:
        """Follow the first link in the page whose text begins like this."""
        kit.follow(self.page.locator("main a", has_text=text).first)

    def unfold(self, text: str) -> None:
        """Open what stands folded under this line."""
        self.page.locator("main summary", has_text=text).first.click()

    def decide(self, action: str, reason: str) -> None:
        """Take one of the decisions that are listed on a file."""
        self.page.check(f"#action-{action}")
        self.fill(reason=reason)
        self.press("Decide")

    def act(self, action: str, reason: str) -> None:
        """Use the form that does this one thing, with its reason."""
        form = self.page.locator(f"main form[action$='/{action}']" if action else "main form").first
        form.locator("[name=reason]").fill(reason)
        kit.follow(form.locator("button[type=submit]").first)
        self.refuses_nothing(action)

    def submit(
        self, action: str, *, choose: dict[str, str] | None = None, file: Path | None = None, **values: str
    ) -> None:
        """Fill the form that goes to an address with this end (the page's first form when none is named), and send it."""
        form = self.page.locator(f"main form[action$='/{action}']" if action else "main form").first
        for name, value in (choose or {}).items():
            form.locator(f"[name$={name}][value={value}]").check()
        for name, value in values.items():
            form.locator(f"[name$={name}]").fill(value)
        if file is not None:
            form.locator("[type=file]").first.set_input_files(file)
        kit.follow(form.locator("button[type=submit]").first)
        self.refuses_nothing(action)
        self.well()

    def send(self) -> None:
        """Press the one button of a page that asks one thing; the page that comes must be well."""
        kit.follow(self.page.locator("main form button[type=submit]").first)
        self.refuses_nothing("the form")

    def refuses_nothing(self, what: str) -> None:
        problem = self.page.locator(".summary")
        assert problem.count() == 0, f"after {what}: {problem.first.inner_text()}"

    def read_mail(self, address: str) -> str:
        """The newest message to an e-mail address or telephone, as the outbox page of a demo shows it."""
        outbox = self.context.new_page()
        outbox.goto("/dev/outbox")
        body = outbox.locator("section.card", has_text=address).first.locator("p").last.inner_text()
        outbox.close()
        return body

    def mailed_code(self, address: str) -> str:
        found = re.search(r"[0-9]{6}", self.read_mail(address))
        assert found
        return found[0]

    def sees(self, text: str) -> None:
        shown = self.page.locator("main").inner_text()
        assert text in shown, f"{text!r} is not on {self.page.url}:\n{shown[:600]}"

    def well(self) -> None:
        """The page has no fault that a machine can find (axe itself needs JavaScript).

        A page that looks like one seen before at this width is measured again, and not shown to axe again.
        """
        if not self.javascript:
            return
        kit.assert_no_overflow(self.page, self.page.url)
        kit.assert_targets(self.page, self.page.url)
        kit.refuse_faults(self.page)

    def scan(self, picture: Locator) -> str:
        """What a telephone's camera would read from a QR code on the screen."""
        image = cv2.imdecode(np.frombuffer(picture.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
        for times in (2, 3, 4, 1.5, 2.5, 5, 1, 3.5, 6):
            larger = cv2.resize(image, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
            framed = cv2.copyMakeBorder(larger, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)
            found, _points, _straight = cv2.QRCodeDetector().detectAndDecode(framed)
            if found:
                return str(found)
        raise AssertionError("the QR code can't be read")


def code_for(portal: "Portal", login: str) -> str:
    """The newest code that was sent to an account, as the outbox page would show it."""
    with portal.sessions() as session:
        account = find_account(session, login)
        assert account
        query = select(OutgoingMessage).where(
            OutgoingMessage.account_id == account.id, OutgoingMessage.template == "code"
        )
        body = session.scalars(query.order_by(OutgoingMessage.created_at.desc()).limit(1)).one().body or ""
    found = re.search(r"[0-9]{6}", body)
    assert found
    return found[0]
