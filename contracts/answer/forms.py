"""Reading a question from what a browser or a program sends: its shape only."""

import re
from collections.abc import Mapping

from agencies.register.search import MAXIMUM_QUERY
from contracts.answer import places
from contracts.answer.shape import Question
from core.errors import DomainError
from core.forms import canonical_text, latin_digits
from core.i18n import _l

# Longest text of each field; a name is cut nowhere else.
LENGTHS = {
    "agency": MAXIMUM_QUERY, "card": 60, "job_order": 40, "employer": MAXIMUM_QUERY, "occupation": 4, "destination": 2,
}  # fmt: skip


def read(given: Mapping[str, str]) -> Question:
    """The question.

    :raises DomainError: naming the field whose text is too long or whose code does not exist.
    """
    values = {name: " ".join(canonical_text(given.get(name, "")).split()) for name in LENGTHS}
    for name, longest in LENGTHS.items():
        if len(values[name]) > longest:
            raise DomainError(_l("This text is too long."), field=name)
    values["destination"] = values["destination"].upper()
    if values["destination"] and not places.is_country(values["destination"]):
        raise DomainError(_l("This country is not in the list."), field="destination")
    values["occupation"] = latin_digits(values["occupation"])
    if values["occupation"] and not re.fullmatch("[0-9]{4}", values["occupation"]):
        raise DomainError(_l("This kind of work is not in the list."), field="occupation")
    return Question(**values)
