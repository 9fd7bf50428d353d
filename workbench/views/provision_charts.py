"""Charts of the provision: the three books side by side, the way from close to close, the back-test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..money import checked_sum
from ..words import Language, formats, say
from . import theme
from .columns import heading_of
from .drawing import ROOM, Scale, bars_chart, finish, inline, main_currency, waterfall_chart

if TYPE_CHECKING:
    import altair as alt

#: Steps of the movement, with the sign each has in opening + … = closing.
_MOVES = {"opening": 1, "charge": 1, "reversal": -1, "write_off": -1, "exchange": 1, "closing": 1}
_PPM = 1_000_000


def books_chart(
    balances: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> alt.LayerChart:
    """A bar a calculation, in base currency (``provision.provision_balances``); share: of the largest."""
    currency = str(balances["base_currency"].iloc[0]) if len(balances) else "COP"
    look = theme.palette(dark=dark)
    sums = {
        str(calculation): checked_sum(rows["base_provision_amount"].to_numpy())
        for calculation, rows in balances.groupby("calculation", sort=True)
    }
    scale = Scale.of(list(sums.values()), currency, lang)
    largest = max(sums.values(), default=0) or 1
    rows = [
        {
            "label": say(f"provision.calculation_{calculation}", lang),
            "value": scale.value(amount),
            "text": scale.label(amount),
            "exact": scale.exact(amount),
            "share": formats.percent_text(amount / largest, lang),
            "colour": look.accent if calculation == "ifrs9" else look.not_due,
        }
        for calculation, amount in sums.items()
    ]
    return bars_chart(rows, title, subtitle, scale.title, lang, dark)


def provision_movement_chart(
    movement: pd.DataFrame,
    *,
    calculation: str,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool = False,
) -> alt.LayerChart:
    """From the opening to the closing provision of one calculation, a step a cause (``provision.MOVEMENT``).

    ``movement``: in base currency. What did not move is no step.
    """
    part = movement[(movement["calculation"] == calculation).to_numpy()]
    currency = main_currency(part)
    steps = []
    for name, sign in _MOVES.items():
        amount = sign * checked_sum(part[f"{name}_amount"].to_numpy())
        is_balance = name in ("opening", "closing")
        if amount or is_balance:
            steps.append((heading_of(f"{name}_amount", lang), amount, is_balance))
    told = f"{say(f'provision.calculation_{calculation}', lang)} · {subtitle}"
    return waterfall_chart(steps, currency, title, told, lang, dark)


def backtest_chart(
    backtest: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool = False,
    currency: str = "",
) -> alt.LayerChart:
    """Bars of what happened and a stroke at what was predicted, range by range (``provision.BACKTEST``).

    One currency (the one tested on most items); rates in per cent, with how many items each rests on. A
    range whose rate was not observed is named without a bar.
    """
    import altair as alt

    look = theme.palette(dark=dark)
    if not currency and len(backtest):
        currency = str(backtest.groupby("currency")["items"].sum().idxmax())
    rows: list[dict[str, Any]] = []
    for one in backtest[(backtest["currency"] == currency).to_numpy()].to_dict("records"):
        realised, predicted = int(one["realised_ppm"]), int(one["predicted_ppm"])
        told = [_percent(realised, lang), _percent(predicted, lang)]
        count = say("provision.items-behind", lang, count=formats.integer_text(int(one["items"]), lang))
        rows.append(
            {
                "label": heading_of(str(one["bucket"]), lang),
                "realised": max(realised, 0) / 10_000,
                "predicted": predicted / 10_000 if predicted >= 0 else None,
                "right": max(realised, predicted, 0) / 10_000,
                "text": f"{told[0]} · {say('provision.series-predicted', lang).lower()} {told[1]} · {count}",
            }
        )
    high = max([1.0, *(row["right"] for row in rows)])
    y = alt.Y("label:N", sort=[row["label"] for row in rows], title=None, axis=alt.Axis(labelLimit=220))
    scale = alt.Scale(domain=[0, high * (ROOM + 0.5)], nice=False)
    ticks = [step for step in (0, 5, 10, 25, 50, 75, 100) if step <= max(high, 10)]
    base = alt.Chart(inline(rows)).encode(
        y=y, tooltip=[alt.Tooltip("text:N", title=say("views.range", lang))]
    )
    axis = alt.X("realised:Q", title="%", scale=scale, axis=alt.Axis(values=ticks, format=",~f"))
    bars = base.mark_bar(height={"band": 0.72}, color=look.not_due).encode(x=axis)
    strokes = base.mark_tick(thickness=3, color=look.text, size=20).encode(x=alt.X("predicted:Q"))
    words = base.mark_text(align="left", dx=8, color=look.text).encode(x=alt.X("right:Q"), text="text:N")
    return finish(bars + strokes + words, len(rows), title, f"{currency} · {subtitle}", lang, dark)


def _percent(ppm: int, lang: Language) -> str:
    if ppm < 0:
        return say("provision.not-observed", lang)
    return formats.percent_text(ppm / _PPM, lang)
