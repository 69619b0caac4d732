"""Forms of further names: shape only."""

from agencies.register.models import NameUse
from agencies.register_names.services import Propose
from agencies.register_names.status import PROPOSABLE, SCRIPT_TITLES, USE_TITLES, Script
from core.forms import Form, NoteField, RadioField, TextField, required
from core.i18n import _l


class ProposeForm(Form):
    use = RadioField(
        _l("What kind of name is it?"),
        [required(_l("Choose one."))],
        choices=[(u.value, USE_TITLES[u]) for u in PROPOSABLE],
    )
    script = RadioField(
        _l("In which script?"),
        [required(_l("Choose one."))],
        choices=[(s.value, title) for s, title in SCRIPT_TITLES.items()],
    )
    text = TextField(_l("The name"), [required(_l("Write the name."))], maximum=120)

    def command(self) -> Propose:
        return Propose(self.text.data, NameUse(self.use.data), Script(self.script.data))


class DecideForm(Form):
    reason = NoteField(_l("Reason"), [required(_l("Please give a reason."))])
