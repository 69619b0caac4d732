""" "May this agency recruit me for this job, this employer, this country, today?" One answer, which every channel only shows.

It changes nothing and asks everything then and there: licence, card, job order, employer and law are read at the moment
of the question, like at the registration of a contract.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.licensing.queries import licence_for
from agencies.licensing.status import Standing
from agencies.register import snapshot
from agencies.register.presentation import NEAR
from agencies.register.search import Answer as Found
from agencies.register.search import Hit, search
from agencies.register.snapshot import Entry, Register
from contracts.answer import agency_parts, job_parts, queries
from contracts.answer.queries import CardFacts, EmployerFacts, OrderFacts
from contracts.answer.shape import Answer, Listed, Part, Question
from contracts.answer.status import ADVICE, STANDING_WORDS, TITLES, State, Subject, Word, tone_of
from core.i18n import _l
from core.ids import parse_reference

MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the references in a question stand for; ``readable`` ones that stand for nothing are unknown to us."""

    order: OrderFacts | None
    order_readable: bool
    card: CardFacts | None
    card_readable: bool

    @property
    def agencies(self) -> list[UUID]:
        """Whose job and card these are."""
        return [found.agency_id for found in (self.order, self.card) if found is not None]


@dataclass(frozen=True, slots=True)
class _Agency:
    """Which agency is meant: one, or several, or none that is listed."""

    hit: Hit | None = None
    choices: tuple[Hit, ...] = ()
    missing: bool = False
    imitated: Entry | None = None
    mixed_letters: bool = False
    certain: bool = False


def answer(session: Session, question: Question) -> Answer:
    """The one answer, in the current language, as of the legal day by the database's clock.

    A question that names nothing gets :attr:`Word.UNKNOWN`. Never raises for what somebody typed.
    """
    register, today = snapshot.current(session)
    asked = _read(session, question, today)
    agency = _which(register, question, asked, today)
    if agency.choices:
        choices = tuple(_listed(h.entry, h.standing) for h in agency.choices)
        found = agency_parts.name(None, mixed_letters=agency.mixed_letters, certain=False)
        if agency.imitated is not None:
            found.append(_imitation(agency.imitated))
        return _answer(question, today, Word.WHICH_ONE, parts_=tuple(found), choices=choices)
    found = _parts(session, question, asked, agency, today)
    listed = _listed(agency.hit.entry, agency.hit.standing) if agency.hit is not None else None
    return _answer(question, today, _word(found, listed is not None), listed, parts_=tuple(found))


def _answer(
    question: Question, today: date, word: Word, agency: Listed | None = None, *,
    parts_: tuple[Part, ...] = (), choices: tuple[Listed, ...] = (),
) -> Answer:  # fmt: skip
    return Answer(question, today, word, TITLES[word], ADVICE[word], tone_of(word), agency, parts_, choices)


def _read(session: Session, question: Question, today: date) -> _Asked:
    reference = parse_reference(question.job_order) if question.job_order else None
    card = queries.parse_card(question.card) if question.card else None
    return _Asked(
        order=queries.public_order(session, reference) if reference else None,
        order_readable=reference is not None,
        card=queries.card(session, *card, today) if card else None,
        card_readable=card is not None,
    )


def _which(register: Register, question: Question, asked: _Asked, today: date) -> _Agency:
    """The agency by what was typed; a job or card decides between several that fit, and alone names its own."""
    if not question.agency:
        entry = next((e for e in register.entries if e.agency_id in asked.agencies[:1]), None)
        return _Agency() if entry is None else _Agency(Hit(entry, entry.standing(today), 1.0), certain=True)
    found = search(register, question.agency, today)
    if found.exact is not None:
        return _Agency(found.exact, mixed_letters=found.mixed_letters, certain=found.by_number)
    near = _near(found)
    owned = [h for h in near if h.entry.agency_id in asked.agencies]
    if len(owned) == 1:
        return _Agency(owned[0], mixed_letters=found.mixed_letters, certain=True)
    if near:
        return _Agency(choices=near[:MOST_CHOICES], imitated=found.imitated, mixed_letters=found.mixed_letters)
    return _Agency(missing=True, imitated=found.imitated, mixed_letters=found.mixed_letters)


def _near(found: Found) -> tuple[Hit, ...]:
    """Those that may be meant: the same line as the licence check draws."""
    return found.hits if found.hits and max(h.score for h in found.hits) >= NEAR else ()


def _listed(entry: Entry, standing: Standing) -> Listed:
    return Listed(
        entry.agency_id, entry.name, entry.name_local, entry.number, entry.district, standing, entry.valid_until
    )


def _parts(session: Session, question: Question, asked: _Asked, agency: _Agency, today: date) -> list[Part]:
    """Every line that this question has, in the order of :class:`Subject`."""
    agency_id = agency.hit.entry.agency_id if agency.hit is not None else None
    found = _agency_parts(session, agency, today)
    if question.card:
        found.append(agency_parts.presence(asked.card, agency_id, readable=asked.card_readable, on=today))
    elif agency_id is not None and found[0].state is State.GOOD:
        found.append(agency_parts.acting(session, agency_id, today))
    named = (
        queries.employers_named(session, question.employer, question.destination, today) if question.employer else []
    )
    refused = any(p.subject is Subject.LICENCE and p.state is State.BAD for p in found)
    if question.job_order:
        found.append(job_parts.job_order(session, asked.order, agency_id, readable=asked.order_readable, on=today))
    elif agency_id is not None and not refused:
        found.append(job_parts.jobs_at_all(session, agency_id, question, named, today))
    found += _job_parts(session, question, asked.order, named, today)
    # What may be charged is nothing to tell of somebody who may not recruit at all.
    return found if refused else found + job_parts.fee(question, asked.order, today)


def _agency_parts(session: Session, agency: _Agency, today: date) -> list[Part]:
    if agency.hit is not None:
        found = [agency_parts.licence(session, licence_for(session, agency.hit.entry.agency_id, today))]
        return found + agency_parts.name(agency.hit, mixed_letters=agency.mixed_letters, certain=agency.certain)
    found = []
    if agency.missing:
        sentence = _l("No agency in the register has this name or number.")
        found.append(Part(Subject.LICENCE, State.BAD, "not_found", sentence))
        found += agency_parts.name(None, mixed_letters=agency.mixed_letters, certain=False)
        if agency.imitated is not None:
            found.append(_imitation(agency.imitated))
    return found


def _imitation(real: Entry) -> Part:
    sentence = _l(
        "What you typed looks like the name of a licensed agency: %(name)s, %(number)s. It may be a trick.",
        name=real.name, number=real.number or "–",
    )  # fmt: skip
    return Part(Subject.NAME, State.WARN, "looks_like_licensed", sentence, records=(real.number or "",))


def _job_parts(
    session: Session, question: Question, order: OrderFacts | None, named: list[EmployerFacts], today: date
) -> list[Part]:
    own = queries.employer_by_id(session, order.employer_id, today) if order is not None else None
    return [
        *job_parts.employers(question.employer, named, order, own),
        *job_parts.occupation(question, order),
        *job_parts.destination(session, question, order, today),
        *job_parts.age(question, order, today),
    ]


def _word(found: list[Part], agency_known: bool) -> Word:
    """The whole in one word: how the agency stands comes first, then whatever refuses, then whatever is open."""
    licence = next((p for p in found if p.subject is Subject.LICENCE), None)
    if licence is not None and licence.state is State.BAD:
        return Word.NOT_LICENSED if licence.code == "not_found" else STANDING_WORDS[Standing(licence.code)]
    states = {p.state for p in found}
    if State.BAD in states:
        return Word.NO
    if not agency_known:
        return Word.UNKNOWN
    confirmed = any(p.subject is Subject.JOB_ORDER and p.state is State.GOOD for p in found)
    return Word.YES if confirmed and not states & {State.WARN, State.UNKNOWN} else Word.CHECK
