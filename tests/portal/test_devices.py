"""What a session's browser is called."""

import pytest

from core.i18n import in_locale
from portal.signin.devices import device_words

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} SamsungBrowser/26.0 Chrome/122.0 Mobile Safari/537.36",
         "Samsung Internet on Android"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
         "Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605",
         "Safari on Mac"),
        ("Opera/9.80 (Android; Opera Mini/36.2/119.132; U; id) Presto/2.12.423 Version/12.16", "Opera on Android"),
        ("Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", "Firefox on KaiOS"),
        ("curl/8.5.0", "another browser"),
        ("", "another browser"),
        ("<script>", "another browser"),
        ("Something/1.0 (Linux)", "another browser on Linux"),
    ],
)  # fmt: skip
def test_the_common_browsers_are_named_and_others_are_another(agent: str, words: str):
    assert device_words(agent) == words


def test_it_is_said_in_the_readers_language():
    with in_locale("ur"):
        assert "Chrome" in device_words("Chrome/1 Android")
        assert " on " not in device_words("Chrome/1 Android")
