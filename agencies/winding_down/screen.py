"""Words and forms that the pages of winding down share."""

from typing import Any

from agencies.winding_down.status import (
    CUSTODY_OPEN,
    CUSTODY_TITLES,
    DOCUMENT_TITLES,
    OUTCOME_TITLES,
    OWED_FOR_TITLES,
    OWED_OPEN,
    OWED_TITLES,
    TELLER_TITLES,
    WINDING_TITLES,
)
from core.forms import Form

TITLES: dict[str, Any] = {
    "winding_states": WINDING_TITLES,
    "custody_states": CUSTODY_TITLES,
    "owed_states": OWED_TITLES,
    "documents": DOCUMENT_TITLES,
    "owed_for": OWED_FOR_TITLES,
    "tellers": TELLER_TITLES,
    "outcomes": OUTCOME_TITLES,
    "custody_open": CUSTODY_OPEN,
    "owed_open": OWED_OPEN,
}


def apart(forms: dict[str, Form]) -> dict[str, Form]:
    """Several forms stand on one page: each field's id says to which it belongs."""
    for name, form in forms.items():
        for field in form:
            field.id = f"{field.id}-{name}"
    return forms
