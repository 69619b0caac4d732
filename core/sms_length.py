"""How many SMS a text takes: 160 characters of GSM 03.38, or 70 of UCS-2; a little less each when it takes several."""

# The default alphabet of 3GPP TS 23.038, section 6.2.1, and the characters that take two places (6.2.1.1).
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("\f^{}\\[~]|€")


def is_gsm(text: str) -> bool:
    """Whether the text can go in the seven-bit alphabet."""
    return all(c in _GSM or c in _TWICE for c in text)


def _places(text: str, *, gsm: bool) -> list[int]:
    """What each character takes: septets, or UTF-16 code units."""
    if gsm:
        return [2 if c in _TWICE else 1 for c in text]
    return [2 if ord(c) > 0xFFFF else 1 for c in text]


def segments(text: str) -> int:
    """How many SMS this is. A character of two places is never cut in the middle."""
    gsm = is_gsm(text)
    places = _places(text, gsm=gsm)
    if sum(places) <= (160 if gsm else 70):
        return 1
    room, used, count = (153 if gsm else 67), 0, 1
    for size in places:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count


def clipped(text: str, before: str, after: str, most: int) -> str:
    """As much of ``text`` as fits between two others into ``most`` SMS, with two points where it was cut."""
    if segments(before + text + after) <= most:
        return text
    for end in range(len(text) - 1, 0, -1):
        part = text[:end].rstrip() + ".."
        if segments(before + part + after) <= most:
            return part
    return ""
