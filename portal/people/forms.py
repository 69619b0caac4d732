"""Forms of the people pages."""

from typing import Any
from uuid import UUID

from wtforms.validators import EqualTo

from core.forms import DateField, EmailField, Form, NameField, NoteField, SecretField, SelectField, TextField, required
from core.i18n import _l
from core.permissions import ClerkRight, StaffRole, SubjectKind
from portal.people.bodies import Enter
from portal.people.clerks import InviteClerk
from portal.people.invitations import InviteStaff
from portal.people.staff import RecordAbsence
from portal.people.titles import ROLE_TITLES


def _roles() -> list[tuple[str, str]]:
    return [(str(role), str(title)) for role, title in ROLE_TITLES.items()]


class AcceptForm(Form):
    """A new account for the invited address."""

    name = NameField(_l("Your full name"), [required()])
    password = SecretField(_l("New password"), [required()])
    again = SecretField(
        _l("New password again"), [required(), EqualTo("password", message=_l("The two new passwords differ."))]
    )


class ClerkForm(Form):
    """A clerk to invite; the rights are tick boxes of one name, read by hand."""

    name = NameField(_l("Name of the person"), [required()])
    email = EmailField(_l("E-mail of the person"), [required()])

    def command(self, kind: SubjectKind, subject_id: UUID, *, rights: list[str]) -> InviteClerk:
        known = {str(r): r for r in ClerkRight}
        chosen = tuple(known[r] for r in rights if r in known)
        return InviteClerk(kind, subject_id, self.name.data, self.email.data, chosen)


class OwnerForm(Form):
    """The person who is to own an organisation's account."""

    name = NameField(_l("Name of the owner"), [required()])
    email = EmailField(_l("E-mail of the owner"), [required()])


class BodyForm(Form):
    """An organisation that staff enter, and its first owner."""

    name = TextField(_l("Name"), [required()])
    district = TextField(_l("District"), [required()])
    owner_name = NameField(_l("Name of the owner"), [required()])
    owner_email = EmailField(_l("E-mail of the owner"), [required()])

    def command(self) -> Enter:
        return Enter(self.name.data, self.district.data, self.owner_name.data, self.owner_email.data)


class StaffForm(Form):
    """A member of staff to invite into an office."""

    name = NameField(_l("Name of the person"), [required()])
    email = EmailField(_l("E-mail of the person"), [required()])
    role = SelectField(_l("Role"), [required()], choices=_roles)

    def command(self, office_id: UUID) -> InviteStaff:
        return InviteStaff(self.name.data, self.email.data, StaffRole(self.role.data), office_id)


class RoleForm(Form):
    """One more role."""

    role = SelectField(_l("Role"), [required()], choices=_roles)
    office = SelectField(_l("Office"), [required()])


class HandOverForm(Form):
    """To whom an owner hands over; the view gives the choices."""

    person = SelectField(_l("Who is to become the owner"), [required()], choices=[])
    password = SecretField(_l("Your password"), [required()])


class TakeOverForm(Form):
    """The clerk confirms."""

    password = SecretField(_l("Your password"), [required()])


class ReasonForm(Form):
    """Why."""

    reason = NoteField(_l("Reason"), [required()], maximum=1000)


class EndForm(ReasonForm):
    """Why one role ends. Each role on a page has a form of its own: the field's id carries the posting's."""

    def __init__(self, formdata: Any = None, *, posting_id: UUID) -> None:
        super().__init__(formdata)
        self.reason.id = self.reason.label.field_id = f"reason-{posting_id}"


class AbsenceForm(Form):
    """Days away and who takes over."""

    first_day = DateField(_l("First day away"), [required()])
    last_day = DateField(_l("Last day away"), [required()])
    handed_to = SelectField(_l("Who takes over"))

    def command(self) -> RecordAbsence:
        chosen: Any = self.handed_to.data
        return RecordAbsence(self.first_day.data, self.last_day.data, UUID(chosen) if chosen else None)
