"""The provision as a person sees it: three bars, steps between closes, predicted beside realised."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pandas as pd

from workbench.provision import BACKTEST, BALANCES, MOVEMENT
from workbench.roll_rates import NOT_OBSERVED
from workbench.runs.coded import in_words
from workbench.tables import Table, to_door
from workbench.views import charts, provision_charts
from workbench.views.columns import Column, cell_text

WORDS = {"title": "Provisión", "subtitle": "corte 31/10/2026", "lang": "es"}


def texts(chart: Any) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", charts.as_svg(chart))]


def filled(table: Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    blank = {"text": "", "date": pd.Timestamp("2026-10-31"), "money": 0, "integer": 0}
    full = [{name: row.get(name, blank[kind]) for name, kind in table.columns.items()} for row in rows]
    return table.conform(pd.DataFrame(full))


def test_the_three_books_are_three_bars_in_base_currency() -> None:
    rows = [
        {
            "calculation": name,
            "customer_id": customer,
            "base_currency": "COP",
            "base_provision_amount": amount,
        }
        for name, amount in (("ifrs9", 15_000_000_00), ("policy", 6_000_000_00), ("tax", 0))
        for customer in ("C1", "C2")
    ]
    said = texts(provision_charts.books_chart(filled(BALANCES, rows), **WORDS))
    assert {"NIIF 9", "Política corporativa", "Fiscal (DIAN)", "millones de COP"} <= set(said)
    assert {"30,0", "12,0", "0"} <= set(said)


def test_the_movement_has_a_step_a_cause_and_none_for_what_did_not_move() -> None:
    row = {
        "calculation": "ifrs9", "currency": "COP", "opening_amount": 20_000_000_00,
        "charge_amount": 5_000_000_00, "write_off_amount": 3_000_000_00,
        "exchange_amount": -1_000_000_00, "closing_amount": 21_000_000_00,
    }  # fmt: skip
    moved = filled(MOVEMENT, [row, {"calculation": "tax", "currency": "COP", "reversal_amount": 9}])
    said = texts(provision_charts.provision_movement_chart(moved, calculation="ifrs9", **WORDS))
    assert {"Saldo inicial", "Cargo", "Castigo", "Diferencia en cambio", "Saldo final"} <= set(said)
    assert "Reversión" not in said
    assert {"+5,0", "-3,0", "-1,0", "21,0"} <= set(said)


def test_a_range_that_was_not_observed_is_named_without_a_rate() -> None:
    rows = [
        {"currency": "COP", "bucket": "d1_30", "items": 586, "predicted_ppm": 139_748,
         "realised_ppm": 374_731},
        {"currency": "COP", "bucket": "d151_180", "items": 16, "predicted_ppm": NOT_OBSERVED,
         "realised_ppm": NOT_OBSERVED},
        {"currency": "USD", "bucket": "d1_30", "items": 5, "predicted_ppm": 0, "realised_ppm": 0},
    ]  # fmt: skip
    said = texts(provision_charts.backtest_chart(filled(BACKTEST, rows), **WORDS))
    assert "37,5 % · previsto 14,0 % · 586 partidas" in said
    assert "no observada · previsto no observada · 16 partidas" in said
    assert "COP · corte 31/10/2026" in said


def test_without_a_history_the_chart_of_the_back_test_is_empty_and_does_not_fail() -> None:
    assert "Provisión" in texts(provision_charts.backtest_chart(BACKTEST.empty(), **WORDS))


def test_a_rate_reads_as_a_percentage_and_one_that_was_not_observed_as_a_dash() -> None:
    rate = Column("loss_ppm", "integer", "Tasa")
    assert cell_text(41_580, rate, "", "es") == "4,16 %"
    assert cell_text(0, rate, "", "es") == "0,00 %"
    assert cell_text(NOT_OBSERVED, rate, "", "es") == "–"
    assert cell_text(330, Column("tax_permille", "integer", "Tasa"), "", "en") == "33.0 %"
    door = to_door(
        filled(BACKTEST, [{"predicted_ppm": NOT_OBSERVED, "realised_ppm": 0}]),
        Table("rates", (), {"predicted_ppm": "integer", "realised_ppm": "integer"}),
    )
    assert door.values.tolist() == [["", "0"]], "a machine reads no number where there is none"


def test_codes_of_the_provision_are_words_for_people() -> None:
    frame = pd.DataFrame(
        {"calculation": ["tax"], "rate_source": ["joined"], "rate_level": ["currency"],
         "tax_method": ["general"], "tax_excluded": ["related-party"], "measure": ["loss"]}
    )  # fmt: skip
    assert in_words(frame).iloc[0].tolist() == [
        "Fiscal (DIAN)", "Historia y tabla", "De la moneda", "General", "Vinculado económico", "Pérdida",
    ]  # fmt: skip


def test_a_number_that_has_the_name_of_a_code_stays_a_number() -> None:
    assert in_words(pd.DataFrame({"answer": [1, 2]}))["answer"].tolist() == [1, 2]
