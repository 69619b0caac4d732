"""Nobody waits in tests: a report may be sent at once, and each test counts its own tries."""

import pytest

from cases.reports import views
from cases.reports.patience import Patience
from law.country import deployment


@pytest.fixture(autouse=True)
def quick(app, monkeypatch):
    monkeypatch.setitem(deployment().policy, "report_patience_seconds", 0)
    monkeypatch.setattr(views, "PATIENCE", Patience())
