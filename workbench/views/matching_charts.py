"""What became of the money that came in: applied rule by rule, and what is left reason by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..words import Language, formats, language, say
from . import theme
from .drawing import Scale, waterfall_chart

if TYPE_CHECKING:
    import altair as alt

    from .workbooks import Breakdown

#: Steps of one kind that are drawn; the rest is one step, and the table has them all.
MOST_STEPS = 6
#: Currencies that a workbook's first sheet draws; the sheet of the waterfall has them all.
MOST_CURRENCIES = 4


def waterfall_charts(
    waterfall: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> list[alt.LayerChart]:
    """A chart a currency of ``matching.WATERFALL``, the one with most receipts first; none without receipts.

    Received stands on zero; each rule takes its cash, each reason keeps what is left, down to nothing. The
    subtitle says the share that was applied.
    """
    return [
        _chart(_of_currency(waterfall, currency), currency, title, subtitle, lang, dark)
        for currency in _currencies(waterfall)
    ]


def waterfall_breakdowns(waterfall: pd.DataFrame, lang: Language | None = None) -> list[Breakdown]:
    """The same steps as a workbook's own bars, one a currency."""
    return [
        _breakdown(waterfall, currency, lang or language())
        for currency in _currencies(waterfall)[:MOST_CURRENCIES]
    ]


def _breakdown(waterfall: pd.DataFrame, currency: str, lang: Language) -> Breakdown:
    from .workbooks import Breakdown

    rows = _of_currency(waterfall, currency)
    steps = _steps(rows, lang)
    title = say("workbooks.waterfall", lang)
    starts = []
    reached = 0
    for _, amount, step in steps:
        starts.append(0 if step == "received" else reached - amount)
        reached = amount if step == "received" else reached - amount
    return Breakdown(
        title,
        [label for label, _, _ in steps],
        [amount for _, amount, _ in steps],
        currency,
        [_colour(step, dark=False) for _, _, step in steps],
        starts if min(starts) >= 0 else (),
    )


def _currencies(waterfall: pd.DataFrame) -> list[str]:
    received = waterfall[waterfall["stage"] == "received"]
    ordered = received.sort_values(["receipts", "currency"], ascending=[False, True], kind="stable")
    return [str(currency) for currency in ordered["currency"]]


def _of_currency(waterfall: pd.DataFrame, currency: str) -> pd.DataFrame:
    return waterfall[waterfall["currency"] == currency]


def _chart(
    rows: pd.DataFrame, currency: str, title: str, subtitle: str, lang: Language, dark: bool
) -> alt.LayerChart:
    steps = _steps(rows, lang)
    received = steps[0][1]
    applied = int(rows.loc[rows["stage"].isin(("before", "rule")), "step_amount"].sum())
    scale = Scale.of([amount for _, amount, _ in steps], currency, lang)
    share = formats.percent_text(applied / received if received else 0, lang)
    texts = [
        f"{scale.label(amount)} · {formats.percent_text(amount / received if received else 0, lang)}"
        for _, amount, _ in steps
    ]
    texts[0] = scale.label(received)
    told = say("views.waterfall-subtitle", lang, currency=currency, share=share, subtitle=subtitle)
    return waterfall_chart(
        [
            (label, amount if step == "received" else -amount, step == "received")
            for label, amount, step in steps
        ],
        currency,
        title,
        told,
        lang,
        dark,
        colours=[_colour(step, dark=dark) for _, _, step in steps],
        texts=texts,
    )


def _steps(rows: pd.DataFrame, lang: Language) -> list[tuple[str, int, str]]:
    """(label, cash, step) of one currency in their order; the small ones of a kind are told together."""
    received = rows[rows["stage"] == "received"]
    steps = [(say("matching.stage_received", lang), int(received["step_amount"].sum()), "received")]
    before = rows.loc[rows["stage"] == "before", "step_amount"]
    if len(before):
        steps.append((say("matching.stage_before", lang), int(before.sum()), "before"))
    for step in ("rule", "reason"):
        own = rows[rows["stage"] == step]
        drawn = own if len(own) <= MOST_STEPS else own.iloc[: MOST_STEPS - 1]
        for code, amount in zip(drawn[step], drawn["step_amount"], strict=True):
            steps.append((say(f"matching.{step}_{code}", lang), int(amount), step))
        rest = own.iloc[len(drawn) :]
        if len(rest):
            count = formats.integer_text(len(rest), lang)
            steps.append(
                (say(f"views.other-{step}s", lang, count=count), int(rest["step_amount"].sum()), step)
            )
    return steps


def _colour(step: str, *, dark: bool) -> str:
    look = theme.palette(dark=dark)
    return {"received": look.accent, "before": look.not_due, "rule": look.not_due}.get(step, look.unapplied)
