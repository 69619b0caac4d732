"""Messages leave through real servers: one that speaks Kannel's sendsms, one that speaks SMTP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from core.messages import HttpSmsGateway, NotDelivered


class Sendsms(BaseHTTPRequestHandler):
    """Answers as Kannel's user guide says: 202 when taken, 403 for a wrong user, 503 when it can't take it now."""

    def do_GET(self) -> None:
        server: Bearerbox = self.server  # type: ignore[assignment]
        address = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(address.query, strict_parsing=True).items()}
        status, said = 202, "0: Accepted for delivery"
        if (given.get("username"), given.get("password")) != ("openpassage", "p@ss/word"):
            status, said = 403, "Authorization failed for sendsms"
        elif address.path != "/cgi-bin/sendsms" or not given.get("to"):
            status, said = 400, "Missing receiver number, rejected"
        elif server.overloaded:
            status, said = 503, "Temporal failure, try again later."
        else:
            server.taken.append(given)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


class Bearerbox(ThreadingHTTPServer):
    taken: list[dict[str, str]]
    overloaded = False


@pytest.fixture
def bearerbox() -> Iterator[Bearerbox]:
    server = Bearerbox(("127.0.0.1", 0), Sendsms)
    server.taken = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def at(server: Bearerbox, credentials: str = "openpassage:p%40ss%2Fword") -> HttpSmsGateway:
    return HttpSmsGateway(f"http://{credentials}@127.0.0.1:{server.server_port}/cgi-bin/sendsms")


@pytest.mark.parametrize(
    ("text", "coding"),
    [("Your code is 123456 & no more + 100%", "0"), ("तपाईंको कोड १२३४५६", "2"), ("آپ کا کوڈ ۱۲۳۴۵۶", "2")],
)
def test_a_text_arrives_as_it_was_written_in_any_script(bearerbox: Bearerbox, text: str, coding: str):
    at(bearerbox).deliver(address="+9779841000001", subject="", body=text, key="k")
    (taken,) = bearerbox.taken
    assert (taken["to"], taken["text"], taken["coding"], taken["charset"]) == ("+9779841000001", text, coding, "UTF-8")


def refusal(gateway: HttpSmsGateway) -> str:
    """What the worker's log would hold: the error's own text, with no other error behind it."""
    with pytest.raises(NotDelivered) as caught:
        gateway.deliver(address="+9779841000001", subject="", body="Your code is 123456", key="k")
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return str(caught.value)


def test_a_refusal_is_an_error_that_tells_neither_number_nor_code_nor_password(bearerbox: Bearerbox):
    bearerbox.overloaded = True
    refused = [refusal(at(bearerbox))]
    bearerbox.overloaded = False
    refused.append(refusal(at(bearerbox, "openpassage:wrong")))
    refused.append(refusal(HttpSmsGateway("http://openpassage:wrong@127.0.0.1:9/cgi-bin/sendsms")))
    assert "503" in refused[0]
    assert "403" in refused[1]
    assert "was not reached" in refused[2]
    for text in refused:
        for private in ("9841000001", "123456", "wrong", "p@ss"):
            assert private not in text
    assert bearerbox.taken == []
