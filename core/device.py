"""What a browser keeps for one account (drafts, pages for a place without a connection), and that it leaves with the next.

A device carries a cookie with a keyed hash of the account that it keeps something for: it names nobody, and opens nothing.
"""

from datetime import timedelta
from uuid import UUID

from flask import Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from core import settings
from core.privacy import blind_index

# Browsers keep no cookie for longer.
LONGEST = timedelta(days=400)
CLEAR = '"storage"'


def _cookie() -> str:
    return "__Host-op-kept-for" if settings.current().secure else "op-kept-for"


def mark_of(account_id: UUID) -> str:
    """32 hexadecimal digits that stand for an account on a device; without the server's key they lead to nobody."""
    return blind_index("device.kept_for", str(account_id)).hex()


def keeps_for(response: AnyResponse, account_id: UUID) -> AnyResponse:
    """Note on the device that it keeps something for this account from now on."""
    g.kept_for = mark_of(account_id)
    _set(response, g.kept_for, LONGEST)
    return response


def forget(response: AnyResponse) -> None:
    """Have the browser empty what it keeps: storage, caches and service workers of this site."""
    response.headers["Clear-Site-Data"] = CLEAR
    if not g.get("kept_for"):  # The page that is answered may begin to keep something for the next one.
        _set(response, "", timedelta(0))


def leave_to_nobody_else(response: Response) -> Response:
    """After each request: what was kept for one account goes at the first answer to another who is signed in.

    A signed-out reader does not empty it: the officer's session may have ended while there was no connection.
    """
    kept_for = request.cookies.get(_cookie())
    actor = g.get("actor") if kept_for else None  # Nobody is asked who they are for a picture or a style.
    account_id = actor.account_id if actor is not None else None
    if account_id is not None and kept_for != mark_of(account_id):
        forget(response)
    return response


def _set(response: AnyResponse, value: str, lasts: timedelta) -> None:
    secure = settings.current().secure
    response.set_cookie(_cookie(), value, max_age=lasts, path="/", secure=secure, httponly=True, samesite="Lax")
