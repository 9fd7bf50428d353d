"""The one look: colours in light and dark, the ageing ramp, the Altair config and Vega's locale.

Every colour of the product is named here and nowhere else. The ageing ramp falls steadily in luminance,
so it holds in greyscale and for colour-blind readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from ..words import Language

FONTS = "Inter, 'Segoe UI', system-ui, sans-serif"
FONT_SIZE = 12
TITLE_SIZE = 16


@dataclass(frozen=True)
class Palette:
    """Colours by use; the words beside each live in the pages that show them."""

    page: str
    panel: str
    text: str
    secondary: str
    rule: str
    accent: str
    on_accent: str
    accent_tint: str
    not_due: str
    overdue: tuple[str, ...]  # youngest to oldest
    unapplied: str
    good: str
    attention: str
    wrong: str

    @property
    def ramp(self) -> tuple[str, ...]:
        return (self.not_due, *self.overdue)


LIGHT = Palette(
    page="#FFFFFF",
    panel="#F8FAFC",
    text="#334155",
    secondary="#64748B",
    rule="#E5E7EB",
    accent="#2563A8",
    on_accent="#FFFFFF",
    accent_tint="#E8F0F8",
    not_due="#5B8DB8",
    overdue=("#FBE3A6", "#F9C56B", "#F29E4C", "#E4743C", "#C94A38", "#962B3A", "#5C1A33"),
    unapplied="#A3A9B5",
    good="#2E7D5B",
    attention="#B7791F",
    wrong="#B3261E",
)
DARK = Palette(
    page="#111827",
    panel="#1B2433",
    text="#CBD5E1",
    secondary="#94A3B8",
    rule="#2A3441",
    accent="#7FB0D9",
    on_accent="#111827",
    accent_tint="#22344A",
    not_due="#7FB0D9",
    overdue=("#FCEBC0", "#FAD38A", "#F5B36B", "#EC8E5A", "#DC6A57", "#BF4C62", "#96406A"),
    unapplied="#A3A9B5",
    good="#6FBF9B",
    attention="#E5B567",
    wrong="#EF8A80",
)

#: State of a closing task → its palette colour, and the sign that says the same without colour.
STATE_LOOK: dict[str, tuple[str, str]] = {
    "approved": ("good", "✓"),
    "done_pending_review": ("accent", "◆"),
    "in_progress": ("accent", "▶"),
    "ready": ("not_due", "○"),
    "not_started": ("unapplied", "–"),
    "skipped": ("unapplied", "↷"),
    "blocked": ("attention", "■"),
    "rejected": ("wrong", "✗"),
    "failed": ("wrong", "!"),
}


def palette(*, dark: bool = False) -> Palette:
    """The colours of the light or the dark look."""
    return DARK if dark else LIGHT


def bucket_colours(names: Sequence[str], *, dark: bool = False) -> list[str]:
    """A colour for each ageing column, youngest first; ``unapplied`` is grey.

    Other numbers of ranges than the default take evenly spaced steps of the same ramp.
    """
    look = palette(dark=dark)
    overdue = [name for name in names if name not in ("not_due", "unapplied")]
    steps = len(look.overdue) - 1
    shade = {
        name: look.overdue[round(place * steps / max(len(overdue) - 1, 1))]
        for place, name in enumerate(overdue)
    }
    return [
        look.not_due if name == "not_due" else look.unapplied if name == "unapplied" else shade[name]
        for name in names
    ]


def css_variables(*, dark: bool = False) -> str:
    """The palette as CSS custom properties, ``--wb-accent: #2563A8; …``."""
    look = palette(dark=dark)
    colours = {field.name: getattr(look, field.name) for field in fields(look) if field.name != "overdue"}
    return " ".join(f"--wb-{name.replace('_', '-')}: {colour};" for name, colour in colours.items())


#: d3 locales: Vega writes axis numbers and dates with these, offline.
VEGA_LOCALES: dict[Language, dict[str, dict[str, Any]]] = {
    "es": {
        "number": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["$ ", ""], "minus": "-"},
        "time": {
            "dateTime": "%d/%m/%Y %H:%M",
            "date": "%d/%m/%Y",
            "time": "%H:%M",
            "periods": ["a. m.", "p. m."],
            "days": ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
            "shortDays": ["dom", "lun", "mar", "mié", "jue", "vie", "sáb"],
            "months": (
                "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
            ).split(),
            "shortMonths": "ene feb mar abr may jun jul ago sep oct nov dic".split(),
        },
    },
    "en": {
        "number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["$", ""], "minus": "-"},
        "time": {
            "dateTime": "%d %b %Y %H:%M",
            "date": "%d %b %Y",
            "time": "%H:%M",
            "periods": ["AM", "PM"],
            "days": "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(),
            "shortDays": "Sun Mon Tue Wed Thu Fri Sat".split(),
            "months": (
                "January February March April May June July August September October November December"
            ).split(),
            "shortMonths": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
        },
    },
}


def altair_config(lang: Language, *, dark: bool = False) -> dict[str, Any]:
    """The Vega-Lite config every chart carries: fonts, quiet axes, transparent ground, locale."""
    look = palette(dark=dark)
    return {
        "locale": VEGA_LOCALES[lang],
        "font": FONTS,
        "background": "transparent",
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "group",
            "fontSize": TITLE_SIZE,
            "fontWeight": 600,
            "color": look.text,
            "subtitleColor": look.secondary,
            "subtitleFontSize": FONT_SIZE,
            "offset": 12,
        },
        "axis": {
            "domain": False,
            "ticks": False,
            "grid": False,
            "labelColor": look.text,
            "labelFontSize": FONT_SIZE,
            "labelPadding": 8,
            "titleColor": look.secondary,
            "titleFontSize": FONT_SIZE,
            "titleFontWeight": "normal",
        },
        "axisX": {"grid": True, "gridColor": look.rule, "labelColor": look.secondary, "titleAnchor": "start"},
        "legend": {
            "labelColor": look.text,
            "labelFontSize": FONT_SIZE,
            "titleColor": look.secondary,
            "titleFontSize": FONT_SIZE,
            "titleFontWeight": "normal",
            "symbolType": "square",
            "symbolStrokeWidth": 0,
        },
        "text": {"color": look.text, "fontSize": FONT_SIZE},
        "bar": {"color": look.accent},
    }
