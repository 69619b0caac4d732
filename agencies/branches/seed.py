"""Made-up branches and representatives of one agency, in the states that the country's law lets them have."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.branches import moves, services
from agencies.branches.rules import rule
from agencies.branches.services import Propose
from agencies.branches.status import MoveKind, PresenceKind
from agencies.registration.models import Agency
from agencies.registration.status import IdentifierKind
from core.accounts import Membership, UserAccount, actor_for
from core.actor import Actor
from core.permissions import SubjectKind
from core.world import World
from law.country import deployment

PEOPLE = (
    ("Bimala Adhikari", "05-02-76-11001", "Office road 4", PresenceKind.BRANCH, False, "active"),
    ("Chandra Gurung", "05-02-76-11002", "Station road 11", PresenceKind.BRANCH, False, "proposed"),
    ("Deepa Nair", "05-02-76-11003", "Old Airport Road", PresenceKind.REPRESENTATIVE, True, "active"),
    ("Farida Khatun", "05-02-76-11005", "Bus park 2", PresenceKind.BRANCH, False, "suspended"),
    ("Gopal Magar", "05-02-76-11006", "Ring road 31", PresenceKind.BRANCH, False, "to remove"),
    ("Ekram Hossain", "05-02-76-11004", "Market square", PresenceKind.REPRESENTATIVE, False, "verified"),
)


def presences(session: Session, world: World, agency: Agency, reviewer: Actor, approver: Actor) -> None:
    """Some branches and representatives of ``agency``, which is licensed and has an owner; those that are forbidden are not.

    The caller lets the draws fall to ``reviewer`` and ``approver``.
    """
    account = session.scalars(
        select(UserAccount)
        .join(Membership, Membership.account_id == UserAccount.id)
        .where(Membership.kind == SubjectKind.AGENCY, Membership.subject_id == agency.id, Membership.is_owner)
        .limit(1)
    ).one()
    owner = actor_for(session, account)
    abroad = deployment().destinations[0].code
    for place, (name, number, where, kind, is_abroad, goal) in enumerate(PEOPLE):
        country = abroad if is_abroad else ""
        if rule(kind, country, world.today).forbidden:
            continue
        command = Propose(
            kind, country, where, name, IdentifierKind.CITIZENSHIP, number, date(1980 + place, 3, 14), "+9779841000001"
        )
        made = services.propose(session, owner, agency.id, command)
        if goal != "proposed":
            services.verify(session, reviewer, made.id, "Seen at the office.", f"SEED-{place}")
        if goal in ("active", "suspended", "to remove"):
            services.activate(session, approver, made.id, "In order.")
        if goal == "suspended":
            moves.suspend(session, approver, made.id, "Workers say that money was taken here.")
        if goal == "to remove":
            moves.propose(session, reviewer, made.id, MoveKind.REMOVE, "The office was found empty twice.")
