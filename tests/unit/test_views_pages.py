"""HTML for notebooks: data escaped, money in the reader's locale; and every column has a heading."""

from __future__ import annotations

import importlib
import json

import pandas as pd
import pytest

from workbench import tables, words
from workbench.views import columns, pages


def every_table() -> list[tables.Table]:
    """The tables of the floor of words and of every trade module."""
    rooms = "tables ledger aging applications exchange matching credit_notes provision reconciliation close"
    rooms += " reconciliation.customers reconciliation.results statements.results acts over_180 write_offs"
    rooms += " exchange_differences wires roll_rates"
    modules = [importlib.import_module(f"workbench.{room}") for room in rooms.split()]
    return [table for module in modules for table in vars(module).values() if isinstance(table, tables.Table)]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_column_of_every_table_has_a_heading(lang: words.Language) -> None:
    names = {name for table in every_table() for name in table.columns}
    names |= set("not_due unapplied total overdue opening invoiced credited cleared applied closing".split())
    assert sorted(name for name in names if not words.has_words(f"columns.{name}", lang)) == []


def test_money_is_known_as_money_without_its_table() -> None:
    """A frame that lost its table must not show its cents as pesos."""
    declared = {
        name: kind
        for table in every_table()
        for name, kind in table.columns.items()
        if kind in ("money", "integer")
    }
    frame = pd.DataFrame({name: pd.Series([1], dtype="int64") for name in declared})
    assert {name: columns.kind_of(name, frame) for name in declared} == declared


def test_money_that_only_a_rooms_own_table_declares_is_money_beside_the_base_currency() -> None:
    """The exchange differences come without their table, and their currency has another name."""
    frame = pd.DataFrame(
        {"base_currency": ["COP"], "received_base": [13_714_504_08], "bank_difference": [-1_08]}
    )
    assert "13.714.504,08" in pages.table_html(frame, lang="es", cents=True)
    assert "-1,08" in pages.table_html(frame, lang="es", cents=True)
    both = frame.assign(currency="USD", applied_amount=3_670_67)
    html = pages.table_html(both, lang="es", cents=True)
    assert "13.714.504,08" in html
    assert "3.670,67" in html


def test_a_whole_number_beside_a_currency_that_nobody_declared_is_refused_in_tests() -> None:
    frame = pd.DataFrame({"currency": ["COP"], "spoils": pd.Series([1_371_450_408], dtype="int64")})
    with pytest.raises(columns.UnknownUnitWarning):
        columns.kind_of("spoils", frame)


def test_an_amount_without_a_currency_is_never_shown_as_whole_units() -> None:
    assert columns.amount_text(307_300_734, "", "es") == "307.300.734 (unidades mínimas, sin moneda)"


def test_ranges_of_any_width_have_headings() -> None:
    assert columns.heading_of("d1_15", "es") == "1–15 días"
    assert columns.heading_of("d91_plus", "en") == "Over 90 days"


def test_what_comes_from_data_is_escaped() -> None:
    frame = pd.DataFrame({"customer_id": ["<script>x</script>", "a&b"], "currency": ["COP", '"><img>']})
    html = pages.table_html(frame, caption="<b>", lang="es")
    assert "<script>" not in html
    assert "<img>" not in html
    assert "&lt;script&gt;" in html
    assert "a&amp;b" in html
    figures = pages.key_figures_html([pages.Figure("<i>", "<u>", "<s>", exact='"><x>')])
    assert not {"<i>", "<u>", "<s>", "<x>"} & set(figures.split("</style>")[1].replace(">", "> ").split())


def test_money_reads_in_the_readers_locale_with_its_currencys_decimals() -> None:
    frame = pd.DataFrame({"currency": ["COP", "USD", "JPY"], "open_amount": [123456789, -1234567, 1234567]})
    spanish, english = pages.table_html(frame, lang="es"), pages.table_html(frame, lang="en", cents=True)
    assert ">1.234.568<" in spanish
    assert ">-12.345,67<" in spanish
    assert ">1.234.567<" in spanish
    assert ">1,234,567.89<" in english


def test_one_currency_stands_in_the_heading() -> None:
    frame = pd.DataFrame({"currency": ["COP"], "open_amount": [100]})
    assert "Saldo (COP)" in pages.table_html(frame, lang="es")


def test_a_zero_is_zero_and_an_unknown_a_dash() -> None:
    frame = pd.DataFrame(
        {"currency": ["COP"], "open_amount": [0], "due_date": pd.Series([pd.NaT], dtype="datetime64[s]")}
    )
    html = pages.table_html(frame, lang="es")
    assert ">0<" in html
    assert ">–<" in html


def test_a_long_table_is_cut_and_says_so() -> None:
    frame = pd.DataFrame({"document_id": [str(number) for number in range(1500)]})
    html = pages.table_html(frame, max_rows=10, lang="es")
    assert html.count("<tr>") == 11
    assert "10 de 1.500 filas" in html
    assert "Sin filas" in pages.table_html(frame.head(0), lang="es")


def test_findings_are_sentences_with_what_to_do() -> None:
    found = tables.FINDINGS.conform(
        pd.DataFrame(
            {
                "level": ["error"],
                "source": ["a.csv"],
                "row": [3],
                "table": [""],
                "key": [""],
                "rule": ["period-wrong"],
                "values": [json.dumps({"name": "period", "value": "26-10"})],
                "amount": [0],
                "currency": [""],
            }
        )
    )
    html = pages.findings_html(found, lang="es")
    assert "no es un período" in html
    assert "AAAA-MM" in html
    assert "period-wrong" not in html
    assert "✓" in pages.findings_html(tables.FINDINGS.empty(), lang="es")


def test_an_input_is_one_line_with_its_control_totals() -> None:
    html = pages.input_summary_html("documents", 12000, {"USD": -12345, "COP": 100}, lang="es")
    assert "filas: 12.000" in html
    assert html.index("1,00 COP") < html.index("-123,45") < html.index("USD")


@pytest.mark.parametrize(
    ("minor", "cents", "text"), [(150, None, "2"), (-150, None, "-2"), (149, None, "1"), (150, True, "1,50")]
)
def test_pesos_show_cents_only_where_asked(minor: int, cents: bool | None, text: str) -> None:
    assert columns.amount_text(minor, "COP", "es", cents=cents) == text


def test_a_period_is_a_month_in_words() -> None:
    assert columns.period_text("2026-10", "es") == "octubre de 2026"
    assert columns.period_text("2026-10", "en") == "October 2026"


def test_a_finding_without_a_row_shows_none() -> None:
    found = tables.FINDINGS.conform(
        pd.DataFrame(
            {
                name: [1, 0] if kind in ("money", "integer") else ["", ""]
                for name, kind in tables.FINDINGS.columns.items()
            }
        )
    )
    assert list(columns.findings_in_words(found, "es")["row"]) == ["1", ""]
