"""Flask-Login over our server-side sessions: the cookie opens a row in PostgreSQL, or nothing."""

from datetime import timedelta

from flask import Flask, Request, g
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import func, update

from core import web
from core.accounts import AccountSession, UserAccount, actor_for, find_session
from core.actor import ANONYMOUS, Actor
from core.db import apart, db_now

TOUCH_AFTER = timedelta(minutes=1)


class SignedIn(UserMixin):
    """Flask-Login's user: an account with its live session."""

    def __init__(self, account: UserAccount, actor: Actor) -> None:
        self.id = str(account.id)
        self.account = account
        self.actor = actor


def load(request: Request) -> SignedIn | None:
    """The signed-in person of this request, read from the database each time.

    Nobody in a view that is anonymous: not even the minute of its use is noted.
    """
    if g.get("actor") is ANONYMOUS:
        return None
    token = request.cookies.get(web.session_cookie(), "")
    opened = find_session(web.db(), token) if token else None
    if opened is None or opened.pending_totp:
        return None
    account = web.db().get_one(UserAccount, opened.account_id)
    actor = actor_for(web.db(), account, opened=opened)
    if opened.last_seen_at < db_now(web.db()) - TOUCH_AFTER:
        # In a transaction of its own, and once a minute: a GET writes nothing.
        with apart() as session:
            session.execute(
                update(AccountSession).where(AccountSession.id == opened.id).values(last_seen_at=func.now())
            )
    return SignedIn(account, actor)


def current() -> Actor:
    """The actor of Flask-Login's current user."""
    return current_user.actor if current_user.is_authenticated else ANONYMOUS


def install(app: Flask) -> None:
    manager = LoginManager()
    manager.init_app(app)
    manager.request_loader(load)
    # Sessions live in PostgreSQL alone: nothing of theirs goes into Flask's cookie.
    manager.session_protection = None
    app.extensions["openpassage.actor"] = current
