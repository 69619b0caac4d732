"""Names of any script in plain Latin letters, as their owners would most often write them.

Devanagari and its sister scripts share one table, because their Unicode blocks are laid out alike; Bengali says some of
the letters otherwise. Sinhala's block is laid out in its own way and is first brought to that table. Arabic script is read
for Urdu. Anything else goes through anyascii. The result is for searching and for showing
beside the name as written; it never replaces it.
"""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_VIRAMA, _NUKTA, _ANUSVARA, _CANDRABINDU, _VISARGA, _TIPPI = 0x4D, 0x3C, 0x02, 0x01, 0x03, 0x70
# Blocks that follow the layout of the Devanagari block, by their first code point.
_BLOCKS = (0x0900, 0x0980, 0x0A00, 0x0A80, 0x0B00, 0x0C00, 0x0C80)

# fmt: off
_CONSONANTS = dict(zip(range(0x15, 0x3A), (
    "k", "kh", "g", "gh", "ng", "ch", "chh", "j", "jh", "n", "t", "th", "d", "dh", "n", "t", "th", "d", "dh", "n", "n",
    "p", "ph", "b", "bh", "m", "y", "r", "r", "l", "l", "l", "v", "sh", "sh", "s", "h"), strict=True))
_WITH_NUKTA = {0x15: "q", 0x16: "kh", 0x17: "gh", 0x1C: "z", 0x21: "r", 0x22: "rh", 0x2B: "f", 0x2F: "y"}
_NUKTA_LETTERS = dict(zip(range(0x58, 0x60), ("q", "kh", "gh", "z", "r", "rh", "f", "y"), strict=True))
_VOWELS = {0x05: "a", 0x06: "a", 0x07: "i", 0x08: "i", 0x09: "u", 0x0A: "u", 0x0B: "ri", 0x0D: "e", 0x0E: "e", 0x0F: "e",
           0x10: "ai", 0x11: "o", 0x12: "o", 0x13: "o", 0x14: "au", 0x60: "ri", 0x72: "a"}
_SIGNS = {0x3E: "a", 0x3F: "i", 0x40: "i", 0x41: "u", 0x42: "u", 0x43: "ri", 0x44: "ri", 0x45: "e", 0x46: "e", 0x47: "e",
          0x48: "ai", 0x49: "o", 0x4A: "o", 0x4B: "o", 0x4C: "au"}
# Sinhala letters as the Devanagari letters that sound like them; the prenasalised ones as nasal and letter.
_SINHALA = str.maketrans({
    "ං": "ं", "ඃ": "ः", "අ": "अ", "ආ": "आ", "ඇ": "अ", "ඈ": "आ", "ඉ": "इ", "ඊ": "ई", "උ": "उ", "ඌ": "ऊ", "ඍ": "ऋ", "ඎ": "ऋ",
    "එ": "ए", "ඒ": "ए", "ඓ": "ऐ", "ඔ": "ओ", "ඕ": "ओ", "ඖ": "औ", "ක": "क", "ඛ": "ख", "ග": "ग", "ඝ": "घ", "ඞ": "ङ", "ඟ": "ङ्ग",
    "ච": "च", "ඡ": "छ", "ජ": "ज", "ඣ": "झ", "ඤ": "ञ", "ඥ": "ग्न", "ඦ": "ञ्ज", "ට": "ट", "ඨ": "ठ", "ඩ": "ड", "ඪ": "ढ", "ණ": "ण",
    "ඬ": "न्ड", "ත": "त", "ථ": "थ", "ද": "द", "ධ": "ध", "න": "न", "ඳ": "न्द", "ප": "प", "ඵ": "फ", "බ": "ब", "භ": "भ", "ම": "म",
    "ඹ": "म्ब", "ය": "य", "ර": "र", "ල": "ल", "ව": "व", "ශ": "श", "ෂ": "ष", "ස": "स", "හ": "ह", "ළ": "ळ", "ෆ": "फ़", "්": "्",
    "ා": "ा", "ැ": "ा", "ෑ": "ा", "ි": "ि", "ී": "ी", "ු": "ु", "ූ": "ू", "ෘ": "ृ", "ෙ": "े", "ේ": "े", "ෛ": "ै", "ො": "ो",
    "ෝ": "ो", "ෞ": "ौ", "ෲ": "ृ",
})

_ARABIC = {
    "آ": "a", "ا": "a", "أ": "a", "إ": "i", "ٱ": "a", "ب": "b", "پ": "p", "ت": "t", "ٹ": "t", "ث": "s", "ج": "j", "چ": "ch",
    "ح": "h", "خ": "kh", "د": "d", "ڈ": "d", "ذ": "z", "ر": "r", "ڑ": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh",
    "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ک": "k", "ك": "k", "گ": "g",
    "ل": "l", "م": "m", "ن": "n", "ں": "n", "ڻ": "n", "ہ": "h", "ه": "h", "ھ": "h", "ۃ": "t", "ة": "t", "ء": "", "ئ": "y", "ؤ": "o",
    "ے": "e", "ۓ": "e", "ى": "a", "َ": "a", "ِ": "i", "ُ": "u",
}
# Short vowels are not written in Urdu: the common words and names whose Latin form no rule can find.
_URDU_WORDS = {
    "محمد": "muhammad", "محمّد": "muhammad", "حسین": "hussain", "حسن": "hassan", "احمد": "ahmad", "علی": "ali", "خان": "khan",
    "عبدل": "abdul", "عبد": "abd", "رحمن": "rahman", "رحمان": "rahman", "نیپال": "nepal", "فاطمہ": "fatima", "خاتون": "khatun",
    "بیگم": "begum", "شاہ": "shah", "شیخ": "sheikh", "میاں": "miyan", "اللہ": "allah", "لمیٹڈ": "limited",
    "پرائیویٹ": "private", "روزگار": "rozgar", "گلوبل": "global", "سروس": "service", "سروسز": "services",
    "اوورسیز": "overseas", "اوورسیس": "overseas", "انٹرنیشنل": "international", "پاور": "power", "مین": "man",
}
# fmt: on
_VOWEL_LETTERS = "aeiou"


@lru_cache(maxsize=20_000)
def to_latin(text: str) -> str:
    """``text`` in Latin letters with spaces kept; Latin text loses only its diacritics.

    >>> to_latin("राम बहादुर श्रेष्ठ")
    'Ram Bahadur Shrestha'
    """
    out = [
        _word(part) if not part.isspace() else " " for part in re.split(r"(\s+)", unicodedata.normalize("NFC", text))
    ]
    return "".join(out).strip()


def native_digits_to_latin(text: str) -> str:
    """Decimal digits of every script as 0-9; other characters stay."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _as_said_in_bengali(word: str) -> str:
    """Bengali spells w as o and y (ওয়া), says য as j, and writes a y after a consonant that is only a vowel's colour."""
    word = unicodedata.normalize("NFC", word)
    word = re.sub("(?:ও|ো)(?:য়|\u09df)", "ৱ", word)
    word = word.replace("্য", "").replace("ঃ", "")
    return re.sub("য(?!\u09bc)", "জ", word).replace("ৱ", "ব")


@lru_cache(maxsize=50_000)
def _word(word: str) -> str:
    if not word:
        return ""
    if word.isascii():
        return word
    word = native_digits_to_latin(word)
    if any("\u0d80" <= c <= "\u0dff" for c in word):
        word = unicodedata.normalize("NFC", word).translate(_SINHALA)
    elif any("\u0980" <= c <= "\u09ff" for c in word):
        word = _as_said_in_bengali(word)
    if any(_indic(c) is not None for c in word):
        return _capital(_indic_word(word))
    if any(c in _ARABIC or c in "ویي" for c in word):
        return _capital(_urdu_word(word))
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return plain if plain.isascii() else anyascii(plain)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _indic(character: str) -> int | None:
    """The place of a character inside its block, the same for sister letters of all these scripts."""
    point = ord(character)
    if point in (0x0964, 0x0965):
        return None
    return next((point - block for block in _BLOCKS if block <= point < block + 0x80), None)


def _indic_word(word: str) -> str:
    # Each unit is [consonants, vowel, inherent?]; the inherent vowel may fall silent later.
    units: list[tuple[str, str, bool]] = []
    places = [(_indic(c), c) for c in unicodedata.normalize("NFC", word) if c not in "‌‍"]
    i = 0
    while i < len(places):
        place, character = places[i]
        following = places[i + 1][0] if i + 1 < len(places) else None
        if place in _CONSONANTS or place in _NUKTA_LETTERS:
            i, sound = _consonants(places, i)
            sign = places[i][0] if i < len(places) else None
            if sign in _SIGNS:
                units.append((sound, _SIGNS[sign], False))
                i += 1
            elif sign == _VIRAMA:
                units.append((sound, "", False))
                i += 1
            else:
                units.append((sound, "a", True))
            continue
        if place in _VOWELS:
            units.append(("", _VOWELS[place], False))
        elif place in (_ANUSVARA, _CANDRABINDU, _TIPPI):
            labial = following in (0x2A, 0x2B, 0x2C, 0x2D, 0x2E)
            units.append(("m" if labial else "n", "", False))
        elif place == _VISARGA or place in (_NUKTA, _VIRAMA):
            pass
        elif place in _SIGNS:
            units.append(("", _SIGNS[place], False))
        else:
            units.append((anyascii(character).lower(), "", False))
        i += 1
    return _silence(units)


def _consonants(places: list[tuple[int | None, str]], i: int) -> tuple[int, str]:
    """One consonant or a joined cluster from position ``i`` on."""
    cluster: list[int] = []
    sounds: list[str] = []
    while True:
        place = places[i][0]
        assert place is not None
        sound = _NUKTA_LETTERS.get(place) or _CONSONANTS[place]
        i += 1
        if i < len(places) and places[i][0] == _NUKTA:
            sound = _WITH_NUKTA.get(place, sound)
            i += 1
        cluster.append(place)
        sounds.append(sound)
        joined = i + 1 < len(places) and places[i][0] == _VIRAMA
        if not joined or (places[i + 1][0] not in _CONSONANTS and places[i + 1][0] not in _NUKTA_LETTERS):
            break
        i += 1
    text = "".join(sounds)
    if cluster[:2] == [0x1C, 0x1E]:  # ज्ञ is said gy in Nepali and Hindi
        text = "gy" + "".join(sounds[2:])
    return i, text


def _silence(units: list[tuple[str, str, bool]]) -> str:
    """Drop the inherent vowels that are not spoken: the last one, and every second one between open syllables."""
    spoken = [[c, v] for c, v, _ in units]
    last = len(units) - 1
    if last > 0 and units[last][2] and len(_single(units[last][0])) == 1:
        spoken[last][1] = ""
    for i in range(last - 1, 0, -1):
        if not units[i][2] or len(_single(units[i][0])) != 1:
            continue
        before = spoken[i - 1][1] != ""
        after_open = len(_single(units[i + 1][0])) == 1 and spoken[i + 1][1] != ""
        if before and after_open and units[i + 1][0] != "y":
            spoken[i][1] = ""
    return "".join(c + v for c, v in spoken)


def _single(consonants: str) -> str:
    """One sign for each spoken consonant: aspirated ones count once."""
    return re.sub(r"(chh|ng|[kgcjtdpbsr]h)", "C", consonants)


def _urdu_word(word: str) -> str:
    bare = word.replace("ي", "ی").replace("ك", "ک").translate({0x0640: None, 0x200C: None})
    if bare in _URDU_WORDS:
        return _URDU_WORDS[bare]
    letters = unicodedata.normalize("NFC", bare)
    out: list[str] = []
    for i, c in enumerate(letters):
        before = out[-1] if out else ""
        after = letters[i + 1] if i + 1 < len(letters) else ""
        carried = i == 1 and letters[0] == "ا"  # an alef at the start only carries the long vowel behind it
        if c == "ا" and i == 0 and after and after in "وی":
            continue
        if c == "و":
            out.append("o" if carried else _waw(before, after))
        elif c == "ی":
            out.append("i" if carried else _ye(before, after))
        elif c == "ّ":
            out.append(before)
        elif c in "ہه" and i == len(letters) - 1 and i > 0:
            out.append("" if before.endswith("a") else "a")
        else:
            out.append(_ARABIC.get(c, anyascii(c).lower()))
    return "".join(out)


def _waw(before: str, after: str) -> str:
    """Waw is a consonant at the start, beside a vowel letter or when doubled, else the vowel o."""
    if before == "" or before[-1] in _VOWEL_LETTERS or after in ("ا", "ی", "ے", "آ"):
        return "w"
    return "o"


def _ye(before: str, after: str) -> str:
    """Ye is a consonant at the start and between vowels, else the vowel i."""
    if before == "" or (after in ("ا", "و", "آ") and after) or before[-1] in "ao":
        return "y"
    return "i"
