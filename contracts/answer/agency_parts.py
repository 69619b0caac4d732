"""What the answer says of the agency: its licence, its name, the card that somebody shows."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.branches.queries import acting as counted
from agencies.branches.rules import rule as presence_rule
from agencies.branches.status import KIND_TITLES, PresenceKind
from agencies.licensing.queries import STANDING_REASONS, LicenceStanding
from agencies.licensing.status import Standing
from agencies.register.search import Hit
from agencies.sanctions.queries import public_orders
from agencies.sanctions.status import SanctionKind, SanctionStatus
from contracts.answer.queries import CardFacts
from contracts.answer.shape import Part
from contracts.answer.status import State, Subject
from core.i18n import _l, format_date, format_number

# The order behind a standing, where the standing rests on one.
_STEPS = {
    SanctionKind.SUSPENSION: Standing.SUSPENDED,
    SanctionKind.CANCELLATION: Standing.CANCELLED,
    SanctionKind.BLACKLISTING: Standing.BLACKLISTED,
}


def licence(session: Session, found: LicenceStanding) -> Part:
    """How the agency stands today; of a suspension also since when, and by which order."""
    number = (found.licence_number,) if found.licence_number else ()
    sentence: Any = STANDING_REASONS[found.status]
    if found.licensed:
        sentence = _l("The licence is in force until %(day)s.", day=format_date(found.valid_until))
        return Part(Subject.LICENCE, State.GOOD, str(found.status), sentence, records=number)
    held = [
        o
        for o in public_orders(session, found.agency_id)
        if o.state is SanctionStatus.IN_FORCE and _STEPS.get(o.kind) is found.status
    ]
    if held:
        order = held[-1]
        sentence = _since(found.status, order.from_day)
        if order.until_day and found.status is Standing.SUSPENDED:
            until = format_date(order.until_day)
            sentence = _l("Suspended since %(day)s, until %(until)s.", day=format_date(order.from_day), until=until)
        return Part(Subject.LICENCE, State.BAD, str(found.status), sentence, records=(*number, order.reference))
    if found.status is Standing.EXPIRED:
        sentence = _l("The licence ran out on %(day)s.", day=format_date(found.valid_until))
    return Part(Subject.LICENCE, State.BAD, str(found.status), sentence, records=number)


def _since(standing: Standing, day: date) -> Any:
    words = {
        Standing.SUSPENDED: _l("Suspended since %(day)s.", day=format_date(day)),
        Standing.BLACKLISTED: _l("On the blacklist since %(day)s.", day=format_date(day)),
        Standing.CANCELLED: _l("The licence was taken away on %(day)s.", day=format_date(day)),
    }
    return words[standing]


def name(hit: Hit | None, *, mixed_letters: bool, certain: bool) -> list[Part]:
    """Whether somebody else's name could be taken for this one. ``certain``: number, card or job name this agency."""
    found = []
    if mixed_letters:
        sentence = _l("What you typed mixes letters of two alphabets. Tricksters do that: compare letter by letter.")
        found.append(Part(Subject.NAME, State.WARN, "mixed_letters", sentence))
    if hit is None:
        return found
    if hit.lookalike_of is not None:
        real = hit.lookalike_of
        sentence = _l(
            "Its name looks like that of a licensed agency: %(name)s, %(number)s.",
            name=real.name,
            number=real.number or "–",
        )
        found.append(Part(Subject.NAME, State.BAD, "imitates", sentence, records=(real.number or "",)))
    elif hit.similar is not None:
        other = hit.similar
        sentence = _l(
            "Another licensed agency has nearly the same name: %(name)s, %(number)s. Compare the number, not the name.",
            name=other.name, number=other.number or "–",
        )  # fmt: skip
        state = State.NOTE if certain else State.WARN
        found.append(Part(Subject.NAME, state, "similar_licensed", sentence, records=(other.number or "",)))
    return found


def acting(session: Session, agency_id: UUID, on: date) -> Part:
    """Without a card: how many may act outside the agency's own office. Their names stand on their cards alone."""
    found = counted(session, agency_id, on)
    facts = ((_l("Branches open today"), format_number(found.branches)),) if found.branches else ()
    if found.representatives:
        sentence = _l(
            "Representatives who may act for it today: %(count)s. Whoever comes in its name must show you a card: check the "
            "number of the card here.",
            count=format_number(found.representatives),
        )
        return Part(Subject.PRESENCE, State.NOTE, "some", sentence, facts=facts)
    if found.forbidden:
        sentence = _l("The law forbids representatives. Nobody but the agency’s own office may recruit you.")
        return Part(Subject.PRESENCE, State.NOTE, "forbidden", sentence, facts=facts)
    sentence = _l("No representative may act for it today. Whoever says to be one deceives you: go to its own office.")
    return Part(Subject.PRESENCE, State.NOTE, "none", sentence, facts=facts)


def presence(found: CardFacts | None, agency_id: UUID | None, *, readable: bool, on: date) -> Part:
    """The card that somebody shows; nothing is said about its holder, whom the card's own QR names."""
    if not readable:
        sentence = _l("This can’t be the number of a card. Check it letter by letter, or scan the code on the card.")
        return Part(Subject.PRESENCE, State.UNKNOWN, "malformed", sentence)
    if found is None:
        return Part(
            Subject.PRESENCE, State.BAD, "not_found", _l("No card has this number. Whoever shows it deceives you.")
        )
    records = (found.number,)
    if agency_id is not None and found.agency_id != agency_id:
        sentence = _l("This card belongs to another agency. Its holder may not act for this one.")
        return Part(Subject.PRESENCE, State.BAD, "other_agency", sentence, records=records)
    law = presence_rule(found.kind, found.country, on)
    rows = (law.row,) if law.row else ()
    if law.forbidden:
        sentence = _l("The law forbids representatives. Nobody but the agency’s own office may recruit you.")
        return Part(Subject.PRESENCE, State.BAD, "forbidden", sentence, rows, records)
    if not found.standing.good:
        return Part(Subject.PRESENCE, State.BAD, "not_valid", found.standing.reason, rows, records)
    sentence = _l(
        "The card is valid for one person only. Scan its code and compare the name with the identity paper. Whoever shows "
        "it may hold neither your money nor your passport."
    )
    facts = ((_l("Kind of card"), KIND_TITLES[found.kind]),)
    code = "branch" if found.kind is PresenceKind.BRANCH else "representative"
    return Part(Subject.PRESENCE, State.GOOD, code, sentence, rows, records, facts)
