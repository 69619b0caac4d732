import pytest

from core.names import native_digits_to_latin, to_latin


@pytest.mark.parametrize(
    ("written", "latin"),
    [
        ("राम बहादुर श्रेष्ठ", "Ram Bahadur Shreshtha"),
        ("कृष्ण प्रसाद ज्ञवाली", "Krishna Prasad Gyavali"),
        ("लक्ष्मी क्षेत्री", "Lakshmi Kshetri"),
        ("सगरमाथा वैदेशिक रोजगार", "Sagarmatha Vaideshik Rojgar"),
        ("फूलमाया तामाङ", "Phulmaya Tamang"),
        ("कमल", "Kamal"),
        ("संगीता", "Sangita"),
        ("अम्बिका", "Ambika"),
        ("नाजमा", "Najma"),
        ("محمد حسین", "Muhammad Hussain"),
        ("ایمان", "Iman"),
        ("روزگار", "Rozgar"),
        ("মোহাম্মদ হোসেন", "Mohammad Hosen"),
        ("ફુલ", "Phul"),
        ("René Müller", "Rene Muller"),
        ("Sita Rai", "Sita Rai"),
        ("", ""),
    ],
)
def test_a_name_reads_in_latin_as_its_owner_would_write_it(written, latin):
    assert to_latin(written) == latin


def test_sinhala_and_tamil_give_latin_letters_and_nothing_empty():
    for written in ("සිරිසේන", "முருகன்"):
        assert to_latin(written).isascii()
        assert len(to_latin(written)) >= 4


def test_digits_of_each_script_become_latin_ones_and_letters_stay():
    assert native_digits_to_latin("नं ०४२१ / ۸۲ / ৭") == "नं 0421 / 82 / 7"
