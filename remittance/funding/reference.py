"""Virtual references for bank transfers: ISO 11649 creditor references (RF), which banks check by themselves."""

import re
import secrets

# No letters that are mistaken for digits: these are typed from a screen into another bank's page.
ALPHABET = "0123456789ACDEFGHJKLMNPQRTUVWXY"
_BODY = 12


def new_reference() -> str:
    """A fresh reference: about 59 random bits behind RF and two check digits."""
    return with_check("".join(secrets.choice(ALPHABET) for _ in range(_BODY)))


def with_check(body: str) -> str:
    """``RF`` + two check digits (ISO 7064, modulus 97) + body."""
    return f"RF{98 - _number(body + 'RF00') % 97:02d}{body}"


def is_reference(text: str) -> bool:
    """Whether this is a well-formed creditor reference."""
    return re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", text) is not None and _number(text[4:] + text[:4]) % 97 == 1


def find_references(text: str) -> list[str]:
    """Every well-formed reference of ours in a free text, spaces and dashes inside allowed."""
    compact = re.sub(r"[\s\-./]", "", text.upper())
    found = []
    for start in [m.start() for m in re.finditer("RF", compact)]:
        part = compact[start : start + 4 + _BODY]
        if len(part) == 4 + _BODY and is_reference(part):
            found.append(part)
    return list(dict.fromkeys(found))


def spaced(reference: str) -> str:
    """In groups of four, as banks print it."""
    return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))


def _number(text: str) -> int:
    return int("".join(str(int(c, 36)) for c in text))
