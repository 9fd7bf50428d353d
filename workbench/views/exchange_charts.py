"""Charts of foreign debts: from close to close in base currency, accounting beside tax, the wires' papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..money import checked_sum
from ..words import Language, formats, say
from . import theme
from .columns import heading_of
from .drawing import Scale, bars_chart, main_currency, waterfall_chart

if TYPE_CHECKING:
    import altair as alt

#: Steps of the statement, with the sign each has in opening + … = closing.
_STEPS = {
    "opening_base": 1, "documents_base": 1, "collected_base": -1, "realised_base": 1, "late_base": 1,
    "reversed_base": 1, "unrealised_base": 1, "residue_base": 1, "closing_base": 1,
}  # fmt: skip
#: What accounting shows, what tax law counts, and what lies between the two.
_COMPARED = ("accounting_base", "tax_base", "permanent_base", "temporary_change_base")


def statement_chart(
    statement: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> alt.LayerChart:
    """From the opening to the closing carrying amount of all foreign debts, in base currency, a step a cause.

    ``statement``: ``exchange_differences.STATEMENT``. What is nothing is no step.
    """
    currency = _base(statement)
    steps = []
    for name, sign in _STEPS.items():
        amount = sign * checked_sum(statement[name].to_numpy())
        is_balance = name in ("opening_base", "closing_base")
        if amount or is_balance:
            steps.append((heading_of(name, lang), amount, is_balance))
    return waterfall_chart(steps, currency, title, subtitle, lang, dark)


def compared_chart(
    compared: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> alt.LayerChart:
    """A bar each for the accounting result, what tax law counts and the difference between (``COMPARED``)."""
    currency = _base(compared)
    look = theme.palette(dark=dark)
    sums = {name: checked_sum(compared[name].to_numpy()) for name in _COMPARED}
    shown = {name: amount for name, amount in sums.items() if amount or name != "permanent_base"}
    scale = Scale.of(list(shown.values()), currency, lang)
    largest = max((abs(amount) for amount in shown.values()), default=0) or 1
    rows = [
        {
            "label": say(f"exchange.compared_{name}", lang),
            "value": scale.value(amount),
            "text": scale.label(amount),
            "exact": scale.exact(amount),
            "share": formats.percent_text(amount / largest, lang),
            "colour": look.accent if name == "accounting_base" else look.not_due,
        }
        for name, amount in shown.items()
    ]
    return bars_chart(rows, title, subtitle, scale.title, lang, dark)


def papers_chart(
    wires: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> alt.LayerChart:
    """What was received by wire in the currency of most of them, by how far its papers are (``wires``)."""
    currency = main_currency(wires) if len(wires) else "USD"
    look = theme.palette(dark=dark)
    part = wires[(wires["currency"] == currency).to_numpy()]
    sums = part.groupby("legalisation")["received_amount"].agg(["sum", "size"])
    states = [state for state in ("legalised", "pending", "overdue") if state in sums.index]
    amounts = {state: int(sums.at[state, "sum"]) for state in states}
    scale = Scale.of(list(amounts.values()), currency, lang)
    whole = sum(amounts.values()) or 1
    rows = [
        {
            "label": say(f"exchange.legalisation_{state}", lang),
            "value": scale.value(amount),
            "text": f"{scale.label(amount)} · {_count(int(sums.at[state, 'size']), lang)}",
            "exact": scale.exact(amount),
            "share": formats.percent_text(amount / whole, lang),
            "colour": look.accent if state == "overdue" else look.not_due,
        }
        for state, amount in amounts.items()
    ]
    return bars_chart(rows, title, f"{currency} · {subtitle}", scale.title, lang, dark)


def _count(count: int, lang: Language) -> str:
    return say("exchange.wires-count", lang, count=formats.integer_text(count, lang))


def _base(frame: pd.DataFrame) -> str:
    return str(frame["base_currency"].iloc[0]) if len(frame) else "COP"
