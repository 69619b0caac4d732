"""Every table of core, so that the metadata is whole."""

from core import accounts, audit, codes, drafts, files, inbound, messages, privacy, throttle

__all__ = ["accounts", "audit", "codes", "drafts", "files", "inbound", "messages", "privacy", "throttle"]
