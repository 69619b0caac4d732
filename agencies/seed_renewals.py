"""Renewals of the demo: one agency in its window with too few departures, one under review, one whose licence was renewed."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from agencies.licensing import decisions, fees, rules, services
from agencies.licensing.issue import licence_token
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import LicenceStatus, SecurityKind
from agencies.registration.models import Agency
from agencies.renewal import rules as terms
from agencies.renewal import services as renewals
from agencies.renewal import testing
from agencies.security import seed as security
from core.actor import Actor
from core.money import Money, exponent
from core.world import World
from law.country import deployment

# Places among the licences in force: early ones, whose names are the originals.
PLACES = (2, 3, 4)
# Days since the issue and days to the end: a licence of nearly two years, and two whose first year is not over.
TERMS = ((690, 40), (300, 55), (305, 62))
Login = Callable[[str, Agency], Actor]
Scan = Callable[[str], bytes]


def near_their_end(licences: Sequence[Licence], agencies: dict[object, Agency], today: date) -> list[Licence]:
    """Some licences in force get terms that end soon; to be called before they are written."""
    in_force = [x for x in licences if x.status is LicenceStatus.ACTIVE]
    chosen = [in_force[place] for place in PLACES]
    for licence, (since, left) in zip(chosen, TERMS, strict=True):
        licence.issued_on, licence.valid_until = today - timedelta(days=since), today + timedelta(days=left)
        agency = agencies[licence.agency_id]
        licence.token = licence_token(licence.id, licence.number, agency, licence.issued_on, licence.valid_until)
    return chosen


def demo(session: Session, world: World, licences: list[Licence], login: Login, scan: Scan) -> None:
    """Each by the services, as far as its story goes."""
    officer = world.actors["licensing.officer"]
    begun = [_filled_in(session, n, licence, login, scan) for n, licence in enumerate(licences, start=1)]
    for owner, application in begun[1:]:
        services.submit(session, owner, application.id)
        decisions.take(session, officer, application.id)
    _renew(session, world, begun[2][1], scan)


def _filled_in(
    session: Session, number: int, licence: Licence, login: Login, scan: Scan
) -> tuple[Actor, LicenceApplication]:
    owner = login(f"renewing.agency.{number}", session.get_one(Agency, licence.agency_id))
    application = renewals.start(session, owner, licence.agency_id)
    for paper in rules.papers(application.procedure):
        content = scan(f"{paper.code} renewal {number}")
        services.attach_paper(session, owner, application.id, services.AttachPaper(paper.code, content))
    return owner, application


def _renew(session: Session, world: World, application: LicenceApplication, scan: Scan) -> None:
    """Approved for the usual term; what the security lacks is paid in, and the fee where the law names one."""
    officer, approver = world.actors["licensing.officer"], world.actors["licensing.approver"]
    finance, checker = world.actors["finance"], world.actors["finance.checker"]
    seen = decisions.Recommend("In order, as before.", "The office was visited in the first year.")
    decisions.recommend(session, officer, application.id, seen)
    asked = testing.asked_by(session, application)
    known = rules.class_terms(application.licence_class or "", world.today)
    unit = Money(1_000_000 * 10 ** exponent(deployment().currency), deployment().currency)
    amounts = (known.cash, known.guarantee) if known and known.total.minor else (unit, Money(0, unit.currency))
    decisions.approve(
        session, approver, application.id,
        decisions.Approve("Paid its workers, no complaint.", *amounts, asked.until, "A term as long as the law or the last."),
    )  # fmt: skip
    state = decisions.security_state(session, application)
    if state is not None and state.missing.minor:
        paper = decisions.RecordSecurity(
            SecurityKind.CASH, state.missing, deployment().banks[0], f"RENEW-{application.reference}", scan("deposit")
        )
        kept = decisions.record_security(session, finance, application.id, paper)
        security.confirm(session, finance, checker, kept, scan("confirmed"))
    fee, _found = terms.fee(asked.on)
    if fee is not None:
        fees.record(session, finance, application.id, fees.RecordFee(fee, "F-1042", world.today))
    decisions.issue(session, finance, application.id)
