"""The six countries' classes, amounts and periods as the engine answers them, beside a table that was written by hand."""

from datetime import date, timedelta

import pytest

from core.money import Money
from law.engine import Applied, Law, Row, law_of
from law.topics import TOPICS, Shape
from tests.law.table import CLASSES, LINES, UNKNOWN, ClassLine, Line, Source

TODAY = date(2026, 11, 28)


def applied(law: Law, topic: str, on: date = TODAY, **case: str) -> Applied:
    answer = law.applies(topic, on=on, **case)
    assert isinstance(answer, Applied), topic
    return answer


def source(row: Row) -> Source:
    return Source(row.instrument, row.citation, str(row.status), row.effective_from)


def amount(text: str) -> Money:
    """``"NPR 5,000,000"`` as money: every currency of the table has two decimals."""
    currency, units = text.split()
    return Money(int(units.replace(",", "")) * 100, currency)


@pytest.mark.parametrize("line", CLASSES, ids=lambda c: f"{c.country}-{c.licence_class}")
def test_each_class_has_the_amounts_of_its_source(line: ClassLine):
    answer = applied(law_of(line.country), "licence.class", licence_class=line.licence_class)
    assert {part: answer.row.money(part) for part in line.amounts} == {p: amount(a) for p, a in line.amounts.items()}
    workers = dict(zip(("workers_from", "workers_to"), line.workers, strict=True))
    assert set(answer.value) == {*line.amounts, *workers, *line.other}
    assert {k: answer.value[k] for k in (*workers, *line.other)} == {**workers, **line.other}
    assert source(answer.row) == line.source
    assert answer.may_refuse == (line.source.status == "V")


def test_the_table_names_every_class_and_no_other():
    for country in ("np", "bd", "in", "lk", "pk", "ph"):
        listed = [c.licence_class for c in CLASSES if c.country == country] or ["standard"]
        assert applied(law_of(country), "licence.classes").value == listed


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_each_amount_and_period_is_that_of_its_source(line: Line):
    answer = applied(law_of(line.country), line.topic, **line.case)
    if line.says.isdigit():
        assert answer.value[line.part] == int(line.says)
    elif line.says[:3].isupper():
        assert answer.row.money(line.part) == amount(line.says)
    else:
        number, unit = line.says.split(" ", 1)
        assert (answer.value, answer.row.unit) == (int(number), unit)
    assert source(answer.row) == line.source
    assert answer.may_refuse == (line.source.status == "V")


def test_the_table_leaves_no_amount_and_no_period_out():
    """A new row with a number has to be written into the table by hand, too, with each part of its value."""
    lines: dict[str, set[str]] = {}
    for line in LINES:
        found = applied(law_of(line.country), line.topic, **line.case)
        lines.setdefault(found.row.id, set()).add(line.part)
    for country in ("np", "bd", "in", "lk", "pk", "ph"):
        for row in law_of(country).in_force(TODAY):
            shape = TOPICS[row.topic].shape
            if row.topic == "licence.class" or row.value is None:
                continue
            if shape in (Shape.AMOUNT, Shape.COUNT):
                assert lines.get(row.id) == {""}, row.id
            elif shape is Shape.TERMS:
                numbers = {part for part, inner in row.value.items() if not isinstance(inner, bool)}
                assert lines.get(row.id) == numbers, row.id


@pytest.mark.parametrize(("country", "topic", "case", "row"), UNKNOWN)
def test_what_no_source_says_stays_unknown(country: str, topic: str, case: dict[str, str], row: str | None):
    answer = law_of(country).applies(topic, on=TODAY, **case)
    assert not isinstance(answer, Applied)
    assert (answer.row.id if answer.row else None, answer.may_refuse) == (row, False)


@pytest.mark.parametrize("line", [x for x in LINES if x.source.since], ids=lambda line: line.name)
def test_before_its_first_day_a_row_says_nothing(line: Line):
    law, since = law_of(line.country), line.source.since
    assert since is not None
    assert source(applied(law, line.topic, since, **line.case).row) == line.source
    before = law.applies(line.topic, on=since - timedelta(days=1), **line.case)
    assert not before or before.row != applied(law, line.topic, since, **line.case).row


# Amounts that changed: on which day which one, and unknown before anything is known.
CHANGED = [
    ("in", "full", "1983-12-30", None, None),
    ("in", "full", "2017-12-11", None, None),
    ("in", "full", "2017-12-12", "INR 5,000,000", "in.licence.class.full.2017"),
    ("in", "full", "2020-09-07", "INR 5,000,000", "in.licence.class.full.2017"),
    ("in", "full", "2020-09-08", "INR 2,500,000", "in.licence.class.full.2020"),
    ("in", "full", "2021-03-31", "INR 2,500,000", "in.licence.class.full.2020"),
    ("in", "full", "2021-04-01", "INR 5,000,000", "in.licence.class.full"),
    ("in", "small", "2017-12-11", None, None),
    ("in", "small", "2020-09-07", "INR 800,000", "in.licence.class.small.2017"),
    ("in", "small", "2020-09-08", "INR 400,000", "in.licence.class.small.2020"),
    ("in", "small", "2021-04-01", "INR 800,000", "in.licence.class.small"),
    ("bd", "standard", "2008-06-01", None, "bd.licence.class.standard.before"),
    ("bd", "standard", "2025-12-31", None, "bd.licence.class.standard.before"),
    ("bd", "standard", "2026-01-01", "BDT 5,000,000", "bd.licence.class.standard.2025"),
    ("bd", "standard", "2026-01-04", "BDT 5,000,000", "bd.licence.class.standard.2025"),
    ("bd", "standard", "2026-01-05", "BDT 3,500,000", "bd.licence.class.standard"),
]


@pytest.mark.parametrize(("country", "code", "on", "says", "row"), CHANGED)
def test_a_securitys_amount_is_that_of_the_day(country: str, code: str, on: str, says: str | None, row: str | None):
    answer = law_of(country).applies("licence.class", on=date.fromisoformat(on), licence_class=code)
    assert (answer.row.id if answer.row else None) == row
    assert bool(answer) == (says is not None)
    if says is not None and answer.row is not None:
        assert answer.row.money("guarantee" if country == "in" else "cash") == amount(says)


def test_before_the_first_row_of_a_topic_the_answer_is_unknown_without_a_row():
    for country, topic, first in (
        ("in", "fee_cap.worker", date(2017, 12, 14)),
        ("in", "appeal.days", date(1983, 12, 30)),
        ("bd", "licence.validity", date(2013, 10, 27)),
        ("lk", "complaint.reaches_former_licensee", date(1994, 2, 23)),
        ("lk", "registration_fee", date(2023, 6, 22)),
        ("np", "pdo.identity", date(2025, 10, 15)),
    ):
        assert applied(law_of(country), topic, first)
        before = law_of(country).applies(topic, on=first - timedelta(days=1))
        assert not isinstance(before, Applied)
        assert (before.row, before.may_refuse) == (None, False)
