"""Renewals: what is kept beside the application that asks for one, and what its tests said each time."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.renewal.status import Occasion, TestCode, Verdict
from core.db import Base, Recorded, status_type


class LicenceRenewal(Recorded, Base):
    """A renewal asked for by an application: which licence, its last day when it was asked, the day it was renewed.

    ``ended_on`` is the licence's last day before the renewal.
    """

    __tablename__ = "licence_renewal"
    __table_args__ = (Index(None, "licence_id", "renewed_on"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"), unique=True)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"))
    ended_on: Mapped[date]
    renewed_on: Mapped[date | None]


class RenewalTest(Recorded, Base):
    """What one test said on one occasion, with the law row or the standard that it used. Written once."""

    __test__ = False
    __tablename__ = "renewal_test"
    __table_args__ = (Index("uq_renewal_test_run", "application_id", "number", "code", unique=True),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"))
    number: Mapped[int]
    occasion: Mapped[Occasion] = mapped_column(status_type(Occasion))
    code: Mapped[TestCode] = mapped_column(status_type(TestCode))
    verdict: Mapped[Verdict] = mapped_column(status_type(Verdict))
    measured: Mapped[dict[str, Any]] = mapped_column(JSONB)
    law: Mapped[dict[str, Any]] = mapped_column(JSONB)
