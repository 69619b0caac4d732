"""Every table of this package, so that the metadata is whole."""

from remittance.credit_transfers import models as credit_transfers
from remittance.ledger import models as ledger
from remittance.orders import models as orders
from remittance.quotes import models as quotes
from remittance.reconciliation import models as reconciliation

__all__ = ["credit_transfers", "ledger", "orders", "quotes", "reconciliation"]
