"""Exchange rates, dated and never changed: a newer row takes over."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded


class ExchangeRate(Recorded, Base):
    """What one whole unit of ``source_currency`` is worth, in hundred-millionths of the target's whole unit."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        CheckConstraint("customer_e8 > 0 AND customer_e8 <= mid_e8", name="customer_not_above_mid"),
        CheckConstraint("valid_until > valid_from", name="validity"),
        Index(None, "source_currency", "target_currency", "valid_from"),
    )

    source_currency: Mapped[str] = mapped_column()
    target_currency: Mapped[str]
    mid_e8: Mapped[int]
    customer_e8: Mapped[int]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    dated_on: Mapped[date]
    origin: Mapped[str]
