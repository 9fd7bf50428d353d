"""Roll rates (tasas de rodamiento): what share of a range of days moves on to the next one in a month.

The history is the book's own: what each debt still owed at every month's end, derived by ``ledger`` from
facts, item by item. Between two ends everything that stood in a range is accounted for, to the cent:
``before = rolled + jumped + stayed + back + paid``. A roll rate is Σ rolled ÷ Σ before over the months
looked at; the loss rate of a range is the product of the rolls from it to default, × loss given default ×
forward-looking factor. Rates are exact fractions, shown in parts per million (``PPM``), rounded once, half
away from zero; one that too few items stand behind is ``NOT_OBSERVED``, never 0.

Source: DOMAIN, section 7.1 and "Standard formulas"; IFRS 9 B5.5.35.
"""

from __future__ import annotations

from .history import History, in_segments, month_ends, observe_history
from .rates import LOSS_RATES, NOT_OBSERVED, PPM, estimate_rates, in_ppm, loss_rates
from .rolls import ROLLS, count_rolls

__all__ = [
    "LOSS_RATES",
    "NOT_OBSERVED",
    "PPM",
    "ROLLS",
    "History",
    "count_rolls",
    "estimate_rates",
    "in_ppm",
    "in_segments",
    "loss_rates",
    "month_ends",
    "observe_history",
]
