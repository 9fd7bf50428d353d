"""The run notebook shows the receipt that was asked for, in words, and says so when there is none."""

from __future__ import annotations

import csv
import html
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import runs_world

from workbench import cli

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs_world.make_company(tmp_path_factory.mktemp("company"))


def run(
    company: Path, folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], receipt: str, lang: str = "es",
) -> tuple[Path, Any]:  # fmt: skip
    monkeypatch.chdir(root)
    url = runs_world.copied(company, folder / "book")
    asked = ["-p", "period=2026-10", "-p", f"receipt={receipt}", "--write", "--lang", lang]
    cli.main(["run", "payment_matching", *asked, "--book", url, "--out", str(folder / "o"), "--json"])
    told = json.loads(capsys.readouterr().out)
    return Path(told["folder"]), told


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_block_and_the_sheets_say_in_words_why(
    company: Path, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    first, told = run(company, tmp_path / "one", root, monkeypatch, capsys, "NOSUCH")
    assert told["status"] == "done"
    found = [row for row in rows(first, "findings") if row["rule"] == "receipt-not-found"]
    assert found[0]["message"].startswith("No hay un recaudo NOSUCH hasta la fecha de corte")
    assert "parámetro receipt" in found[0]["remedy"]

    applied = rows(first, "applied")[0]["receipt_id"]
    second, _ = run(company, tmp_path / "two", root, monkeypatch, capsys, applied, "en")
    page = html.unescape((second / "notebook.html").read_text(encoding="utf-8"))
    assert f"Receipt {applied} · " in page
    assert "What it pays" in page
    assert f"workbench undo --receipt {applied}" in page
    assert "From received to applied" in page

    book = openpyxl.load_workbook(second / "payment_matching.xlsx")
    assert {"Applied", "Suggestions", "Rivals", "Received to applied"} <= set(book.sheetnames)
    assert len(book["Summary"]._charts) == 2  # one a currency
    sheet = book["Applied"]
    header = next(row for row in sheet.iter_rows() if any(cell.value == "Evidence" for cell in row))
    at = next(cell.column for cell in header if cell.value == "Evidence")
    told_rows = [sheet.cell(row, at).value for row in range(header[0].row + 1, sheet.max_row + 1)]
    assert len(told_rows) == len(rows(second, "applied"))
    assert all(str(text).endswith(".") and "{" not in str(text) for text in told_rows)
