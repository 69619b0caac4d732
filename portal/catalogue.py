"""Translations: extract every sentence from the sources, update the .po files, and check that nothing is missing.

``python -m portal.catalogue [NAME ...]`` updates; ``--check`` only reports, and fails on a missing, fuzzy or broken
message in any language; ``--missing LOCALE`` prints what is still to be translated.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from core.i18n import TRANSLATIONS, languages
from core.settings import ROOT

# One catalogue for each part of the house, so that two people rarely edit one file.
SOURCES: dict[str, tuple[str, ...]] = {
    "core": ("core", "templates/emails", "templates/sms", "templates/sign_up", "templates/steps"),
    "components": ("templates/components", "templates/layouts", "templates/errors"),
    "law": ("law", "templates/law"),
    "home": ("portal/home", "templates/home"),
    "staff": ("portal/staff", "templates/staff"),
    "signin": (
        "portal/signin", "portal/oidc", "portal/partner", "portal/outbox", "portal/health.py", "portal/app.py",
        "portal/blueprints.py", "portal/contacts", "templates/contacts", "templates/signin", "templates/outbox", "templates/oidc",
    ),
    "people": ("portal/people", "portal/owners", "portal/queues.py", "templates/people", "templates/owners"),
    "agencies": ("agencies", "templates/agencies"),
    "licensing": ("agencies/licensing", "templates/licensing"),
    "register": ("agencies/register", "templates/register"),
    "register_log": ("agencies/register_log", "templates/register_log"),
    "sanctions": ("agencies/sanctions", "contracts/reviews", "templates/sanctions"),
    "security": ("agencies/security", "templates/security"),
    "branches": ("agencies/branches", "templates/branches"),
    "register_names": ("agencies/register_names", "templates/register_names"),
    "renewal": ("agencies/renewal", "templates/renewal"),
    "closing": ("agencies/winding_down", "templates/winding_down"),
    "insider": ("agencies/insider", "templates/insider"),
    "importing": ("agencies/importing", "templates/importing"),
    "migrants": ("migrants", "templates/migrants"),
    "contracts": ("contracts", "templates/contracts"),
    "employers": ("contracts/employers", "templates/employers"),
    "answer": ("contracts/answer", "templates/answer"),
    "orientation": ("contracts/orientation", "templates/orientation"),
    "exemptions": ("contracts/exemptions", "templates/exemptions"),
    "clearance": ("contracts/clearance", "templates/clearance"),
    "remittance": ("remittance", "templates/remittance"),
    "cases": ("cases", "templates/cases"),
}  # fmt: skip
KEYWORDS: dict[str, Any] = {
    name: spec
    for names, spec in (
        (("_", "_l", "gettext", "lazy_gettext", "N_"), None),
        (("_n", "ngettext"), (1, 2)),
        (("_p", "pgettext"), ((1, "c"), 2)),
    )
    for name in names
}
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}, "**.txt": {"silent": "false"}}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def extracted(name: str) -> Catalog:
    """Every message of one part of the house, in source order."""
    found = Catalog(charset="utf-8")
    for source in SOURCES[name]:
        for where, _line, message, comments, context in _extract(ROOT / source):
            if where.startswith(_inner(source)):
                continue
            found.add(message, None, [(where, 0)], context=context, auto_comments=comments)
    return found


def _inner(source: str) -> tuple[str, ...]:
    """Folders inside this one that have a catalogue of their own."""
    return tuple(s for sources in SOURCES.values() for s in sources if s != source and s.startswith(source + "/"))


def _extract(path: Path) -> Iterator[tuple[str, int, Any, Any, Any]]:
    if path.is_file():
        from babel.messages.extract import extract_from_file

        for line, message, comments, context in extract_from_file("python", path, keywords=KEYWORDS):
            yield str(path.relative_to(ROOT)), line, message, comments, context
    elif path.is_dir():
        for where, line, message, comments, context in extract_from_dir(path, METHODS, OPTIONS, keywords=KEYWORDS):
            yield str((path / where).relative_to(ROOT)), line, message, comments, context


def read(locale: str, name: str) -> Catalog:
    path = TRANSLATIONS / locale / f"{name}.po"
    if not path.exists():
        return Catalog(locale=languages()[locale].babel, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=languages()[locale].babel)


def _known(locale: str, but: str) -> set[tuple[Any, str | None]]:
    """Messages that another catalogue of this language translates already, core first."""
    known: set[tuple[Any, str | None]] = set()
    for name in SOURCES:
        if name == but:
            break
        known |= {(_key(m), m.context) for m in read(locale, name) if m.id and m.string}
    return known


def _key(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, (tuple, list)) else message.id)


def update(locale: str, name: str) -> int:
    """Bring one .po file up to date with the sources; gives how many messages still lack a translation."""
    old = {(_key(m), m.context): m for m in read(locale, name) if m.id}
    fresh = Catalog(locale=languages()[locale].babel, charset="utf-8", project="OpenPassage", fuzzy=False)
    known = _known(locale, name)
    # A sentence that moved to another part of the house brings its translation.
    elsewhere = {(_key(m), m.context): m for other in SOURCES for m in read(locale, other) if m.id and m.string}
    missing = 0
    for message in extracted(name):
        if not message.id or (_key(message), message.context) in known:
            continue
        key = _key(message), message.context
        before = old.get(key) or elsewhere.get(key)
        string = before.string if before is not None else ""
        fresh.add(
            message.id, string, message.locations[:1], context=message.context, flags=before.flags if before else ()
        )
        missing += not _complete(string)
    out = io.BytesIO()
    write_po(out, fresh, width=120, omit_header=False, include_lineno=False, sort_output=False)
    text = re.sub(
        rb'"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Generated-By|Language-Team|Report-Msgid-Bugs-To): .*\n',
        b"",
        out.getvalue(),
    )
    text = re.sub(rb"\A(#[^\n]*\n)+", b"", text)
    (TRANSLATIONS / locale / f"{name}.po").write_bytes(text)
    return missing


def _complete(string: Any) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def faults(locale: str, name: str) -> list[str]:
    """What is wrong with one catalogue: missing, fuzzy, placeholders that differ."""
    here = {(_key(m), m.context): m for m in read(locale, name) if m.id}
    known = _known(locale, name)
    found = []
    for message in extracted(name):
        if not message.id:
            continue
        key = _key(message), message.context
        if key in known:
            continue
        entry = here.get(key)
        if entry is None or not _complete(entry.string):
            found.append(f"{locale}/{name}.po lacks: {key[0]!r}")
        elif entry.fuzzy:
            found.append(f"{locale}/{name}.po is fuzzy: {key[0]!r}")
        else:
            found.extend(_placeholder_faults(locale, name, entry))
    return found


def _placeholder_faults(locale: str, name: str, entry: Message) -> Iterator[str]:
    ids = [str(i) for i in entry.id] if isinstance(entry.id, (tuple, list)) else [str(entry.id)]
    strings = [str(t) for t in entry.string] if isinstance(entry.string, (tuple, list)) else [str(entry.string)]
    wanted = set(PLACEHOLDER.findall(" ".join(ids)))
    for string in strings:
        if not set(PLACEHOLDER.findall(string)) <= wanted or (
            len(ids) == 1 and set(PLACEHOLDER.findall(string)) != wanted
        ):
            yield f"{locale}/{name}.po has other placeholders: {ids[0]!r}"


def main(arguments: list[str]) -> int:
    names = [a for a in arguments if a in SOURCES] or list(SOURCES)
    unknown = [a for a in arguments if not a.startswith("-") and a not in SOURCES and a not in languages()]
    if unknown:
        sys.stderr.write(f"No catalogue is named {', '.join(unknown)}. There are: {', '.join(SOURCES)}.\n")
        return 2
    locales = [code for code in languages() if code != "en"]
    if "--check" in arguments:
        found = [fault for locale in locales for name in names for fault in faults(locale, name)]
        sys.stdout.write("".join(f"{fault}\n" for fault in found))
        return 1 if found else 0
    if "--missing" in arguments:
        locale = next(a for a in arguments if a in locales)
        for name in names:
            sys.stdout.write("".join(f"{m.id!r}\n" for m in read(locale, name) if m.id and not _complete(m.string)))
        return 0
    for locale in locales:
        for name in names:
            missing = update(locale, name)
            sys.stdout.write(f"{locale}/{name}.po: {missing} to translate\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
