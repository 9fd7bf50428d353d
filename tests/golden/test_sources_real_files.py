"""Every real file that applies is read or refused with a reason; figures against independent readings."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.errors import FileRefusedError
from workbench.sources import load_mapping, read_file


def test_highradius_open_items_equal_an_independent_reading(root: Path, shared: Path) -> None:
    path = shared / "data/highradius/open_items.csv"
    parsed = read_file(path, load_mapping(root / "parameters", "highradius_open_items"))
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["invoice_currency"]] += int(Decimal(row["total_open_amount"]) * 100)
    assert parsed.sums == dict(sums)
    assert (parsed.rows_in, parsed.rows_duplicate, len(parsed.rejected)) == (len(rows), 0, 0)
    assert parsed.extract_date == dt.date(2020, 5, 22)
    items = parsed.frame
    assert set(items["document_number"].str.len()) == {10}
    whole = {row["cust_number"] for row in rows if len(row["cust_number"]) == 10}
    lost = [row["cust_number"] for row in rows if len(row["cust_number"]) == 9]
    restored = {number for number in lost if f"0{number}" in whole}
    told = parsed.findings["rule"].value_counts()
    assert told["leading-zeros-restored"] == len(restored)
    assert told.get("leading-zeros-lost", 0) == len(set(lost) - restored)
    assert (items["customer_id"].str.len() == 9).sum() == sum(number not in restored for number in lost)
    assert set(zip(parsed.customers["company_id"], parsed.customers["customer_id"], strict=True)) == set(
        zip(items["company_id"], items["customer_id"], strict=True)
    )


def test_highradius_closed_items_count_duplicates_and_refuse_the_row_without_id(
    root: Path, shared: Path
) -> None:
    path = shared / "data/highradius/closed_items.csv"
    parsed = read_file(path, load_mapping(root / "parameters", "highradius_closed_items"))
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    distinct = {tuple(row.values()) for row in rows if row["Invoice ID"]}
    sums: Counter[str] = Counter()
    paid: Counter[dt.date] = Counter()
    for row in distinct:
        named = dict(zip(rows[0], row, strict=True))
        sums[named["Currency"]] += int(Decimal(named["Invoice Amount ($)"]) * 100)
        paid[dt.datetime.strptime(named["Payment Date"], "%d-%b-%Y").replace(tzinfo=dt.UTC).date()] += 1
    assert parsed.sums == dict(sums)
    assert Counter(parsed.frame["clearing_date"].dt.date) == paid
    assert (len(parsed.frame), parsed.rows_duplicate) == (len(distinct), len(rows) - 1 - len(distinct))
    assert parsed.rejected["rule"].tolist() == ["id-missing"]
    (refused,) = parsed.rejected["row"]
    assert rows[refused - 2]["Invoice ID"] == ""
    assert not parsed.frame["has_open_amount"].any()


def test_a_closed_file_row_without_payment_date_is_still_open(
    root: Path, shared: Path, tmp_path: Path
) -> None:
    lines = (shared / "data/highradius/closed_items.csv").read_text(encoding="utf-8").split("\n")[:3]
    cells = lines[2].split(",")
    cells[8] = ""
    (tmp_path / "closed.csv").write_text("\n".join([*lines[:2], ",".join(cells)]) + "\n", encoding="utf-8")
    parsed = read_file(tmp_path / "closed.csv", load_mapping(root / "parameters", "highradius_closed_items"))
    assert parsed.frame["has_open_amount"].tolist() == [False, True]
    assert parsed.frame["open_amount"].tolist() == [0, parsed.frame["original_amount"].iloc[1]]


def test_the_trm_of_the_public_file_covers_every_day_once(root: Path, shared: Path) -> None:
    path = shared / "data/fx/TRM_datosgov_20250824.csv"
    parsed = read_file(path, load_mapping(root / "parameters", "trm_rates"))
    rates = parsed.frame.sort_values("valid_from")
    assert len(rates) == parsed.rows_in == 8098
    assert parsed.findings.empty
    days = (rates["valid_through"] - rates["valid_from"]).dt.days + 1
    assert days.sum() == (dt.date(2025, 8, 25) - dt.date(1991, 12, 2)).days + 1
    newest = rates.iloc[-1]
    assert (newest["rate"], newest["from_currency"], newest["to_currency"]) == (4_008_700_000, "USD", "COP")


def test_the_rates_of_the_central_bank_equal_the_cells_of_the_file(root: Path, shared: Path) -> None:
    path = shared / "data/fx/eurofxref-hist.csv"
    parsed = read_file(path, load_mapping(root / "parameters", "ecb_rates"))
    with path.open(encoding="utf-8", newline="") as stream:
        cells = {
            (row["Date"], name): Decimal(value)
            for row in csv.DictReader(stream)
            for name, value in row.items()
            if name not in ("Date", "") and value not in ("N/A", "")
        }
    rates = parsed.frame
    assert len(rates) == len(cells)
    keys = zip(rates["valid_from"].dt.strftime("%Y-%m-%d"), rates["to_currency"], strict=True)
    wrong = [
        key for key, rate in zip(keys, rates["rate"].tolist(), strict=True) if cells[key] * 1_000_000 != rate
    ]
    assert wrong == []
    assert (rates["valid_through"] >= rates["valid_from"]).all()


@pytest.mark.parametrize(
    "name", ["oca__fixtures__debit_credit.csv", "oca__fixtures__sample_statement_en.xlsx"]
)
def test_a_statement_of_another_bank_says_which_columns_it_lacks(root: Path, shared: Path, name: str) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        read_file(shared / "data/statements/csv_xlsx" / name, load_mapping(root / "parameters", "bank_csv"))
    assert refusal.value.cause == "columns-missing"
