"""What is open between two amounts, through the function and the command, in currencies of any decimals."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from book_world import import_items, import_receipts, new_book

from workbench import ledger
from workbench.cli import main

ROWS = pd.DataFrame(
    {
        "currency": ["COP", "COP", "COP", "JPY", "KWD", "COP"],
        "open_amount": [399_99, 400_00, 500_00, 400, 400_001, -450_00],
    }
)


def shown(smallest: str | None, largest: str | None) -> list[int]:
    bounds = {"smallest": smallest and Decimal(smallest), "largest": largest and Decimal(largest)}
    return ledger.select_by_amount(ROWS, "open_amount", **bounds)["open_amount"].tolist()


@pytest.mark.parametrize(
    ("smallest", "largest", "expected"),
    [
        ("400", "500", [400_00, 500_00, 400, 400_001, -450_00]),
        ("400", "400", [400_00, 400]),
        ("400.01", None, [500_00, -450_00]),
        ("400.001", "499.99", [400_001, -450_00]),
        ("399.995", "400", [400_00, 400]),
        (None, "399.99", [399_99]),
        (None, None, ROWS["open_amount"].tolist()),
        ("500.01", None, []),
    ],
)
def test_both_bounds_are_inside_in_every_currency(
    smallest: str | None, largest: str | None, expected: list[int]
) -> None:
    assert shown(smallest, largest) == expected


@pytest.fixture
def url(tmp_path: Path) -> str:
    book = new_book(tmp_path)
    import_items(book, *(
        {"document_number": f"18{number}", "original_amount": amount, "open_amount": amount}
        for number, amount in (("1", 300_00), ("2", 400_00), ("3", 500_00))
    ))  # fmt: skip
    import_receipts(book, {"receipt_id": "R1", "received_amount": 300_00})
    return book.url


def listed(url: str, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, str]]:
    assert main(["list", *more, "--book", url, "--as-of", "2026-12-31", "--json"]) == 0
    return list(json.loads(capsys.readouterr().out))


def test_a_person_lists_items_and_receipts_between_two_amounts(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    window = ("--from-amount", "400", "--to-amount", "500")
    items = listed(url, capsys, "items", *window)
    assert [(row["document_id"][:3], row["open_amount"]) for row in items] == [
        ("182", "400.00"), ("183", "500.00")
    ]  # fmt: skip
    assert listed(url, capsys, "receipts", *window) == []
    assert [row["unapplied_amount"] for row in listed(url, capsys, "receipts")] == ["300.00"]
    assert listed(url, capsys, "items", "--customer", "nobody") == []


def test_a_person_reads_a_table_and_its_sum(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "items", "--book", url, "--as-of", "2026-12-31", "--lang", "es"]) == 0
    said = capsys.readouterr().out
    assert "3 filas; 1.200,00 COP" in said


@pytest.mark.parametrize(("bound", "count"), [("400,00", 2), ("400,01", 1), ("0.000,50", 3), ("400.01", 1)])
def test_a_bound_is_read_with_the_comma_of_its_language(
    bound: str, count: int, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(listed(url, capsys, "items", "--from-amount", bound)) == count
    if "," in bound:
        assert main(["list", "items", "--book", url, "--from-amount", bound, "--lang", "en"]) == 2


def test_a_list_names_customer_and_reference_and_says_what_may_be_done_next(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {"customer_name", "reference"} <= set(listed(url, capsys, "items")[0])
    assert "customer_name" in listed(url, capsys, "receipts")[0]
    asked = ["--book", url, "--as-of", "2026-12-31", "--lang", "es"]
    assert main(["list", "receipts", *asked]) == 0
    assert "-p receipt=R1" in capsys.readouterr().out
    assert main(["list", "items", "--customer", "nobody", *asked]) == 0
    assert "sin --company, --customer" in capsys.readouterr().out
    assert main(["list", *asked]) == 2
    assert "workbench list receipts" in capsys.readouterr().err


@pytest.mark.parametrize("bound", ["cuatro", "1,5,0", "4000.000,5", "-1", "NaN", "1e999999999"])
def test_a_bound_that_is_no_amount_is_refused(bound: str, url: str) -> None:
    assert main(["list", "items", "--book", url, "--from-amount", bound]) == 2
