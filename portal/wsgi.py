"""The WSGI application of a server process, from the environment."""

import os

from agencies.register import fast
from core.settings import load_settings
from portal.app import create_app
from portal.parent import end_with_parent

end_with_parent()
application = create_app(load_settings(os.environ))
fast.start(application)
