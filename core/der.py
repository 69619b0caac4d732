"""ASN.1 in DER, as little as time stamps need: exact bytes stay at hand, because signatures are over them.

Lengths are definite, numbers and lengths are in their shortest form; anything else is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BOOLEAN, INTEGER, OCTETS, NULL, OID, TIME, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x05, 0x06, 0x18, 0x30, 0x31


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its tag, its content, and its bytes as they came."""

    tag: int
    content: bytes
    whole: bytes

    def parts(self) -> list["Value"]:
        """The values inside.

        :raises ValueError: when they are not DER.
        """
        found, rest = [], self.content
        while rest:
            value, rest = _first(rest)
            found.append(value)
        return found

    def only(self) -> "Value":
        """The one value inside.

        :raises ValueError: when there are more or none.
        """
        parts = self.parts()
        if len(parts) != 1:
            raise ValueError("one value was expected")
        return parts[0]

    def number(self) -> int:
        """An INTEGER."""
        if self.tag != INTEGER or not self.content:
            raise ValueError("a number was expected")
        return int.from_bytes(self.content, "big", signed=True)

    def name(self) -> str:
        """An OBJECT IDENTIFIER in dotted form."""
        if self.tag != OID or not self.content or self.content[-1] & 0x80:
            raise ValueError("an object identifier was expected")
        arcs, reached = [], 0
        for byte in self.content:
            reached = reached << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(reached)
                reached = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def _first(data: bytes) -> tuple[Value, bytes]:
    if len(data) < 2 or data[0] & 0x1F == 0x1F:
        raise ValueError("not DER")
    length, start = data[1], 2
    if length & 0x80:
        count = length & 0x7F
        start += count
        if not 1 <= count <= 4 or len(data) < start:
            raise ValueError("not DER")
        length = int.from_bytes(data[2:start], "big")
        if length < 0x80 or data[2] == 0:
            raise ValueError("not DER")
    end = start + length
    if len(data) < end:
        raise ValueError("not DER")
    return Value(data[0], data[start:end], data[:end]), data[end:]


def read(data: bytes) -> Value:
    """The one value that the bytes are.

    :raises ValueError: when they are not DER, or go on after it.
    """
    value, rest = _first(data)
    if rest:
        raise ValueError("bytes after the end")
    return value


def write(tag: int, *contents: bytes) -> bytes:
    """One value of the given tag."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(number: int) -> bytes:
    return write(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def name(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *others = (int(arc) for arc in dotted.split("."))
    return write(OID, b"".join(_arc(arc) for arc in (first * 40 + second, *others)))


def _arc(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(arc & 0x7F | 0x80)
    return bytes(reversed(groups))


def sequence(*contents: bytes) -> bytes:
    return write(SEQUENCE, *contents)


def by_tag(parts: Sequence[Value], tag: int) -> Value | None:
    """The first part with this tag."""
    return next((part for part in parts if part.tag == tag), None)
