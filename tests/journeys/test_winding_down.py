"""From a licence that has ended to the closed file: the agency lists, the worker confirms, two officers close."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from agencies.winding_down.models import WindingDown
from agencies.winding_down.status import WindingStatus
from core.actor import Actor
from migrants.registration.models import Passport
from tests.agencies import winding
from tests.contracts import factories as contracts
from tests.journeys import kit
from tests.journeys.conftest import Portal, at_a_desk, staff
from tests.journeys.person import Person
from tests.migrants.factories import PASSWORD

pytestmark = pytest.mark.browser


def ended(portal: Portal) -> tuple[UUID, UUID, Actor, Actor, str]:
    """An agency whose licence ended long ago: its id, its file's, its owner, a worker with the passport's number."""
    with portal.sessions() as session:
        made, owner = contracts.agency(session)
        migrant_id, _reference, worker = contracts.worker(session)
        passport = session.scalars(select(Passport).where(Passport.migrant_id == migrant_id)).one()
        file = winding.long_ago(session, winding.ended(session, made))
        session.commit()
        return made.id, file.id, owner, worker, passport.document_number or ""


@at_a_desk
def test_passports_go_back_before_the_file_is_closed(portal: Portal, somebody: Callable[..., Person]):
    agency_id, file_id, owner, worker, number = ended(portal)

    agency = somebody()
    kit.enter(agency.context, portal, owner.account_id)
    agency.go(f"/agencies/{agency_id}/winding-down")
    agency.unfold("Add a document")
    agency.fill(number=number, name="Sunita Tamang")
    kit.follow(agency.page.locator("main form[action$='/documents'] button[type=submit]"))
    agency.page.check("main [name=whole]")
    agency.press("Sign the list")
    agency.press("We gave it back")
    agency.sees("The agency says it was given back")
    agency.well()

    migrant = somebody()
    kit.enter(migrant.context, portal, worker.account_id)
    migrant.go("/me/winding-down")
    migrant.well()
    migrant.press("Answer")
    migrant.press("Send me a code")
    with portal.sessions() as session:
        code = contracts.last_code(session, worker.account_id)
    migrant.fill(secret=PASSWORD, code=code)
    migrant.well()
    migrant.press("I have it back")
    migrant.sees("Back with the worker")

    desk, who = f"/licensing/winding-down/{file_id}", 70 if migrant.javascript else 71
    officer = somebody(staff(portal, "licensing_officer", number=who))
    officer.go(desk)
    officer.sees("Nothing stands in the way")
    officer.page.check("main [name=outcome][value=release]")
    officer.act("propose", "Everything is back.")
    officer.well()
    approver = somebody(staff(portal, "licensing_approver", number=who))
    approver.go(desk)
    approver.act("close", "Papers compared.")
    approver.sees("Closed on")
    approver.well()
    with portal.sessions() as session:
        assert session.get_one(WindingDown, file_id).status is WindingStatus.CLOSED
    anybody = somebody()
    anybody.go(f"/winding-down/{file_id}")
    anybody.sees("Closed on")
    anybody.well()
