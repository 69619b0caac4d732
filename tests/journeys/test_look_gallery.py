"""The kit by itself: every piece in every state, in three languages, narrow, zoomed, high-contrast and by keyboard."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.datastructures import MultiDict

from core.forms import (
    AmountField,
    CheckField,
    Form,
    NameField,
    NoteField,
    PhoneField,
    RadioField,
    UploadField,
    required,
)
from core.settings import ROOT
from core.web import page as render
from portal import static_files
from tests.journeys import kit
from tests.journeys.conftest import Portal

pytestmark = pytest.mark.browser
WORDS = {
    "en": ("Waiting for the officer", "Bring your passport and one photograph to the labour office nearest to you."),
    "ne": ("अधिकृतको पर्खाइमा", "आफ्नो राहदानी र एउटा फोटो लिएर नजिकको श्रम कार्यालयमा जानुहोस्।"),
    "ur": ("افسر کا انتظار ہے", "اپنا پاسپورٹ اور ایک تصویر لے کر اپنے قریب ترین لیبر آفس جائیں۔"),
}


class EverythingForm(Form):
    name = NameField("Name / नाम / نام", [required()])
    phone = PhoneField("Telephone", [required()])
    amount = AmountField("Amount", [required()])
    note = NoteField("Note", [required()])
    way = RadioField("Way", [required()], choices=[("a", "Bank / बैंक / بینک"), ("b", "Card / कार्ड / کارڈ")])
    agreed = CheckField("I agree / म सहमत छु / میں متفق ہوں", [required()])
    file = UploadField("Paper", [required()])


def gallery(app: Flask, locale: str) -> str:
    """The gallery as HTML, its form refused, so that every error shows."""
    with app.test_request_context("/", headers={"Cookie": f"lang={locale}"}):
        app.preprocess_request()
        form = EverythingForm(MultiDict({"name": "7", "phone": "x"}))
        assert not form.validate()
        status, sentence = WORDS[locale]
        words = SimpleNamespace(status=status, sentence=sentence, unbroken="x" * 90)
        return render("components/gallery.html", form=form, words=words, now=datetime.now(UTC)).get_data(as_text=True)


def opened(context: BrowserContext, portal: Portal, app: Flask, locale: str) -> Page:
    page, html = context.new_page(), gallery(app, locale)
    page.route("**/gallery", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto(f"{portal.url}/gallery")
    return page


@pytest.mark.parametrize("locale", ["en", "ne", "ur"])
def test_every_piece_holds_in_every_language_and_width(portal: Portal, browser: Browser, app: Flask, locale: str):
    context = kit.context(browser, portal.url, locale=locale)
    page = opened(context, portal, app, locale)
    assert page.locator("html").get_attribute("lang") == locale
    kit.refuse_faults(page, f"gallery in {locale}")
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        where = f"gallery in {locale} at {width}px"
        kit.assert_no_overflow(page, where)
        kit.assert_no_cut_text(page, where)
        kit.assert_targets(page, where)
        kit.screenshot(page, f"gallery-{locale}-{width}")
    if locale == "ur":
        kit.assert_mirrored(page, "gallery")
    context.close()


def test_main_targets_are_big_enough_for_a_thumb(portal: Portal, browser: Browser, app: Flask):
    """44 pixels for what one presses to go on; 24 are the least for the rest."""
    context = kit.context(browser, portal.url)
    page = opened(context, portal, app, "en")
    small = page.evaluate(
        "() => [...document.querySelectorAll('.btn, .choice, .nav a, .langs a, .foot a, input:not([type=hidden], [type=radio],"
        " [type=checkbox]), select, textarea, summary')].map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])"
        ".filter(([, r]) => r.height < 44).map(([html, r]) => html + ' ' + r.height)"
    )
    assert small == []
    context.close()


def test_an_urdu_page_keeps_latin_names_numbers_and_codes_in_order(portal: Portal, browser: Browser, app: Flask):
    """The full stop of "Pvt. Ltd." stands after it, not before; a licence number reads from left to right."""
    context = kit.context(browser, portal.url, locale="ur")
    page = opened(context, portal, app, "ur")
    for text in ("Alpha Overseas Pvt. Ltd.", "NP-0001/083"):
        first, last = page.evaluate(
            """text => {
              const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) if (walker.currentNode.textContent.trim() === text) {
                const node = walker.currentNode, start = node.textContent.indexOf(text), at = i => {
                  const range = document.createRange(); range.setStart(node, start + i); range.setEnd(node, start + i + 1);
                  return range.getBoundingClientRect().left; };
                return [at(0), at(text.length - 1)];
              }
              return [0, -1];
            }""",
            text,
        )
        assert first < last, f"{text} is turned round in Urdu"
    context.close()


def test_the_error_summary_has_the_focus_and_leads_to_each_field(portal: Portal, browser: Browser, app: Flask):
    context = kit.context(browser, portal.url, javascript=False)
    page = opened(context, portal, app, "en")
    targets = page.locator(".summary a")
    hrefs = [targets.nth(i).get_attribute("href") or "" for i in range(targets.count())]
    assert len(hrefs) == 7
    assert page.locator(".summary:focus").count() == 1
    for href in hrefs:
        assert page.locator(href).count() == 1, f"{href} leads to nothing"
    described = page.locator("[aria-describedby]")
    for i in range(described.count()):
        for one in (described.nth(i).get_attribute("aria-describedby") or "").split():
            assert page.locator(f"#{one}").count() == 1, f"nothing has the id {one}"
    context.close()


def test_the_keyboard_reaches_every_control_and_shows_where_it_is(portal: Portal, browser: Browser, app: Flask):
    context = kit.context(browser, portal.url)
    page = opened(context, portal, app, "en")
    page.evaluate("document.activeElement.blur(); document.body.focus()")
    for selector in ("#name", "#phone", "#amount", "#note", "#way-0", "#agreed", "#file", "#reason-one", "#reason-two"):
        kit.tab_to(page, selector)
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline not in ("none", ""), f"{selector} does not show that it has the focus"
    context.close()


def test_high_contrast_keeps_the_edge_of_every_status(portal: Portal, browser: Browser, app: Flask):
    context = kit.context(browser, portal.url)
    page = opened(context, portal, app, "en")
    page.emulate_media(forced_colors="active")
    widths = page.evaluate(
        "() => [...document.querySelectorAll('.tag, .panel, .answer, .btn')].map(e => getComputedStyle(e).borderTopWidth)"
    )
    assert set(widths) == {"2px"}
    kit.assert_no_overflow(page, "gallery in high contrast")
    context.close()


def test_text_alone_may_be_twice_as_large(portal: Portal, browser: Browser, app: Flask):
    """WCAG 1.4.4. Zoom of 400% is tried on real pages, in test_every_page.py."""
    context = kit.context(browser, portal.url, size={"width": 640, "height": 740})
    page = opened(context, portal, app, "ne")
    page.add_style_tag(content="html { font-size: 212.5%; }")
    kit.assert_no_overflow(page, "gallery with text of twice the size")
    kit.assert_no_cut_text(page, "gallery with text of twice the size")
    context.close()


def test_the_stylesheet_is_small_mirrors_by_itself_and_asks_nobody_else():
    css = (static_files.FOLDER / "site.css").read_text()
    assert len(static_files._files()["site.css"][2]) < 10_000
    sides = re.findall(r"(?:margin|padding|border|inset)-(?:left|right)\b|(?<![-\w])(?:left|right)\s*:|float\s*:", css)
    assert sides == []
    assert re.findall(r"url\(|@import|@font-face", css) == []


def test_no_template_carries_style_or_script_of_its_own():
    """The content security policy would stop them; nobody should find out on a page."""
    for template in sorted((ROOT / "templates").rglob("*.html")):
        found = re.findall(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:", template.read_text())
        assert found == [], f"{template.relative_to(ROOT)}: {found}"
