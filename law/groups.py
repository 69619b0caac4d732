"""Groups of countries or occupations that a source names as one: a law row asks for the group, the engine knows its members.

``"when": {"destination": "group:gulf"}`` stands for one row for each member, which the engine treats like any other. The
groups stand in ``law/common/groups.json``, each with where its members were read and how certain that is.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import Any

from core.errors import ConfigurationError
from core.settings import ROOT

PREFIX = "group:"
KEYS = ("destination", "occupation")
_FIELDS = {"codes", "source", "status", "names"}


@lru_cache
def groups() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Members by key of a case and name of the group.

    :raises ConfigurationError: naming the group whose entry is not whole.
    """
    path = ROOT / "law" / "common" / "groups.json"
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for key, named in json.loads(path.read_text(encoding="utf-8")).items():
        if key not in KEYS:
            raise ConfigurationError(f"groups.json: a row can't ask for a group of {key!r}.")
        for name, entry in named.items():
            if missing := _FIELDS - set(entry):
                raise ConfigurationError(f"groups.json: {name} lacks {', '.join(sorted(missing))}.")
            if entry["status"] not in ("V", "R", "M"):
                raise ConfigurationError(
                    f"groups.json: {name} has the status {entry['status']!r}; it must be V, R or M."
                )
            if not entry["codes"] or len(set(entry["codes"])) != len(entry["codes"]):
                raise ConfigurationError(f"groups.json: {name} needs each of its codes once.")
            found.setdefault(key, {})[name] = tuple(entry["codes"])
    return found


def expanded(data: Mapping[str, Any], where: str) -> Iterator[Mapping[str, Any]]:
    """The rows that one entry stands for: itself, or one for each member, with the member's code at the end of its id.

    :raises ConfigurationError: naming the row that asks for a group that is not there.
    """
    when = data.get("when", {})
    asked = {k: v.removeprefix(PREFIX) for k, v in when.items() if isinstance(v, str) and v.startswith(PREFIX)}
    if not asked:
        yield data
        return
    for key, name in asked.items():
        if name not in groups().get(key, {}):
            raise ConfigurationError(
                f"{where}: row {data.get('id', '?')} asks for the group {name!r} of {key}, which is unknown."
            )
    for codes in product(*(groups()[key][name] for key, name in asked.items())):
        row_id = ".".join([str(data.get("id", "?")), *(code.lower() for code in codes)])
        yield {**data, "id": row_id, "when": {**when, **dict(zip(asked, codes, strict=True))}}
