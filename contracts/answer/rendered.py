"""The one answer as JSON, and the schema of it that programs may hold it against."""

from typing import Any

from contracts.answer.forms import LENGTHS
from contracts.answer.shape import Answer, Listed, Part
from contracts.answer.status import State, Subject, Word


def as_data(answer: Answer) -> dict[str, Any]:
    """The answer in the current language. ``word``, ``state`` and ``code`` are for programs and never translated."""
    return {
        "word": str(answer.word),
        "title": str(answer.title),
        "advice": [str(line) for line in answer.advice],
        "as_of": answer.day.isoformat(),
        "question": {name: getattr(answer.question, name) for name in LENGTHS},
        "agency": _listed(answer.agency) if answer.agency else None,
        "parts": [_part(p) for p in answer.parts],
        "choices": [_listed(c) for c in answer.choices],
    }


# What decides comes first; lines that only tell come last.
_WEIGHT = {State.BAD: 0, State.WARN: 1, State.UNKNOWN: 1, State.GOOD: 2, State.NOTE: 3}


def worst_first(answer: Answer | None) -> list[Part]:
    """The lines as a page shows them: who reads little reads the first ones."""
    return sorted(answer.parts, key=lambda p: _WEIGHT[p.state]) if answer is not None else []


def reasons(answer: Answer | None) -> list[Any]:
    """Why the answer is not a yes: what refuses, or else what is open; the two that weigh most."""
    found = worst_first(answer)
    weight = min((_WEIGHT[p.state] for p in found), default=3)
    return [p.sentence for p in found if _WEIGHT[p.state] == weight][:2] if weight < 2 else []


def _listed(found: Listed) -> dict[str, Any]:
    return {
        "name": found.name,
        "name_local": found.name_local or None,
        "licence_number": found.number,
        "district": found.district or None,
        "standing": str(found.standing),
        "valid_until": found.valid_until.isoformat() if found.valid_until else None,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "subject": str(part.subject),
        "state": str(part.state),
        "code": part.code,
        "sentence": str(part.sentence),
        "law": [
            {"row": r.id, "value": r.value, "status": str(r.status), "citation": r.citation, "instrument": r.instrument}
            for r in part.rows
        ],
        "records": [r for r in part.records if r],
        "facts": [{"label": str(label), "value": str(value)} for label, value in part.facts],
    }


def _closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the answer."""
    text, perhaps = {"type": "string"}, {"type": ["string", "null"]}
    listed = _closed(
        name=text, name_local=perhaps, licence_number=perhaps, district=perhaps, standing=text, valid_until=perhaps
    )
    law = _closed(row=text, value={}, status={"enum": ["V", "R", "M", "X"]}, citation=text, instrument=text)
    part = _closed(
        subject={"enum": [str(s) for s in Subject]},
        state={"enum": [str(s) for s in State]},
        code=text,
        sentence=text,
        law={"type": "array", "items": law},
        records={"type": "array", "items": text},
        facts={"type": "array", "items": _closed(label=text, value=text)},
    )
    whole = _closed(
        word={"enum": [str(w) for w in Word]},
        title=text,
        advice={"type": "array", "items": text},
        as_of={"type": "string", "format": "date"},
        question=_closed(**dict.fromkeys(LENGTHS, text)),
        agency={"anyOf": [listed, {"type": "null"}]},
        parts={"type": "array", "items": part},
        choices={"type": "array", "items": listed},
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The one answer", **whole}
