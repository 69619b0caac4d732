"""Heads in a folder that somebody else holds: a mount of another ministry, a synced directory, a write-once disk."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from agencies.register_log.heads import read_head
from agencies.register_log.port import AnchorFailed, Held, Noted, Wrong
from core.i18n import _l
from core.merkle import Tree

PATTERN = "head-*.jws"
NAME = re.compile(r"head-([0-9]{8,12})\.jws")


def file_name(number: int) -> str:
    return f"head-{number:08d}.jws"


class FolderAnchor:
    """Writes each head once, never over another one, and refuses when the heads there are not those of this log."""

    name = "folder"
    only_hashes = False

    def __init__(self, folder: Path, name: str = "folder") -> None:
        self.folder, self.name = folder, name

    def keep(self, number: int, token: str, log: Tree) -> bytes:
        """Write ``head-NUMBER.jws`` (the signed head as it is); gives the file's name.

        :raises AnchorFailed: when a file there belongs to another log, or can't be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._refuse_other_log(log)
            path = self.folder / file_name(number)
            if path.exists():
                if path.read_text(encoding="ascii").strip() != token:
                    raise AnchorFailed(_l("The folder for heads holds another head of this number."))
                return path.name.encode()
            partial = path.with_suffix(".new")
            with partial.open("w", encoding="ascii") as file:
                file.write(token)
                file.flush()
                os.fsync(file.fileno())
            # A link, not a rename: it never replaces a head that is there.
            os.link(partial, path)
            partial.unlink()
        except OSError as error:
            raise AnchorFailed(_l("The folder for heads can’t be written.")) from error
        return path.name.encode()

    def _refuse_other_log(self, log: Tree) -> None:
        """The newest head that was left there before must be the beginning of this log."""
        newest = max(self.folder.glob(PATTERN), default=None)
        if newest is None:
            return
        try:
            head = read_head(newest.read_text(encoding="ascii").strip())
        except ValueError:
            raise AnchorFailed(_l("The folder for heads holds a file that is no head.")) from None
        if head.size > log.size or log.root(head.size) != head.root:
            raise AnchorFailed(_l("The folder for heads holds a head of another history: run portal register verify."))

    def kept(self, noted: Sequence[Noted], _tokens: Mapping[int, set[str]]) -> Sequence[Held]:
        """The heads in the folder as they are, and those that were left there and are gone.

        :raises AnchorFailed: when the folder can't be read, or is away although heads were left there.
        """
        try:
            if not self.folder.is_dir() and noted:
                raise AnchorFailed(_l("The folder for heads can’t be read."))
            found = {int(m[1]): path for path in self.folder.glob(PATTERN) if (m := NAME.fullmatch(path.name))}
            held = [Held(number, found[number].read_text("utf-8", "replace").strip()) for number in sorted(found)]
        except OSError as error:
            raise AnchorFailed(_l("The folder for heads can’t be read.")) from error
        return [*held, *(Held(n.number, None, Wrong.GONE, n.day) for n in noted if n.number not in found)]
