"""From the run to Excel and back by the commands, on a small company: decide, import, undo the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import runs_world
from deciding_world import FIRST, open_now, unapplied_now

from workbench import book as books
from workbench import cli
from workbench.decisions import SHEET_COLUMNS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs_world.make_company(tmp_path_factory.mktemp("company"))


def test_suggestions_are_decided_in_excel_and_a_run_is_undone_whole(
    company: Path, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(root)
    url = runs_world.copied(company, tmp_path / "book")

    def run(*arguments: str) -> tuple[int, Any]:
        code = cli.main([*arguments, "--book", url, "--json"])
        return code, json.loads(capsys.readouterr().out)

    with books.open_book(url) as book:
        before, cash_before = open_now(book), unapplied_now(book)
    code, told = run(
        "run", "payment_matching", "-p", "period=2026-10", "--write", "--out", str(tmp_path / "o")
    )
    assert (code, told["status"]) in ((0, "done"), (3, "done"))
    file = Path(told["folder"]) / "suggestions.xlsx"
    manifest = json.loads((Path(told["folder"]) / "manifest.json").read_text())
    assert "suggestions.xlsx" in {entry["file"] for entry in manifest["outputs"]}

    workbook = openpyxl.load_workbook(file)
    sheet = workbook.active
    at = {name: place + 1 for place, name in enumerate(SHEET_COLUMNS)}
    decided: set[str] = set()
    for row in range(FIRST, sheet.max_row + 1):
        receipt = str(sheet.cell(row, at["receipt_id"]).value)
        if receipt not in decided:
            proposed = sheet.cell(row, at["proposal"]).value
            sheet.cell(row, at["decision"]).value = "Aceptar" if proposed else "A cuenta"
        decided.add(receipt)
    workbook.save(tmp_path / "decided.xlsx")
    again = ("import", str(tmp_path / "decided.xlsx"), "--source", "suggestions")
    code, (imported,) = run(*again)
    assert imported["rows_in"] == imported["rows_stored"] + imported["rows_rejected"] == len(decided)
    assert imported["rows_stored"] > 0
    assert run(*again)[1][0]["rows_stored"] == 0
    with books.open_book(url) as book:
        by_people = books.read.applications(book).query("rule == 'decided'")
        assert not by_people.empty
        for receipt_id in sorted(set(books.read.decisions(book)["subject_key"])):
            assert run("undo", "--receipt", receipt_id)[0] == 0
    code, undone = run("undo", "--run", told["run_id"], "--reason", "corrida equivocada")
    assert (code, len(undone["applications"]) > 0) == (0, True)
    with books.open_book(url) as book:
        pd.testing.assert_frame_equal(open_now(book), before)
        pd.testing.assert_frame_equal(unapplied_now(book), cash_before)
    code, checks = run("verify", "--out", str(tmp_path / "o"))
    assert (code, [one["check"] for one in checks if not one["ok"]]) == (0, [])
