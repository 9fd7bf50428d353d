"""The provision for receivables (provisión, deterioro de cartera): three calculations on the same debts.

IFRS 9 by a matrix of loss rates from the book's own history, the corporate policy, and the tax rules (DIAN);
their movement from close to close, why they differ, what of it is deferred tax, who bears the effect, and
last year's rates against what happened. Source: DOMAIN, section 7.
"""

from __future__ import annotations

from .backtest import BACKTEST, Backtest, back_test, split_day
from .balances import (
    BALANCES,
    Opening,
    check_one_method,
    opening_balances,
    provision_balances,
)
from .books import PROVISION_BY_CUSTOMER, PROVISION_BY_ITEM, ProvisionBooks, provide_books
from .corporate import EXCEPTED, PROVISIONED, SUMMARISED, Provided, provide, share_of
from .entries import propose_close, propose_deferred_tax, propose_entries
from .explained import (
    DEFERRED_TAX,
    DIFFERENCES,
    EFFECT,
    deferred_tax,
    effect_on_result,
    explain_differences,
)
from .matrix import Matrix, debts_of, provide_matrix, rates_for, share_ppm
from .movement import (
    MOVEMENT,
    WRITTEN_OFF,
    Movement,
    move_provisions,
    of_calculation,
    summarise_movement,
    written_off_in,
)
from .tax import TaxProvided, add_months, general_permille, individual_permille, provide_tax

__all__ = [
    "BACKTEST",
    "BALANCES",
    "DEFERRED_TAX",
    "DIFFERENCES",
    "EFFECT",
    "EXCEPTED",
    "MOVEMENT",
    "PROVISIONED",
    "PROVISION_BY_CUSTOMER",
    "PROVISION_BY_ITEM",
    "SUMMARISED",
    "WRITTEN_OFF",
    "Backtest",
    "Matrix",
    "Movement",
    "Opening",
    "Provided",
    "ProvisionBooks",
    "TaxProvided",
    "add_months",
    "back_test",
    "check_one_method",
    "debts_of",
    "deferred_tax",
    "effect_on_result",
    "explain_differences",
    "general_permille",
    "individual_permille",
    "move_provisions",
    "of_calculation",
    "opening_balances",
    "propose_close",
    "propose_deferred_tax",
    "propose_entries",
    "provide",
    "provide_books",
    "provide_matrix",
    "provide_tax",
    "provision_balances",
    "rates_for",
    "share_of",
    "share_ppm",
    "split_day",
    "summarise_movement",
    "written_off_in",
]
