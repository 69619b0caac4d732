"""Partner systems and their access tokens. Secrets and tokens are kept as hashes alone."""

import hmac
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from core.accounts import token_hash
from core.db import Base, Recorded


class Scope(StrEnum):
    """What a partner system may ask for."""

    REGISTER_READ = "register:read"
    DOCUMENTS_VERIFY = "documents:verify"
    REMITTANCES_READ = "remittances:read"


class PartnerClient(Recorded, ClientMixin, Base):
    """A partner's system: an airline's check-in, a bank, another ministry. Ended, never deleted."""

    __tablename__ = "partner_client"

    client_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    ended_at: Mapped[datetime | None]

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """All of the partner's scopes when none is named; None, which refuses, when one is not theirs."""
        asked = (scope or "").split()
        if not set(asked) <= set(self.scopes):
            return None
        return " ".join(asked or self.scopes)

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(self.secret_hash, token_hash(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return False

    def check_response_type(self, response_type: str) -> bool:
        return False

    def get_default_redirect_uri(self) -> None:
        return None


class PartnerToken(Recorded, TokenMixin, Base):
    """An access token, good for a quarter of an hour."""

    __tablename__ = "partner_token"

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner_client.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    expires_at: Mapped[datetime] = mapped_column(index=True)

    def get_scope(self) -> str:
        return " ".join(self.scopes)

    def check_client(self, client: Any) -> bool:
        return bool(client.id == self.partner_id)

    def is_expired(self) -> bool:
        """Expired and revoked tokens are not found in the first place (see ``services.live_token``)."""
        return False

    def is_revoked(self) -> bool:
        return False
