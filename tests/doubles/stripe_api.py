"""A local process that speaks the part of Stripe's API that OpenPassage uses, over real HTTP.

It is strict where the real one is: bearer key, version header, idempotency keys bound to their parameters, unknown
parameters refused, no refund above what was paid, signed webhooks that are repeated until they are taken. The hosted
page needs no JavaScript. Card 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, as in Stripe's test mode.

    python -m tests.doubles.stripe_api --port 8420 --webhook-url http://127.0.0.1:8000/webhooks/stripe --webhook-secret S
"""

import argparse
import copy
import hmac
import html
import json
import queue
import re
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

VERSION = "2026-10-28.endive"
OBJECTS = json.loads((Path(__file__).parent / "stripe_objects.json").read_text())["resources"]
THREE_DECIMALS = {"kwd", "bhd", "omr", "jod", "tnd"}
SESSION_PARAMETERS = {
    "mode", "success_url", "cancel_url", "client_reference_id", "metadata[]", "locale", "expires_at", "customer_email",
    "line_items[][quantity]", "line_items[][price_data][currency]", "line_items[][price_data][unit_amount]",
    "line_items[][price_data][product_data][name]", "line_items[][price_data][product_data][description]",
    "payment_intent_data[metadata][]", "payment_intent_data[description]", "expand[]", "submit_type",
    "allowed_payment_method_types[]",
}  # fmt: skip
REFUND_PARAMETERS = {"payment_intent", "charge", "amount", "reason", "metadata[]", "expand[]"}
READ_PARAMETERS = {"expand[]"}
LIST_PARAMETERS = {"created[gte]", "created[lt]", "limit", "starting_after", "expand[]"}


class ApiError(Exception):
    """An error object as Stripe answers it."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **more}}


def invalid(message: str, **more: Any) -> ApiError:
    return ApiError(400, "invalid_request_error", message, **more)


@dataclass
class Store:
    """Everything that happened, in memory."""

    key: str
    webhook_secret: str
    base: str = ""
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, tuple[str, int, dict[str, Any]]] = field(default_factory=dict)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    events: "queue.Queue[dict[str, Any] | None]" = field(default_factory=queue.Queue)
    lock: threading.RLock = field(default_factory=threading.RLock)
    failures: int = 0
    # Our account there is kept in this currency at this rate; empty: in the payment's own.
    kept: str = ""
    rate: Fraction = Fraction(1)
    # What becomes of the next refund: succeeded, pending or failed.
    refunds: str = "succeeded"

    def made(self, kind: str, prefix: str, **values: Any) -> dict[str, Any]:
        made = copy.deepcopy(OBJECTS[kind]) | {"created": int(time.time()), "livemode": False, "metadata": {}}
        made |= {"id": f"{prefix}_{secrets.token_hex(12)}", **values}
        self.objects[made["id"]] = made
        return made

    def get(self, id_: str, kind: str) -> dict[str, Any]:
        found = self.objects.get(id_)
        if found is None or found["object"] != kind:
            raise ApiError(
                404, "invalid_request_error", f"No such {kind}: '{id_}'", code="resource_missing", param="id"
            )
        return found

    def announce(self, kind: str, thing: dict[str, Any]) -> None:
        event = {
            "id": f"evt_{secrets.token_hex(12)}", "object": "event", "api_version": VERSION, "type": kind,
            "created": int(time.time()), "livemode": False, "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None}, "data": {"object": copy.deepcopy(thing)},
        }  # fmt: skip
        self.events.put(event)


def signature(payload: bytes, secret: str, at: int | None = None) -> str:
    """The Stripe-Signature header of a payload."""
    stamp = at if at is not None else int(time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, sha256).hexdigest()
    return f"t={stamp},v1={digest}"


# --- parameters ------------------------------------------------------------------------------------------------------


def check_parameters(pairs: list[tuple[str, str]], allowed: set[str]) -> dict[str, str]:
    """Refuse what the API doesn't know: numbered and free keys are compared as ``[]``."""
    for name, _value in pairs:
        shape = re.sub(r"\[\d+\]", "[]", name)
        shape = re.sub(r"metadata(\]?)\[[^\]]+\]", r"metadata\1[]", shape)
        if shape not in allowed:
            raise invalid(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    return dict(pairs)


def whole(values: dict[str, str], name: str) -> int:
    text = values.get(name, "")
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise invalid(f"Invalid integer: {text}", param=name, code="parameter_invalid_integer")
    return int(text)


def metadata_of(values: dict[str, str], prefix: str) -> dict[str, str]:
    return {k[len(prefix) + 1 : -1]: v for k, v in values.items() if k.startswith(f"{prefix}[")}


def expanded(store: Store, thing: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    answer = copy.deepcopy(thing)
    for path in paths:
        place = answer
        for name in path.split("."):
            value = place.get(name)
            if isinstance(value, str) and value in store.objects:
                place[name] = copy.deepcopy(store.objects[value])
            if not isinstance(place.get(name), dict):
                break
            place = place[name]
    return answer


# --- the API -----------------------------------------------------------------------------------------------------------


def create_session(store: Store, values: dict[str, str]) -> dict[str, Any]:
    for name in ("mode", "success_url", "line_items[0][price_data][currency]"):
        if not values.get(name):
            raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if values["mode"] != "payment":
        raise invalid("Only payments are made here.", param="mode")
    currency = values["line_items[0][price_data][currency]"]
    amount = whole(values, "line_items[0][price_data][unit_amount]") * whole(values, "line_items[0][quantity]")
    if amount < 1:
        raise invalid("The amount must be positive.", param="line_items[0][price_data][unit_amount]")
    if currency in THREE_DECIMALS and amount % 10:
        raise invalid("Three-decimal amounts must end in 0.", param="line_items[0][price_data][unit_amount]")
    made = store.made(
        "checkout.session", "cs_test", amount_total=amount, amount_subtotal=amount, currency=currency,
        success_url=values["success_url"], cancel_url=values.get("cancel_url"), payment_intent=None,
        client_reference_id=values.get("client_reference_id"), metadata=metadata_of(values, "metadata"),
        payment_status="unpaid", status="open", expires_at=int(time.time()) + 86_400, customer_details=None,
    )  # fmt: skip
    made["url"] = f"{store.base}/c/pay/{made['id']}"
    made["_intent_metadata"] = metadata_of(values, "payment_intent_data[metadata]")
    made["_name"] = values.get("line_items[0][price_data][product_data][name]", "")
    return made


def fee_of(amount: int, currency: str) -> int:
    """2.9% and a fixed part, as in Stripe's list of prices for cards."""
    return round(amount * 29 / 1000) + (30 if currency == "usd" else 0 if currency == "krw" else 100)


def pay(store: Store, session: dict[str, Any], card: str) -> str | None:
    """Take a card on the hosted page; gives the sentence shown when it is declined."""
    amount, currency = session["amount_total"], session["currency"]
    if session["payment_intent"] is None:
        intent = store.made(
            "payment_intent", "pi", amount=amount, currency=currency, status="requires_payment_method",
            metadata=session["_intent_metadata"], latest_charge=None, last_payment_error=None,
        )  # fmt: skip
        session["payment_intent"] = intent["id"]
    intent = store.objects[session["payment_intent"]]
    if card != "4242424242424242":
        intent["last_payment_error"] = {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": "generic_decline",
        }
        store.announce("payment_intent.payment_failed", intent)
        return "Your card was declined."
    fee = fee_of(amount, currency)
    charge = store.made(
        "charge", "ch", amount=amount, amount_captured=amount, amount_refunded=0, currency=currency, captured=True,
        paid=True, status="succeeded", payment_intent=intent["id"],
    )  # fmt: skip
    charge["balance_transaction"] = moved(store, "charge", amount, fee, currency, charge["id"])["id"]
    intent |= {
        "status": "succeeded",
        "amount_received": amount,
        "latest_charge": charge["id"],
        "last_payment_error": None,
    }
    session |= {"status": "complete", "payment_status": "paid"}
    store.announce("checkout.session.completed", session)
    return None


def moved(store: Store, kind: str, amount: int, fee: int, currency: str, source: str) -> dict[str, Any]:
    """A movement on the account, in the currency that it is kept in."""
    rate = store.rate if store.kept and store.kept != currency else Fraction(1)
    counted, taken = round(amount * rate), round(fee * rate)
    return store.made(
        "balance_transaction", "txn", amount=counted, currency=store.kept or currency, fee=taken, net=counted - taken,
        source=source, type=kind, reporting_category=kind, exchange_rate=float(rate) if rate != 1 else None,
    )  # fmt: skip


def fail_refund(store: Store, refund_id: str) -> None:
    """What the card's bank does days later: it does not take the money, which is on the account again."""
    with store.lock:
        refund = store.objects[refund_id]
        if refund["status"] != "failed":
            back = moved(store, "refund_failure", refund["amount"], 0, refund["currency"], refund_id)
            refund |= {"failure_balance_transaction": back["id"]}
        refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        charge = store.objects[refund["charge"]]
        charge["amount_refunded"] -= refund["amount"]
        store.announce("refund.failed", refund)


def list_movements(store: Store, pairs: dict[str, str]) -> dict[str, Any]:
    """Newest first, by pages, as the real list."""
    rows = [o for o in store.objects.values() if o["object"] == "balance_transaction"]
    rows = [
        o for o in rows if int(pairs.get("created[gte]", 0)) <= o["created"] < int(pairs.get("created[lt]", 10**12))
    ]
    rows.reverse()
    if "starting_after" in pairs:
        ids = [o["id"] for o in rows]
        rows = rows[ids.index(pairs["starting_after"]) + 1 :]
    limit = int(pairs.get("limit", 10))
    part = [expanded(store, o, ["source"]) for o in rows[:limit]]
    return {"object": "list", "url": "/v1/balance_transactions", "has_more": len(rows) > limit, "data": part}


def create_refund(store: Store, values: dict[str, str]) -> dict[str, Any]:
    intent = store.get(values.get("payment_intent", ""), "payment_intent")
    if intent["status"] != "succeeded":
        raise invalid("This PaymentIntent does not have a successful charge to refund.", code="charge_not_refundable")
    charge = store.objects[intent["latest_charge"]]
    left = charge["amount"] - charge["amount_refunded"]
    amount = whole(values, "amount") if "amount" in values else left
    if amount < 1 or amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount", code="charge_already_refunded" if left == 0 else "amount_too_large",
        )  # fmt: skip
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    refund = store.made(
        "refund", "re", amount=amount, currency=charge["currency"], charge=charge["id"], payment_intent=intent["id"],
        status=store.refunds, metadata=metadata_of(values, "metadata"), reason=values.get("reason"),
    )  # fmt: skip
    if store.refunds != "failed":
        refund["balance_transaction"] = moved(store, "refund", -amount, 0, charge["currency"], refund["id"])["id"]
    else:
        refund["failure_reason"] = "expired_or_canceled_card"
        charge["amount_refunded"] -= amount
    store.announce("refund.created", refund)
    return refund


def shown(thing: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in thing.items() if not k.startswith("_")}


Route = tuple[str, re.Pattern[str], set[str], Callable[[Store, str, dict[str, str]], dict[str, Any]]]
ROUTES: list[Route] = [
    ("POST", re.compile(r"/v1/checkout/sessions"), SESSION_PARAMETERS, lambda s, _i, v: create_session(s, v)),
    ("GET", re.compile(r"/v1/checkout/sessions/(\w+)"), READ_PARAMETERS, lambda s, i, _v: s.get(i, "checkout.session")),
    ("GET", re.compile(r"/v1/payment_intents/(\w+)"), READ_PARAMETERS, lambda s, i, _v: s.get(i, "payment_intent")),
    ("POST", re.compile(r"/v1/refunds"), REFUND_PARAMETERS, lambda s, _i, v: create_refund(s, v)),
    ("GET", re.compile(r"/v1/refunds/(\w+)"), READ_PARAMETERS, lambda s, i, _v: s.get(i, "refund")),
    ("GET", re.compile(r"/v1/balance_transactions/(\w+)"), READ_PARAMETERS,
     lambda s, i, _v: s.get(i, "balance_transaction")),
    ("GET", re.compile(r"/v1/balance_transactions"), LIST_PARAMETERS, lambda s, _i, v: list_movements(s, v)),
]  # fmt: skip


def answer_api(store: Store, method: str, target: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
    """One API call: status and JSON."""
    parts = urlsplit(target)
    pairs = parse_qsl(body.decode() if method == "POST" else parts.query, keep_blank_values=True)
    key = headers.get("Idempotency-Key") if method == "POST" else None
    print_ = sha256(f"{method} {parts.path} {sorted(pairs)}".encode()).hexdigest()
    try:
        if headers.get("Authorization") != f"Bearer {store.key}":
            raise ApiError(401, "invalid_request_error", "Invalid API Key provided")
        if not headers.get("Stripe-Version"):
            raise invalid("No API version was sent.")
        for verb, pattern, allowed, handler in ROUTES:
            match = pattern.fullmatch(parts.path)
            if verb != method or match is None:
                continue
            with store.lock:
                store.requests.append((method, parts.path, key))
                if store.failures > 0:
                    store.failures -= 1
                    raise ApiError(500, "api_error", "Something went wrong on our end.")
                if key and key in store.answers:
                    same, status, answer = store.answers[key]
                    if same != print_:
                        raise ApiError(
                            400, "idempotency_error",
                            "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                        )  # fmt: skip
                    return status, answer
                values = check_parameters(pairs, allowed)
                paths = [v for k, v in pairs if k.startswith("expand")]
                thing = handler(store, match[1] if match.groups() else "", values)
                made = shown(expanded(store, thing, paths))
                if key:
                    store.answers[key] = (print_, 200, made)
                return 200, made
        raise ApiError(404, "invalid_request_error", f"Unrecognized request URL ({method}: {parts.path}).")
    except ApiError as error:
        return error.status, error.body


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pay (test)</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>
<h1>Pay {amount} {currency}</h1><p>{name}</p><p>This is a test page on your own machine. No money moves.</p>{error}
<form method="post"><p><label for="card">Card number</label><br>
<input id="card" name="card" inputmode="numeric" autocomplete="cc-number" value="4242 4242 4242 4242"></p>
<p><button type="submit">Pay</button></p></form><p><a href="{cancel}">Back without paying</a></p></main></body></html>"""


def hosted_page(store: Store, session: dict[str, Any], error: str = "") -> str:
    places = 3 if session["currency"] in THREE_DECIMALS else 0 if session["currency"] in {"krw", "jpy"} else 2
    amount = f"{session['amount_total']:0{places + 1}d}"
    text = f"{amount[:-places]}.{amount[-places:]}" if places else amount
    return PAGE.format(
        amount=text, currency=session["currency"].upper(), name=html.escape(session.get("_name", "")),
        cancel=html.escape(session["cancel_url"] or session["success_url"]),
        error=f'<p role="alert"><strong>{html.escape(error)}</strong></p>' if error else "",
    )  # fmt: skip


def handler_for(store: Store) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Quiet: the portal's own log is enough."""

        def _send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Request-Id", f"req_{secrets.token_hex(7)}")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _serve(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else b""
            page = re.fullmatch(r"/c/pay/(\w+)", urlsplit(self.path).path)
            if page:
                self._hosted(method, page[1], body)
                return
            status, answer = answer_api(store, method, self.path, self.headers, body)
            self._send(status, json.dumps(answer).encode(), "application/json")

        def _hosted(self, method: str, id_: str, body: bytes) -> None:
            with store.lock:
                session = store.objects.get(id_)
                if session is None or session["object"] != "checkout.session":
                    self._send(404, b"not found", "text/plain")
                    return
                error = ""
                if method == "POST" and session["status"] == "open":
                    card = re.sub(r"\D", "", dict(parse_qsl(body.decode())).get("card", ""))
                    error = pay(store, session, card) or ""
                if session["status"] != "open":
                    target = session["success_url"].replace("{CHECKOUT_SESSION_ID}", id_)
                    self._send(303, b"", "text/plain", Location=target)
                    return
                self._send(200, hosted_page(store, session, error).encode(), "text/html; charset=utf-8")

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

    return Handler


def deliver(store: Store, url: str) -> None:
    """Send the events, each again and again until it is taken, a little later each time."""
    while (event := store.events.get()) is not None:
        payload = json.dumps(event).encode()
        for pause in (0.2, 0.5, 1, 2, 4, 8, 15, 0):
            headers = {"Content-Type": "application/json", "Stripe-Signature": signature(payload, store.webhook_secret)}
            try:
                request = urllib.request.Request(url, data=payload, headers=headers)
                with urllib.request.urlopen(request, timeout=10):
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(pause)


@dataclass
class Double:
    """A running double, for tests in this process: ``with running(...) as double``."""

    store: Store
    server: ThreadingHTTPServer

    @property
    def url(self) -> str:
        return self.store.base

    def stop(self) -> None:
        self.store.events.put(None)
        self.server.shutdown()
        self.server.server_close()


def start(port: int, key: str, webhook_url: str, webhook_secret: str) -> Double:
    """Start serving in threads of this process; port 0 takes any free one."""
    store = Store(key=key, webhook_secret=webhook_secret)
    ThreadingHTTPServer.daemon_threads = True
    server = ThreadingHTTPServer(("127.0.0.1", port), handler_for(store))
    store.base = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    if webhook_url:
        threading.Thread(target=deliver, args=(store, webhook_url), daemon=True).start()
    return Double(store, server)


def main() -> None:
    parser = argparse.ArgumentParser(description="A local process that speaks a part of Stripe's API.")
    parser.add_argument("--port", type=int, default=8420)
    parser.add_argument("--webhook-url", default="")
    parser.add_argument("--webhook-secret", required=True)
    parser.add_argument("--key", default="", help="the only key that is taken; any key when empty")
    given = parser.parse_args()
    double = start(given.port, given.key or _any(), given.webhook_url, given.webhook_secret)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        double.stop()


def _any() -> str:
    """The demo's key, made by the portal at its first start."""
    import os

    from core.settings import ROOT, demo_secret

    return os.environ.get("STRIPE_SECRET_KEY") or demo_secret(
        Path(os.environ.get("OPENPASSAGE_VAR", "") or ROOT / "var"), "stripe_key"
    )


if __name__ == "__main__":
    main()
