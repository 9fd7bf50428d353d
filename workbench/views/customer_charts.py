"""Charts of the reconciliation with customers: from our balance to theirs, and how balances moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..money import checked_sum
from ..words import Language, language, say
from .columns import heading_of
from .drawing import main_currency, waterfall_chart

if TYPE_CHECKING:
    import altair as alt

    from .workbooks import Breakdown


def differences_chart(
    balances: pd.DataFrame,
    differences: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool = False,
) -> alt.LayerChart:
    """From our balance to theirs, a step a cause, of the currency with most accounts that sent a list.

    ``balances``, ``differences``: ``reconciliation.customers``' tables. What nothing explains is a step;
    where nobody sent a list, the subtitle says how one comes in.
    """
    if not balances["has_list"].any():
        subtitle = say("notebooks.chart-no-customer-list", lang)
    currency = main_currency(balances[balances["has_list"]])
    steps = _steps(balances, differences, currency, lang)
    return waterfall_chart(steps, currency, title, subtitle, lang, dark)


def statement_chart(
    summarised: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> alt.LayerChart:
    """From opening to closing, a step a kind of movement (``statements.STATEMENTS``); main currency."""
    currency = main_currency(summarised)
    rows = summarised[summarised["currency"] == currency]
    names = [name for name in rows.columns if str(name).endswith("_amount")]
    first, last = names.index("opening_amount"), names.index("closing_amount")
    steps = []
    for name in names[first : last + 1]:
        amount = checked_sum(rows[name].to_numpy())
        is_balance = name in ("opening_amount", "closing_amount")
        if amount or is_balance:
            steps.append((heading_of(name, lang), amount, is_balance))
    return waterfall_chart(steps, currency, title, subtitle, lang, dark)


def differences_breakdown(
    balances: pd.DataFrame, differences: pd.DataFrame, lang: Language | None = None
) -> Breakdown | None:
    """What each cause adds to ours − theirs as a workbook's own bars; nothing where nothing differs."""
    from .workbooks import Breakdown

    chosen = lang or language()
    currency = main_currency(balances[balances["has_list"]])
    steps = _steps(balances, differences, currency, chosen)[1:-1]
    if not steps:
        return None
    return Breakdown(
        say("workbooks.by-cause", chosen),
        [label for label, _, _ in steps],
        [-amount for _, amount, _ in steps],
        currency,
    )


def _steps(
    balances: pd.DataFrame, differences: pd.DataFrame, currency: str, lang: Language
) -> list[tuple[str, int, bool]]:
    own = balances[balances["has_list"] & balances["currency"].eq(currency)]
    rows = differences[differences["currency"] == currency]
    sums = {
        str(cause): -checked_sum(part["difference_amount"].to_numpy())
        for cause, part in rows.groupby("cause")
    }
    ordered = sorted(sums, key=lambda cause: (cause == "unexplained", -abs(sums[cause]), cause))
    return [
        (heading_of("our_amount", lang), checked_sum(own["our_amount"].to_numpy()), True),
        *(
            (say(f"documents.difference-{cause}", lang), sums[cause], False)
            for cause in ordered
            if sums[cause]
        ),
        (heading_of("their_amount", lang), checked_sum(own["their_amount"].to_numpy()), True),
    ]
