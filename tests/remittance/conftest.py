"""Each test of remittance finds the bank's folder empty."""

import shutil

import pytest

from core.settings import Settings


@pytest.fixture(autouse=True)
def empty_bank_folder(settings: Settings) -> None:
    shutil.rmtree(settings.bank_folder, ignore_errors=True)
