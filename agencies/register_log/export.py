"""The whole log in one file: a line that says what it is, then each leaf as it is hashed, then each signed head."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.register_log.models import RegisterHead, RegisterLeaf
from core.audit import canonical
from core.settings import current
from core.signing import public_jwks

FORMAT = "openpassage-register-log"


def export_lines(session: Session, head: RegisterHead) -> Iterator[str]:
    """The log up to and including ``head``, line by line, without line ends."""
    yield canonical({"format": FORMAT, "version": 1, "origin": current().public_url, "keys": public_jwks()["keys"]})
    yield from session.scalars(
        select(RegisterLeaf.body)
        .where(RegisterLeaf.index < head.size)
        .order_by(RegisterLeaf.index)
        .execution_options(yield_per=2000)
    )
    tokens = select(RegisterHead.token).where(RegisterHead.number <= head.number).order_by(RegisterHead.number)
    for token in session.scalars(tokens.execution_options(yield_per=2000)):
        yield canonical({"head": token})


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported log as it was read."""

    origin: str
    keys: dict[str, Any]
    leaves: Sequence[str]
    heads: Sequence[str]


def read_export(text: str) -> Exported:
    """Read an exported log; leaves are not looked at yet.

    :raises ValueError: when the file is no export.
    """
    first, *lines = text.removesuffix("\n").split("\n")
    about = json.loads(first)
    if not isinstance(about, dict) or about.get("format") != FORMAT or about.get("version") != 1:
        raise ValueError("this file is no exported register log")
    leaves = [line for line in lines if not line.startswith('{"head":')]
    heads = [str(json.loads(line)["head"]) for line in lines if line.startswith('{"head":')]
    return Exported(str(about.get("origin", "")), {"keys": about["keys"]}, leaves, heads)
