"""Names for made-up agencies, Latin and, where the country's package has it, its own script. None is meant to be a real agency."""

from typing import Any

from law.seed_data import seed_data


def names_of(kind: str) -> list[Any]:
    """One list of the country's ``seed/agencies.json``: given, family, districts, streets, copies ..."""
    found: list[Any] = seed_data("agencies")[kind]
    return found


def agency_names(count: int) -> list[tuple[str, str]]:
    """``count`` different names, Latin and in the country's script (empty where it is not known); the order never changes."""
    words, trades, form = names_of("words"), names_of("trades"), names_of("form")
    names: list[tuple[str, str]] = []
    seen: set[str] = set()
    rounds = 0
    while len(names) < count:
        for number, (latin, native) in enumerate(words):
            trade, native_trade = trades[(number + rounds) % len(trades)]
            second = words[(number * 7 + rounds * 13 + 5) % len(words)]
            if second[0] == latin and rounds:
                continue
            # Later rounds put two words together, so that no two names have the same telling words.
            parts = ((latin, native), second) if rounds else ((latin, native),)
            full = " ".join([*(p[0] for p in parts), trade, form[0]])
            if full in seen:
                continue
            seen.add(full)
            local = " ".join([*(p[1] for p in parts), native_trade, form[1]]) if native else ""
            names.append((full, local))
            if len(names) == count:
                break
        rounds += 1
    return names
