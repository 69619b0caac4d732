"""The feature packages of this portal, in import order (lower ones first)."""

import importlib

PACKAGES = ("agencies", "migrants", "contracts", "remittance", "cases", "portal")


def load_tables() -> None:
    """Import every package's tables, so that the metadata is whole."""
    importlib.import_module("core.tables")
    for package in PACKAGES:
        importlib.import_module(f"{package}.tables")


def load_jobs() -> None:
    """Import every package's jobs (web processes enqueue them, the worker runs them)."""
    importlib.import_module("core.jobs")
    importlib.import_module("core.messages")
    importlib.import_module("core.inbound")
    for package in PACKAGES:
        importlib.import_module(f"{package}.jobs")
