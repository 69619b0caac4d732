"""Reading and checking ISO 20022 messages: no document type, no entities, a size cap, and always the schema."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from core.errors import DomainError
from core.i18n import _l

SCHEMAS = Path(__file__).parent / "schemas"
MAX_BYTES = 5 * 1024 * 1024


@lru_cache
def schema(name: str) -> Any:
    """The compiled schema of a message, such as ``camt.053.001.08``."""
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{name}.xsd"))


def namespace(name: str) -> str:
    return f"urn:iso:std:iso:20022:tech:xsd:{name}"


def read_message(data: bytes, name: str) -> Any:
    """The root element of a message from outside.

    :raises DomainError: when it is too large, no XML, brings a document type, or isn't what the schema asks for.
    """
    if len(data) > MAX_BYTES:
        raise DomainError(_l("This file is too large."), field="file")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise DomainError(_l("This file can’t be read as XML."), field="file") from None
    if root.getroottree().docinfo.doctype:
        raise DomainError(_l("This file brings a document type, which is never accepted."), field="file")
    if not schema(name).validate(root):
        raise DomainError(_l("This file is not a message of the kind %(kind)s.", kind=name), field="file")
    return root


class Texts:
    """Text of elements by path, such as ``GrpHdr/MsgId``, in the message's namespace."""

    def __init__(self, name: str) -> None:
        self._ns = {"m": namespace(name)}

    def _path(self, path: str) -> str:
        return "/".join(p if p.startswith(("@", ".")) else f"m:{p}" for p in path.split("/"))

    def all(self, element: Any, path: str) -> list[Any]:
        found: list[Any] = element.findall(self._path(path), self._ns)
        return found

    def one(self, element: Any, path: str) -> Any:
        return element.find(self._path(path), self._ns)

    def text(self, element: Any, path: str) -> str:
        found = element.findtext(self._path(path), "", self._ns)
        return str(found).strip()

    def day(self, element: Any, path: str) -> date | None:
        """A day from a ``DateAndDateTime2Choice``."""
        text = self.text(element, f"{path}/Dt") or self.text(element, f"{path}/DtTm")
        return date.fromisoformat(text[:10]) if text else None
