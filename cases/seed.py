"""Made-up reports: a handful in each state for the demo, two with known codenames for the adversarial profile."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from cases.reports import officers, services
from cases.reports.models import Report
from cases.reports.services import Send
from cases.reports.status import Category, Indicator, Share
from cases.reports.words import codename_index
from core.world import World
from law.country import deployment


@dataclass(frozen=True, slots=True)
class Told:
    """A report of the demo: how many days ago, and how far it has come."""

    days: int
    goal: str
    send: Send


TOLD = (
    Told(
        0,
        "received",
        Send(
            "A man came to our village and says he sends people to Qatar in three weeks. He wants the passport and cash the same day, and gives no paper.",
            False,
            Share.WORDS,
            "Sagarmatha Dreams",
            "9851011111",
            "Tea shop at the bus park",
            "150,000 and the passport",
            "this week",
            "QA",
        ),
    ),
    Told(
        1,
        "received",
        Send(
            "Sagarmatha Dreams took money from my cousin and two others. Nobody has left yet.",
            False,
            Share.FACTS,
            "Sagar Matha Dream",
            "98510-11111",
            "Bus park",
            "120,000 each",
            "last month",
            "QA",
        ),
    ),
    Told(
        0,
        "received",
        Send(
            "They have locked nine of us in a house near the border and took the telephones. One has a telephone left.",
            True,
            Share.NOTHING,
            "",
            "",
            "A yellow house behind the rice mill",
            "",
            "since Sunday",
        ),
    ),
    Told(
        6,
        "triage",
        Send(
            "The agency asks for twice the amount that the list on the wall says.",
            False,
            Share.FACTS,
            "",
            "",
            "New Road",
            "twice the fee",
            "",
            "MY",
        ),
    ),
    Told(
        9,
        "accepted",
        Send(
            "My sister works sixteen hours, they keep her passport and have not paid since spring.",
            False,
            Share.FACTS,
            "",
            "",
            "",
            "her passport",
            "since April",
            "KW",
        ),
    ),
    Told(
        20,
        "redirected",
        Send(
            "He recruits from a hotel room with a copied licence on the wall.",
            False,
            Share.WORDS,
            "Gulf Star Placement",
            "9801022222",
            "Hotel room near the gate",
            "80,000",
            "two weeks ago",
            "AE",
        ),
    ),
    Told(
        30,
        "answered",
        Send(
            "They asked for money for the medical test and said the receipt comes later.",
            False,
            Share.NOTHING,
            "",
            "",
            "",
            "9,000",
            "",
            "SA",
        ),
    ),
    Told(12, "closing", Send("My neighbour's goat eats my vegetables.", False, Share.NOTHING)),
)


def _send(session: Session, name: str, told: Send) -> tuple[Report, str]:
    """A report from a draft whose secret is made of a name, so that a seed gives the same codenames each time."""
    secret = hmac.new(b"openpassage demo", name.encode(), sha256).digest()[:16]
    codename = services.send(session, secret, told)
    return session.scalars(select(Report).where(Report.codename_index == codename_index(codename))).one(), codename


def demo(session: Session, world: World) -> None:
    """Reports in every state, some of them about the same recruiter."""
    officer = world.actors["case.officer"]
    number = session.scalars(
        select(Licence.number).where(Licence.status == LicenceStatus.ACTIVE).order_by(Licence.serial).limit(1)
    ).one()
    for place, told in enumerate(TOLD):
        report, _codename = _send(session, f"demo {place}", told.send)
        report.received_on = world.today - timedelta(told.days)
        if told.goal == "received":
            continue
        officers.take(session, officer, report.id)
        if told.goal == "closing":
            officers.propose_closing(
                session, officer, report.id, "We look after work abroad. Your ward office can help."
            )
        if told.goal in ("accepted", "redirected", "answered"):
            sort = {
                "accepted": officers.Sort(Category.FORCED_LABOUR, (Indicator.DOCUMENTS, Indicator.WAGES, Indicator.OVERTIME)),
                "redirected": officers.Sort(Category.UNLICENSED),
                "answered": officers.Sort(Category.LICENSED, (), number),
            }  # fmt: skip
            officers.accept(session, officer, report.id, sort[told.goal])
        if told.goal == "redirected":
            officers.redirect(session, officer, report.id)
        if told.goal == "answered":
            officers.answer(session, officer, report.id, "Thank you. Do not pay without a receipt. We ask the agency.")


def adversarial(session: Session, world: World) -> None:
    """Two reports, one with an answer, whose codenames stand in what the profile prints."""
    officer = world.actors[f"case.officer.{deployment().office_codes('ministry')[0].lower()}"]
    world.found["reports"] = []
    for place in (2, 5):
        report, codename = _send(session, f"adversarial {place}", TOLD[place].send)
        world.found["reports"].append({"id": str(report.id), "reference": report.reference, "codename": codename})
    officers.take(session, officer, report.id)
    officers.message(session, officer, report.id, "Did you see the paper yourself?", note=False)
    session.flush()
