"""The reconciliation that two people sign sums live to the bank's balance; entries are proposed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from reconciled_frames import reconcile, worked_example
from upper_trade_frames import bank_balances, bank_lines, book_lines

from workbench.journal import check_balanced
from workbench.policy import Accounts
from workbench.reconciliation.bank_entries import propose_entries
from workbench.reconciliation.results import summed_lines
from workbench.tables import RATES
from workbench.views.account_pages import account_pages
from workbench.views.workbooks import Workbook, write_workbook

LAST = dt.date(2026, 10, 31)


def page_of(path: Path, lang: Any = "es") -> list[list[Any]]:
    result = reconcile(*worked_example())
    pages = list(account_pages(result.statement, LAST))
    write_workbook(path, Workbook("Conciliación", "CO01", "2026-10", LAST, pages=pages, lang=lang))
    sheet = openpyxl.load_workbook(path)[pages[0].tab]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_page_reads_from_the_books_to_the_bank_with_live_sums(tmp_path: Path) -> None:
    rows = page_of(tmp_path / "page.xlsx")
    said = [row[0] for row in rows if isinstance(row[0], str)]
    places = [said.index(one) for one in (
        "Saldo según libros", "Menos: consignaciones en tránsito", "Más: cheques girados y pagos no cobrados",
        "Notas bancarias no contabilizadas", "Cheques devueltos no contabilizados",
        "Partidas del banco sin identificar", "Saldo que debe mostrar el banco", "Saldo según extracto",
        "✓ Diferencia sin explicar",
    )]  # fmt: skip
    assert places == sorted(places)
    expected = next(row for row in rows if row[0] == "Saldo que debe mostrar el banco")
    assert str(expected[5]).startswith("=F5+F")
    assert rows[4][5] == 17.1
    assert page_of(tmp_path / "en.xlsx", "en")[4][0] == "Balance per books"


def test_the_lines_of_the_page_add_up_to_the_banks_balance() -> None:
    result = reconcile(*worked_example())
    page = summed_lines(result.statement)
    assert page["amount"].sum() == 1346 == result.proof["bank_amount"].iat[0]


def test_each_note_is_proposed_against_the_account_of_its_kind() -> None:
    bank = bank_lines(
        {"date": "2026-10-10", "amount": -20, "line_kind": "fee", "text": "COMISION"},
        {"date": "2026-10-10", "amount": -4, "line_kind": "tax", "text": "GMF 4x1000"},
        {"date": "2026-10-10", "amount": -3, "line_kind": "tax", "text": "IVA COMISION"},
        {"date": "2026-10-31", "amount": 50, "line_kind": "interest", "text": "INTERESES"},
        {
            "date": "2026-10-31",
            "amount": -2,
            "line_kind": "tax",
            "text": "RETENCION EN LA FUENTE RENDIMIENTOS",
        },
        {
            "date": "2026-10-20",
            "amount": -200,
            "line_kind": "returned_cheque",
            "text": "CHEQUE DEVUELTO 123456",
        },
        {"date": "2026-10-21", "amount": 70},
    )
    closing = 1000 + int(bank["bank_amount"].sum())
    left = reconcile(
        bank, bank_balances(("2026-10-01", 1000, "2026-10-31", closing)), book_lines()
    ).outstanding_bank
    entries = propose_entries(
        left, accounts=Accounts(), bank_accounts={"B1": "111006"}, base_currency="COP", rates=RATES.empty(),
        on=LAST,
    )  # fmt: skip
    check_balanced(entries)
    others = entries[entries["account"] != "111006"].set_index("account")["entry_amount"]
    assert others.to_dict() == {
        "530515": 20, "531520": 4, "240810": 3, "421005": -50, "135515": 2, "130505": 200,
    }  # fmt: skip
    assert entries[entries["account"] == "111006"]["entry_amount"].sum() == -179


@pytest.mark.parametrize(("rate", "count"), [(4_000_000_000, 2), (None, 0)])
def test_a_note_in_dollars_needs_the_rate_of_its_day(rate: int | None, count: int) -> None:
    bank = bank_lines(
        {"date": "2026-10-10", "amount": -20_00, "currency": "USD", "line_kind": "fee", "text": "WIRE FEE"}
    )
    left = reconcile(bank, bank_balances(), book_lines()).outstanding_bank
    day = pd.Timestamp("2026-10-10")
    rates = RATES.empty() if rate is None else RATES.conform(pd.DataFrame([{
        "source": "trm", "from_currency": "USD", "to_currency": "COP", "valid_from": day,
        "valid_through": day, "rate": rate, "recorded_at": "2026-10-10T00:00:00Z",
    }]))  # fmt: skip
    entries = propose_entries(
        left, accounts=Accounts(), bank_accounts={}, base_currency="COP", rates=rates, on=LAST
    )
    assert len(entries) == count
    if count:
        assert sorted(entries["base_amount"]) == [-80_000_00, 80_000_00]
