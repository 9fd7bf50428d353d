"""The policy of a company, room by room."""

from __future__ import annotations

from dataclasses import dataclass, field

from .accounts import Accounts
from .acts import ActPolicy
from .aging import AgingPolicy
from .credit_notes import CreditNotePolicy
from .customer_reconciliation import CustomerReconciliationPolicy
from .exchange import ExchangePolicy
from .matching import MatchingPolicy
from .over_180 import Over180Policy, WriteOffPolicy
from .provision import ProvisionPolicy
from .reconciliation import ReconciliationPolicy


@dataclass(frozen=True)
class Policy:
    version: str = "default"
    base_currency: str = "COP"
    aging: AgingPolicy = field(default_factory=AgingPolicy)
    provision: ProvisionPolicy = field(default_factory=ProvisionPolicy)
    matching: MatchingPolicy = field(default_factory=MatchingPolicy)
    credit_notes: CreditNotePolicy = field(default_factory=CreditNotePolicy)
    reconciliation: ReconciliationPolicy = field(default_factory=ReconciliationPolicy)
    over_180: Over180Policy = field(default_factory=Over180Policy)
    write_offs: WriteOffPolicy = field(default_factory=WriteOffPolicy)
    accounts: Accounts = field(default_factory=Accounts)
    acts: ActPolicy = field(default_factory=ActPolicy)
    customer_reconciliation: CustomerReconciliationPolicy = field(
        default_factory=CustomerReconciliationPolicy
    )
    exchange: ExchangePolicy = field(default_factory=ExchangePolicy)
