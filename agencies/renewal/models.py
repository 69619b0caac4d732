"""Renewals: what is kept beside the application that asks for one, and what its tests said each time."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.renewal.status import Occasion, TestCode, Verdict
from core.db import Base, Recorded, status_type


class LicenceRenewal(Recorded, Base):
    """A renewal asked for by an application: which licence, its last day when it was asked, the fee, the day it was renewed.

    ``ended_on`` is the licence's last day before the renewal. The fee stands here once finance has seen its receipt.
    """

    __tablename__ = "licence_renewal"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(fee_minor, fee_currency, fee_receipt, fee_paid_on, fee_recorded_by) IN (0, 5)", name="whole_fee"
        ),
        CheckConstraint("fee_minor > 0", name="fee_is_an_amount"),
        Index(None, "licence_id", "renewed_on"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"), unique=True)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"))
    ended_on: Mapped[date]
    fee_minor: Mapped[int | None]
    fee_currency: Mapped[str | None]
    fee_receipt: Mapped[str | None]
    fee_paid_on: Mapped[date | None]
    fee_recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
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
