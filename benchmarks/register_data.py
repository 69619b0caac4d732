"""A made-up register for measuring: agencies with ten names each in five scripts, and queries with the agency meant.

Everything comes from a seed. The first words are those of the demo, written by hand in Latin and Devanagari letters; the
others are made of syllables. How a word is written in Latin, Bengali, Urdu and Sinhala letters is decided by the tables in
this file, on purpose not by ``core.names``: what is measured must not have made its own test.
"""

import random
import re
from dataclasses import dataclass

SCRIPTS = ("Latin", "Devanagari", "Bengali", "Urdu", "Sinhala")

# fmt: off
# One row a letter: Devanagari, Latin (the ways that people write it, commonest first), Bengali, Urdu, Sinhala.
CONSONANTS = (
    ("क", ("k",), "ক", "ک", "ක"), ("ख", ("kh",), "খ", "کھ", "ඛ"), ("ग", ("g",), "গ", "گ", "ග"), ("घ", ("gh",), "ঘ", "گھ", "ඝ"),
    ("च", ("ch",), "চ", "چ", "ච"), ("छ", ("chh", "ch"), "ছ", "چھ", "ඡ"), ("ज", ("j",), "জ", "ج", "ජ"), ("त", ("t",), "ত", "ت", "ත"),
    ("थ", ("th", "t"), "থ", "تھ", "ථ"), ("द", ("d",), "দ", "د", "ද"), ("ध", ("dh", "d"), "ধ", "دھ", "ධ"), ("न", ("n",), "ন", "ن", "න"),
    ("प", ("p",), "প", "پ", "ප"), ("फ", ("ph", "f"), "ফ", "پھ", "ඵ"), ("ब", ("b",), "ব", "ب", "බ"), ("भ", ("bh", "b"), "ভ", "بھ", "භ"),
    ("म", ("m",), "ম", "م", "ම"), ("य", ("y",), "য়", "ی", "ය"), ("र", ("r",), "র", "ر", "ර"), ("ल", ("l",), "ল", "ل", "ල"),
    ("व", ("v", "w", "b"), "ভ", "و", "ව"), ("श", ("sh", "s"), "শ", "ش", "ශ"), ("स", ("s",), "স", "س", "ස"), ("ह", ("h",), "হ", "ہ", "හ"),
    ("ङ", ("ng",), "ঙ", "نگ", "ඞ"), ("ञ", ("n",), "ঞ", "ن", "ඤ"), ("ट", ("t",), "ট", "ٹ", "ට"), ("ठ", ("th", "t"), "ঠ", "ٹھ", "ඨ"),
    ("ड", ("d",), "ড", "ڈ", "ඩ"), ("ढ", ("dh", "d"), "ঢ", "ڈھ", "ඪ"), ("ण", ("n",), "ণ", "ن", "ණ"), ("ष", ("sh", "s"), "ষ", "ش", "ෂ"),
    ("झ", ("jh", "j"), "ঝ", "جھ", "ඣ"),
)
# How often each of the first letters begins a syllable of a made-up word.
WEIGHTS = (6, 1, 4, 1, 3, 1, 4, 5, 1, 4, 2, 7, 5, 1, 4, 2, 6, 2, 7, 5, 3, 2, 6, 3)
# Vowel sign, Latin, Bengali sign, Urdu (short ones are not written), Sinhala sign. The first is the inherent vowel.
SIGNS = (
    ("", ("a",), "", "", ""), ("ा", ("a", "aa"), "া", "ا", "ා"), ("ि", ("i",), "ি", "", "ි"), ("ी", ("i", "ee"), "ী", "ی", "ී"),
    ("ु", ("u",), "ু", "", "ු"), ("ू", ("u", "oo"), "ূ", "و", "ූ"), ("े", ("e",), "ে", "ے", "ේ"), ("ो", ("o",), "ো", "و", "ෝ"),
    ("ै", ("ai",), "ৈ", "ے", "ෛ"), ("ौ", ("au",), "ৌ", "و", "ෞ"), ("ृ", ("ri",), "ৃ", "ر", "ෘ"),
)
VOWELS = (
    ("अ", ("a",), "অ", "ا", "අ"), ("आ", ("a", "aa"), "আ", "آ", "ආ"), ("इ", ("i",), "ই", "ا", "ඉ"), ("ई", ("i", "ee"), "ঈ", "ای", "ඊ"),
    ("उ", ("u",), "উ", "ا", "උ"), ("ऊ", ("u",), "ঊ", "او", "ඌ"), ("ए", ("e",), "এ", "ای", "ඒ"), ("ओ", ("o",), "ও", "او", "ඕ"),
)
OTHER = {"्": ("", "্", "", "්"), "ं": ("n", "ং", "ن", "ං"), "ँ": ("n", "ঁ", "ں", "ං")}
TRADES = (
    ("Overseas", "ओभरसिज", "ওভারসিজ", "اوورسیز", "ඕවර්සීස්"), ("Manpower", "म्यानपावर", "ম্যানপাওয়ার", "مین پاور", "මෑන්පවර්"),
    ("Employment Services", "रोजगार सेवा", "কর্মসংস্থান সেবা", "روزگار سروسز", "රැකියා සේවා"),
    ("International", "इन्टरनेसनल", "ইন্টারন্যাশনাল", "انٹرنیشنل", "ඉන්ටර්නැෂනල්"),
    ("Recruitment", "रिक्रुटमेन्ट", "রিক্রুটমেন্ট", "ریکروٹمنٹ", "රික්රූට්මන්ට්"),
    ("Foreign Employment", "वैदेशिक रोजगार", "বৈদেশিক কর্মসংস্থান", "بیرون ملک روزگار", "විදේශ රැකියා"),
    ("Human Resources", "मानव संसाधन", "মানব সম্পদ", "انسانی وسائل", "මානව සම්පත්"),
    ("Placement Services", "प्लेसमेन्ट सर्भिस", "প্লেসমেন্ট সার্ভিস", "پلیسمنٹ سروس", "ප්ලේස්මන්ට් සේවා"),
    ("Consultancy", "कन्सल्टेन्सी", "কনসালটেন্সি", "کنسلٹنسی", "උපදේශන"),
)
FORMS = ("Pvt. Ltd.", "प्रा. लि.", "প্রা. লি.", "پرائیویٹ لمیٹڈ", "පුද්ගලික සමාගම")
# fmt: on
_CONSONANT, _SIGN, _VOWEL = ({row[0]: row for row in table} for table in (CONSONANTS, SIGNS, VOWELS))
KINDS = ("full", "without form", "telling words", "one letter wrong", "spelt otherwise", "beginning", "run together")


@dataclass(frozen=True, slots=True)
class MadeAgency:
    """``names`` holds for each script the full and the short name; ``words`` the telling words by script."""

    number: int
    words: tuple[tuple[str, ...], ...]
    trade: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    meant: int
    script: str
    kind: str


def written(word: str, script: int, rng: random.Random | None = None) -> str:
    """A Devanagari word in another script; with ``rng`` in one of the ways that people spell it in Latin letters."""
    if script == 1:
        return word
    out: list[str] = []
    for place, letter in enumerate(word):
        following = word[place + 1 : place + 2]
        row = _CONSONANT.get(letter)
        if row is not None:
            out.append(_way(row, script, rng))
            silent = (following in OTHER and following == "्") or following in _SIGN
            last = place == len(word) - 1
            if script == 0 and not silent and not last:
                out.append("a")
        elif letter in _SIGN or letter in _VOWEL:
            out.append(_way(_SIGN.get(letter) or _VOWEL[letter], script, rng))
        elif letter in OTHER:
            out.append(OTHER[letter][(0, 0, 1, 2, 3)[script]])
    text = "".join(out)
    if script == 3:
        text = re.sub("ے(?=.)", "ی", text)  # that form of e stands at the end of a word only
    return text.capitalize() if script == 0 else text


def _way(row: tuple[str, tuple[str, ...], str, str, str], script: int, rng: random.Random | None) -> str:
    if script == 0:
        ways = row[1]
        return rng.choice(ways) if rng else ways[0]
    return str(row[script])


def made_up_word(rng: random.Random) -> str:
    """Two or three syllables in Devanagari letters, such as could be a name."""
    common = [row for row, weight in zip(CONSONANTS, WEIGHTS, strict=False) for _ in range(weight)]
    signs = SIGNS[:8]
    first = rng.choice(VOWELS)[0] if rng.random() < 0.12 else ""
    parts = [rng.choice(common)[0] + rng.choice(signs)[0] for _ in range(rng.choice((2, 2, 3)))]
    if rng.random() < 0.35:
        parts.append(rng.choice(common)[0])
    return first + "".join(parts)


def vocabulary(rng: random.Random, known: list[tuple[str, str]], count: int) -> list[tuple[str, ...]]:
    """Words in five scripts: the known ones with their own Latin form, then made-up ones, no two of one consonant frame."""
    words = [(latin, *(_each(native, s) for s in (1, 2, 3, 4))) for latin, native in known]
    frames = {_frame(w[0]) for w in words}
    while len(words) < count:
        native = made_up_word(rng)
        latin = written(native, 0)
        if len(_frame(latin)) >= 2 and _frame(latin) not in frames:
            frames.add(_frame(latin))
            words.append((latin, *(written(native, s) for s in (1, 2, 3, 4))))
    return words


def _each(text: str, script: int) -> str:
    return " ".join(written(part, script) for part in text.split())


def _frame(latin: str) -> str:
    return re.sub(r"[aeiouyh ]|(?<=(.))\1", "", latin.lower().replace("w", "b").replace("v", "b").replace("f", "p"))


def agencies(count: int, seed: int, known: list[tuple[str, str]]) -> list[MadeAgency]:
    """``count`` agencies with ten names each. No two have the same telling words."""
    rng = random.Random(seed)
    words = vocabulary(rng, known, max(len(known), count // 3))
    made: list[MadeAgency] = []
    taken: set[frozenset[int]] = set()
    while len(made) < count:
        number = len(made)
        size = 1 if number < len(known) else rng.choices((1, 2, 3), (25, 65, 10))[0]
        chosen = (number,) if number < len(known) else tuple(rng.sample(range(len(words)), size))
        if frozenset(chosen) in taken:
            continue
        taken.add(frozenset(chosen))
        trade = number % len(TRADES) if number < len(known) else rng.randrange(len(TRADES))
        by_script = tuple(tuple(words[w][s] for w in chosen) for s in range(5))
        names: list[str] = []
        for script in range(5):
            short = " ".join((*by_script[script], TRADES[trade][script]))
            names += [f"{short} {FORMS[script]}", short]
        made.append(MadeAgency(number, by_script, trade, tuple(names)))
    return made


def queries(made: list[MadeAgency], count: int, seed: int) -> list[Query]:
    """What people might type for agencies drawn at random, evenly over scripts and kinds."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        agency, script = rng.choice(made), number % 5
        kind = KINDS[(number // 5) % len(KINDS)]
        found.append(Query(_typed(rng, agency, script, kind), agency.number, SCRIPTS[script], kind))
    return found


def _typed(rng: random.Random, agency: MadeAgency, script: int, kind: str) -> str:
    telling, trade = list(agency.words[script]), TRADES[agency.trade][script]
    if kind == "full":
        return agency.names[2 * script]
    if kind == "telling words":
        return " ".join(telling)
    if kind == "beginning":
        return " ".join((*telling, trade[: max(3, len(trade) // 2)]))
    if kind == "run together":
        return "".join(telling) + " " + trade
    if kind == "one letter wrong":
        place = max(range(len(telling)), key=lambda i: len(telling[i]))
        telling[place] = one_wrong(rng, telling[place])
    if kind == "spelt otherwise":
        native = agency.words[1]
        telling = [" ".join(respelt(rng, w, script) for w in word.split()) for word in native]
    return " ".join((*telling, trade))


def one_wrong(rng: random.Random, word: str) -> str:
    """One letter left out, doubled, or changed places with the next; never the first."""
    if len(word) < 4:
        return word + word[-1]
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def respelt(rng: random.Random, native: str, script: int) -> str:
    """Another spelling of the same sound: long for short vowels, v for b, s for sh."""
    swaps = {"ी": "ि", "ि": "ी", "ू": "ु", "ु": "ू", "व": "ब", "श": "स", "ष": "श", "ण": "न", "भ": "व"}
    letters = list(native)
    places = [i for i, c in enumerate(letters) if c in swaps]
    if places:
        at = rng.choice(places)
        letters[at] = swaps[letters[at]]
    return written("".join(letters), script, rng)
