"""The whole register as one file, with a dictionary of its fields."""

import csv
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from agencies.register.presentation import closing_data
from agencies.register.rendered import Rendered, as_json
from agencies.register.snapshot import Entry, Register
from core.i18n import _l


@dataclass(frozen=True, slots=True)
class Field:
    """``form`` is the shape of the value: text, date (ISO 8601), whole number or code."""

    name: str
    form: str
    meaning: Any


FIELDS = (
    Field("licence_number", "text", _l("The number of the newest licence; empty where there never was one.")),
    Field("name", "text", _l("The agency’s name in Latin letters.")),
    Field("name_local", "text", _l("The name in the country’s own script; may be empty.")),
    Field("other_names", "text", _l("Further names: in other scripts, short or earlier ones; in CSV with “ | ” between them.")),
    Field("licence_class", "code", _l("The class of the licence, as the law of the country names it.")),
    Field("status", "code", _l(
        "licensed, suspended, expired, blacklisted, cancelled, surrendered or not_licensed, on the day “as_of”."
    )),
    Field("issued_on", "date", _l("The day when the newest licence was issued.")),
    Field("valid_until", "date", _l("The last day of the newest licence; it still counts.")),
    Field("district", "text", _l("Where the agency’s office is.")),
    Field("wound_down_on", "date", _l(
        "The day when the file of an ended agency was closed; empty while papers or money are still to go back."
    )),
    Field("unpaid_awards", "number", _l("How many awards to workers stayed unpaid then, and still are.")),
    Field("unpaid_minor", "number", _l("What they are together, in the smallest unit of the currency.")),
    Field("unpaid_currency", "code", _l("The currency of what is unpaid (ISO 4217).")),
    Field("as_of", "date", _l("The legal day for which the status is told.")),
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula (also after blanks, and in full-width signs).
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def row(entry: Entry, today: date) -> dict[str, Any]:
    """One agency; the keys are those of ``FIELDS``."""
    closed = closing_data(entry)
    return {
        "licence_number": entry.number,
        "name": entry.name,
        "name_local": entry.name_local or None,
        "other_names": list(entry.others),
        "licence_class": entry.licence_class,
        "status": str(entry.standing(today)),
        "issued_on": entry.issued_on.isoformat() if entry.issued_on else None,
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else None,
        "district": entry.district or None,
        "wound_down_on": closed["closed_on"] if closed else None,
        "unpaid_awards": closed["unpaid_awards"] if closed else None,
        "unpaid_minor": closed["unpaid_minor"] if closed else None,
        "unpaid_currency": closed["currency"] if closed else None,
        "as_of": today.isoformat(),
    }


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> safe("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.lstrip(" \u00a0\u200b\ufeff").startswith(FORMULA) or text.startswith(FORMULA) else text


def _csv(register: Register, today: date) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([f.name for f in FIELDS])
    for entry in register.entries:
        values = row(entry, today)
        values["other_names"] = " | ".join(values["other_names"])
        writer.writerow([safe("" if values[f.name] is None else str(values[f.name])) for f in FIELDS])
    return out.getvalue().encode()


def _json(register: Register, today: date) -> bytes:
    rows = [row(entry, today) for entry in register.entries]
    return as_json({"as_of": today.isoformat(), "count": len(rows), "agencies": rows})


def dictionary() -> list[dict[str, str]]:
    """The dictionary as data, in the reader's language."""
    return [{"name": f.name, "type": f.form, "meaning": str(f.meaning)} for f in FIELDS]


FORMS: dict[str, tuple[Callable[[Register, date], bytes], str]] = {
    "csv": (_csv, "text/csv"),
    "json": (_json, "application/json"),
}
_lock = threading.Lock()
_made: dict[str, tuple[Register, date, Rendered]] = {}


def whole(register: Register, today: date, form: str) -> Rendered:
    """The file for this copy of the register and this day, made once."""
    held = _made.get(form)
    if held is None or held[0] is not register or held[1] != today:
        with _lock:
            held = _made.get(form)
            if held is None or held[0] is not register or held[1] != today:
                make, media_type = FORMS[form]
                held = _made[form] = (register, today, Rendered(make(register, today), media_type))
    return held[2]
