"""Charts say their numbers in the reader's locale, at the bars' ends, without the internet."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from workbench.views import charts, customer_charts, jupyter_chart, theme

BUCKETS = "not_due d1_30 d31_60 d61_90 d91_120 d121_180 d181_360 d361_plus".split()


def summary(currencies: tuple[str, ...] = ("COP",)) -> pd.DataFrame:
    rows = []
    for place, currency in enumerate(currencies):
        for cluster in ("ANDINA", "CARIBE"):
            amounts = {
                name: (place + 1) * (number + 1) * 1_234_567_890_00 for number, name in enumerate(BUCKETS)
            }
            credit = -500_000_000_00
            rows.append(
                {
                    "cluster_id": cluster,
                    "currency": currency,
                    **amounts,
                    "unapplied": credit,
                    "total": sum(amounts.values()) + credit,
                    "pending_applications": 0,
                }
            )
    return pd.DataFrame(rows)


def texts(chart: Any) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", charts.as_svg(chart))]


def test_an_aging_chart_has_a_bar_a_range_with_its_amount_in_millions() -> None:
    chart = charts.aging_chart(summary(), title="Cartera por edades", subtitle="corte 31/10/2026", lang="es")
    said = texts(chart)
    assert {"Cartera por edades", "corte 31/10/2026", "millones de COP"} <= set(said)
    assert {"Por vencer", "1–30 días", "Más de 360 días", "Créditos sin aplicar"} <= set(said)
    assert "2.469" in said
    assert "-1.000" in said


def test_numbers_follow_the_readers_language() -> None:
    said = texts(charts.aging_chart(summary(), title="Ageing", subtitle="", lang="en"))
    assert "2,469" in said
    assert "Over 360 days" in said
    assert "2.469" not in said
    assert "5,000" in said, "the axis too"


def test_small_amounts_are_not_told_in_millions() -> None:
    small = summary().assign(**dict.fromkeys([*BUCKETS, "unapplied"], 123_45))
    said = texts(charts.aging_chart(small, title="t", subtitle="", lang="es"))
    assert "COP" in said
    assert "247" in said


def test_two_currencies_share_no_axis_of_amounts() -> None:
    chart = charts.aging_chart(summary(("COP", "USD")), title="t", subtitle="", lang="es")
    said = texts(chart)
    assert "% de la cartera de cada moneda (M = millones)" in said
    assert "2.469 M COP" in said
    assert "4.938 M USD" in said
    assert "COP · Por vencer" in said


def test_a_chart_fills_its_container_and_takes_the_theme() -> None:
    light = charts.aging_chart(summary(), title="t", subtitle="", lang="es").to_dict()
    dark = charts.aging_chart(summary(), title="t", subtitle="", lang="es", dark=True).to_dict()
    assert light["width"] == "container"
    assert light["config"]["background"] == "transparent"
    assert light["config"]["title"]["color"] == theme.LIGHT.text
    assert dark["config"]["title"]["color"] == theme.DARK.text
    assert not re.search(r"https?://(?!vega\.github\.io/schema)", str(light)), "nothing is fetched"


def test_the_exact_figure_is_there_on_hover() -> None:
    chart = charts.aging_chart(summary(), title="t", subtitle="", lang="es").to_dict()
    assert "2.469.135.780,00 COP" in str(chart)


def test_the_rest_is_one_bar_and_no_amount_is_lost() -> None:
    many = pd.concat([summary().head(1).assign(cluster_id=f"C{number:02d}") for number in range(20)])
    chart = charts.aging_by_dimension_chart(many, "cluster_id", title="t", subtitle="", lang="es", most=5)
    said = texts(chart)
    assert "Otros (15)" in said
    total = int(many["total"].head(15).sum()) / 100 / 1e6
    assert f"{total:,.0f}".replace(",", ".") in said


def test_a_movement_ends_where_it_must() -> None:
    movement = pd.DataFrame(
        {
            "currency": ["COP"],
            "opening": [100_000_000_00],
            "invoiced": [50_000_000_00],
            "credited": [-5_000_000_00],
            "cleared": [40_000_000_00],
            "applied": [10_000_000_00],
            "closing": [95_000_000_00],
        }
    )
    chart = charts.movement_chart(movement, title="Movimiento", subtitle="", lang="es")
    rows = next(iter(chart.to_dict()["datasets"].values()), None) if "datasets" in chart.to_dict() else None
    values = rows if rows is not None else chart.to_dict()["layer"][0]["data"]["values"]
    ends = {row["label"]: row["end"] for row in values}
    assert ends["Aplicado aquí"] == ends["Saldo final"] == 95.0
    assert {"+50,0", "-40,0", "95,0"} <= set(texts(chart))


def a_proof(difference: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": ["A", "B"],
            "currency": ["COP", "USD"],
            "book_amount": [1_000_00, 5_00],
            "debits_not_cleared": [250_00, 0],
            "credits_not_cleared": [100_00, 0],
            "bank_not_in_books": [-30_00, 0],
            "difference": [difference, 0],
            "bank_amount": [820_00 + difference, 5_00],
        }
    )


def test_a_reconciliation_goes_from_the_books_to_the_bank() -> None:
    said = texts(charts.reconciliation_chart(a_proof(0), title="t", subtitle="", lang="es"))
    assert {"Valor en libros", "1.000", "-250", "+100", "-30", "Valor en el banco", "820"} <= set(said)
    assert "Diferencia" not in said


def test_what_is_not_explained_is_a_step_of_its_own() -> None:
    said = texts(charts.reconciliation_chart(a_proof(7_00), title="t", subtitle="", lang="es"))
    assert {"Diferencia", "+7", "827"} <= set(said)


def test_closing_tasks_are_counted_by_state() -> None:
    tasks = pd.DataFrame({"state": ["approved", "approved", "blocked"]})
    said = texts(charts.close_chart(tasks, title="Cierre", subtitle="", lang="es"))
    assert {"✓ Aprobada", "■ Bloqueada", "tareas"} <= set(said)
    assert "0,5" not in said, "half a task is no tick"


def test_nothing_to_draw_is_still_a_chart() -> None:
    empty = summary().head(0)
    assert "<svg" in charts.as_svg(charts.aging_chart(empty, title="t", subtitle="", lang="es"))
    tasks = pd.DataFrame({"state": pd.Series([], dtype="str")})
    assert "<svg" in charts.as_svg(charts.close_chart(tasks, title="t", subtitle="", lang="es"))


def test_without_a_list_of_any_customer_the_chart_says_how_one_comes_in() -> None:
    held = pd.DataFrame({"has_list": [False], "currency": ["COP"], "our_amount": [5_00], "their_amount": [0]})
    nothing = pd.DataFrame({"currency": [], "cause": [], "difference_amount": []})
    chart = customer_charts.differences_chart(held, nothing, title="T", subtitle="S", lang="es")
    assert "--source customer_ledger" in str(chart.to_dict()["title"])


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_the_ageing_ramp_falls_in_luminance(look: theme.Palette) -> None:
    steps = [_luminance(colour) for colour in look.overdue]
    assert steps == sorted(steps, reverse=True)


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_can_be_read_on_page_and_panel(look: theme.Palette) -> None:
    for ground in (look.page, look.panel):
        for ink in (look.text, look.secondary, look.accent, look.wrong):
            low, high = sorted((_luminance(ink), _luminance(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_other_ranges_take_the_ends_of_the_ramp() -> None:
    colours = theme.bucket_colours(["not_due", "d1_60", "d61_plus", "unapplied"])
    assert colours == [
        theme.LIGHT.not_due,
        theme.LIGHT.overdue[0],
        theme.LIGHT.overdue[-1],
        theme.LIGHT.unapplied,
    ]


def _widget(bundle: str = "export render: the bundle") -> Any:
    class Widget(SimpleNamespace):
        _esm = "online"
        _is_offline = False
        made = 0

        @classmethod
        def enable_offline(cls) -> None:
            cls.made += 1
            cls._esm, cls._is_offline = bundle, True

    return Widget


def test_the_bundle_is_made_once_and_then_read(tmp_path: Path) -> None:
    first, second = _widget(), _widget()
    jupyter_chart.make_offline(first, tmp_path)
    jupyter_chart.make_offline(second, tmp_path)
    assert (first.made, second.made) == (1, 0)
    assert second._esm == first._esm
    assert second._is_offline
    assert [file.name for file in tmp_path.iterdir()] == [jupyter_chart.bundle_name()]


def test_a_bundle_cut_short_is_made_again(tmp_path: Path) -> None:
    (tmp_path / jupyter_chart.bundle_name()).write_text("exp")
    widget = _widget()
    jupyter_chart.make_offline(widget, tmp_path)
    assert widget.made == 1
    assert (tmp_path / jupyter_chart.bundle_name()).read_text() == widget._esm


def test_where_nothing_can_be_kept_the_chart_still_works(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    widget = _widget()
    jupyter_chart.make_offline(widget, tmp_path / "file")
    assert widget._is_offline


def test_altair_still_has_what_the_cache_needs(tmp_path: Path) -> None:
    import altair

    assert isinstance(altair.JupyterChart._is_offline, bool)
    assert callable(altair.JupyterChart.enable_offline)
