"""Made-up proceedings in each state, walked through the services, so that every queue and page has something to show."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider.assignment import Chooser, drawn_by
from agencies.sanctions import appeals, cases, liftings, orders, reviews, suspension
from agencies.sanctions import services as sanctions
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import CaseSource, CaseStatus, CaseSubject, OrderKind
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind
from agencies.seed_papers import picture
from core.accounts import NewAccount, Office, StaffPosting, actor_for, add_membership, create_account, post_staff
from core.actor import Actor
from core.db import db_now, legal_today, legal_zone
from core.money import Money, exponent
from core.permissions import StaffRole, SubjectKind
from core.world import World
from law.country import deployment

S, K = CaseStatus, OrderKind
_JUDGE = StaffRole.APPEAL_OFFICER
_HEARING = (S.REPORTED, S.SCREENED, S.NOTICE, S.REPLY, S.HEARING)


def _drawn_for(*officers: Actor) -> AbstractContextManager[None]:
    """Steps fall to the first of these who may have them."""
    order = [a.account_id for a in officers]

    def choose(fit: Sequence[UUID]) -> UUID:
        return next((a for a in order if a is not None and a in fit), fit[0])

    chooser: Chooser = choose
    return drawn_by(chooser)


def _waits_for(world: World, officers: tuple[Actor, ...], upto: CaseStatus) -> tuple[Actor, ...]:
    """Who acts: the accounts that README names for the step at which the proceeding stops, the others before it."""
    reporter, officer, decider, judge = officers
    if upto in _HEARING:
        officer = world.actors["licensing.officer"]
    if upto is S.DECISION:
        decider = world.actors.get("licensing.decider", decider)
    if upto in (S.APPEALED, S.STAYED):
        judge = world.actors.get("appeal.officer", judge)
    return reporter, officer, decider, judge


# How far each goes, and the order or the outcome where there is one.
DEMO: tuple[tuple[CaseStatus, OrderKind | None], ...] = (
    (S.REPORTED, None), (S.SCREENED, None), (S.NOTICE, None), (S.REPLY, None), (S.HEARING, None), (S.DECISION, None),
    (S.DISMISSED, None), (S.ORDERED, K.WARN), (S.ORDERED, K.FINE), (S.APPEALED, K.SUSPEND), (S.STAYED, K.CANCEL),
    (S.REVERSED, K.SUSPEND),
)  # fmt: skip
FACTS = "Workers say that receipts show a tenth of what they paid; two statements are in the papers."


def staff(session: Session, world: World) -> tuple[Actor, ...]:
    """Officers who only sit behind these proceedings: nobody decides what he or she prepared."""
    office = session.get_one(Office, world.offices[deployment().office_codes("department")[0]])
    # Where README's own appeal officer sits: mostly above the department, which has nobody, so that appeals pass up.
    posting = select(StaffPosting.office_id).where(StaffPosting.account_id == world.staff.get("appeal.officer"))
    appeals_at = session.get_one(Office, session.scalars(posting).first() or office.id)
    found = []
    for name, role in (
        ("Deepa Basnet", StaffRole.LICENSING_OFFICER),
        ("Kiran Bhandari", StaffRole.LICENSING_OFFICER),
        ("Laxman Oli", StaffRole.LICENSING_APPROVER),
        ("Manju Bista", StaffRole.APPEAL_OFFICER),
    ):
        account = create_account(session, NewAccount(display_name=name))
        post_staff(session, account, role, appeals_at if role is _JUDGE else office)
        found.append(actor_for(session, account))
    return tuple(found)


def demo(session: Session, world: World) -> None:
    """Twelve proceedings against licensed agencies, one more against the demo's own; two agents abroad, one of them barred; a
    lifting."""
    reporter, officer, decider, judge = staff(session, world)
    # From the end of the list: the packages above take theirs from its beginning.
    agencies = world.ids["agencies"][-len(DEMO) :]
    for agency_id, (upto, kind) in zip(agencies, DEMO, strict=True):
        _walk(session, world, (reporter, officer, decider, judge), agency_id, upto, kind)
        if (upto, kind) == (S.APPEALED, K.SUSPEND):
            # It stays suspended: the packages above must not give it job orders.
            world.ids["agencies"].remove(agency_id)
    own = world.ids["agencies"][0]
    _walk(session, world, (reporter, officer, decider, judge), own, S.NOTICE, None)
    _review(session, world, (reporter, decider))
    barred = cases.Report(
        CaseSubject.FOREIGN_AGENT, "Sold one visa to three workers.", CaseSource.PERSON, name="Pearl Manpower Services W.L.L.",
        identifier="CR 100311", country=deployment().destinations[0].code,
    )  # fmt: skip
    _walk(session, world, (reporter, officer, decider, judge), barred, S.ORDERED, K.SUSPEND)
    command = cases.Report(
        CaseSubject.FOREIGN_AGENT, "Sent workers to another employer than promised.", CaseSource.PERSON,
        name="Dhow Manpower Services", identifier="CR 100200", country=deployment().destinations[0].code,
    )  # fmt: skip
    with _drawn_for(world.actors["licensing.officer"]):
        cases.report(session, reporter, command)
    listed = session.scalars(
        select(Sanction).where(Sanction.kind == "blacklisting", Sanction.status == "in_force").order_by(Sanction.id)
    ).first()
    if listed is not None:
        with _drawn_for(world.actors["licensing.approver"]):
            liftings.propose(session, officer, listed.id, "Every worker has been paid back; receipts were seen.")
    world.progress("proceedings")


def _review(session: Session, world: World, officers: tuple[Actor, Actor]) -> None:
    """An agency under an interim suspension asks that somebody else looks at it."""
    agency_id = world.ids["agencies"].pop(-len(DEMO))
    last_day = suspension.limit(world.today).day or world.today + timedelta(days=7)
    command = sanctions.Propose(SanctionKind.SUSPENSION, "Two workers say that their passports are kept.", last_day)
    with _drawn_for(officers[1]):
        made = sanctions.propose(session, officers[0], agency_id, command)
    with _drawn_for(world.actors["licensing.officer"]):
        sanctions.order(session, officers[1], made.id, "Workers would be harmed by waiting for the hearing.")
    account = create_account(session, NewAccount(display_name="Sarita Khadka"))
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency_id, is_owner=True)
    if made.case_id is not None:
        words = "We gave both passports back; receipts are here."
        with _drawn_for(world.actors.get("appeal.officer", officers[1])):
            reviews.ask(session, actor_for(session, account), made.case_id, words)


def _walk(
    session: Session,
    world: World,
    officers: tuple[Actor, ...],
    against: UUID | cases.Report,
    upto: CaseStatus,
    kind: OrderKind | None,
) -> SanctionCase:
    reporter, officer, decider, judge = _waits_for(world, officers, upto)
    with _drawn_for(officer, decider, judge):
        return _walked(session, world, (reporter, officer, decider, judge), against, upto, kind)


def _walked(
    session: Session,
    world: World,
    officers: tuple[Actor, ...],
    against: UUID | cases.Report,
    upto: CaseStatus,
    kind: OrderKind | None,
) -> SanctionCase:
    reporter, officer, decider, judge = officers
    command = (
        against
        if isinstance(against, cases.Report)
        else cases.Report(CaseSubject.AGENCY, FACTS, CaseSource.PERSON, agency_id=against)
    )
    case = cases.report(session, reporter, command)
    came = (cases.NewPaper("Appeal", picture("appeal by post")),)
    appeal = appeals.Appeal("Our side was not heard in full.", ask_stay=upto is S.STAYED, papers=came)
    steps: list[Callable[[], object]] = [
        lambda: cases.screen(session, officer, case.id, "The statements agree."),
        lambda: cases.notify(session, officer, case.id, "Answer what the workers say about the money."),
        lambda: cases.record_reply(session, officer, case.id, "The receipts are complete."),
        lambda: _schedule(session, officer, case, waits=upto is S.HEARING),
        lambda: cases.hear(session, officer, case.id, cases.Heard("Both sides were heard.", True, "Proved in part.")),
        lambda: _decide(session, world, decider, case, kind),
        lambda: appeals.record(session, officer, case.id, appeal),
        lambda: _on_appeal(session, judge, case, upto),
    ]
    for step in steps:
        if case.status is upto:
            break
        step()
    return case


def _schedule(session: Session, officer: Actor, case: SanctionCase, *, waits: bool) -> None:
    """The hearing, after the last day to answer: still to come, or, where the story goes on, held today after a notice of
    some weeks ago."""
    assert case.reply_by is not None
    if not waits:
        earlier = case.reply_by - legal_today(session) + timedelta(days=1)
        case.reply_by -= earlier
        case.notified_on = (case.notified_on or legal_today(session)) - earlier
        cases.schedule(session, officer, case.id, cases.Hearing(db_now(session), "Room 3"))
        return
    day = case.reply_by + timedelta(days=7)
    at = datetime.combine(day, time(11), ZoneInfo(legal_zone()))
    cases.schedule(session, officer, case.id, cases.Hearing(at, "Room 3"))


def _decide(session: Session, world: World, decider: Actor, case: SanctionCase, kind: OrderKind | None) -> None:
    if kind is None:
        orders.dismiss(session, decider, case.id, "The money was paid back before the report.")
        return
    currency = deployment().currency
    fined = kind is K.FINE
    orders.order(
        session, decider, case.id,
        orders.Decide(
            kind, "The facts are proved by two statements and the bank's answer.",
            world.today + timedelta(days=90) if kind is K.SUSPEND else None,
            Money(100_000 * 10 ** exponent(currency), currency) if fined else None,
            world.today + timedelta(days=30) if fined else None,
        ),
    )  # fmt: skip


def _on_appeal(session: Session, judge: Actor, case: SanctionCase, upto: CaseStatus) -> None:
    if upto is S.STAYED:
        appeals.decide_stay(session, judge, case.id, "Workers are on their way; waiting does no harm.", grant=True)
    else:
        appeals.decide(session, judge, case.id, "reverse", "One statement was about another agency.")


def adversarial(session: Session, world: World) -> None:
    """A served notice against each licensed agency of the profile, by the officers of its own office."""
    found = []
    for row in world.found["agencies"]:
        if "licence_id" not in row:
            continue
        office = str(row["office"]).lower()
        officer, approver = world.actors[f"licensing.officer.{office}"], world.actors[f"licensing.approver.{office}"]
        command = cases.Report(CaseSubject.AGENCY, FACTS, CaseSource.PERSON, agency_id=UUID(str(row["id"])))
        with _drawn_for(approver):
            case = cases.report(session, officer, command)
            cases.screen(session, approver, case.id, "The statements agree.")
        cases.notify(session, approver, case.id, "Answer what the workers say about the money.")
        found.append({"id": str(case.id), "agency_id": row["id"], "status": str(case.status)})
    world.found["proceedings"] = found
