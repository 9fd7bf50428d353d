"""How a chart is put together: bars with their values at the ends, steps between balances, one finish."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..money import exponent
from ..words import Language, say
from . import theme
from .columns import amount_text, heading_of

if TYPE_CHECKING:
    import altair as alt

BAR = 26  # pixels a bar takes, its gap included
ROOM = 1.28  # the axis reaches beyond the longest bar, so that its label has room
_LABEL_LETTERS = 38  # letters of a label's line, about 240 pixels
MILLIONS_FROM = 10_000_000  # from ten million on, amounts are told in millions


@dataclass(frozen=True)
class Scale:
    """How amounts of one chart are told: the axis' divisor, its title, and the label at a bar's end."""

    currency: str
    lang: Language
    in_millions: bool

    @classmethod
    def of(cls, amounts: Sequence[int], currency: str, lang: Language) -> Scale:
        largest = max((abs(amount) for amount in amounts), default=0) / 10 ** exponent(currency)
        return cls(currency, lang, largest >= MILLIONS_FROM)

    def value(self, minor: int) -> float:
        return float(minor / 10 ** exponent(self.currency) / (1e6 if self.in_millions else 1))

    @property
    def title(self) -> str:
        return say(
            "views.unit-millions" if self.in_millions else "views.unit-plain",
            self.lang,
            currency=self.currency,
        )

    def label(self, minor: int) -> str:
        if not self.in_millions or minor == 0:
            return amount_text(minor, self.currency, self.lang, cents=False)
        value = self.value(minor)
        digits = 0 if abs(value) >= 1000 else 1
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.lang == "es" else text

    def exact(self, minor: int) -> str:
        return f"{amount_text(minor, self.currency, self.lang, cents=True)} {self.currency}"


def main_currency(frame: pd.DataFrame) -> str:
    """The currency of most rows; pesos where there are none."""
    return str(frame["currency"].mode().iat[0]) if len(frame) else "COP"


def inline(rows: list[dict[str, Any]]) -> Any:
    """Rows as the chart's own data: no frame, no limit on rows, no file."""
    import altair as alt

    return alt.InlineData(values=rows)


def bars_chart(
    rows: list[dict[str, Any]],
    title: str,
    subtitle: str,
    axis_title: str,
    lang: Language,
    dark: bool,
    *,
    is_count: bool = False,
) -> alt.LayerChart:
    """Horizontal bars in the order given; each row: label, value, text (at the end), exact, share, colour."""
    import altair as alt

    values = [float(row["value"]) for row in rows]
    low, high = min([0.0, *values]), max([0.0, *values]) or 1.0
    room = (high - low) * (ROOM - 1)
    y = alt.Y("label:N", sort=[row["label"] for row in rows], title=None, axis=alt.Axis(labelLimit=240))
    x = alt.X(
        "value:Q",
        title=axis_title,
        scale=alt.Scale(domain=[low, high + room], nice=False),
        axis=alt.Axis(tickCount=5, format=",~f", tickMinStep=1 if is_count else alt.Undefined),
    )
    tooltip = [
        alt.Tooltip("label:N", title=say("views.range", lang)),
        alt.Tooltip("exact:N", title=say("views.amount", lang)),
        alt.Tooltip("share:N", title="%"),
    ]
    base = alt.Chart(inline(rows)).encode(y=y, x=x, tooltip=tooltip)
    bars = base.mark_bar(height={"band": 0.72}).encode(color=alt.Color("colour:N", scale=None))
    # Left of zero there may be no room on a phone, right of it there always is.
    ends = base.transform_calculate(end="max(datum.value, 0)").encode(x=alt.X("end:Q"), text="text:N")
    ends = ends.mark_text(align="left", dx=6, color=theme.palette(dark=dark).text)
    return finish(bars + ends, len(rows), title, subtitle, lang, dark)


def waterfall_chart(
    steps: Sequence[tuple[str, int, bool]],
    currency: str,
    title: str,
    subtitle: str,
    lang: Language,
    dark: bool,
    *,
    colours: Sequence[str] = (),
    texts: Sequence[str] = (),
) -> alt.LayerChart:
    """Balances stand on zero; a step starts where the one before ended.

    ``colours`` and ``texts``, one a step, where its sign does not say them. A label longer than a line is
    broken, never cut.
    """
    import altair as alt

    look = theme.palette(dark=dark)
    scale = Scale.of([amount for _, amount, _ in steps], currency, lang)
    rows: list[dict[str, Any]] = []
    reached = 0
    for place, (label, amount, is_balance) in enumerate(steps):
        start, end = (0, amount) if is_balance else (reached, reached + amount)
        reached = end
        sign = "" if is_balance or amount <= 0 else "+"
        rows.append(
            {
                "label": broken(label),
                "start": scale.value(start),
                "end": scale.value(end),
                "right": scale.value(max(start, end)),
                "text": texts[place] if texts else sign + scale.label(amount),
                "exact": sign + scale.exact(amount),
                "colour": colours[place]
                if colours
                else look.accent
                if is_balance
                else look.not_due
                if amount >= 0
                else look.unapplied,
            }
        )
    reaches = [float(row[side]) for row in rows for side in ("start", "end")]
    low, high = min([0.0, *reaches]), max([0.0, *reaches]) or 1.0
    domain = [low * 1.05, high + (high - low) * (ROOM - 1)]
    axis = alt.Axis(labelLimit=280, labelExpr="split(datum.label, '\\n')")
    y = alt.Y("label:N", sort=[row["label"] for row in rows], title=None, axis=axis)
    x = alt.X(
        "start:Q", title=scale.title, scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(tickCount=5, format=",~f"),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("label:N", title=heading_of("category", lang)),
        alt.Tooltip("exact:N", title=say("views.amount", lang)),
    ]
    base = alt.Chart(inline(rows)).encode(y=y, tooltip=tooltip)
    bars = base.mark_bar(height={"band": 0.72}).encode(
        x=x, x2="end:Q", color=alt.Color("colour:N", scale=None)
    )
    words = base.mark_text(align="left", dx=6, color=look.text).encode(x=alt.X("right:Q"), text="text:N")
    lines = max([1, *(row["label"].count("\n") + 1 for row in rows)])
    return finish(bars + words, round(len(rows) * (1 + (lines - 1) * 0.4)), title, subtitle, lang, dark)


def broken(label: str) -> str:
    """A label in lines that fit beside a bar."""
    return "\n".join(textwrap.wrap(label, _LABEL_LETTERS, break_long_words=False)) or label


def finish(chart: Any, bars: int, title: str, subtitle: str, lang: Language, dark: bool) -> alt.LayerChart:
    """The title, a width that fills the container, a height that fits the bars, and the theme."""
    import altair as alt

    finished: alt.LayerChart = chart.properties(
        width="container",
        height=max(bars, 1) * BAR,
        title=alt.TitleParams(text=title, subtitle=subtitle),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        config=theme.altair_config(lang, dark=dark),
    )
    return finished
