"""What was promised beside what is offered, field by field, each difference with its weight."""

import unicodedata
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from contracts.employment.terms import PassportKeeper, Payer, Provision, Terms


class Level(StrEnum):
    """How much a difference weighs, from none to what no contract may hold."""

    SAME = "same"
    COSMETIC = "cosmetic"
    BETTER = "better"
    EXPLAIN = "explain"
    WORSE = "worse"
    CRITICAL = "critical"


WEIGHT = {Level.SAME: 0, Level.COSMETIC: 1, Level.BETTER: 1, Level.EXPLAIN: 2, Level.WORSE: 3, Level.CRITICAL: 4}
HIGHER_IS_BETTER = {"wage_minor", "leave_days"}
LOWER_IS_BETTER = {"hours_per_day", "days_per_week", "worker_pays_minor", "probation_months"}
# Another place, term or notice may suit or not: somebody has to say why it differs.
WORSE_WHEN_OTHER = {"employer", "country", "wage_currency", "term_months"}
_PROVISION = {Provision.PROVIDED: 2, Provision.ALLOWANCE: 1, Provision.NONE: 0}
_PAYER = {Payer.EMPLOYER: 1, Payer.WORKER: 0}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs."""

    field: str
    promised: Any
    offered: Any
    level: Level

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def compare(promised: Terms, offered: Terms) -> list[Difference]:
    """Every field that differs, heaviest first. A passport that the worker does not keep is critical even if promised."""
    found = []
    for field in fields(Terms):
        one, two = getattr(promised, field.name), getattr(offered, field.name)
        level = level_of(field.name, one, two, same_job=promised.occupation == offered.occupation)
        if level is not Level.SAME:
            found.append(Difference(field.name, one, two, level))
    return sorted(found, key=lambda d: -WEIGHT[d.level])


def level_of(name: str, promised: Any, offered: Any, *, same_job: bool) -> Level:
    """The weight of one field's difference."""
    if name == "passport_kept_by" and offered is not PassportKeeper.WORKER:
        return Level.CRITICAL
    if promised == offered:
        return Level.SAME
    if name in HIGHER_IS_BETTER | LOWER_IS_BETTER:
        return Level.BETTER if (offered > promised) == (name in HIGHER_IS_BETTER) else Level.WORSE
    if name in ("food", "lodging"):
        return Level.BETTER if _PROVISION[offered] > _PROVISION[promised] else Level.WORSE
    if name in ("ticket_out", "ticket_back", "insurance"):
        return Level.BETTER if _PAYER[offered] > _PAYER[promised] else Level.WORSE
    if name in ("overtime_paid", "passport_kept_by"):
        return Level.BETTER if offered in (True, PassportKeeper.WORKER) else Level.WORSE
    if name == "occupation":
        # The same minor group (three digits) has to be explained; another group is another job.
        return Level.EXPLAIN if promised[:3] == offered[:3] else Level.WORSE
    if name == "post":
        # "Operator labour" and "operator helper" of one ISCO code are one job: mended online, never a missed flight.
        return Level.COSMETIC if same_job else Level.EXPLAIN
    if name in WORSE_WHEN_OTHER:
        return Level.COSMETIC if name == "employer" and _folded(promised) == _folded(offered) else Level.WORSE
    if name == "site":
        return Level.COSMETIC if _folded(promised) == _folded(offered) else Level.EXPLAIN
    return Level.EXPLAIN


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def worst(differences: list[Difference]) -> Level:
    """The heaviest level, SAME when there is no difference."""
    return max((d.level for d in differences), key=lambda level: WEIGHT[level], default=Level.SAME)


def blocks(level: Level) -> bool:
    """Whether a contract with this difference can't be registered."""
    return level in (Level.WORSE, Level.CRITICAL)
