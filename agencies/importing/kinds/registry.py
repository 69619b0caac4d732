"""Which handler takes which kind of file."""

from agencies.importing.kinds.agencies import Agencies
from agencies.importing.kinds.base import Handler
from agencies.importing.kinds.directors import Directors
from agencies.importing.kinds.licences import Licences
from agencies.importing.kinds.sanctions import Sanctions
from agencies.importing.kinds.securities import Securities
from agencies.importing.status import ImportKind

HANDLERS: dict[ImportKind, Handler] = {
    ImportKind.AGENCIES: Agencies(),
    ImportKind.LICENCES: Licences(),
    ImportKind.DIRECTORS: Directors(),
    ImportKind.SANCTIONS: Sanctions(),
    ImportKind.SECURITIES: Securities(),
}
