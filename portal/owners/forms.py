"""Forms about another owner of an account: shape only."""

from typing import Any
from uuid import UUID

from agencies.registration.forms import IDENTIFIER_TITLES
from agencies.registration.status import IdentifierKind
from core.forms import (
    DateField,
    EmailField,
    Form,
    NameField,
    NoteField,
    SelectField,
    TextField,
    UploadField,
    optional,
    required,
)
from core.i18n import _l
from core.permissions import SubjectKind
from portal.owners.commands import NewOwner, Propose
from portal.owners.status import GROUND_TITLES, Ground


class ProposeForm(Form):
    """A director on record, or another person. The view gives the directors."""

    ground = SelectField(
        _l("Why another owner is needed"),
        [required(_l("Choose why."))],
        # Nothing is chosen beforehand: after a death nobody is heard.
        choices=[("", "–"), *((str(g), title) for g, title in GROUND_TITLES.items())],
    )
    director = SelectField(_l("Director on record"), [optional()], choices=[])
    name = NameField(_l("Name of the new owner"), [optional()])
    identifier_kind = SelectField(
        _l("Kind of identity paper"), [optional()], choices=[(k.value, title) for k, title in IDENTIFIER_TITLES.items()]
    )
    identifier = TextField(_l("Number of the paper"), [optional()], maximum=40)
    birth_date = DateField(_l("Birth date"), [optional()])
    email = EmailField(_l("E-mail of the new owner"), [optional()])
    evidence = NoteField(_l("What you saw, and where"), [required(_l("Say what you saw, and where."))])
    file = UploadField(_l("Photo or PDF of the paper"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Somebody who is no director is named whole."""
        good = bool(super().validate(extra_validators))
        for field in (self.name, self.identifier, self.birth_date, self.email):
            if not self.director.data and not field.data and not field.errors:
                field.errors = [str(_l("Fill this in, or choose a director on record."))]
                good = False
        return good

    def command(self, kind: SubjectKind, subject_id: UUID) -> Propose:
        chosen = self.director.data
        person = None if chosen else NewOwner(
            self.name.data, self.email.data, IdentifierKind(self.identifier_kind.data), self.identifier.data,
            self.birth_date.data,
        )  # fmt: skip
        return Propose(
            kind, subject_id, Ground(self.ground.data), self.evidence.data, UUID(chosen) if chosen else None,
            self.email.data or "", person, self.file.content(),
        )  # fmt: skip


class ReasonForm(Form):
    """Why; a step that needs no reason leaves it empty."""

    reason = NoteField(_l("Reason"), [optional()])


class ObjectForm(Form):
    """What the owner of now says."""

    reason = NoteField(_l("Why you object"), [required(_l("Write why you object."))])
