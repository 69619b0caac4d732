"""Reading a file line by line: CSV as spreadsheets write it, or JSON lines. Never the whole file at once."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

from core.errors import DomainError
from core.i18n import _l

DELIMITERS = ",;\t|"
LONGEST_FIELD = 20_000
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK": "XLSX", b"\xd0\xcf\x11\xe0": "XLS"}


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line as the file has it. ``line`` counts from 1 as an editor does; ``fault`` says why it can't be read."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    fault: Any = None


def file_hash(path: Path) -> str:
    """SHA-256 of the file, in hex."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read_lines(path: Path, *, delimiter: str | None = None) -> Iterator[RawLine]:
    """Every line that holds something, in the file's order.

    :raises DomainError: when the file is no text in UTF-8, is empty, or a quotation never ends.
    """
    with path.open("rb") as start:
        first = start.read(4)
    for mark, name in _MARKS.items():
        if first.startswith(mark):
            raise DomainError(_l("This file is %(kind)s. Save it as CSV in UTF-8, then try again.", kind=name))
    # Bytes that are no UTF-8 stay apart, so that the one line that holds them can be named.
    with path.open("r", encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        if path.suffix.lower() in (".jsonl", ".ndjson") or first.lstrip(b"\xef\xbb\xbf").startswith(b"{"):
            yield from _json_lines(file)
        else:
            yield from _csv_lines(file, delimiter)


def header_of(path: Path, *, delimiter: str | None = None) -> frozenset[str]:
    """The names of the columns, or of the first object's members."""
    for raw in read_lines(path, delimiter=delimiter):
        if raw.fault is None:
            return frozenset(raw.values)
    return frozenset()


def _json_lines(file: TextIO) -> Iterator[RawLine]:
    for number, text in enumerate(file, start=1):
        if not text.strip():
            continue
        if _broken(text):
            yield RawLine(number, fault=NOT_UTF8)
            continue
        try:
            # Numbers stay as they are written: no float touches an amount.
            found = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            yield RawLine(number, fault=_l("This line is not a JSON object."))
            continue
        if not isinstance(found, dict) or any(isinstance(v, (dict, list)) for v in found.values()):
            yield RawLine(number, fault=_l("This line is not a flat JSON object."))
            continue
        yield RawLine(number, {str(k): _plain(v) for k, v in found.items()})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({k for k, _v in pairs}) != len(pairs):
        raise ValueError("a member stands twice")
    return dict(pairs)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


NOT_UTF8 = _l("Some letters of this line are not UTF-8. Save the file as CSV in UTF-8.")


def _broken(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text) if not text.isascii() else False


def _csv_lines(file: TextIO, delimiter: str | None) -> Iterator[RawLine]:
    csv.field_size_limit(LONGEST_FIELD)
    skipped, head = _start(file)
    sign = delimiter or _sniff(head)
    reader = csv.reader(file, delimiter=sign, strict=True)
    names: list[str] | None = None
    while True:
        before = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if "expected after" in str(error) and names is not None:
                yield RawLine(skipped + before + 1, fault=_l("The quotation marks of this line are wrong."))
                continue
            raise DomainError(
                _l("From line %(line)s on this file can’t be read: a quotation begins there and never ends.",
                   line=skipped + before + 1)
            ) from None  # fmt: skip
        row = [_cell(c) for c in row]
        if not any(row):
            continue
        if names is None:
            names = _header(row)
            continue
        yield _record(names, row, skipped + before + 1)
    if names is None:
        raise DomainError(_l("This file is empty."))


def _start(file: TextIO) -> tuple[int, str]:
    """The header's line, for the sniffer. Excel's own ``sep=;`` line before it is passed over."""
    first = file.readline()
    if re.fullmatch(r"sep=.\s*", first):
        here = file.tell()
        head = file.readline()
        file.seek(here)
        return 1, head or first
    file.seek(0)
    return 0, first.removeprefix("\ufeff")


def _sniff(head: str) -> str:
    """The sign between columns: the one that the header has most of, outside quotations."""
    bare = re.sub(r'"[^"]*"', "", head)
    return max(DELIMITERS, key=lambda sign: (bare.count(sign), -DELIMITERS.index(sign)))


def _cell(text: str) -> str:
    """Spaces of all kinds trimmed; ``="0123"`` is how spreadsheets keep a number's zeros."""
    text = text.replace("\u00a0", " ").strip().lstrip("\ufeff")
    found = re.fullmatch(r'="?([^"]*)"?', text)
    return found[1] if found and text.startswith('="') else text


def _header(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    twice = sorted({n for n in row if row.count(n) > 1 and n})
    if twice:
        raise DomainError(_l("Two columns have the same name: %(name)s.", name=", ".join(twice)))
    return row


def _record(names: list[str], row: list[str], line: int) -> RawLine:
    while len(row) > len(names) and not row[-1]:
        row.pop()
    if len(row) != len(names):
        return RawLine(
            line,
            fault=_l("This line has %(found)s columns, the header has %(wanted)s.", found=len(row), wanted=len(names)),
        )
    if any(_broken(c) for c in row):
        return RawLine(line, fault=NOT_UTF8)
    if any("\0" in c for c in row):
        return RawLine(line, fault=_l("This line holds characters that are no text."))
    return RawLine(line, {n: c for n, c in zip(names, row, strict=True) if n})
