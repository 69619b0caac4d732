"""Every address as people who have no business there, and every form with what no keyboard types.

The addresses and forms come from the pages of a whole world: whatever is added there is tried here as well.
"""

import re
import secrets
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import UnicodeConverter, UUIDConverter

from core.accounts import UserAccount, actor_for
from core.web import AccessKind, session_cookie
from tests.journeys import kit, world
from tests.journeys.conftest import Portal
from tests.journeys.test_every_page import endpoint

# What everybody reaches is read once, in one process.
pytestmark = [pytest.mark.xdist_group("walls"), pytest.mark.peopled]
OUTSIDERS = (
    "anybody", "somebody with an account", "a worker who may depart", "an agency with everything", "an employer", "a centre",
)  # fmt: skip
# Open to everybody by its nature; and the public file of an agency that has ended, where every worker says what it holds.
PUBLIC = re.compile(
    r"^/(winding-down/[^/]+|winding-down/agencies/[^/]+|me/winding-down/[^/]+|verify/.*|invitations/.*)$"
)
UUID_IN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UNKNOWN = "01890000-0000-7000-8000-000000000001"
FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.S)
ODD = ("a%00b", "%F0%9F%8F%B3", "9" * 40, "%2e%2e", "x" * 3000, "%D8%B4%E0%A4%95")


class Walk:
    """Browsers of everybody in the world, and what each one's own pages lead to."""

    def __init__(self, app: Flask, portal: Portal, people: world.World) -> None:
        self.app, self.portal = app, portal
        self.world = people
        self.host = portal.url.removeprefix("http://").partition(":")[0]
        self.csrf = secrets.token_hex(16)
        self.clients = {who: self._browser(visit) for who, visit in self.world.items()}
        self.own: dict[str, set[str]] = {}
        self.forms: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
        for who, visit in self.world.items():
            self._read(who, visit.addresses)

    def _browser(self, visit: world.Visit) -> FlaskClient:
        made = self.app.test_client()
        if visit.account:
            token = kit.session_token(self.portal, visit.account, pending_totp=visit.pending)
            made.set_cookie(session_cookie(), token, domain=self.host)
        with made.session_transaction(base_url=self.portal.url) as cookie:
            cookie["csrf"] = self.csrf
        return made

    def _read(self, who: str, addresses: tuple[str, ...]) -> None:
        seen = self.own.setdefault(who, set())
        for address in addresses:
            answer = self.get(who, address)
            if answer.status_code != 200:
                continue
            seen.add(address.partition("?")[0])
            seen.update(unescape(link).partition("?")[0] for link in re.findall(r'href="(/[^"#]*)', answer.text))
            for action, inside in FORM.findall(answer.text):
                target = unescape(action) or address
                names = tuple(sorted(set(re.findall(r'name="([^"]+)"', inside)) - {"csrf_token"}))
                self.forms.setdefault((UUID_IN.sub("*", target), names), (who, target))

    def get(self, who: str, address: str) -> Any:
        return self.clients[who].get(address, base_url=self.portal.url)

    def post(self, who: str, address: str, values: dict[str, str] | None = None) -> Any:
        data = {"csrf_token": "00" * 16 + self.csrf, **(values or {})}
        return self.clients[who].post(address, base_url=self.portal.url, data=data)


@pytest.fixture(scope="module")
def walk(app: Flask, portal: Portal, seen: world.World) -> Walk:
    return Walk(app, portal, seen)


def told(answer: Any) -> tuple[Any, ...]:
    """What an answer tells, but for the ids and tokens in it."""
    plain = UUID_IN.sub("*", answer.text) if answer.mimetype == "text/html" else answer.mimetype
    plain = re.sub(r'value="[0-9a-f]{64}"', "", plain)
    return answer.status_code, UUID_IN.sub("*", answer.headers.get("Location", "")), plain


def test_a_file_of_others_is_answered_like_one_that_is_not_there(walk: Walk):
    """One address of each kind that somebody reaches, asked by everybody outside who does not."""
    samples: dict[str, str] = {}
    for seen in walk.own.values():
        for address in sorted(a for a in seen if UUID_IN.search(a)):
            samples.setdefault(UUID_IN.sub("*", address), address)
    assert len(samples) > 60
    for address in samples.values():
        for who in OUTSIDERS:
            if address in walk.own[who] or PUBLIC.match(address) or address.startswith("/language/"):
                continue
            answer = walk.get(who, address)
            assert answer.status_code != 200, f"{who} reads {address}"
            unknown = walk.get(who, UUID_IN.sub(UNKNOWN, address))
            assert told(answer) == told(unknown), f"{who} learns from {address} that it is there"


def _values(rule: Any, odd: str) -> str:
    """The address of a rule with an id that nobody has and odd words."""
    address = rule.rule
    for name, converter in rule._converters.items():
        if isinstance(converter, UUIDConverter):
            value = UNKNOWN
        elif isinstance(converter, UnicodeConverter):
            value = odd
        else:
            value = re.findall(r"[\w-]+", converter.regex.replace("?:", ""))[0]
        address = re.sub(rf"<(?:\w+(?:\(.*?\))?:)?{name}>", value, address)
    return address


def test_no_address_breaks_on_what_nobody_has_or_types(walk: Walk, app: Flask, portal: Portal):
    """Each rule, read and sent, by somebody who may: unknown ids, odd words in the address and in the question."""
    with portal.sessions() as session:
        held = {
            who: actor_for(session, session.get_one(UserAccount, visit.account)).permissions
            for who, visit in walk.world.items()
            if visit.account and not visit.pending
        }
    for number, rule in enumerate(app.url_map.iter_rules()):
        declared = app.view_functions[rule.endpoint].__access__  # type: ignore[attr-defined]
        may = [w for w, permissions in held.items() if permissions & declared.permissions]
        who = may[0] if declared.kind is AccessKind.PERMISSION and may else "somebody with an account"
        odd = ODD[number % len(ODD)]
        address = _values(rule, odd)
        if "GET" in (rule.methods or ()):
            answer = walk.get(who, address)
            assert answer.status_code < 500 or rule.endpoint == "health.ready", f"{who} at {address}"
            asked = "&".join(
                f"{name}={odd}" for name in ("q", "cursor", "limit", "on", "purpose", "page", "agency", "next")
            )
            assert walk.get(who, f"{address}?{asked}").status_code < 500 or rule.endpoint == "health.ready"
        else:
            assert walk.post(who, address).status_code < 500, f"{who} at {address}"


def test_no_form_breaks_on_characters_that_nobody_types(walk: Walk):
    """Every form of every page with nothing but a NUL, or a number beyond every column, in each field, by turns."""
    assert len(walk.forms) > 150
    for number, ((_kind, names), (who, target)) in enumerate(sorted(walk.forms.items())):
        odd = ("\0", "9" * 30)[number % 2]
        answer = walk.post(who, target, dict.fromkeys(names, odd))
        assert answer.status_code < 500, f"{who} at {target} with {odd!r} in {names}"


def test_what_is_not_for_everybody_stays_in_no_cache(walk: Walk, app: Flask):
    """Documents and exports too: a card with a name would stay on the disk of the computer of a shop."""
    looked = set()
    for who, addresses in walk.own.items():
        for address in sorted(addresses):
            kind = UUID_IN.sub("*", address)
            matched = endpoint(app, address)
            if matched is None or kind in looked or app.view_functions[matched].__access__.kind is AccessKind.PUBLIC:  # type: ignore[attr-defined]
                continue
            answer = walk.get(who, address)
            if answer.status_code == 200:
                looked.add(kind)
                assert "no-store" in answer.headers["Cache-Control"], address
    assert len(looked) > 120
