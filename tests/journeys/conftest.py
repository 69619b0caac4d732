"""A real browser for journeys, and people who sit before it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import kit
from tests.journeys.person import Person
from tests.small_country import Portal

__all__ = ["Portal", "at_a_desk", "staff"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = kit.launch(playwright)
        yield opened
        opened.close()


def _people(
    browser: Browser, portal: Portal, size: dict[str, int], javascript: bool
) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def make(account: dict[str, Any] | None = None) -> Person:
        people.append(Person(browser, portal, size, javascript))
        if account:
            kit.enter(people[-1].context, portal, account["login"])
        return people[-1]

    yield make
    for person in people:
        person.context.close()


@pytest.fixture(params=[(kit.PHONE, True), (kit.DESKTOP, False)], ids=["phone", "desktop without JavaScript"])
def somebody(request: pytest.FixtureRequest, browser: Browser, portal: Portal) -> Iterator[Callable[..., Person]]:
    """Makes people with a browser each: on a phone, and on a desktop without JavaScript.

    Whoever has an account comes in signed in; signing in by the form is walked where it is the point.
    """
    yield from _people(browser, portal, *request.param)


# For what is officers' work for the most part: walked once, on a desktop; every page is measured on a phone elsewhere.
at_a_desk = pytest.mark.parametrize("somebody", [(kit.DESKTOP, True)], indirect=True, ids=["desktop"])


def steps_fall_to(portal: Portal, role: str, number: int = 1) -> None:
    """What waits falls to this officer, where the lot could fall there; nobody could choose this in the portal."""
    from sqlalchemy import select

    from core.accounts import UserAccount, actor_for
    from core.privacy import blind_index
    from tests.agencies import proceedings

    login = staff(portal, role, number=number)["login"]
    with portal.sessions() as session:
        index = UserAccount.email_index == blind_index("email", login)
        proceedings.everything_to(session, actor_for(session, session.scalars(select(UserAccount).where(index)).one()))
        session.commit()


def staff(portal: Portal, role: str, office: str = "DOFE", number: int = 1) -> dict[str, Any]:
    """A member of staff with an authenticator, made once for each portal, role and number."""
    import pyotp
    from sqlalchemy import select

    from core.accounts import Office, post_staff
    from core.permissions import StaffRole
    from portal.seeding import staff_account

    key = f"{role}{office}{number}"
    if key not in portal.staff:
        login, totp = f"journey.{role.replace('_', '.')}.{office.lower()}{number}", pyotp.random_base32()
        with portal.sessions() as session:
            account = staff_account(session, login, f"{role} {number}", totp=totp, password="journey-password-7")
            post_staff(
                session, account, StaffRole(role), session.scalars(select(Office).where(Office.code == office)).one()
            )
            session.commit()
            portal.staff[key] = {
                "login": account.email,
                "password": "journey-password-7",
                "totp_secret": totp,
                "role": role,
            }
    return portal.staff[key]
