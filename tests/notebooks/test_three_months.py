"""Three closes in a row on the sample company: what one month leaves is what the next one begins with.

Everything is read from the files that the runs left, as decimal text, and added up with whole numbers: no
function of the workbench takes part in the judgement.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from runs_world import ROOT, fill_book

from workbench.runs import chain

pytestmark = pytest.mark.slow
PERIODS = ("2026-08", "2026-09", "2026-10")
Row = dict[str, str]
Key = tuple[str, ...]


@pytest.fixture(scope="module")
def closes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """The folders of each close by notebook, one book from the first to the last."""
    folder = tmp_path_factory.mktemp("three")
    url = f"sqlite:///{folder / 'book.sqlite'}"
    fill_book(url, folder, customers=20, months=6)
    done = {}
    for period in PERIODS:
        results = chain.close_period(
            period, book_url=url, out=folder / "outputs",
            parameters_dir=ROOT / "parameters", notebooks_dir=ROOT / "notebooks",
        )  # fmt: skip
        assert [one.notebook for one in results] == list(chain.CHAIN), results[-1].message
        assert all(tie_out.passed for one in results for tie_out in one.tie_outs)
        done[period] = {one.notebook: Path(one.folder) for one in results}
    return done


def rows(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def cents(text: str) -> int:
    """Pesos and dollars have two decimals; what a cell leaves empty is nothing."""
    whole, _, part = (text or "0").lstrip("-").partition(".")
    assert len(part) in (0, 2), text
    return int(whole + (part or "00")) * (-1 if text.startswith("-") else 1)


def summed(row: Row, *names: str) -> int:
    return sum(cents(row[name]) for name in names)


def by_key(found: list[Row], key: Key, amount: str) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for row in found:
        name = tuple(row[part] for part in key)
        sums[name] = sums.get(name, 0) + cents(row[amount])
    return {name: total for name, total in sums.items() if total}


def in_turn(
    closes: dict[str, dict[str, Path]], notebook: str, table: str
) -> Iterator[tuple[list[Row], list[Row]]]:
    """Each month's table with the month's before."""
    tables = [rows(closes[period][notebook], table) for period in PERIODS]
    assert all(tables), f"{table}: a month without rows proves nothing"
    return zip(tables[1:], tables[:-1], strict=True)


Closes = dict[str, dict[str, Path]]


def begins_where_the_last_ended(
    closes: Closes, notebook: str, table: str, key: Key, opening: str, closing: str
) -> None:
    for month, before in in_turn(closes, notebook, table):
        assert by_key(month, key, opening) == by_key(before, key, closing)


def test_provision_movements_close_and_follow_one_another(closes: Closes) -> None:
    key = ("calculation", "company_id", "customer_id", "held_currency", "currency")
    for table in ("provision_movement", "provision_movement_base"):
        for period in PERIODS:
            for row in rows(closes[period]["provision"], table):
                came = summed(row, "opening_amount", "charge_amount", "exchange_amount")
                went = summed(row, "reversal_amount", "write_off_amount")
                assert came - went == cents(row["closing_amount"]), (period, row)
        begins_where_the_last_ended(closes, "provision", table, key, "opening_amount", "closing_amount")


def test_a_provision_is_what_its_items_are_provided_for(closes: Closes) -> None:
    for period in PERIODS:
        items = rows(closes[period]["provision"], "provision_by_item")
        moved = rows(closes[period]["provision"], "provision_movement")
        for calculation in ("ifrs9", "policy", "tax"):
            own = [row for row in moved if row["calculation"] == calculation]
            of_items = by_key(items, ("customer_id", "currency"), f"{calculation}_amount")
            assert by_key(own, ("customer_id", "held_currency"), "closing_amount") == of_items


def test_exchange_differences_close_and_follow_one_another(closes: Closes) -> None:
    parts = (
        "opening_base",
        "documents_base",
        "realised_base",
        "late_base",
        "reversed_base",
        "unrealised_base",
        "residue_base",
    )
    for period in PERIODS:
        for row in rows(closes[period]["exchange_differences"], "exchange_statement"):
            assert summed(row, *parts) - cents(row["collected_base"]) == cents(row["closing_base"]), row
    key = ("company_id", "customer_id", "currency")
    begins_where_the_last_ended(
        closes, "exchange_differences", "exchange_statement", key, "opening_base", "closing_base"
    )


def test_accounting_and_tax_differ_by_what_is_explained(closes: Closes) -> None:
    for month, before in in_turn(closes, "exchange_differences", "accounting_and_tax"):
        for row in month:
            explained = summed(row, "tax_base", "permanent_base", "temporary_change_base")
            assert explained == cents(row["accounting_base"])
        key = ("company_id", "currency")
        opening = by_key(month, key, "temporary_opening_base")
        assert opening == by_key(before, key, "temporary_closing_base")


@pytest.mark.parametrize(
    ("notebook", "table"), [("exchange_differences", "exchange_entries"), ("provision", "entries")]
)
def test_proposed_entries_sum_to_zero(closes: Closes, notebook: str, table: str) -> None:
    for period in PERIODS:
        lines = rows(closes[period][notebook], table)
        assert lines
        assert by_key(lines, ("company_id", "entry_id", "currency"), "entry_amount") == {}
        assert by_key(lines, ("company_id", "entry_id", "base_currency"), "base_amount") == {}


def test_the_ledger_moves_by_the_exchange_differences_of_the_month(closes: Closes) -> None:
    """Receivables abroad move by what was realised beyond their documents, revalued and taken back."""
    for period in PERIODS:
        folder = closes[period]["exchange_differences"]
        entries = rows(folder, "exchange_entries")
        booked = -sum(cents(row["base_amount"]) for row in entries if row["account"] in ("421020", "530525"))
        parts = ("realised_base", "late_base", "reversed_base", "unrealised_base", "residue_base")
        assert booked == sum(summed(row, *parts) for row in rows(folder, "exchange_statement"))


def test_bank_statements_prove_to_zero(closes: Closes) -> None:
    for period in PERIODS:
        for row in rows(closes[period]["bank_reconciliation"], "proof"):
            left = summed(row, "book_amount", "credits_not_cleared", "bank_not_in_books")
            assert left - cents(row["debits_not_cleared"]) == cents(row["bank_amount"]), row
            assert cents(row["difference"]) == 0


def test_what_is_open_is_one_figure_in_every_notebook(closes: Closes) -> None:
    for period in PERIODS:
        aged = by_key(rows(closes[period]["aging_review"], "aging_by_item"), ("currency",), "open_amount")
        stages = by_key(rows(closes[period]["over_180"], "stages"), ("currency",), "open_amount")
        assert stages == aged


#: Columns of a statement that are no part of its way from the opening to the closing.
ASIDE = ("opening_amount", "closing_amount", "debit_amount", "credit_amount", "pending_amount")
ACCOUNT = ("company_id", "customer_id", "currency")


def test_every_statement_rolls_forward(closes: Closes) -> None:
    for period in PERIODS:
        folder = closes[period]["customer_reconciliation"]
        found = rows(folder, "statements")
        moved = [name for name in found[0] if name.endswith("_amount") and name not in ASIDE]
        for row in found:
            assert summed(row, "opening_amount", *moved) == cents(row["closing_amount"]), (period, row)
        lines = by_key(rows(folder, "statement_movements"), ACCOUNT, "movement_amount")
        assert lines == {
            key: total
            for row in found
            if (total := summed(row, *moved)) and (key := tuple(row[name] for name in ACCOUNT))
        }
        of_items = by_key(rows(folder, "statement_open_items"), ACCOUNT, "open_amount")
        assert by_key(found, ACCOUNT, "closing_amount") == of_items
    begins_where_the_last_ended(
        closes, "customer_reconciliation", "statements", ACCOUNT, "opening_amount", "closing_amount"
    )


def test_the_differences_of_each_customer_are_the_difference_of_the_balances(closes: Closes) -> None:
    for period in PERIODS:
        folder = closes[period]["customer_reconciliation"]
        differences = by_key(rows(folder, "customer_differences"), ACCOUNT, "difference_amount")
        compared = [row for row in rows(folder, "customer_balances") if row["has_list"].lower() == "true"]
        assert len(compared) > 5
        between = {
            tuple(row[name] for name in ACCOUNT): cents(row["our_amount"])
            - summed(row, "their_amount", "uncompared_amount")
            for row in compared
        }
        assert {key: total for key, total in between.items() if total} == differences


def test_a_difference_that_stays_keeps_its_first_day(closes: Closes) -> None:
    seen: dict[str, str] = {}
    carried = 0
    for period in PERIODS:
        for row in rows(closes[period]["customer_reconciliation"], "customer_differences"):
            first = seen.setdefault(row["difference_id"], row["first_seen_date"])
            assert row["first_seen_date"] == first
            carried += row["first_seen_date"][:7] != period
    assert carried
