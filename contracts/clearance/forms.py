"""Forms of departure clearance."""

from contracts.clearance.parties import Centre
from core.forms import (
    DateField,
    Form,
    NoteField,
    ReferenceField,
    SelectField,
    TextField,
    UploadField,
    optional,
    required,
)
from core.i18n import _l


class ApplyForm(Form):
    flight_on = DateField(_l("Day of your flight, if you know it"))


class PaperForm(Form):
    file = UploadField(_l("Photo or PDF"))


class CentreForm(Form):
    """Who made a medical certificate out, as it stands there."""

    centre_name = TextField(_l("Name of the health centre"), [optional()], maximum=120)
    centre_number = TextField(_l("Its number, as it stands on the certificate"), [optional()], maximum=60)

    def centre(self) -> Centre | None:
        given = Centre(self.centre_name.data or "", self.centre_number.data or "")
        return given if given.name or given.number else None


class MedicalForm(CentreForm, PaperForm):
    """A medical certificate with its centre; who can't read it there leaves it to the officer."""


class DecisionForm(Form):
    action = SelectField(_l("Decision"), validate_choice=False)
    reason = NoteField(_l("Reason"), [required()])


class AppealForm(Form):
    reason = NoteField(_l("Why should it be looked at again?"), [required()])


class DeskForm(Form):
    """What the officer at the airport writes; whether it is needed, the step says."""

    reason = NoteField(_l("Reason"))


class DepartForm(Form):
    reference = ReferenceField(_l("Reference of the clearance"), [required()])
