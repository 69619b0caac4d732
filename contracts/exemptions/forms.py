"""Forms of exemptions: shape only."""

from typing import Any

from contracts.exemptions.services import Proposal
from core.errors import DomainError
from core.forms import DateField, Form, NoteField, ReferenceField, SelectField, UploadField, required
from core.i18n import _l


class ProposeForm(Form):
    reference = ReferenceField(_l("Reference of the person or the job order"), [required()])
    ban_row = SelectField(_l("Which ban?"), [required(_l("Choose one."))])
    last_day = DateField(_l("Last day of the exemption"), [required()])
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])
    file = UploadField(_l("The paper on which it rests"))

    def command(self) -> Proposal:
        """
        :raises DomainError: without a paper.
        """
        content: Any = self.file.content()
        if content is None:
            raise DomainError(_l("Send the paper on which it rests."), field="file")
        return Proposal(self.reference.data, self.ban_row.data, self.last_day.data, self.reason.data, content)


class DecisionForm(Form):
    action = SelectField(_l("Decision"), validate_choice=False)
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])
