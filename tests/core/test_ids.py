from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.ids import ALPHABET, check_character, new_id, new_reference, parse_reference, prefix_digits


def test_ids_are_uuid_version_7_and_grow_with_time():
    first, second = new_id(), new_id()
    assert first.version == 7
    assert first.variant == UUID(int=second.int).variant
    assert first.int >> 80 <= second.int >> 80


def test_a_reference_is_read_back_however_it_was_written():
    reference = new_reference("AG")
    spoken = reference.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert parse_reference(spoken) == reference
    assert parse_reference(reference.replace("-", "")) == reference


@given(st.text(ALPHABET, min_size=9, max_size=9), st.integers(0, 8), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body: str, place: int, other: str):
    check = check_character(prefix_digits("MG") + body)
    wrong = body[:place] + other + body[place + 1 :]
    assert (parse_reference(f"MG{wrong}{check}") is not None) == (wrong == body)


@given(st.text(ALPHABET, min_size=9, max_size=9), st.integers(0, 7))
def test_two_neighbours_swapped_are_always_noticed(body: str, place: int):
    check = check_character(prefix_digits("MG") + body)
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    assert (parse_reference(f"MG{swapped}{check}") is not None) == (swapped == body)


def test_a_swap_that_iso_7064_would_miss_is_noticed():
    check = check_character(prefix_digits("MG") + "AM06AA760")
    assert parse_reference(f"MGAM06AA670{check}") is None


def test_a_reference_of_another_length_is_none():
    assert parse_reference("AG-1234") is None
    assert parse_reference("") is None
