import pytest

from core.names import (
    NameKind,
    compare_organisations,
    compare_persons,
    fold_confusables,
    looks_alike,
    mixes_scripts,
    person_keys,
    search_keys,
    tokens,
    visual_skeleton,
)

SAME_PERSON = [
    ("राम बहादुर श्रेष्ठ", "Ram Bdr. Shrestha"),
    ("Md. Hossain", "Mohammad Hussain"),
    ("محمد حسین", "Md Hussein"),
    ("Laxmi Chhetri", "लक्ष्मी क्षेत्री"),
    ("Rambahadur Gurung", "Ram Bahadur Gurung"),
    ("নাজমা বেগম", "Najma Begum"),
    ("FNU Sita Rai", "Sita Rai"),
    ("Krishna Pd. Gyawali", "कृष्ण प्रसाद ज्ञवाली"),
    ("Bikash Rai", "Vikas Rai"),
    ("راجیش شریستھا", "Rajesh Shrestha"),
    ("SHRESTHA RAM BAHADUR", "Ram Bahadur Shrestha"),
    ("Smt. Sita Devi Yadav", "Sita Yadav"),
]
OTHER_PERSON = [
    ("Sita Devi Yadav", "Gita Devi Yadav"),
    ("Hari Thapa", "Hari Rai"),
    ("Sunita Tamang", "Sunil Tamang"),
    ("Md. Hossain", "Md. Rahman"),
    ("Ram Kumari Chaudhary", "Ram Kumar Shahi"),
    ("Kamal Gurung", "Bimala Gurung"),
]


@pytest.mark.parametrize(("left", "right"), SAME_PERSON)
def test_two_spellings_of_one_person_are_likely_and_share_a_key(left, right):
    scored = compare_persons(left, right)
    assert scored.score >= 90
    assert set(person_keys(left)) & set(person_keys(right))


@pytest.mark.parametrize(("left", "right"), OTHER_PERSON)
def test_two_persons_who_share_a_word_are_not_even_possible(left, right):
    assert compare_persons(left, right).score < 78


def test_a_one_part_name_is_a_possible_match_and_the_reason_says_what_is_missing():
    scored = compare_persons("Ram", "Ram Shrestha")
    assert 78 <= scored.score < 90
    assert scored.codes == ("same", "only_in_one")
    assert [str(r) for r in scored.reasons] == ["“ram” is in both names.", "“shrestha” is in one name only."]


def test_comparison_does_not_depend_on_which_name_comes_first():
    for left, right in SAME_PERSON + OTHER_PERSON:
        assert compare_persons(left, right).score == compare_persons(right, left).score


def test_an_empty_name_or_a_placeholder_matches_nobody():
    assert compare_persons("FNU", "FNU").score == 0
    assert compare_persons("", "Ram").codes == ("empty",)
    assert person_keys("XXX") == []


def test_a_person_has_at_most_24_keys_and_always_the_same_ones():
    name = "Md Abdul Rahman Sheikh Hussain Khan Miya"
    assert len(person_keys(name)) <= 24
    assert person_keys(name) == person_keys(name)


def test_company_forms_and_trade_words_weigh_little_in_three_scripts():
    for text in ("Pvt. Ltd.", "प्रा.लि.", "پرائیویٹ لمیٹڈ"):
        assert all(t.word_class == "company" for t in tokens(text, NameKind.ORGANISATION)), text
    for text in ("rojgar", "रोजगार", "روزگار", "employment", "emploiment"):
        assert tokens(text, NameKind.ORGANISATION)[0].word_class == "employment", text
    for text in ("baideshik", "वैदेशिक", "ओभरसिज", "اوورسیز", "Overses"):
        assert tokens(text, NameKind.ORGANISATION)[0].word_class == "foreign", text
    assert [t.word_class for t in tokens("man power", NameKind.ORGANISATION)] == ["manpower"]


def test_an_agency_is_the_same_in_another_script_with_a_translated_trade_word():
    assert compare_organisations("Sagarmatha Employment", "सगरमाथा रोजगार").score >= 95
    assert compare_organisations("हिमालयन ओभरसिज प्रा.लि.", "Himalayan Overseas Pvt Ltd").score >= 95
    assert search_keys("हिमालयन ओभरसिज") & search_keys("ہمالین اوورسیز")


@pytest.mark.parametrize(
    ("copy", "original"),
    [
        ("New Himalyan Manpower Pvt Ltd", "Himalayan Overseas Pvt. Ltd."),
        ("Hіmalayan 0verseas", "Himalayan Overseas"),  # Cyrillic i, zero
        ("Rnodern HR", "Modern HR"),
        ("G1obal Star Recruitment", "Global Star Recruitment"),
        ("हिमालयन म्यानपावर", "Himalayan Overseas"),
        ("Hima Layan Overseas", "Himalayan Overseas"),
    ],
)
def test_a_copycat_name_is_seen_as_one(copy, original):
    scored = looks_alike(copy, original)
    assert scored is not None
    assert scored.score >= 90
    assert scored.reasons


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Himalayan Star Overseas", "Himalayan Overseas"),
        ("Global Star", "Golden Star"),
        ("Everest Overseas", "Sagarmatha Overseas"),
        ("Nepal Employment Services", "Nepal Recruitment Agency"),
        ("Annapurna Manpower", "Machhapuchhre Manpower"),
    ],
)
def test_names_that_share_only_trade_words_or_half_their_words_are_not_copies(name, other):
    assert looks_alike(name, other) is None


def test_look_alike_letters_fold_only_inside_words_that_pass_for_latin():
    assert fold_confusables("Hіmalayan 0verseas") == "Himalayan Overseas"
    assert fold_confusables("Ноmе") == "Home"
    assert fold_confusables("हिमालयन") == "हिमालयन"
    assert fold_confusables("Жуков") == "Жуков"
    assert fold_confusables("24x7 Jobs 2082") == "24x7 Jobs 2082"
    assert mixes_scripts("Hіmalayan")
    assert not mixes_scripts("Himalayan हिमालयन")


def test_names_the_eye_confuses_have_one_skeleton_and_others_do_not():
    assert visual_skeleton("Rnodern Vvorld") == visual_skeleton("Modern World")
    assert visual_skeleton("Global") == visual_skeleton("G1oba1")
    assert visual_skeleton("Global") != visual_skeleton("Golden")
    assert visual_skeleton("हिमाल") != visual_skeleton("हिमला")
