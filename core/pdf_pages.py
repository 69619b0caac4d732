"""The pages of an uploaded PDF as pictures: an officer looks at them beside the decision, and opens no stranger's file."""

import subprocess
import sys
from pathlib import Path

from core import pdf_child
from core.errors import DomainError
from core.i18n import _l

SECONDS = 30
REFUSALS = {
    pdf_child.LOCKED: _l("This PDF is locked with a password. Send one that opens without."),
    pdf_child.TOO_MANY: _l("This PDF has more than 60 pages. Send the pages that matter."),
    pdf_child.ACTIVE: _l("This PDF holds scripts or other files. Print it to a new PDF, or take a photo."),
}
DAMAGED = _l("This PDF can’t be read: it is damaged. Print it to a new PDF, or take a photo.")


def pages(data: bytes) -> list[bytes]:
    """Each page as a JPEG, at most 1,100 pixels wide and 2,400 high.

    The file is opened in a process that has 20 seconds of processor time, 2 GB of memory and may write nothing.

    :raises DomainError: when the PDF is damaged or locked, has too many pages, or holds scripts or other files.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(pdf_child.__file__))], input=data, capture_output=True, timeout=SECONDS, check=False, env={}
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise DomainError(DAMAGED, field="file") from None
    if done.returncode:
        raise DomainError(REFUSALS.get(done.returncode, DAMAGED), field="file")
    return _split(done.stdout)


def _split(stream: bytes) -> list[bytes]:
    at, found = 0, []
    while at < len(stream):
        length = int.from_bytes(stream[at : at + 4], "big")
        found.append(stream[at + 4 : at + 4 + length])
        at += 4 + length
    return found
