"""Files of an old register, and who brings them in."""

from pathlib import Path

import pytest

from agencies.importing.mapping import read_mapping
from agencies.importing.services import ImportFile, run_import
from agencies.importing.status import ImportKind
from agencies.importing.totals import read_expected
from core.permissions import StaffRole
from tests.agencies import factories as make

DATA = Path(__file__).parent / "data"
FILES = {
    ImportKind.AGENCIES: ("agencies.csv", "agencies.json"),
    ImportKind.LICENCES: ("licences.tsv", "licences.json"),
    ImportKind.DIRECTORS: ("directors.jsonl", None),
    ImportKind.SANCTIONS: ("sanctions.csv", None),
    ImportKind.SECURITIES: ("securities.csv", "securities.json"),
}


class Mover:
    """Brings files in as one administrator; keeps the lines of the last report."""

    def __init__(self, session, folder):
        self.session, self.folder = session, folder
        make.office(session)
        self.account, self.actor = make.officer(session, StaffRole.STAFF_ADMIN)
        self.lines = []

    def bring(self, kind, path, mapping=None, *, expect="", source="feims"):
        kind = ImportKind(kind)
        command = ImportFile(kind, path, read_mapping(mapping, kind, source), read_expected(expect, kind))
        self.lines = []
        return run_import(self.session, self.actor, command, self.lines.append)

    def data(self, kind, **more):
        """One of the files that stand beside the tests."""
        file, mapping = FILES[ImportKind(kind)]
        return self.bring(kind, DATA / file, DATA / mapping if mapping else None, **more)

    def text(self, kind, text, *, name="file.csv", **more):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.bring(kind, path, **more)

    def outcomes(self):
        return [(line.line, line.key, str(line.result.outcome)) for line in self.lines]

    def reason(self, key):
        return next(str(line.result.why) for line in self.lines if line.key == key)


@pytest.fixture
def mover(session, tmp_path):
    return Mover(session, tmp_path)
