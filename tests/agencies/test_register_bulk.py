"""The whole register as CSV and JSON, its dictionary, and the queries written by hand in five scripts."""

import csv
import gzip
import io
import json
from datetime import timedelta

import pytest

from agencies.licensing.status import LicenceStatus
from agencies.register.bulk import FIELDS, safe
from agencies.register.models import NameUse, RegisterName
from agencies.register.search import search
from agencies.register.snapshot import Register
from agencies.seed_names import agency_names
from benchmarks import lookalike
from core.db import legal_today
from core.settings import ROOT
from tests.agencies import factories as make
from tests.agencies.test_register_search import TODAY, entry

HAND = json.loads((ROOT / "benchmarks" / "data" / "queries.json").read_text(encoding="utf-8"))["queries"]


def test_queries_by_hand_in_five_scripts_find_their_agency_first(settings):
    register = Register([entry(i, *pair) for i, pair in enumerate(agency_names(102))])
    by_word = {e.name: e for e in register.entries}
    missed = []
    for row in HAND:
        hits = search(register, row["query"], TODAY).hits
        if not hits or not hits[0].entry.name.startswith(f"{row['word']} "):
            missed.append((row["query"], row["word"], hits[0].entry.name if hits else None))
    scripts = {row["script"] for row in HAND}
    assert len(HAND) >= 50
    assert scripts == {"Latin", "Devanagari", "Bengali", "Urdu", "Sinhala"}
    assert all(any(name.startswith(f"{row['word']} ") for name in by_word) for row in HAND)
    assert len(missed) <= len(HAND) // 10, missed


def test_a_further_name_in_another_script_finds_the_agency(client, session):
    agency, _licence = make.licensed(session, "Makalu Recruitment")
    session.add(RegisterName(agency_id=agency.id, text="ගුවන් සේවා රැකියා", use=NameUse.OTHER_SCRIPT))
    session.flush()
    found = client.get("/api/v1/licences", query_string={"q": "ගුවන් සේවා"}).json["results"]
    assert [r["name"] for r in found] == ["Makalu Recruitment"]


def test_the_whole_register_is_one_file_with_a_tag_in_two_forms(client, session):
    today = legal_today(session)
    make.licensed(session, "=HYPERLINK(1)", "@मकालु")
    gone, _licence = make.licensed(session, 'Koshi, "Overseas"', until=today - timedelta(1))
    make.licensed(session, "Rara", status=LicenceStatus.SUSPENDED)
    session.add(RegisterName(agency_id=gone.id, text="-2+3", use=NameUse.SHORT))
    session.flush()
    answer = client.get("/register/agencies.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=20, must-revalidate"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert list(rows[0]) == [f.name for f in FIELDS]
    by_status = {r["status"]: r for r in rows}
    assert set(by_status) == {"licensed", "expired", "suspended"}
    assert (by_status["licensed"]["name"], by_status["licensed"]["name_local"]) == ("'=HYPERLINK(1)", "'@मकालु")
    assert (by_status["expired"]["name"], by_status["expired"]["other_names"]) == ('Koshi, "Overseas"', "'-2+3")
    data = client.get("/register/agencies.json").json
    assert (data["count"], data["as_of"]) == (3, today.isoformat())
    assert {r["name"] for r in data["agencies"]} == {"=HYPERLINK(1)", 'Koshi, "Overseas"', "Rara"}
    assert set(data["agencies"][0]) == {f.name for f in FIELDS}
    tag = answer.headers["ETag"]
    same = client.get("/register/agencies.csv", headers={"If-None-Match": tag})
    assert (same.status_code, same.get_data()) == (304, b"")
    zipped = client.get("/register/agencies.csv", headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["ETag"] != tag
    assert gzip.decompress(zipped.get_data()) == answer.get_data()
    make.licensed(session, "Bheri")
    changed = client.get("/register/agencies.csv", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert b"Bheri" in changed.get_data()
    assert client.get("/register/agencies.xml").status_code == 404


def test_the_dictionary_names_every_field(client, session):
    page = client.get("/register/data-dictionary")
    fields = client.get("/register/data-dictionary.json").json["fields"]
    assert [f["name"] for f in fields] == [f.name for f in FIELDS]
    assert all(f["meaning"] and f["name"] in page.get_data(as_text=True) for f in fields)


def test_who_is_not_in_the_register_is_not_licensed_and_the_page_says_whom_to_tell(client, session):
    make.licensed(session, "Makalu Recruitment")
    page = client.get("/check", query_string={"q": "Zubrowka Xylophone"}).get_data(as_text=True)
    assert "Not licensed" in page
    assert "Not found in the register." in page
    assert "Report a recruiter, without your name" in page


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"), ("+97", "'+97"), ("-2", "'-2"), ("@x", "'@x"), ("\tx", "'\tx"), ("\r=x", "'\r=x"), (" =x", "' =x"),
        ("\u00a0@x", "'\u00a0@x"), ("＝x", "'＝x"), ("Al-Noor", "Al-Noor"), ("", ""), ("NP-0001/083", "NP-0001/083"),
    ],
)  # fmt: skip
def test_no_cell_is_taken_for_a_formula(text, cell):
    assert safe(text) == cell


def test_look_alikes_are_found_and_innocents_let_go_in_a_small_set(settings, monkeypatch):
    monkeypatch.setattr(lookalike, "LISTED", 300)
    monkeypatch.setattr(lookalike, "EACH", 8)
    monkeypatch.setattr(lookalike, "INNOCENT", 90)
    counts, _wrong = lookalike.measured(11)
    recall, alarms = lookalike.totals(counts)
    assert recall >= 0.9
    assert alarms <= 0.05
