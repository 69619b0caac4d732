"""The country package: what differs by country, as data under ``law/<country>/``; what is the same, under ``law/common/``.

A country's ``destinations.json`` names codes of the common list, and its ``occupations.json``, where there is one, too; an
entry that is an object overrides fields of the common one with its code, or is wholly its own. ``papers.json`` overrides
the papers of a whole procedure, ``policy.json`` single standards. Everything is checked when the package is read.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import settings
from core.errors import ConfigurationError
from core.settings import ROOT
from law.calendar import WorkingWeek, read_holiday


@dataclass(frozen=True, slots=True)
class Named:
    """Something with names by language."""

    code: str
    names: dict[str, str]

    def name(self, locale: str) -> str:
        return self.names.get(locale) or self.names["en"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper asked for in a procedure. ``status`` is V when a law asks for it, S when it is a service standard."""

    code: str
    names: dict[str, str]
    status: str
    citation: str
    required: bool = True

    def name(self, locale: str) -> str:
        return self.names.get(locale) or self.names["en"]


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """An office as the package describes it; ``seed`` makes the records."""

    code: str
    kind: str
    parent: str | None
    names: dict[str, str]
    destinations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """Where to get help: dated and sourced. ``phone`` is empty where none is known for certain."""

    country: str
    names: dict[str, str]
    how: dict[str, str]
    phone: str
    url: str
    source: str
    checked_on: date
    status: str
    source_names: dict[str, str]

    @property
    def confirmed(self) -> bool:
        """Whether the ministry stands for it; what was only reported or remembered is tried, not trusted."""
        return self.status not in ("R", "M")

    def name(self, locale: str) -> str:
        return self.names.get(locale) or self.names["en"]

    def origin(self, locale: str) -> str:
        """Where it was taken from, in words for the reader."""
        return self.source_names.get(locale) or self.source

    def words(self, locale: str) -> str:
        return self.how.get(locale) or self.how["en"]


@dataclass(frozen=True, slots=True)
class Country:
    """One deployment's country."""

    code: str
    names: dict[str, str]
    ministry: dict[str, str]
    currency: str
    time_zone: str
    calendars: tuple[str, ...]
    licence_prefix: str
    licence_classes: dict[str, dict[str, str]]
    clearance_name: dict[str, str]
    dialling_code: str
    phone_digits: int
    passport_state: str
    capital: str
    banks: tuple[str, ...]
    script: dict[str, str] | None
    destinations: tuple[Named, ...]
    destination_currencies: dict[str, str]
    occupations: tuple[Named, ...]
    papers: dict[str, tuple[Paper, ...]]
    visit: tuple[Named, ...]
    offices: tuple[OfficePlan, ...]
    working_week: WorkingWeek
    help: tuple[Contact, ...]
    policy: dict[str, Any]
    policy_from: dict[str, date]

    @property
    def ministry_name(self) -> str:
        """In the current language."""
        from core.i18n import current_locale

        return self.ministry.get(current_locale()) or self.ministry["en"]

    def office_codes(self, kind: str) -> tuple[str, ...]:
        """The codes of the offices of one kind (``ministry``, ``department``, ``province`` ...), in the package's order."""
        return tuple(o.code for o in self.offices if o.kind == kind)

    @property
    def script_name(self) -> str:
        """The country's own script in the current language; empty where Latin letters are its own."""
        from core.i18n import current_locale

        return (self.script.get(current_locale()) or self.script["en"]) if self.script else ""

    def destination(self, code: str) -> Named | None:
        return next((d for d in self.destinations if d.code == code), None)

    def destination_name(self, code: str) -> str:
        """In the current language; the code itself when it is none of ours."""
        from core.i18n import current_locale

        found = self.destination(code)
        return found.name(current_locale()) if found else code

    def licence_class_name(self, code: str) -> str:
        """In the current language; the code itself when the package does not name it."""
        from core.i18n import current_locale

        names = self.licence_classes.get(code, {})
        return names.get(current_locale()) or names.get("en") or code

    def occupation(self, code: str) -> Named | None:
        return next((o for o in self.occupations if o.code == code), None)

    def occupation_name(self, code: str) -> str:
        from core.i18n import current_locale

        found = self.occupation(code)
        return found.name(current_locale()) if found else code

    def standard(self, name: str) -> Any:
        """A service standard of the ministry: not law, and it never refuses a person on legal grounds."""
        try:
            return self.policy[name]
        except KeyError:
            raise ConfigurationError(f"The country package has no service standard {name!r} in policy.json.") from None


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise ConfigurationError(f"{_at(path)} is not JSON: {wrong}.") from None


def _at(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def _read(country: str, name: str) -> Any:
    path = ROOT / "law" / country / f"{name}.json"
    if not path.is_file():
        raise ConfigurationError(f"The country package {country} lacks {name}.json.")
    return _load(path)


def _own(country: str, name: str) -> Any:
    """A file that a country may leave out; None when it does."""
    path = ROOT / "law" / country / f"{name}.json"
    return _load(path) if path.is_file() else None


def need(entry: Any, fields: dict[str, type | tuple[type, ...]], where: str) -> None:
    """Check one entry of a package.

    :raises ConfigurationError: naming the file, the entry and the field.
    """
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{where}: {entry!r} is not an object.")
    for field, kind in fields.items():
        if field not in entry:
            raise ConfigurationError(f"{where}: {field} is missing.")
        if not isinstance(entry[field], kind):
            raise ConfigurationError(f"{where}: {field} has the wrong shape.")
    names = entry.get("names")
    if isinstance(names, dict) and not names.get("en"):
        raise ConfigurationError(f"{where}: names lacks en.")


NAMED: dict[str, type | tuple[type, ...]] = {"code": str, "names": dict}


def chosen(common: list[Any], own: list[Any] | None, where: str, **fields: type) -> list[dict[str, Any]]:
    """What a country takes of a common list: each code as the list has it, each object over the entry with its code.

    :raises ConfigurationError: for a code that the list does not have, one named twice, or an entry of the wrong shape.
    """
    by_code = {entry["code"]: entry for entry in common}
    found: dict[str, dict[str, Any]] = {}
    for entry in common if own is None else own:
        code = entry.get("code") if isinstance(entry, dict) else entry
        if isinstance(entry, str) and entry not in by_code:
            raise ConfigurationError(f"{where}: {entry} is not in law/common.")
        if code in found:
            raise ConfigurationError(f"{where}: {code} stands there twice.")
        full = {**by_code.get(code, {}), **entry} if isinstance(entry, dict) else by_code[code]
        need(full, {**NAMED, **fields}, f"{where}: {code}")
        found[str(code)] = full
    return list(found.values())


def _papers(code: str) -> dict[str, tuple[Paper, ...]]:
    found = {**_read("common", "papers"), **(_own(code, "papers") or {})}
    for procedure, papers in found.items():
        for paper in papers:
            need(paper, {**NAMED, "status": str, "citation": str}, f"law/{code} papers.json: {procedure}")
    return {procedure: tuple(Paper(**p) for p in papers) for procedure, papers in found.items()}


def source_words(text: str) -> str:
    """A source in the current language, where ``law/common/sources.json`` has it; else as it is."""
    from core.i18n import current_locale

    return str(_read("common", "sources").get(text, {}).get(current_locale(), text))


def _offices(code: str) -> tuple[OfficePlan, ...]:
    where, seen = f"law/{code}/offices.json", set[str]()
    plans = []
    for o in _read(code, "offices"):
        need(o, {**NAMED, "kind": str}, f"{where}: {o.get('code')}")
        if o.get("parent") and o["parent"] not in seen:
            raise ConfigurationError(f"{where}: {o['code']} stands under {o['parent']}, which does not come before it.")
        seen.add(o["code"])
        plans.append(OfficePlan(o["code"], o["kind"], o.get("parent"), o["names"], tuple(o.get("destinations", []))))
    return tuple(plans)


def _help(code: str) -> tuple[Contact, ...]:
    fields = {"country": str, "names": dict, "how": dict, "phone": str, "url": str, "source": str, "checked_on": str}
    contacts, sources = [], _read("common", "sources")
    for number, c in enumerate(_read(code, "help"), start=1):
        need(c, {**fields, "status": str}, f"law/{code}/help.json: entry {number}")
        names = sources.get(c["source"], {})
        contacts.append(Contact(**{**c, "checked_on": date.fromisoformat(c["checked_on"]), "source_names": names}))
    return tuple(contacts)


BASE: dict[str, type | tuple[type, ...]] = {
    **NAMED, "ministry": dict, "currency": str, "time_zone": str, "calendars": list, "weekend": list, "licence_prefix": str,
    "licence_classes": dict, "clearance_name": dict, "dialling_code": str, "passport_state": str,
    "capital": str,
    "script": (dict, type(None)),
}  # fmt: skip


def _first_day(text: Any, code: str, name: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ConfigurationError(f"law/{code} policy.json: {name}: effective_from is no day (2026-11-28).") from None


@lru_cache
def country_package(code: str) -> Country:
    """Read and check one package.

    :raises ConfigurationError: naming the file and the entry.
    """
    base = _read(code, "country")
    need(base, BASE, f"law/{code}/country.json")
    destinations = chosen(
        _read("common", "destinations"), _read(code, "destinations"), f"law/{code}/destinations.json", currency=str
    )
    occupations = chosen(_read("common", "occupations"), _own(code, "occupations"), f"law/{code}/occupations.json")
    policy = {**_read("common", "policy"), **(_own(code, "policy") or {})}
    for name, entry in policy.items():
        need(entry, {"value": (int, float, str), "meaning": str}, f"law/{code} policy.json: {name}")
    return Country(
        code=base["code"],
        names=base["names"],
        ministry=base["ministry"],
        currency=base["currency"],
        time_zone=base["time_zone"],
        calendars=tuple(base["calendars"]),
        licence_prefix=base["licence_prefix"],
        licence_classes=base["licence_classes"],
        clearance_name=base["clearance_name"],
        dialling_code=base["dialling_code"],
        phone_digits=base["phone_digits"],
        passport_state=base["passport_state"],
        capital=base["capital"],
        banks=tuple(_read(code, "banks")["banks"]),
        script=base["script"],
        destinations=tuple(Named(d["code"], d["names"]) for d in destinations),
        destination_currencies={d["code"]: d["currency"] for d in destinations},
        occupations=tuple(Named(o["code"], o["names"]) for o in occupations),
        papers=_papers(code),
        visit=tuple(
            Named(v["code"], v["names"])
            for v in chosen(_read("common", "visit"), _own(code, "visit"), f"law/{code}/visit.json")
        ),
        offices=_offices(code),
        working_week=WorkingWeek(
            frozenset(base["weekend"]),
            tuple(read_holiday(h, f"law/{code}/holidays.json") for h in _read(code, "holidays")),
        ),
        help=_help(code),
        policy={name: entry["value"] for name, entry in policy.items()},
        policy_from={n: _first_day(e["effective_from"], code, n) for n, e in policy.items() if "effective_from" in e},
    )


def due_after(start: date, standard: str) -> date:
    """The last working day of a service standard (``review_days`` and its kin) for work that came in on ``start``."""
    country = deployment()
    return country.working_week.after(start, country.standard(standard))


def standard_if_set(on: date, standard: str) -> int | None:
    """A number of the ministry's policy on a day; None where it has set none, or none for that day yet."""
    country = deployment()
    begins = country.policy_from.get(standard)
    value = country.policy.get(standard)
    return None if value is None or (begins is not None and on < begins) else int(value)


def due_if_set(start: date, standard: str) -> date | None:
    """The same as ``due_after``; None where the ministry has set no such standard for that day."""
    days = standard_if_set(start, standard)
    return None if days is None else deployment().working_week.after(start, days)


def deployment() -> Country:
    """This deployment's country."""
    return country_package(settings.current().country)


def contacts_in(*codes: str) -> list[Contact]:
    """Help in these countries, in their order."""
    return [contact for code in codes for contact in deployment().help if contact.country == code]
