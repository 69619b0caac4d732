"""The OpenID provider of the ministry's offices, through Authlib: authorization code with PKCE (S256), state and nonce.

Authlib checks the signature, expiry and nonce; issuer and audience are pinned here, since without options it would take any
audience that names us as the authorised party.
"""

from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import current_app
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from core import settings
from core.errors import Denied, DomainError
from core.i18n import _l

TIMEOUT = 10  # seconds, for each call to the provider
LEEWAY = 60  # seconds that the clocks may differ
# Signed by the provider's private key alone: never "none", never a shared secret.
ALGORITHMS = ["RS256", "PS256", "ES256"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says this is. The subject means something only together with the issuer."""

    issuer: str
    subject: str
    multi_factor: bool


def enabled() -> bool:
    """Whether this deployment has a provider."""
    chosen = settings.current()
    return bool(chosen.oidc_issuer and chosen.oidc_client_id)


def _provider() -> Any:
    """Authlib's client of the provider in the settings, kept for its metadata and keys."""
    chosen = settings.current()
    kept: dict[tuple[str, str], Any] = current_app.extensions.setdefault("openpassage.oidc", {})
    key = (chosen.oidc_issuer, chosen.oidc_client_id)
    if key not in kept:
        kept[key] = OAuth(current_app._get_current_object()).register(  # type: ignore[attr-defined]  # the proxy's own method
            "office",
            client_id=chosen.oidc_client_id,
            client_secret=chosen.oidc_client_secret or None,
            server_metadata_url=f"{chosen.oidc_issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid", "code_challenge_method": "S256", "default_timeout": TIMEOUT},
        )
    return kept[key]


def _pinned(provider: Any) -> None:
    """The metadata must speak for the issuer that was configured, and may not widen the algorithms."""
    metadata = provider.load_server_metadata()
    if str(metadata.get("issuer", "")).rstrip("/") != settings.current().oidc_issuer:
        raise Denied(_l("The office sign-in is not set up correctly. Tell your administrator."))
    metadata["id_token_signing_alg_values_supported"] = ALGORITHMS


def redirect_to_provider(callback: str) -> Response:
    """Send the browser to the provider.

    :raises DomainError: when the provider does not answer.
    """
    try:
        provider = _provider()
        _pinned(provider)
        answer: Response = provider.authorize_redirect(callback)
    except (requests.RequestException, AuthlibBaseError, ValueError):
        raise DomainError(_l("The office sign-in does not answer now. Use your password, or try later.")) from None
    return answer


def identity_from_callback() -> Identity:
    """Check the provider's answer in this request.

    :raises Denied: when the state, the code, or anything in the token is not right: one answer for all of them.
    :raises DomainError: when the provider does not answer.
    """
    issuer = settings.current().oidc_issuer
    try:
        provider = _provider()
        _pinned(provider)
        # RFC 9207: a provider that names itself in its answer must be the one that was asked.
        named = _named_issuer()
        if named and named.rstrip("/") != issuer:
            raise Denied(_refused())
        metadata_issuer = provider.server_metadata["issuer"]
        token = provider.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "value": metadata_issuer},
                "aud": {"essential": True, "value": settings.current().oidc_client_id},
                "sub": {"essential": True},
            },
            leeway=LEEWAY,
        )
        claims = token["userinfo"]
        subject = claims["sub"]
    except requests.RequestException:
        raise DomainError(_l("The office sign-in does not answer now. Use your password, or try later.")) from None
    except (AuthlibBaseError, JoseError, KeyError, ValueError, TypeError, RuntimeError):
        raise Denied(_refused()) from None
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Denied(_refused())
    return Identity(issuer, subject, "mfa" in (claims.get("amr") or []))


def _named_issuer() -> str:
    from flask import request

    return request.args.get("iss", "")


def _refused() -> Any:
    return _l("The office sign-in could not be checked. Begin again.")
