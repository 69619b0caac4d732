"""Forms of employers, job orders and contracts."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from contracts.employers.forms import OccupationsField
from contracts.employers.services import Accreditation, NewEmployer
from contracts.employers.signup import SignUp
from contracts.employment import questions
from contracts.employment.services import Lodging
from contracts.employment.terms import PassportKeeper, Payer, Provision, Terms
from contracts.job_orders.agents import AgentAbroad
from contracts.job_orders.services import Draft
from core.errors import DomainError
from core.forms import (
    AmountField,
    CheckField,
    CodeField,
    DateField,
    DigitsField,
    Form,
    NameField,
    NoteField,
    PhoneField,
    ReferenceField,
    SecretField,
    SelectField,
    TextField,
    optional,
    required,
)
from core.i18n import _l, current_locale
from core.i18n import gettext as _
from core.money import Money
from law.country import deployment

PAYERS = [(Payer.EMPLOYER.value, _l("The employer pays")), (Payer.WORKER.value, _l("The worker pays"))]
PROVISIONS = [
    (Provision.PROVIDED.value, _l("Given by the employer")),
    (Provision.ALLOWANCE.value, _l("Money for it")),
    (Provision.NONE.value, _l("Neither")),
]


def countries() -> list[tuple[str, str]]:
    return [(d.code, d.name(current_locale())) for d in deployment().destinations]


def countries_or_none() -> list[tuple[str, str]]:
    return [("", "–"), *countries()]


def occupations() -> list[tuple[str, str]]:
    """Nothing is chosen before somebody chooses: the first occupation of the list is nobody's."""
    found = [(o.code, f"{o.name(current_locale())} ({o.code})") for o in deployment().occupations]
    return [("", _("Choose the occupation")), *found]


class EmployerForm(Form):
    name = TextField(_l("Name of the employer"), [required()])
    country = SelectField(_l("Country"), [required()], choices=countries)
    city = TextField(_l("City"), [required()])
    registration_number = TextField(_l("Number in the trade register"), [required()], maximum=60)
    signatory_name = NameField(_l("Name of the person who signs"), [required()])
    signatory_title = TextField(_l("Their position"), [required()])
    phone = PhoneField(_l("Their own telephone number, with country code"), [required()])

    def command(self) -> NewEmployer:
        return NewEmployer(**{f.name: getattr(self, f.name).data for f in fields(NewEmployer)})


class EmployerSignUpForm(EmployerForm):
    password = SecretField(_l("Choose a password"), [required()])

    def sign_up(self) -> SignUp:
        return SignUp(self.password.data, self.command())


class SeenForm(Form):
    reason = NoteField(_l("What did you see?"), [required()])


class AccreditForm(Form):
    capacity = DigitsField(_l("How many workers at a time"), [required()], low=1, high=10_000)
    valid_until = DateField(_l("Valid until"), [required()])
    occupations = OccupationsField(_l("Only these occupations"))
    reason = NoteField(_l("Reason"), [required()])

    def command(self) -> Accreditation:
        occupations = tuple(self.occupations.data or ())
        return Accreditation(self.capacity.data, self.valid_until.data, self.reason.data, occupations)


class TermsForm(Form):
    """The terms of a job; wage in the currency of the country of work."""

    post = TextField(_l("Job, in your own words"), [required()], maximum=120)
    occupation = SelectField(_l("Occupation (ISCO-08)"), [required()], choices=occupations)
    site = TextField(_l("Place of work"), [required()], maximum=120)
    wage = AmountField(_l("Basic wage each month"), [required()])
    hours_per_day = DigitsField(_l("Hours a day"), [required()], low=1, high=16)
    days_per_week = DigitsField(_l("Working days a week"), [required()], low=1, high=7)
    overtime_paid = CheckField(_l("Overtime is paid extra"))
    food = SelectField(_l("Food"), [required()], choices=PROVISIONS)
    lodging = SelectField(_l("Lodging"), [required()], choices=PROVISIONS)
    ticket_out = SelectField(_l("Ticket to the country of work"), [required()], choices=PAYERS)
    ticket_back = SelectField(_l("Ticket home"), [required()], choices=PAYERS)
    insurance = SelectField(_l("Insurance"), [required()], choices=PAYERS)
    leave_days = DigitsField(_l("Paid leave, days a year"), [required()], high=120)
    term_months = DigitsField(_l("Term of the contract, months"), [required()], low=1, high=60)
    probation_months = DigitsField(_l("Trial period, months"), [required()], high=12)
    notice_days = DigitsField(_l("Notice, days"), [required()], high=180)
    worker_pays = AmountField(_l("Everything the worker is asked to pay"), [required()])
    passport_kept_by = SelectField(
        _l("Who keeps the passport"),
        [required()],
        choices=[(PassportKeeper.WORKER.value, _l("The worker")), (PassportKeeper.EMPLOYER.value, _l("The employer"))],
    )

    def terms(self, *, employer: str, country: str) -> Terms:
        """The terms; amounts in minor units.

        :raises DomainError: at the amount that does not fit its currency.
        """
        currency = deployment().destination_currencies[country]
        return Terms(
            post=self.post.data, occupation=self.occupation.data, employer=employer, country=country, site=self.site.data,
            wage_minor=_minor(self.wage, currency), wage_currency=currency,
            hours_per_day=self.hours_per_day.data, days_per_week=self.days_per_week.data,
            overtime_paid=bool(self.overtime_paid.data),
            food=Provision(self.food.data), lodging=Provision(self.lodging.data), ticket_out=Payer(self.ticket_out.data),
            ticket_back=Payer(self.ticket_back.data), insurance=Payer(self.insurance.data), leave_days=self.leave_days.data,
            term_months=self.term_months.data, probation_months=self.probation_months.data, notice_days=self.notice_days.data,
            worker_pays_minor=_minor(self.worker_pays, deployment().currency),
            passport_kept_by=PassportKeeper(self.passport_kept_by.data),
        )  # fmt: skip


def _minor(field: Any, currency: str) -> int:
    try:
        return Money.from_decimal(field.data, currency).minor
    except DomainError as error:
        raise DomainError(error.message, field=field.name) from None


def filled(terms: Terms) -> dict[str, Any]:
    """Values of a terms form that shows these terms."""
    values = {name: getattr(terms, name) for name in (f.name for f in fields(Terms))}
    values["wage"] = Money(terms.wage_minor, terms.wage_currency).to_decimal()
    values["worker_pays"] = Money(terms.worker_pays_minor, deployment().currency).to_decimal()
    return values


class JobOrderForm(TermsForm):
    agency = TextField(_l("Licence number or reference of the agency"), [required()], maximum=60)
    headcount = DigitsField(_l("How many workers"), [required()], low=1, high=10_000)
    agent_name = TextField(_l("Name of your agent abroad"), [optional()], maximum=120)
    agent_country = SelectField(_l("Country of the agent"), [optional()], choices=countries_or_none)
    agent_number = TextField(_l("Registration number of the agent in that country"), [optional()], maximum=60)

    def agent(self) -> AgentAbroad | None:
        """The agent abroad; None where no field is filled in."""
        given = [f.data or "" for f in (self.agent_name, self.agent_country, self.agent_number)]
        return AgentAbroad(*given) if any(given) else None

    def command(self, agency_id: UUID, *, employer: str, country: str) -> Draft:
        return Draft(agency_id, self.headcount.data, self.terms(employer=employer, country=country), self.agent())


class LodgeForm(TermsForm):
    migrant = ReferenceField(_l("The worker's reference"), [required()])

    def command(self, job_order_id: UUID, *, employer: str, country: str) -> Lodging:
        return Lodging(job_order_id, self.migrant.data, self.terms(employer=employer, country=country))


class StepUpForm(Form):
    secret = SecretField(_l("Your password"), [required()])
    code = CodeField(_l("The code that was sent to you"), [required()])


class WitnessForm(Form):
    document_number = TextField(_l("Number on the passport or identity card that you hold"), [required()], maximum=40)
    seen = CheckField(
        _l("The worker is here, looks like the picture, and nobody from the agency or the employer is in the room"),
        [required()],
    )


class QuestionForm(Form):
    words = NoteField(
        _l("What do you want to know?"), [required(_l("Write what you want to know."))], maximum=questions.LONGEST
    )


class ReplyForm(Form):
    words = NoteField(_l("Your answer to the worker"), [required(_l("Write the answer."))], maximum=questions.LONGEST)


class AnswerForm(Form):
    reason = NoteField(_l("Your answer to the mission"), [required()])


class DecisionForm(Form):
    reason = NoteField(_l("Reason"), [required()])
