"""The browser and system of a session in words, from what the browser says of itself. A few marks, in the order in which
they count: nearly every browser names others too."""

from core.i18n import gettext as _

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Opera", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("YaBrowser", "Yandex"),
    ("MiuiBrowser", "Mi Browser"),
    ("FxiOS", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chrome"),
    ("Version/", "Safari"),
)
SYSTEMS = (
    ("KAIOS", "KaiOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_words(agent: str) -> str:
    """Such as "Chrome on Android"; "another browser" where nothing is known."""
    browser = next((name for mark, name in BROWSERS if mark in agent), _("another browser"))
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return _("%(browser)s on %(system)s", browser=browser, system=system) if system else browser
