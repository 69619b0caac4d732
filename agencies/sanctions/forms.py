"""Forms of sanctions: shape only."""

from uuid import UUID

from agencies.sanctions.services import Propose
from agencies.sanctions.status import KIND_TITLES, SanctionKind
from core.forms import DateField, Form, NoteField, RadioField, SelectField, optional, required
from core.i18n import _l


class ProposeForm(Form):
    kind = RadioField(
        _l("What do you propose?"),
        [required(_l("Choose one."))],
        # Everything else follows from a hearing, never from a proposal alone.
        choices=[(k.value, KIND_TITLES[k]) for k in (SanctionKind.SUSPENSION, SanctionKind.EXTENSION)],
    )
    reason = NoteField(_l("Why: facts and evidence"), [required(_l("Please give a reason."))])

    last_day = DateField(_l("Last day of the suspension"), [optional()])
    show_cause_day = DateField(_l("Last day for the agency to answer"), [optional()])
    office = SelectField(_l("Does an office of the ministry complain? Which one?"), [optional()])

    def command(self) -> Propose:
        return Propose(
            SanctionKind(self.kind.data),
            self.reason.data,
            self.last_day.data,
            self.show_cause_day.data,
            UUID(self.office.data) if self.office.data else None,
        )
