"""What is sent is limited before anything is done with it, and the answer says so in the reader's language."""

import pytest

from tests.agencies import factories as make

FORM = "multipart/form-data; boundary=xyz"


def large(settings):
    """A form with one file that is larger than may be."""
    head = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n\xff\xd8\xff'
    return head + b"0" * (settings.max_upload_bytes + 128 * 1024) + b"\r\n--xyz--\r\n"


@pytest.mark.parametrize(("locale", "words"), [("en", "too large"), ("ne", "ठूलो"), ("ur", "بڑی")])
def test_a_file_that_is_too_large_is_answered_in_words_and_nothing_is_kept(client, session, settings, locale, words):
    agency, account, actor = make.agency(session)
    application = make.fill_in(session, actor, agency)
    client.sign_in(session, account)
    client.set_cookie("lang", locale)
    address = f"/licences/applications/{application.id}/papers/tax"
    before = client.get(address).text.count("/licences/papers/")
    answer = client.post(address, data=large(settings), content_type=FORM)
    assert answer.status_code == 413
    assert words in answer.text
    assert client.get(address).text.count("/licences/papers/") == before


def test_a_program_gets_a_problem_document(client, settings):
    answer = client.post("/webhooks/stripe", data=b"0" * (settings.max_upload_bytes + 128 * 1024))
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"
