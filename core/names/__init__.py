"""Names of people and organisations: transliteration, search keys, comparison with reasons, look-alike letters."""

from core.names.compare import (
    LIKELY,
    POSSIBLE,
    Reason,
    Scored,
    compare_organisations,
    compare_persons,
    looks_alike,
)
from core.names.confusables import fold_confusables, mixes_scripts, visual_skeleton
from core.names.keys import (
    NameKind,
    Token,
    joined_sound,
    lookalike_keys,
    person_keys,
    search_keys,
    sound_of,
    tokens,
    without_legal_form,
)
from core.names.scripts import native_digits_to_latin, to_latin

__all__ = [
    "LIKELY",
    "POSSIBLE",
    "NameKind",
    "Reason",
    "Scored",
    "Token",
    "compare_organisations",
    "compare_persons",
    "fold_confusables",
    "joined_sound",
    "lookalike_keys",
    "looks_alike",
    "mixes_scripts",
    "native_digits_to_latin",
    "person_keys",
    "search_keys",
    "sound_of",
    "to_latin",
    "tokens",
    "visual_skeleton",
    "without_legal_form",
]
