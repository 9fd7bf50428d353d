"""Charts of the trade: each says what, for whom and as of when, with its values at the bars' ends.

Every function takes frames of the trade modules (amounts in minor units) and gives an Altair chart that
fills its container. Words and numbers are made here in the reader's locale, so a chart reads the same in
a page, an SVG and an app. A chart is an answer to one currency; amounts of two currencies never share an
axis (:func:`aging_chart` shows shares when there are several).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..money import checked_sum
from ..words import Language, formats, say
from . import theme
from .columns import bucket_names, heading_of
from .drawing import Scale, bars_chart, finish, inline, main_currency, waterfall_chart

if TYPE_CHECKING:
    import altair as alt


def aging_chart(
    summary: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> alt.Chart | alt.LayerChart:
    """A bar a range of days and one for what is unapplied, from ``aging.summarise_aging``'s frame.

    With one currency the bars are amounts; with several, each bar is its share of its own currency's
    total of positive amounts, and the label still says the amount.
    """
    names = [*bucket_names(summary), *(["unapplied"] if "unapplied" in summary.columns else [])]
    colours = dict(zip(names, theme.bucket_colours(names, dark=dark), strict=True))
    currencies = sorted(summary["currency"].unique())
    rows: list[dict[str, Any]] = []
    axis_title = say("views.share-of-currency", lang)
    for currency in currencies:
        part = summary[summary["currency"] == currency]
        sums = {name: checked_sum(part[name].to_numpy()) for name in names}
        scale = Scale.of(list(sums.values()), currency, lang)
        owed = sum(amount for amount in sums.values() if amount > 0) or 1
        if len(currencies) == 1:
            axis_title = scale.title
        for name in names:
            several = len(currencies) > 1
            mark = say("views.million-mark", lang) if several and scale.in_millions and sums[name] else ""
            label = " ".join(filter(None, (scale.label(sums[name]), mark, currency if several else "")))
            rows.append(
                {
                    "label": f"{currency} · {heading_of(name, lang)}" if several else heading_of(name, lang),
                    "value": 100 * sums[name] / owed if several else scale.value(sums[name]),
                    "text": label,
                    "exact": scale.exact(sums[name]),
                    "share": formats.percent_text(sums[name] / owed, lang),
                    "colour": colours[name],
                }
            )
    return bars_chart(rows, title, subtitle, axis_title, lang, dark)


def aging_by_dimension_chart(
    summary: pd.DataFrame,
    dimension: str,
    *,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool = False,
    currency: str = "",
    most: int = 12,
) -> alt.LayerChart:
    """A bar a cluster, supervisor or customer, stacked by range; the ``most`` largest, the rest as one.

    ``currency`` chooses one of ``summary`` (default: the one with most rows).
    """
    import altair as alt

    currency = currency or main_currency(summary)
    part = summary[summary["currency"] == currency]
    names = [*bucket_names(summary), *(["unapplied"] if "unapplied" in summary.columns else [])]
    sums = part.groupby(dimension, sort=False)[[*names, "total"]].sum()
    sums = sums.sort_values("total", ascending=False, kind="stable")
    if len(sums) > most:
        rest = sums.iloc[most:]
        others = say("views.others", lang, count=formats.integer_text(len(rest), lang))
        sums = pd.concat([sums.iloc[:most], rest.sum().to_frame(others).T])
    scale = Scale.of([int(total) for total in sums["total"]], currency, lang)
    headings = [heading_of(name, lang) for name in names]
    stacked: list[dict[str, Any]] = [
        {
            "label": str(label) or formats.UNKNOWN,
            "range": heading,
            "order": place,
            "value": scale.value(int(row[name])),
            "exact": scale.exact(int(row[name])),
        }
        for label, row in sums.iterrows()
        for place, (name, heading) in enumerate(zip(names, headings, strict=True))
    ]
    ends: list[dict[str, Any]] = [
        {
            "label": str(label) or formats.UNKNOWN,
            "value": sum(max(scale.value(int(row[name])), 0) for name in names),
            "text": scale.label(int(row["total"])),
            "exact": scale.exact(int(row["total"])),
        }
        for label, row in sums.iterrows()
    ]
    order = [end["label"] for end in ends]
    credits = [sum(min(scale.value(int(row[name])), 0) for name in names) for _, row in sums.iterrows()]
    low = min([0.0, *credits])
    high = max([0.0, *(end["value"] for end in ends)]) or 1.0
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=220))
    x = alt.X(
        "value:Q", title=scale.title, scale=alt.Scale(domain=[low * 1.05, high * 1.16], nice=False),
        axis=alt.Axis(tickCount=5, format=",~f"), stack="zero",
    )  # fmt: skip
    colour = alt.Color(
        "range:N", title=None,
        scale=alt.Scale(domain=headings, range=theme.bucket_colours(names, dark=dark)),
        legend=alt.Legend(orient="top", direction="horizontal", columns=5),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("label:N", title=heading_of(dimension, lang)),
        alt.Tooltip("range:N", title=say("views.range", lang)),
        alt.Tooltip("exact:N", title=say("views.amount", lang)),
    ]
    bars = alt.Chart(inline(stacked)).mark_bar(height={"band": 0.72}).encode(
        y=y, x=x, color=colour, order=alt.Order("order:Q"), tooltip=tooltip
    )  # fmt: skip
    total = alt.Tooltip("exact:N", title=heading_of("total", lang))
    words = alt.Chart(inline(ends)).encode(y=y, x=alt.X("value:Q"), text="text:N", tooltip=total)
    words = words.mark_text(align="left", dx=6, color=theme.palette(dark=dark).text)
    return finish(bars + words, len(order), title, subtitle, lang, dark)


def movement_chart(
    movement: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool = False,
    currency: str = "",
) -> alt.LayerChart:
    """From the opening to the closing balance, a step a cause (``aging.explain_movement``'s columns)."""
    currency = currency or main_currency(movement)
    part = movement[movement["currency"] == currency]
    sums = {name: sign * checked_sum(part[name].to_numpy()) for name, sign in _MOVES.items()}
    steps = [(say(f"views.move-{name}", lang), sums[name], name in ("opening", "closing")) for name in _MOVES]
    return waterfall_chart(steps, currency, title, subtitle, lang, dark)


#: Steps in their order, with the sign each has in opening + … = closing.
_MOVES = {"opening": 1, "invoiced": 1, "credited": 1, "cleared": -1, "applied": -1, "closing": 1}


def reconciliation_chart(
    proof: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool = False,
    account_id: str = "",
) -> alt.LayerChart:
    """From the books' balance to the bank's, a step a cause (``reconciliation.PROOF``'s columns).

    One account, which the subtitle names: ``account_id``, else the first. What is not explained is a step of
    its own.
    """
    rows = proof[proof["account_id"] == account_id] if account_id else proof
    if not len(rows):
        return waterfall_chart([], "COP", title, subtitle, lang, dark)
    row = rows.iloc[0]
    steps = [
        (heading_of(name, lang), sign * int(row[name]), is_balance) for name, sign, is_balance in _PROOF_STEPS
    ]
    if steps[-2][1] == 0:
        del steps[-2]
    told = f"{row['account_id']} · {subtitle}" if subtitle else str(row["account_id"])
    return waterfall_chart(steps, str(row["currency"]), title, told, lang, dark)


_PROOF_STEPS = (
    ("book_amount", 1, True),
    ("debits_not_cleared", -1, False),
    ("credits_not_cleared", 1, False),
    ("bank_not_in_books", 1, False),
    ("difference", 1, False),
    ("bank_amount", 1, True),
)


def close_chart(
    tasks: pd.DataFrame, *, title: str, subtitle: str, lang: Language, dark: bool = False
) -> alt.LayerChart:
    """How many closing tasks stand in each state (column ``state``), done first."""
    look = theme.palette(dark=dark)
    counts = tasks["state"].value_counts()
    whole = int(counts.sum()) or 1
    rows = [
        {
            "label": f"{sign} {say(f'views.state-{state}', lang)}",
            "value": int(counts[state]),
            "text": formats.integer_text(int(counts[state]), lang),
            "exact": formats.integer_text(int(counts[state]), lang),
            "share": formats.percent_text(int(counts[state]) / whole, lang),
            "colour": getattr(look, colour),
        }
        for state, (colour, sign) in theme.STATE_LOOK.items()
        if state in counts.index
    ]
    return bars_chart(rows, title, subtitle, say("views.tasks", lang), lang, dark, is_count=True)


def as_svg(chart: alt.Chart | alt.LayerChart, *, width: int = 860) -> str:
    """The chart as one SVG text, drawn without a browser or the internet; it shrinks with its container."""
    import vl_convert

    svg = str(vl_convert.vegalite_to_svg(_sized(chart, width)))
    return svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)


def _sized(chart: Any, width: int) -> dict[str, Any]:
    """A converter has no container, so the width is given; the ground stays transparent."""
    return {**chart.to_dict(), "width": width}
