"""The portal and the world of the journeys, walked here by a test client alone."""

from tests.journeys.conftest import bank_folder, portal

__all__ = ["bank_folder", "portal"]
