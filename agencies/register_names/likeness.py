"""Which listed agency a proposed name could be taken for, and whether its letters are those of one script.

Unlike an applicant, a proposed name is stopped for those that came after its agency, too: it is the newer name.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.status import STANDING_TITLES, Standing
from agencies.register import snapshot
from agencies.register_names.models import NameProposal, ProposalMatch
from agencies.register_names.status import Script
from agencies.registration.models import Agency
from core.names import POSSIBLE, Reason, compare_organisations, looks_alike

# The first word of each letter's name in Unicode.
_LETTERS = {
    Script.LATIN: "LATIN",
    Script.DEVANAGARI: "DEVANAGARI",
    Script.BENGALI: "BENGALI",
    Script.ARABIC: "ARABIC",
    Script.SINHALA: "SINHALA",
}


def scripts_of(name: str) -> set[Script | None]:
    """The scripts of a name's letters and vowel signs; None stands for any other than the register's five."""
    by_word = {word: script for script, word in _LETTERS.items()}
    return {by_word.get(unicodedata.name(c, "").split(" ")[0]) for c in name if unicodedata.category(c)[0] in "LM"}


def note(session: Session, proposal: NameProposal) -> list[ProposalMatch]:
    """Keep which listed agencies the name could be taken for; gives what nobody has cleared for these very names."""
    register, _today = snapshot.current(session)
    known = {(m.other_agency_id, m.other_name): m for m in _matches(session, proposal.id)}
    live = []
    for position, alike in register.namesakes(proposal.text):
        other = register.entries[position].agency_id
        if other == proposal.agency_id:
            continue
        row = known.get((other, alike.theirs))
        if row is None:
            row = ProposalMatch(
                proposal_id=proposal.id, other_agency_id=other, other_name=alike.theirs, score=alike.scored.score,
                codes=list(alike.scored.codes),
            )  # fmt: skip
            session.add(row)
        if row.cleared_by is None:
            live.append(row)
    session.flush()
    return live


def clear(session: Session, proposal_id: UUID, account_id: UUID) -> list[ProposalMatch]:
    """An approver has compared: the name may stand beside these."""
    rows = [m for m in _matches(session, proposal_id) if m.cleared_by is None]
    for row in rows:
        row.cleared_by = account_id
    session.flush()
    return rows


def _matches(session: Session, proposal_id: UUID) -> Sequence[ProposalMatch]:
    return session.scalars(
        select(ProposalMatch).where(ProposalMatch.proposal_id == proposal_id).order_by(ProposalMatch.score.desc())
    ).all()


def evidence(matches: Sequence[ProposalMatch]) -> dict[str, Any]:
    """For the log: which agencies, and why, without a word of the names."""
    return {"namesakes": [{"agency_id": m.other_agency_id, "score": m.score, "codes": m.codes} for m in matches]}


@dataclass(frozen=True, slots=True)
class Side:
    """A listed agency beside the proposed name, for the officer who compares."""

    agency_id: UUID
    other_name: str
    listed_name: str
    number: str | None
    standing: Standing
    standing_title: Any
    district: str
    score: int
    reasons: tuple[Reason, ...]
    cleared: bool


def side_by_side(session: Session, proposal: NameProposal) -> list[Side]:
    """What the officer compares, the nearest first; an agency that left the register is not shown."""
    rows = _matches(session, proposal.id)[:20]
    if not rows:
        return []
    register, today = snapshot.current(session)
    entries = {e.agency_id: e for e in register.entries}
    found = []
    for row in rows:
        entry = entries.get(row.other_agency_id)
        if entry is None:
            continue
        scored, standing = looks_alike(proposal.text, row.other_name), entry.standing(today)
        found.append(
            Side(
                entry.agency_id, row.other_name, entry.name, entry.number, standing, STANDING_TITLES[standing],
                entry.district, row.score, scored.reasons if scored is not None else (), row.cleared_by is not None,
            )
        )  # fmt: skip
    return found


def sounds_like_own(name: str, agency: Agency) -> bool:
    """Whether a name in another script could be the registered one, read aloud: a hint for the officer, no rule."""
    own = (agency.name, agency.name_local or "")
    return any(compare_organisations(name, o).score >= POSSIBLE for o in own if o)
