"""The words in which every country's law is written: one topic, one shape of value, for all countries alike.

A file under ``law/<country>/`` may only speak of these topics, in these shapes, so that a feature that asks for
``fee_cap.worker`` gets an amount in any country, or *unknown*. Amounts are whole units of the row's currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.i18n import _l
from core.money import known_currencies


class Shape(StrEnum):
    """What a value looks like."""

    AMOUNT = "amount"
    COUNT = "count"
    FLAG = "flag"
    TEXT = "text"
    WORDS = "words"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Topic:
    """What the law can speak of: the shape of its value, and its title for a reader."""

    shape: Shape
    title: Any


A, C, F, P, T, W = Shape.AMOUNT, Shape.COUNT, Shape.FLAG, Shape.TERMS, Shape.TEXT, Shape.WORDS

TOPICS: Mapping[str, Topic] = {
    "advertisement.required_fields": Topic(T, _l("What an advertisement must say")),
    "age.max": Topic(C, _l("Highest age")),
    "age.min": Topic(C, _l("Lowest age")),
    "age.rule": Topic(T, _l("Rule on age")),
    "agency.jointly_liable": Topic(F, _l("The agency answers for the employer’s debts to the worker")),
    "agency.monthly_return": Topic(F, _l("Agencies report every month")),
    "appeal.days": Topic(C, _l("Time to appeal")),
    "appeal.decide_days": Topic(C, _l("Time to decide an appeal")),
    "appeal.fee": Topic(A, _l("Fee of an appeal")),
    "branch.abroad": Topic(P, _l("Branch abroad")),
    "branch.domestic": Topic(P, _l("Branch in the country")),
    "clearance.ecnr_registration_window": Topic(T, _l("When to register without a clearance")),
    "clearance.fee": Topic(P, _l("Fee of a departure clearance")),
    "clearance.max_passports_per_agent_per_day": Topic(C, _l("Most passports that an agent may hand in")),
    "clearance.officer_decides": Topic(F, _l("An officer decides whether somebody may depart for this work")),
    "clearance.name": Topic(T, _l("Name of the departure clearance")),
    "complaint.decide_days": Topic(C, _l("Time to decide a complaint")),
    "complaint.reaches_former_licensee": Topic(F, _l("A complaint reaches an agency whose licence has ended")),
    "complaint.time_limit": Topic(C, _l("Time to complain")),
    "contract.copy": Topic(T, _l("Copy of the contract")),
    "contract.min_wage": Topic(T, _l("Lowest wage")),
    "contract.minimum": Topic(T, _l("What a contract must say")),
    "court.days": Topic(T, _l("Time of a court")),
    "destination_ban": Topic(T, _l("Countries where nobody may be sent")),
    "destination_ban.exemption": Topic(W, _l("Who can be exempted from a ban")),
    "destination_ban.max_months": Topic(C, _l("How long a country may be closed")),
    "employer.blacklist": Topic(T, _l("List of refused employers")),
    "employer.capacity_years": Topic(C, _l("How long an employer’s capacity stands")),
    "employer.deposit": Topic(T, _l("Deposit of an employer")),
    "fee.through_bank": Topic(F, _l("Every payment must go through a bank")),
    "fee_cap.rule": Topic(T, _l("Rule on what an agency may ask of a worker")),
    "fee_cap.worker": Topic(A, _l("The most an agency may ask of a worker")),
    "fine": Topic(P, _l("Fine")),
    "insurance": Topic(T, _l("Insurance")),
    "insurance.amount": Topic(A, _l("Amount insured")),
    "insurance.premium": Topic(A, _l("Price of the insurance")),
    "job_order.decision_days": Topic(C, _l("Time to decide a job order")),
    "job_order.validity_days": Topic(C, _l("How long a job order stands")),
    "law.draft": Topic(T, _l("Law that is being drafted")),
    "licence.additional_security": Topic(T, _l("More security")),
    "licence.application_fee": Topic(A, _l("Fee of a licence application")),
    "licence.cancel.grounds": Topic(T, _l("Reasons to cancel a licence")),
    "licence.cancel.refund_days": Topic(C, _l("Time to pay back after a cancellation")),
    "licence.capital": Topic(A, _l("Capital of an agency")),
    "licence.class": Topic(P, _l("Licence class")),
    "licence.classes": Topic(W, _l("Licence classes")),
    "licence.min_activity": Topic(C, _l("Fewest workers to be sent")),
    "licence.number_pattern": Topic(T, _l("Form of a licence number")),
    "licence.renewal": Topic(P, _l("Renewal of a licence")),
    "licence.renewal.awards_paid": Topic(F, _l("A licence is renewed only when every award is paid")),
    "licence.renewal.fines_paid": Topic(F, _l("A licence is renewed only when every fine is paid")),
    "licence.renewal.no_proceeding": Topic(F, _l("A licence is renewed only when no proceeding is open")),
    "licence.renewal.not_suspended": Topic(F, _l("A licence is renewed only when it is not suspended")),
    "licence.renewal.performance": Topic(T, _l("What is asked at a renewal")),
    "licence.statuses": Topic(W, _l("States of a licence")),
    "licence.suspension_emergency": Topic(T, _l("Suspension at once")),
    "licence.suspension_max_days": Topic(C, _l("Longest suspension before a hearing")),
    "licence.validity": Topic(C, _l("How long a licence stands")),
    "medical": Topic(T, _l("Medical examination")),
    "pdo": Topic(P, _l("Orientation before departure")),
    "pdo.centres": Topic(T, _l("Orientation centres")),
    "pdo.exempt_same_country_return": Topic(F, _l("No new orientation when going back to the same country")),
    "pdo.identity": Topic(T, _l("Identity at the orientation")),
    "pdo.provider": Topic(P, _l("What an orientation centre pays")),
    "registration_fee": Topic(A, _l("Fee of the registration")),
    "representative.abroad": Topic(P, _l("Representative abroad")),
    "representative.domestic.allowed": Topic(F, _l("An agency may have representatives in the country")),
    "representative.rule": Topic(T, _l("Rule on representatives")),
    "security.forfeiture": Topic(T, _l("When a security is taken")),
    "security.guarantee_months": Topic(C, _l("How long a bank guarantee must stand")),
    "security.tranche": Topic(P, _l("More security for more workers")),
    "selection.from_database_only": Topic(F, _l("Workers are chosen from the register alone")),
    "training.domestic_days": Topic(C, _l("Training for domestic work")),
    "welfare_fund": Topic(P, _l("Welfare fund")),
}
# The parts that a value with several may have. Amounts among them are in the row's currency.
TERMS = {
    "branch.abroad": {"deposit", "min_workers_sent"},
    "branch.domestic": {"deposit"},
    "clearance.fee": {"from", "to"},
    "fine": {"from", "to"},
    "licence.class": {
        "workers_from", "workers_to", "whole_term", "cash", "guarantee", "personal_bond", "sureties", "application_fee",
    },
    "licence.renewal": {"apply_days_before", "fee", "min_workers"},
    "pdo": {"days", "fee"},
    "pdo.provider": {"deposit", "fee"},
    "representative.abroad": {"deposit", "one_licensee_only", "card_years"},
    "security.tranche": {"workers", "guarantee"},
    "welfare_fund": {"years", "up_to", "above"},
}  # fmt: skip
PARTS: Mapping[str, Any] = {
    "deposit": _l("deposit"),
    "min_workers_sent": _l("workers sent before"),
    "from": _l("from"),
    "to": _l("to"),
    "workers_from": _l("workers a year from"),
    "workers_to": _l("workers a year up to"),
    "workers": _l("workers more"),
    "cash": _l("in cash"),
    "guarantee": _l("as bank guarantee"),
    "personal_bond": _l("as personal bond"),
    "sureties": _l("sureties"),
    "application_fee": _l("application fee"),
    "apply_days_before": _l("days to apply before the end"),
    "fee": _l("fee"),
    "min_workers": _l("fewest workers a year"),
    "days": _l("days"),
    "one_licensee_only": _l("for one agency only"),
    "card_years": _l("years of the card"),
    "years": _l("years of the contract"),
    "up_to": _l("for a contract up to that"),
    "above": _l("for a longer contract"),
}
# What those parts are called where the workers are counted over the whole term of the licence (``whole_term``).
PARTS_OF_TERM = {
    **PARTS,
    "workers_from": _l("workers in the whole term from"),
    "workers_to": _l("workers in the whole term up to"),
}
AMOUNTS = {"deposit", "fee", "from", "to", "cash", "guarantee", "personal_bond", "application_fee", "up_to", "above"}


def fault(topic: str, value: Any, unit: str) -> str | None:
    """What is wrong with a value of a topic, as the end of a sentence; None when nothing is."""
    if topic not in TOPICS:
        return f"speaks of {topic!r}, which is no topic of law/topics.py"
    if value is None:
        return None
    shape = TOPICS[topic].shape
    if shape is Shape.TERMS:
        return _terms_fault(topic, value, unit)
    if not _fits(shape, value):
        return f"has the value {value!r}, which is no {shape}"
    if shape is Shape.AMOUNT and unit not in known_currencies():
        return f"is an amount in {unit!r}, which is no currency"
    return None


def _fits(shape: Shape, value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if shape in (Shape.AMOUNT, Shape.COUNT):
        return whole
    if shape is Shape.FLAG:
        return isinstance(value, bool)
    if shape is Shape.WORDS:
        return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)
    return isinstance(value, str) and bool(value.strip())


def _terms_fault(topic: str, value: Any, unit: str) -> str | None:
    if not isinstance(value, dict):
        return f"has the value {value!r}, which has no parts"
    if odd := set(value) - TERMS[topic]:
        return f"has unknown parts: {', '.join(sorted(odd))}"
    for part, inner in value.items():
        if inner is not None and not isinstance(inner, bool) and not _fits(Shape.COUNT, inner):
            return f"has {inner!r} as {part}"
    if AMOUNTS & set(value) and unit not in known_currencies():
        return f"holds amounts in {unit!r}, which is no currency"
    return None
