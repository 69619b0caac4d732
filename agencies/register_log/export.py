"""The whole log in one file: a line that says what it is, then each leaf as it is hashed, then each signed head."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.register_log.models import RegisterHead, RegisterLeaf
from core.audit import canonical
from core.db import sessions
from core.settings import current
from core.signing import public_jwks

FORMAT = "openpassage-register-log"
AT_ONCE = 2000


def export_lines(session: Session, head: RegisterHead) -> Iterator[str]:
    """The log up to and including ``head``, line by line, without line ends, read with a cursor in the database."""
    yield _first_line()
    yield from session.scalars(
        select(RegisterLeaf.body)
        .where(RegisterLeaf.index < head.size)
        .order_by(RegisterLeaf.index)
        .execution_options(yield_per=AT_ONCE)
    )
    tokens = select(RegisterHead.token).where(RegisterHead.number <= head.number).order_by(RegisterHead.number)
    for token in session.scalars(tokens.execution_options(yield_per=AT_ONCE)):
        yield _head_line(token)


def export_chunks(size: int, number: int) -> Iterator[bytes]:
    """The same under head ``number`` over ``size`` leaves, as bytes, some thousand lines at a time: for an answer that is
    sent while it is read.

    Each part is read in a short transaction of its own, so that somebody who takes the file slowly holds no connection and
    no snapshot of the database. What stands under a head never changes, so the parts fit together.
    """
    yield f"{_first_line()}\n".encode()
    for start in range(0, size, AT_ONCE):
        with sessions()() as session:
            bodies = session.scalars(
                select(RegisterLeaf.body)
                .where(RegisterLeaf.index >= start, RegisterLeaf.index < min(start + AT_ONCE, size))
                .order_by(RegisterLeaf.index)
            ).all()
        yield "".join(f"{body}\n" for body in bodies).encode()
    for start in range(1, number + 1, AT_ONCE):
        with sessions()() as session:
            tokens = session.scalars(
                select(RegisterHead.token)
                .where(RegisterHead.number >= start, RegisterHead.number < min(start + AT_ONCE, number + 1))
                .order_by(RegisterHead.number)
            ).all()
        yield "".join(f"{_head_line(token)}\n" for token in tokens).encode()


def _first_line() -> str:
    return canonical({"format": FORMAT, "version": 1, "origin": current().public_url, "keys": public_jwks()["keys"]})


def _head_line(token: str) -> str:
    return canonical({"head": token})


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
