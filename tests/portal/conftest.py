"""The local OpenID provider, as a process of its own."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests
from flask import Flask

from core.settings import ROOT, Settings, configure


@dataclass
class RunningProvider:
    issuer: str
    secret: str

    def control(self, **values: Any) -> None:
        requests.post(f"{self.issuer}/control", json=values, timeout=5).raise_for_status()

    def go(self, address: str) -> str:
        """What a browser does at the provider: open the address, be sent back."""
        answer = requests.get(address, allow_redirects=False, timeout=5)
        assert answer.status_code == 302
        return answer.headers["Location"]


@pytest.fixture(scope="session")
def provider_process() -> Iterator[RunningProvider]:
    secret = secrets.token_urlsafe(24)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.doubles.oidc_provider", f"--client-secret={secret}"],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield RunningProvider(process.stdout.readline().strip(), secret)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def provider(provider_process: RunningProvider, app: Flask, settings: Settings) -> Iterator[RunningProvider]:
    """The provider, honest again, and a portal whose settings name it."""
    provider_process.control(fault="", subject="officer-1", amr=["pwd", "mfa"])
    app.extensions.pop("openpassage.oidc", None)
    configure(
        replace(
            settings,
            public_url="http://localhost",
            oidc_issuer=provider_process.issuer,
            oidc_client_id="openpassage",
            oidc_client_secret=provider_process.secret,
        )
    )
    yield provider_process
    configure(settings)
