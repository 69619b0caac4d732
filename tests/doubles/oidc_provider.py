"""A local OpenID provider as a process of its own: real HTTP, real signatures, codes that work once, PKCE that is checked.

``POST /control`` sets who signs in next and which rule the provider breaks, so that the portal's checks can be seen to hold.
"""

import argparse
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey


@dataclass
class Provider:
    """State of the process."""

    client_id: str
    client_secret: str
    issuer: str = ""
    subject: str = "officer-1"
    amr: list[str] = field(default_factory=lambda: ["pwd", "mfa"])
    fault: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True))
    stranger: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}, private=True))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer if self.fault != "other_metadata" else "http://127.0.0.1:9/other",
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """The address that the browser goes back to, with a code."""
        assert query["response_type"] == "code"
        assert query["client_id"] == self.client_id
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if authorization != f"Basic {_basic(self.client_id, self.client_secret)}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        self.seen.append("token")
        return 200, {
            "access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300,
            **({} if self.fault == "no_id_token" else {"id_token": self.id_token(asked)}),
        }  # fmt: skip

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "sub": self.subject, "aud": self.client_id, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "amr": self.amr, "email": "licensing.officer@demo.openpassage.example",
            "email_verified": True,
        }  # fmt: skip
        changes: dict[str, dict[str, Any]] = {
            "wrong_issuer": {"iss": "http://127.0.0.1:9/other"},
            "wrong_audience": {"aud": "another-client"},
            "wrong_audience_named_party": {"aud": "another-client", "azp": self.client_id},
            "several_audiences": {"aud": [self.client_id, "another-client"]},
            "wrong_nonce": {"nonce": "another-nonce"},
            "expired": {"iat": now - 7200, "exp": now - 3600},
            "empty_subject": {"sub": ""},
            "number_as_subject": {"sub": 17},
        }
        claims |= changes.get(self.fault, {})
        if self.fault in ("no_nonce", "no_subject", "no_expiry"):
            del claims[{"no_nonce": "nonce", "no_subject": "sub", "no_expiry": "exp"}[self.fault]]
        return self._signed(claims)

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.fault == "unsigned":
            parts = ({"alg": "none", "typ": "JWT"}, claims)
            coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
            return ".".join([*coded, ""])
        if self.fault == "shared_secret":
            # The well-known mix-up: the public key's text taken as an HMAC secret.
            public = self.key.as_pem(private=False)
            header = {"alg": "HS256", "kid": "one"}
            signed = f"{_coded(header)}.{_coded(claims)}"
            import hmac

            mac = hmac.new(public, signed.encode(), hashlib.sha256).digest()
            return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        if self.fault == "client_secret_signs":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(self.client_secret), algorithms=["HS256"])
        if self.fault == "other_key_type":
            key = ECKey.generate_key("P-256", private=True)
            return jwt.encode({"alg": "ES256", "kid": "one"}, claims, key)
        key = self.stranger if self.fault == "strangers_key" else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


def _coded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _basic(client_id: str, secret: str) -> str:
    return base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def handler_for(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Quiet."""

        def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(url.query).items()}
            routes: dict[str, Callable[[], None]] = {
                "/.well-known/openid-configuration": lambda: self._answer(200, provider.metadata()),
                "/jwks": lambda: self._answer(200, {"keys": [provider.key.as_dict(private=False)]}),
                "/authorize": lambda: self._answer(302, {}, {"Location": provider.authorize(query)}),
            }
            routes.get(url.path, lambda: self._answer(404, {}))()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if self.path == "/control":
                for name, value in json.loads(body).items():
                    setattr(provider, name, value)
                self._answer(200, {})
            elif self.path == "/token":
                form = {k: v[0] for k, v in parse_qs(body).items()}
                given = unquote(self.headers.get("Authorization", ""))
                self._answer(*provider.token(form, given))
            else:
                self._answer(404, {})

    return Handler


def main() -> None:
    """Serve until stopped; the first line of the output is the issuer."""
    import sys

    parser = argparse.ArgumentParser(description="A local OpenID provider.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--client-id", default="openpassage")
    parser.add_argument("--client-secret", required=True)
    given = parser.parse_args()
    provider = Provider(given.client_id, given.client_secret)
    ThreadingHTTPServer.daemon_threads = True
    server = ThreadingHTTPServer(("127.0.0.1", given.port), handler_for(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    sys.stdout.write(f"{provider.issuer}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
