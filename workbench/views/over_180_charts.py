"""Charts of the over-180 control: who crosses before the next close, and where debts stand in their life."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..words import Language, formats, say
from . import theme
from .drawing import Scale, bars_chart, main_currency

if TYPE_CHECKING:
    import altair as alt

#: What a stage looks like: what needs nothing, what is watched, what has crossed, what somebody else has.
_LOOK = {
    "normal": "not_due", "watch": "not_due", "pre_180": "accent", "over_180": "accent",
    "transfer_proposed": "accent", "transfer_approved": "accent", "transferred": "accent",
}  # fmt: skip


def crossing_chart(
    summary: pd.DataFrame,
    dimension: str,
    *,
    over_days: int,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool = False,
    most: int = 10,
) -> alt.LayerChart:
    """A bar a supervisor (or cluster, customer): what is open of it and crosses ``over_days``.

    ``summary``: ``over_180.summarise_crossings``; the ``most`` largest of the currency with most rows,
    the rest as one. The share is of all that crosses in that currency.
    """
    rows = summary[summary["over_days"] == over_days]
    currency = main_currency(rows)
    own = rows[rows["currency"] == currency]
    sums = own.groupby(dimension, sort=True)["open_amount"].sum().sort_values(ascending=False, kind="stable")
    amounts = {str(label) or formats.UNKNOWN: int(amount) for label, amount in sums.iloc[:most].items()}
    if len(sums) > most:
        others = say("views.others", lang, count=formats.integer_text(len(sums) - most, lang))
        amounts[others] = int(sums.iloc[most:].sum())
    look = theme.palette(dark=dark)
    colours = dict.fromkeys(list(sums.index[:most].astype(str)), look.accent)
    return _bars(amounts, colours, look.unapplied, currency, title, subtitle, lang, dark)


def life_line_chart(
    summary: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> alt.LayerChart:
    """A bar a stage of debts, in the order of their life (``over_180.summarise_life_line`` by nothing else).

    Of the currency with most rows; credits are no debt and stand in no bar.
    """
    currency = main_currency(summary)
    own = summary[(summary["currency"] == currency) & (summary["open_amount"] > 0)]
    look = theme.palette(dark=dark)
    labels = {str(stage): say(f"over_180.stage_{stage}", lang) for stage in own["stage"]}
    amounts = {
        labels[str(stage)]: int(amount)
        for stage, amount in zip(own["stage"], own["open_amount"], strict=True)
    }
    colours = {label: getattr(look, _LOOK.get(stage, "unapplied")) for stage, label in labels.items()}
    return _bars(amounts, colours, look.unapplied, currency, title, subtitle, lang, dark)


def _bars(
    amounts: dict[str, int],
    colours: dict[str, str],
    usual: str,
    currency: str,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool,
) -> alt.LayerChart:
    scale = Scale.of(list(amounts.values()), currency, lang)
    whole = sum(amounts.values()) or 1
    rows = [
        {
            "label": label,
            "value": scale.value(amount),
            "text": f"{scale.label(amount)} · {formats.percent_text(amount / whole, lang)}",
            "exact": scale.exact(amount),
            "share": formats.percent_text(amount / whole, lang),
            "colour": colours.get(label, usual),
        }
        for label, amount in amounts.items()
    ]
    return bars_chart(rows, title, subtitle, scale.title, lang, dark)
