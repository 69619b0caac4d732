"""Kinds of identity papers that a director may give."""

from enum import StrEnum


class IdentifierKind(StrEnum):
    CITIZENSHIP = "citizenship"
    NATIONAL_ID = "national_id"
    PASSPORT = "passport"
