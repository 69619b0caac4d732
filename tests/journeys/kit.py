"""A real browser for journeys: contexts, signing in, and looking at a page as a person and as axe would."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.accounts import UserAccount, find_account, open_session
from core.messages import OutgoingMessage
from core.settings import ROOT
from core.web import session_cookie

if TYPE_CHECKING:
    from tests.journeys.conftest import Portal

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
SCREENSHOTS = ROOT / "var" / "screenshots"
# WCAG 2.2 AA, as axe knows it.
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}


def launch(playwright: Playwright) -> Browser:
    """The machine's Chromium, or the one that tools/browser.py unpacked."""
    found = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "browser.py")], capture_output=True, text=True, check=True
    )
    return playwright.chromium.launch(executable_path=found.stdout.strip(), args=FLAGS)


def context(
    browser: Browser, base_url: str, *, size: dict[str, int] = PHONE, locale: str = "en", javascript: bool = True
) -> BrowserContext:
    """A fresh browser profile, with the language chosen."""
    made = browser.new_context(
        base_url=base_url,
        viewport=size,  # type: ignore[arg-type]
        java_script_enabled=javascript,
        locale="en-GB",
    )
    made.add_cookies([{"name": "lang", "value": locale, "url": base_url}])
    made.set_default_timeout(15_000)
    return made


def follow(target: Locator) -> None:
    """Press a button or a link, and wait for the page that it leads to: a click alone returns before the answer is there."""
    with target.page.expect_navigation():
        target.click()


def sign_in(page: Page, account: dict[str, Any]) -> None:
    """Sign in as anybody would; staff give their second factor."""
    page.goto("/sign-in")
    page.fill("#login", account["login"])
    page.fill("#password", account["password"])
    follow(page.locator("main button[type=submit]"))
    if account.get("totp_secret"):
        page.fill("#code", pyotp.TOTP(account["totp_secret"]).now())
        follow(page.locator("main button[type=submit]"))


def session_token(portal: "Portal", who: str | UUID, *, pending_totp: bool = False) -> str:
    """The cookie's token of a fresh session. ``who``: a login, or an account's id."""
    with portal.sessions() as session:
        account = session.get(UserAccount, who) if isinstance(who, UUID) else find_account(session, who)
        assert account, who
        token = open_session(session, account, agent="journeys", pending_totp=pending_totp)
        session.commit()
    return token


def enter(context: BrowserContext, portal: "Portal", who: str | UUID, *, pending_totp: bool = False) -> None:
    """Give the browser a signed-in session, where the signing in itself is not the point."""
    token = session_token(portal, who, pending_totp=pending_totp)
    context.add_cookies([{"name": session_cookie(), "value": token, "url": portal.url}])


def refuse_faults(page: Page, where: str = "") -> None:
    """axe finds nothing, nothing sticks out, nothing is cut off: the message names the element."""
    where = where or page.url
    assert_no_overflow(page, where)
    screenshot(page, "seen-" + re.sub(r"https?://[^/]+|[0-9a-f]{8}-[0-9a-f-]{27}", "", where))
    said = axe(page)
    assert not said, f"{where}: {said}"


AXE = Axe().axe_script
ASK_AXE = """options => axe.run(document, options).then(found =>
  found.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', ')))"""


# What a page says, in one question: each question of its own costs more than its answer.
SAID = """() => ({headings: document.querySelectorAll('h1').length, main: document.querySelector('main').innerText,
  title: document.title, help: document.querySelectorAll("a[href='/information']").length})"""
# What axe would see: the elements with their classes and the names of their attributes, the language and the width; names,
# numbers and codes aside.
SHAPE = """() => innerWidth + document.documentElement.lang + [...document.querySelectorAll('body *')]
  .map(e => e.tagName + e.className + e.getAttributeNames() + (e.getAttribute('role') || '') + (e.type || '')).join()"""
# What the look of an element comes from: the classes and states of it and of all that it stands in (no page has styles of its
# own: the policy for content forbids them).
INKS = """() => {
  const states = /^(type|open|disabled|readonly|checked|hidden|role|aria-current|aria-invalid|scope|tabindex)$/;
  const look = n => n.tagName + '.' + n.className + [...n.attributes].filter(a => states.test(a.name)).map(a => a.name + a.value);
  return [...new Set([...document.querySelectorAll('body *')].filter(e => !e.closest('svg') && e.type !== 'hidden').map(e => {
    const chain = [innerWidth + document.documentElement.lang, look(e)];
    for (let n = e.parentElement; n; n = n.parentElement) if (n.className || /DETAILS|TABLE|TH|NAV/.test(n.tagName)) chain.push(look(n));
    return chain.join('<'); }))]; }"""
_clean: set[int] = set()
_inks: set[int] = set()


def axe(page: Page, *, look_alone: bool = False) -> list[str]:
    """What axe says against the page as it stands; the tool is put in once a page and asked for violations alone.

    A page of a shape, language and width that had none before is not shown to it again in this process, and contrast, the
    dearest of its questions, is asked where an element stands in surroundings that are new. ``look_alone``: the page is shown
    to it elsewhere, in another language and width, so that only elements whose look is new here need it.
    """
    shape = hash(page.evaluate(SHAPE))
    if shape in _clean:
        return []
    inks = {hash(ink) for ink in page.evaluate(INKS)}
    if look_alone and inks <= _inks:
        return []
    if not page.evaluate("() => typeof axe !== 'undefined'"):
        page.evaluate(AXE)
    rules = {} if inks - _inks else {"rules": {"color-contrast": {"enabled": False}}}
    said: list[str] = page.evaluate(ASK_AXE, {**RULES, **rules})
    if not said:
        _clean.add(shape)
        _inks.update(inks)
    return said


OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth, out = [];
  for (const e of document.querySelectorAll('body *')) {
    const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    if (!r.width || s.position === 'absolute' || s.visibility === 'hidden' || e.closest('.scroll, .skip, .hidden, thead')) continue;
    if (r.right > wide + 1 || r.left < -1) out.push(e.tagName + '.' + e.className + ' ' + Math.round(r.left) + '..' + Math.round(r.right));
  }
  return document.documentElement.scrollWidth > wide + 1 ? out.slice(0, 4).concat(['page ' + document.documentElement.scrollWidth]) : [];
}"""
# WCAG 2.5.8: 24 by 24 pixels. A link in a sentence or between words of a line is exempt ("inline"), and so is a radio or
# check box whose label, a target for the same choice, is large enough.
SMALL = """() => {
  const big = r => r.height >= 23.5 && r.width >= 23.5;
  const inSentence = e => {
    if (e.tagName !== 'A' || getComputedStyle(e).display !== 'inline') return false;
    let block = e.parentElement;
    while (getComputedStyle(block).display === 'inline') block = block.parentElement;
    const others = block.textContent.trim().length - e.textContent.trim().length;
    return others > 0;
  };
  return [...document.querySelectorAll('body a, body button, body summary, body input:not([type=hidden]), body select, body textarea')]
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([e, r]) => r.width && r.height && e.checkVisibility() && !e.closest('.skip') && !big(r) && !inSentence(e)
      && !(e.labels && ['radio', 'checkbox'].includes(e.type) && [...e.labels].some(l => big(l.getBoundingClientRect()))))
    .map(([e, r]) => e.outerHTML.slice(0, 80) + ' ' + Math.round(r.width) + 'x' + Math.round(r.height));
}"""


# A reference, number or code that would fit a line of its own stands on one.
BROKEN = """() => [...document.querySelectorAll('main .code')]
  .filter(e => e.checkVisibility() && /^[A-Z0-9-]{6,18}$/.test(e.textContent.trim())
    && e.getBoundingClientRect().height > 1.9 * parseFloat(getComputedStyle(e).lineHeight))
  .map(e => e.textContent.trim())"""
CUT = """() => [...document.querySelectorAll('main *, header *, nav *, footer *')].filter(e => {
    const s = getComputedStyle(e), r = e.getBoundingClientRect();
    if (!r.width || !r.height || e.closest('.hidden, .skip, .scroll, thead, svg, select, textarea')) return false;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) return false;
    const hides = s.overflowX !== 'visible' || s.overflowY !== 'visible' || s.textOverflow === 'ellipsis';
    return hides && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
  }).map(e => e.outerHTML.slice(0, 100))"""


def assert_no_cut_text(page: Page, where: str) -> None:
    """No text is hidden behind the edge of its own box."""
    found = page.evaluate(CUT)
    assert found == [], f"{where} cuts text: {found}"


def assert_well(page: Page, where: str, *, targets: bool = True) -> None:
    """Everything that is measured, in one question to the page."""
    found = page.evaluate(f"() => [({OVERFLOW})(), ({CUT})(), {f'({SMALL})()' if targets else '[]'}, ({BROKEN})()]")
    for what, faults in zip(("sticks out", "cuts text", "has small targets", "breaks a reference"), found, strict=True):
        assert faults == [], f"{where} {what}: {faults}"


# Controls whose middle, once scrolled to, belongs to another element: something lies over them.
COVERED = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().width && !e.closest('.hidden, .skip'))
  .filter(e => {
    e.scrollIntoView({block: 'center', inline: 'center'});
    const r = e.getClientRects()[0], top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
    return !(top && (top === e || e.contains(top) || top.contains(e)));
  }).map(e => e.outerHTML.slice(0, 100))"""


def visible_text(page: Page) -> list[str]:
    """The words that a person can see, in order, whatever their layout; what only a screen reader hears is left out."""
    found: list[str] = page.evaluate(
        """() => { const words = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) { const n = walker.currentNode, e = n.parentElement;
          if (!n.textContent.trim() || e.closest('.hidden, .skip, thead, script, select, textarea')) continue;
          if (!e.checkVisibility() || !e.getClientRects().length) continue;
          words.push(n.textContent.trim()); }
        return words; }"""
    )
    return found


def newest_code(sessions: sessionmaker[Session], address: str) -> str:
    """The newest code that was sent to an address or telephone."""
    with sessions() as session:
        query = (
            select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc()).limit(200)
        )
        body = next(m.body or "" for m in session.scalars(query) if m.address == address)
    found = re.search(r"[0-9]{6}", body)
    assert found
    return found[0]


def tab_to(page: Page, selector: str, *, most: int = 60) -> None:
    """Press Tab until the element has the focus; say so when the keyboard never reaches it."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{page.url}: the keyboard does not reach {selector} within {most} steps")


def assert_no_overflow(page: Page, where: str) -> None:
    found = page.evaluate(OVERFLOW)
    assert found == [], f"{where} sticks out: {found}"


def assert_targets(page: Page, where: str) -> None:
    """Targets are at least 24 by 24 pixels (WCAG 2.5.8), links in a sentence aside."""
    found = page.evaluate(SMALL)
    assert found == [], f"{where} has small targets: {found}"


def assert_mirrored(page: Page, where: str) -> None:
    """Right to left: the brand stands at the right, numbers keep their order."""
    direction, end, width = page.evaluate(
        "() => [document.documentElement.dir, document.querySelector('.brand').getBoundingClientRect().right, innerWidth]"
    )
    assert direction == "rtl", where
    assert end > width / 2, f"{where} is not mirrored"


def screenshot(page: Page, name: str) -> Path:
    """A picture of the whole page, kept when SCREENSHOTS=1."""
    path = SCREENSHOTS / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())[:160]}.png"
    if os.environ.get("SCREENSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=True)
    return path
