"""Groups in the law's data: one entry stands for one row for each member, and for nothing that is not there."""

import json
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from law import groups
from law.engine import law_of, read_law

ENTRY = {"id": "np.destination_ban.x", "topic": "destination_ban", "value": "closed", "status": "R"}


def written(folder: Path, *entries: dict[str, object]) -> Path:
    path = folder / "parameters.json"
    path.write_text(json.dumps(entries))
    return path


def test_a_group_stands_for_one_row_for_each_member(tmp_path: Path):
    entry = {**ENTRY, "when": {"destination": "group:gulf", "sex": "F"}}
    found = read_law(written(tmp_path, entry), "np").rows
    assert [(r.id, r.when["destination"], r.when["sex"]) for r in found] == [
        (f"np.destination_ban.x.{code.lower()}", code, "F") for code in ("AE", "BH", "KW", "OM", "QA", "SA")
    ]


def test_a_member_that_has_a_row_of_its_own_for_the_same_cases_is_named(tmp_path: Path):
    path = written(
        tmp_path, {**ENTRY, "when": {"destination": "group:gulf"}},
        {**ENTRY, "id": "np.destination_ban.y", "value": "open", "when": {"destination": "QA"}},
    )  # fmt: skip
    with pytest.raises(ConfigurationError, match=r"x\.qa and np\.destination_ban\.y"):
        read_law(path, "np")


@pytest.mark.parametrize("when", [{"destination": "group:moon"}, {"occupation": "group:gulf"}, {"sex": "group:gulf"}])
def test_a_group_that_is_not_there_does_not_load(tmp_path: Path, when: dict[str, str]):
    with pytest.raises(ConfigurationError):
        read_law(written(tmp_path, {**ENTRY, "when": when}), "np")


@pytest.mark.parametrize(
    "text",
    [
        {"sex": {"all": {}}},
        {"destination": {"gulf": {"names": {}, "source": "", "status": "M"}}},
        {"destination": {"gulf": {"names": {}, "source": "", "status": "M", "codes": []}}},
        {"destination": {"gulf": {"names": {}, "source": "", "status": "M", "codes": ["QA", "QA"]}}},
        {"destination": {"gulf": {"names": {}, "source": "", "status": "sure", "codes": ["QA"]}}},
    ],
)
def test_an_entry_of_the_groups_that_is_not_whole_does_not_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: dict[str, object]
):
    (tmp_path / "law" / "common").mkdir(parents=True)
    (tmp_path / "law" / "common" / "groups.json").write_text(json.dumps(text))
    monkeypatch.setattr(groups, "ROOT", tmp_path)
    groups.groups.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match=r"groups\.json"):
            groups.groups()
    finally:
        monkeypatch.undo()
        groups.groups.cache_clear()


@pytest.mark.parametrize("country", ["bd", "in", "lk", "pk", "ph"])
def test_where_no_source_says_what_holds_an_officer_decides_on_womens_domestic_work_in_the_gulf(country: str):
    rows = [r for r in law_of(country).rows if r.topic == "clearance.officer_decides"]
    assert [(r.when["destination"], r.when["sex"], r.when["occupation"], r.value, str(r.status)) for r in rows] == [
        (code, "F", "9111", True, "M") for code in ("AE", "BH", "KW", "OM", "QA", "SA")
    ]
