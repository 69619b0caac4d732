"""The rail that any partner can serve: files in folders. The outbox is ours, the inbox is the partner's.

A file appears whole or not at all (written beside, then renamed); writing the same file again changes nothing.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from remittance.rails import pain001
from remittance.rails.port import PayoutFile

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\.xml")


class FolderRail:
    """pain.001 out, pacs.002 in."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self.outbox = folder / "outbox"
        self.inbox = folder / "inbox"
        self.taken = folder / "taken"

    def send(self, file: PayoutFile) -> bytes:
        data = pain001.build(file)
        self.outbox.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.outbox / f"{file.message_id}.xml"
        partial = path.with_suffix(".new")
        partial.touch(mode=0o600)
        partial.write_bytes(data)
        partial.replace(path)
        return data

    def answers(self) -> Sequence[tuple[str, bytes]]:
        if not self.inbox.is_dir():
            return []
        paths = sorted(p for p in self.inbox.iterdir() if _SAFE.fullmatch(p.name) and p.is_file())
        return [(p.name, p.read_bytes()) for p in paths if p.stat().st_size <= 5 * 1024 * 1024]

    def done(self, *names: str) -> None:
        self.taken.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in names:
            source = self.inbox / name
            if source.exists():
                source.replace(self.taken / name)
