"""The report as a file: one line for each line, and the summary at the end. No value of any field stands in it."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Self

from agencies.importing.services import LineReport

# A spreadsheet would run these as formulas.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGEROUS) else text


class CsvReport:
    """Written as the lines come, with a mark that spreadsheets know UTF-8 by."""

    HEADER = ("line", "key", "outcome", "fields", "reason")

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(self.HEADER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, line: LineReport) -> None:
        result = line.result
        self.row(line.line, line.key, str(result.outcome), result.fields, str(result.why))

    def row(self, line: int, key: str, outcome: str, fields: tuple[str, ...], why: str) -> None:
        self._rows.writerow([str(line), harmless(key), outcome, " ".join(fields), harmless(why)])
