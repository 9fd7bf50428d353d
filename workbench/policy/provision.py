"""Provisions: what is provided for, at which rates, and the exceptions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class ProvisionException:
    """A customer whose items are provided at another rate, with who approved it and until when."""

    company_id: str
    customer_id: str
    rate_permille: int
    reason: str
    approved_by: str
    valid_through: dt.date


@dataclass(frozen=True)
class ProvisionPolicy:
    """Corporate policy: ``rate_permille`` of what is more than ``over_days`` overdue, less the exceptions."""

    over_days: int = 180
    rate_permille: int = 1000
    exceptions: tuple[ProvisionException, ...] = ()
