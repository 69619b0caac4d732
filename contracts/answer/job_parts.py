"""What the answer says of the job: order, employer, work, country, payment. A row refuses only where it was seen in the law."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.registration.queries import agency_names
from contracts.ages import AgeLimit, for_whom, limits_of_job
from contracts.answer.places import country_name
from contracts.answer.queries import EmployerFacts, OrderFacts, open_jobs, plain
from contracts.answer.shape import Part, Question
from contracts.answer.status import State, Subject
from contracts.exemptions.queries import exempted_order
from core.i18n import _l, format_date, format_money, format_number
from core.money import Money
from core.names import looks_alike
from law import engine
from law.country import deployment
from law.engine import Applied, Row, RowStatus, applies

NO_LIMIT_KNOWN = _l("No limit is known for certain here. Ask at a labour office before you pay anything.")


def _advertised(order: OrderFacts) -> tuple[tuple[Any, Any], ...]:
    terms = order.terms
    return (
        (_l("Work"), terms.post),
        (_l("Employer"), terms.employer),
        (_l("Country"), country_name(order.destination)),
        (_l("Wage a month"), format_money(Money(terms.wage_minor, terms.wage_currency))),
        (_l("Places left"), format_number(max(order.left, 0))),
    )


def job_order(session: Session, order: OrderFacts | None, agency_id: UUID | None, *, readable: bool, on: date) -> Part:
    """The advertised job: whose, still open, in time, with a place left."""
    if not readable:
        sentence = _l("This can’t be the number of a job, which looks like JB-7K3M-9QXTB-C. Check it letter by letter.")
        return Part(Subject.JOB_ORDER, State.UNKNOWN, "malformed", sentence)
    if order is None:
        sentence = _l("No approved job has this number. Do not pay for it.")
        return Part(Subject.JOB_ORDER, State.BAD, "not_found", sentence)
    facts, records = _advertised(order), (order.reference,)
    if agency_id is not None and order.agency_id != agency_id:
        owner = agency_names(session, [order.agency_id])[order.agency_id]
        sentence = _l("This job was approved for another agency: %(name)s.", name=owner)
        return Part(Subject.JOB_ORDER, State.BAD, "other_agency", sentence, records=records, facts=facts)
    if order.was_closed:
        return Part(Subject.JOB_ORDER, State.BAD, "closed", _l("This job is closed."), records=records, facts=facts)
    if order.agent_barred:
        sentence = _l("The employer’s agent abroad is barred. Nobody may be sent through it.")
        return Part(Subject.JOB_ORDER, State.BAD, "agent_barred", sentence, records=records, facts=facts)
    limit = applies("job_order.validity_days", on=on)
    rows = (limit.row,) if isinstance(limit, Applied) else ()
    last = order.approved_on + timedelta(int(limit.value)) if isinstance(limit, Applied) else None
    if last is not None and last < on:
        sentence = _l("The approval of this job ran out on %(day)s.", day=format_date(last))
        state, code = (State.BAD, "expired") if limit.may_refuse else (State.WARN, "perhaps_expired")
        return Part(Subject.JOB_ORDER, state, code, sentence, rows, records, facts)
    if order.last_day is not None and not order.is_open(on):
        sentence = _l("The approval of this job ran out on %(day)s.", day=format_date(order.last_day))
        return Part(Subject.JOB_ORDER, State.BAD, "expired", sentence, records=records, facts=facts)
    if order.left <= 0:
        sentence = _l("All places of this job are taken.")
        return Part(Subject.JOB_ORDER, State.BAD, "full", sentence, rows, records, facts)
    return Part(
        Subject.JOB_ORDER, State.GOOD, "open", _l("The ministry approved this job for this agency, and it is open."), rows,
        records, facts,
    )  # fmt: skip


def jobs_at_all(
    session: Session, agency_id: UUID, question: Question, employers: list[EmployerFacts], on: date
) -> Part:
    """Without a job's number: whether the agency has any approved job that fits what was asked."""
    limit = applies("job_order.validity_days", on=on)
    since = on - timedelta(int(limit.value)) if isinstance(limit, Applied) and limit.may_refuse else None
    found = open_jobs(
        session, agency_id, destination=question.destination, occupation=question.occupation,
        employers=tuple(e.employer_id for e in employers), approved_since=since, on=on,
    )  # fmt: skip
    rows = (limit.row,) if isinstance(limit, Applied) else ()
    if not found.orders:
        asked = bool(question.destination or question.occupation or employers)
        sentence = (
            _l("This agency has no approved job of this kind today. Do not pay for one.")
            if asked
            else _l("This agency has no approved job abroad today. Do not pay for one.")
        )
        return Part(Subject.JOB_ORDER, State.BAD, "none", sentence, rows)
    sentence = _l(
        "Approved jobs that fit: %(count)s, with %(places)s free places. Ask the agency for the number of your job (it begins "
        "with JB) and check that number here.",
        count=format_number(found.orders), places=format_number(found.places),
    )  # fmt: skip
    return Part(Subject.JOB_ORDER, State.WARN, "ask_number", sentence, rows)


def employers(
    named: str, found: list[EmployerFacts], order: OrderFacts | None, own: EmployerFacts | None
) -> list[Part]:
    """The employer of the job (``own``), or those that were ``named``; both, where they are not the same."""
    if own is not None and order is not None:
        same = not named or own in found or plain(named) in (plain(own.name), plain(own.reference))
        return [employer(own, told=True)] if same else [_other_employer(named, own, order), employer(own, told=True)]
    if not named:
        return []
    if not found:
        sentence = _l("No accredited employer has this name. Ask at a labour office before you pay.")
        return [Part(Subject.EMPLOYER, State.UNKNOWN, "not_found", sentence)]
    if len(found) > 1:
        sentence = _l("Several employers have this name. Choose the country, or ask for the number of the employer.")
        return [Part(Subject.EMPLOYER, State.UNKNOWN, "several", sentence)]
    return [employer(found[0])]


def _other_employer(named: str, own: EmployerFacts, order: OrderFacts) -> Part:
    """What was named is not the job's employer; a name that only looks like it is for the person to compare."""
    if looks_alike(named, own.name) is not None:
        sentence = _l("The employer of this job is written %(name)s. Compare it letter by letter.", name=own.name)
        return Part(Subject.EMPLOYER, State.WARN, "similar_to_order", sentence, records=(order.reference,))
    sentence = _l("This job is with another employer: %(name)s.", name=own.name)
    return Part(Subject.EMPLOYER, State.BAD, "other_than_order", sentence, records=(order.reference,))


def occupation(question: Question, order: OrderFacts | None) -> list[Part]:
    """Whether the work that was promised is the job's."""
    if not question.occupation or order is None:
        return []
    theirs = deployment().occupation_name(order.terms.occupation)
    if question.occupation != order.terms.occupation:
        sentence = _l("The job is for other work: %(work)s.", work=theirs)
        return [Part(Subject.OCCUPATION, State.BAD, "other_than_order", sentence, records=(order.reference,))]
    sentence = _l("The job is for this work: %(work)s.", work=theirs)
    return [Part(Subject.OCCUPATION, State.GOOD, "as_in_order", sentence, records=(order.reference,))]


def employer(found: EmployerFacts, *, told: bool = False) -> Part:
    """Whether the employer may hire today. ``told``: the job's own line names it already."""
    records, facts = (found.reference,), () if told else ((_l("Employer"), found.name),)
    if found.barred:
        code, state, sentence = "barred", State.BAD, _l("This employer is barred. Nobody may be sent there.")
    elif not found.may_hire:
        code, state = "not_accredited", State.BAD
        sentence = _l("The accreditation of this employer does not hold today.")
    elif found.watched:
        code, state = "watch", State.WARN
        sentence = _l("This employer is under watch. Ask at a labour office before you sign.")
    else:
        code, state, sentence = "accredited", State.GOOD, _l("This employer is accredited.")
    return Part(Subject.EMPLOYER, state, code, sentence, records=records, facts=facts)


def destination(session: Session, question: Question, order: OrderFacts | None, on: date) -> list[Part]:
    """Bans on a country: for everybody, or for some. What the law file does not name is unknown, never open by itself."""
    code = question.destination or (order.destination if order else "")
    if not code:
        return []
    country = country_name(code)
    if order is not None and code != order.destination:
        sentence = _l("The job is in another country: %(name)s.", name=country_name(order.destination))
        return [Part(Subject.DESTINATION, State.BAD, "other_than_order", sentence, records=(order.reference,))]
    occupation = question.occupation or (order.terms.occupation if order else None)
    ban = applies("destination_ban", on=on, destination=code, occupation=occupation or None)
    found = [_partial_ban(row, country) for row in _bans_for_some(code, occupation, on)]
    if isinstance(ban, Applied):
        if order is not None and (by := exempted_order(session, ban.row.id, on, order.reference)):
            return [_exempted(ban.row, country, order, by.last_day), *found]
        state, word = (State.BAD, "banned") if ban.may_refuse else (State.WARN, "ban_reported")
        sentence = (
            _l(
                "By law nobody may be sent to %(country)s for this now. Only the ministry can exempt somebody.",
                country=country,
            )
            if ban.may_refuse
            else _l("A ban on %(country)s was reported. Ask at a labour office before you pay.", country=country)
        )
        return [Part(Subject.DESTINATION, state, word, sentence, (ban.row,), facts=_row_words(ban.row)), *found]
    if order is not None and ban.row is None:
        sentence = _l("An officer approved this job in %(country)s, and no ban on it is known.", country=country)
        return [Part(Subject.DESTINATION, State.GOOD, "approved_no_ban", sentence, records=(order.reference,)), *found]
    sentence = _l(
        "We do not know for certain whether people may be sent to %(country)s for work. Ask at a labour office before you pay.",
        country=country,
    )
    rows = (ban.row,) if ban.row else ()
    return [Part(Subject.DESTINATION, State.UNKNOWN, "not_in_law", sentence, rows), *found]


def _exempted(row: Row, country: str, order: OrderFacts, until: date) -> Part:
    sentence = _l(
        "There is a ban on %(country)s. The ministry has exempted this job from it until %(day)s.",
        country=country, day=format_date(until),
    )  # fmt: skip
    return Part(Subject.DESTINATION, State.NOTE, "exempted", sentence, (row,), (order.reference,), _row_words(row))


def _bans_for_some(code: str, occupation: str | None, on: date) -> list[Row]:
    """Bans on this country that depend on what was not asked, such as the sex or another occupation's group."""
    known = {"destination": code, **({"occupation": occupation} if occupation else {})}
    possible = engine.law().possible("destination_ban", on=on, **known)
    return [r for r in possible if r.value is not None and "destination" in r.when and set(r.when) - set(known)]


def _partial_ban(row: Row, country: str) -> Part:
    if row.status is RowStatus.SEEN:
        code = "banned_for_some"
        sentence = _l(
            "A ban on %(country)s holds for some people. Ask at a labour office whether it holds for you.",
            country=country,
        )
    else:
        code = "ban_reported_for_some"
        sentence = _l(
            "It is reported that some people may not go to %(country)s. Ask at a labour office whether this holds for you.",
            country=country,
        )
    return Part(Subject.DESTINATION, State.WARN, code, sentence, (row,), facts=_row_words(row))


def _row_words(row: Row) -> tuple[tuple[Any, Any], ...]:
    return ((_l("What the law says"), row.plain_words or row.text),)


def age(question: Question, order: OrderFacts | None, on: date) -> list[Part]:
    """The ages that the law names for this work there, for whom each holds: heard before anything is paid."""
    code = question.destination or (order.destination if order else "")
    occupation = question.occupation or (order.terms.occupation if order else "")
    if not code and not occupation:
        return []
    found = limits_of_job(on, destination=code or None, occupation=occupation or None)
    return [_age(limit, for_whom(sexes)) for limit, sexes in found]


def _age(limit: AgeLimit, who: str) -> Part:
    facts = ((_l("For whom"), who),) if who else ()
    code = limit.topic.replace(".", "_") + ("" if limit.certain else "_reported")
    return Part(Subject.AGE, State.NOTE, code, limit.sentence, (limit.row,), facts=facts)


def fee(question: Question, order: OrderFacts | None, on: date) -> list[Part]:
    """What an agency may ask of a worker, by the law; of a job what it says that the worker pays, and the law as its limit."""
    code = question.destination or (order.destination if order else "")
    occupation = question.occupation or (order.terms.occupation if order else "")
    found = applies(
        "fee_cap.worker", on=on, destination=code or None, occupation=occupation or None, route="agency"
    )  # fmt: skip
    cap = found.row.money() if isinstance(found, Applied) else None
    rows = (found.row,) if found.row is not None else ()
    if order is not None:
        return [_asked(order, cap, rows, certain=found.may_refuse)]
    if cap is None:
        return [Part(Subject.FEE, State.NOTE, "not_in_law", NO_LIMIT_KNOWN, rows)]
    state, code_ = (State.GOOD, "limit") if found.may_refuse else (State.NOTE, "limit_reported")
    return [Part(Subject.FEE, state, code_, _limit(cap, certain=found.may_refuse), rows, facts=_row_note(found.row))]


def _limit(cap: Money, *, certain: bool) -> Any:
    if cap.minor == 0:
        return (
            _l("An agency may ask nothing of you.")
            if certain
            else _l("It is reported that an agency may ask nothing of you. Ask at a labour office.")
        )
    amount = format_money(cap)
    return (
        _l("An agency may ask at most %(amount)s of you.", amount=amount)
        if certain
        else _l("It is reported that an agency may ask at most %(amount)s. Ask at a labour office.", amount=amount)
    )


def _row_note(row: Row | None = None) -> tuple[tuple[Any, Any], ...]:
    return ((_l("For whom"), row.plain_words),) if row is not None and row.plain_words else ()


def _asked(order: OrderFacts, cap: Money | None, rows: tuple[Row, ...], *, certain: bool) -> Part:
    """What this job says that the worker pays: the one answer. The law stands beside it as the limit that it is."""
    asks = Money(order.terms.worker_pays_minor, deployment().currency)
    facts = ((_l("What the law says"), _never_more(cap, certain=certain)),)
    records = (order.reference,)
    if asks.minor == 0:
        sentence: Any = _l("For this job the worker pays nothing.")
        return Part(Subject.FEE, State.GOOD, "free", sentence, rows, records, facts)
    if cap is None or cap.currency != asks.currency or asks.minor <= cap.minor:
        sentence = _l("For this job the worker pays %(amount)s in all.", amount=format_money(asks))
        return Part(Subject.FEE, State.NOTE, "stated", sentence, rows, records, facts + _row_note(*rows))
    sentence = _l(
        "For this job %(amount)s is asked of the worker. That is more than an agency may ask.",
        amount=format_money(asks),
    )
    state = State.BAD if certain else State.WARN
    return Part(Subject.FEE, state, "over_limit", sentence, rows, records, facts + _row_note(*rows))


def _never_more(cap: Money | None, *, certain: bool) -> Any:
    if cap is None:
        return NO_LIMIT_KNOWN
    if cap.minor == 0:
        return _limit(cap, certain=certain)
    amount = format_money(cap)
    return (
        _l("The law never allows more than %(amount)s.", amount=amount)
        if certain
        else _l("It is reported that the law never allows more than %(amount)s.", amount=amount)
    )
