"""What a worker may be asked to pay is said line by line, and an agency's or a provider's costs are not among them."""

from datetime import date

from core.money import Money
from law.costs import worker_costs
from law.engine import Law, law_of, read_row

TODAY = date(2026, 11, 24)


def test_each_cost_of_a_worker_stands_with_its_own_amount_and_how_it_is_known():
    found = [(str(c.title), c.amount, str(c.row.status)) for c in worker_costs(law_of("np"), TODAY)]
    assert found == [
        (
            "The most an agency may ask of a worker",
            Money(10_000_00, "NPR"),
            "R",
        ),
        ("Welfare fund", Money(1_500_00, "NPR"), "R"),
        ("Welfare fund, for a longer contract", Money(2_500_00, "NPR"), "R"),
        ("Orientation before departure", Money(700_00, "NPR"), "R"),
        ("Every payment must go through a bank", None, "R"),
    ]


def test_a_cap_that_differs_by_country_or_way_is_one_line_each():
    found = [(c.amount, dict(c.row.when)) for c in worker_costs(law_of("bd"), TODAY) if c.row.topic == "fee_cap.worker"]
    assert found == [
        (Money(79_000_00, "BDT"), {"destination": "MY"}),
        (Money(61_850_00, "BDT"), {"destination": "SA"}),
    ]
    assert next(c.amount for c in worker_costs(law_of("lk"), TODAY)) == Money(0, "LKR")


def test_what_a_training_provider_pays_is_not_a_cost_of_the_worker():
    assert "pdo.provider" not in {c.row.topic for c in worker_costs(law_of("np"), TODAY)}


def test_an_unknown_cost_is_left_out_and_never_shown_as_free():
    unknown = read_row({"id": "np.fee", "topic": "fee_cap.worker", "value": None, "status": "X"}, "test.json")
    assert worker_costs(Law("np", [unknown]), TODAY) == []
