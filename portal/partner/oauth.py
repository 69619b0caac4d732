"""OAuth 2.0 for partner systems, by Authlib: client credentials in, a short-lived bearer token out."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.integrations.flask_oauth2.requests import FlaskJsonRequest, FlaskOAuth2Request
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Flask, g, request
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response

from core.settings import current
from core.web import bearer, db, problem
from portal.partner import services
from portal.partner.models import PartnerToken, Scope


class _Request(FlaskOAuth2Request):
    """Authlib refuses plain HTTP, rightly; a demo on the loopback has nothing else."""

    def __init__(self, flask_request: Any) -> None:
        super().__init__(_AsSecure(flask_request) if not current().secure else flask_request)


class _AsSecure:
    """The same request whose address says https."""

    def __init__(self, flask_request: Any) -> None:
        self._request = flask_request
        self.url = "https://" + flask_request.url.partition("://")[2]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


class _Server(AuthorizationServer):
    def create_oauth2_request(self, _given: Any) -> Any:
        return _Request(request)


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = ["client_secret_basic"]


class _Validator(BearerTokenValidator):
    def authenticate_token(self, token_string: str) -> PartnerToken | None:
        return services.live_token(db(), token_string)


def _save(token: dict[str, Any], asked: Any) -> None:
    services.keep_token(db(), asked.client, token=token["access_token"], scopes=token.get("scope", "").split())


protector = ResourceProtector()
protector.register_token_validator(_Validator(realm="openpassage"))


def install(app: Flask) -> None:
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": services.TOKEN_SECONDS}
    server = _Server(app, query_client=lambda client_id: services.find_client(db(), client_id), save_token=_save)
    server.register_grant(_Grant)
    app.extensions["openpassage.oauth"] = server


def scoped(*scopes: Scope) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """A view for partner systems whose token has one of these scopes (any token, when none is named)."""

    def wrap(view: Callable[..., Response]) -> Callable[..., Response]:
        @bearer("an access token of a partner system")
        @wraps(view)
        def guarded(**values: Any) -> Response:
            try:
                g.partner_token = protector.validate_request(
                    [str(s) for s in scopes] or None, FlaskJsonRequest(request)
                )
            except OAuth2Error as error:
                return _refused(error)
            return view(**values)

        return guarded

    return wrap


def _refused(error: OAuth2Error) -> Response:
    title = HTTP_STATUS_CODES.get(error.status_code, "Error")
    response = problem(error.status_code, title, str(error.description or ""), error=error.error)
    if error.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="openpassage"'
    return response
