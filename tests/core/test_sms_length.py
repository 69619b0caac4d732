"""Counting SMS by hand-made examples of 3GPP TS 23.038 and 23.040."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sms_length import clipped, is_gsm, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("€" * 80, 1), ("€" * 81, 2), ("a" * 159 + "€", 2),
        # 76 euro signs leave one septet of the first part empty: none is cut in two.
        ("€" * 152, 2), ("€" * 153, 3),
        ("अ" * 70, 1), ("अ" * 71, 2), ("अ" * 134, 2), ("अ" * 135, 3), ("a" * 69 + "…", 1), ("a" * 70 + "…", 2),
        ("😀" * 35, 1), ("😀" * 36, 2), ("😀" * 66, 2), ("😀" * 67, 3),
    ],
)  # fmt: skip
def test_texts_are_counted_as_the_networks_count_them(text, count):
    assert segments(text) == count


def test_the_alphabet_is_told_from_its_neighbours():
    assert is_gsm("Ä£¥ñ{}[]~|\\^€@")
    assert not any(is_gsm(c) for c in "ç’…–अک`")


@given(st.text(max_size=400), st.text(max_size=60), st.integers(1, 3))
def test_what_is_clipped_fits_and_begins_as_it_did(text, before, most):
    kept = clipped(text, before, "", most)
    assert segments(before + kept) <= most or segments(before) > most
    assert kept == text or kept == "" or text.startswith(kept.removesuffix("..").rstrip())
