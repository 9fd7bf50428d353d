"""`workbench match` on short pays: rates come from the parameters, what may be tolerated from the policy."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from workbench.cli import main

OPEN = """customer_id,document_id,document_type,document_date,due_date,currency,amount,taxable_base,tax
C1,1001,RV,2025-07-01,2025-08-01,COP,11900000,10000000,1900000
C1,1002,RV,2025-07-01,2025-08-01,COP,5000000,,
"""
RECEIPTS = """receipt_id,receipt_date,currency,amount,customer_id,text
R1,2025-08-01,COP,11268400,C1,pago 1001
R2,2025-08-02,COP,4999000,C1,pago 1002
"""
POLICY = """version: "1"
matching: {differences: {tolerance: {amounts: {COP: "1000.00"}}}}
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "open.csv").write_text(OPEN, encoding="utf-8")
    (tmp_path / "receipts.csv").write_text(RECEIPTS, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return tmp_path


def run(files: Path, parameters: Path, *more: str) -> tuple[int, list[tuple[str, str, str]]]:
    named = ("--open-items", "open.csv"), ("--receipts", "receipts.csv"), ("--out", "out")
    options = [text for name, file in named for text in (name, str(files / file))]
    code = main(["match", *options, "--parameters", str(parameters), "--json", *more])
    with (files / "out" / "applied.csv").open(encoding="utf-8", newline="") as stream:
        return code, [(row["document_id"], row["kind"], row["amount"]) for row in csv.DictReader(stream)]


WITHHELD = [
    ("1001", "payment", "11268400.00"),
    ("1001", "withholding", "250000.00"),
    ("1001", "withholding", "285000.00"),
    ("1001", "withholding", "96600.00"),
]


def test_the_rates_shipped_settle_the_worked_example_and_nothing_is_tolerated(
    files: Path, root: Path
) -> None:
    assert run(files, root / "parameters") == (3, WITHHELD)


def test_a_policy_may_tolerate_and_the_rates_still_hold(files: Path, root: Path) -> None:
    policy = ("--policy", str(files / "policy.yaml"))
    code, applied = run(files, root / "parameters", *policy)
    assert code == 0
    assert applied == [*WITHHELD, ("1002", "payment", "4999000.00"), ("1002", "tolerance", "1000.00")]


def test_without_rates_nothing_is_withheld(files: Path) -> None:
    assert run(files, files / "elsewhere") == (3, [])
