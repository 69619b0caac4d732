"""Forms of departure clearance."""

from core.forms import DateField, Form, NoteField, ReferenceField, SelectField, UploadField, required
from core.i18n import _l


class ApplyForm(Form):
    flight_on = DateField(_l("Day of your flight, if you know it"))


class PaperForm(Form):
    file = UploadField(_l("Photo or PDF"))


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
