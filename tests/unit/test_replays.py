"""Files in, files out, without a book: what is applied, what a person decides, and no cash lost between."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from workbench import matching, replays
from workbench.cli import main
from workbench.errors import MissingColumnsError
from workbench.policy import MatchingPolicy

ITEMS = """customer_id,document_id,document_type,document_date,due_date,currency,amount,closed_date
C1,A1,INV,2026-01-05,2026-02-05,COP,1234567.89,
C1,A2,INV,2026-01-09,2026-02-09,COP,7654321.12,2026-02-20
C1,N1,CN,2026-01-10,2026-01-10,COP,-1000.55,
C2,A1,INV,2026-01-05,2026-02-05,COP,555555.55,
"""
RECEIPTS = """receipt_id,receipt_date,currency,amount,customer_id,text
R1,2026-02-06,COP,1234567.89,C1,
R2,2026-02-21,COP,7654321.12,C1,
R3,2026-02-22,COP,554555.00,,pago A1
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "open.csv").write_text(ITEMS)
    (tmp_path / "receipts.csv").write_text(RECEIPTS)
    return tmp_path


def run(folder: Path, *more: str) -> tuple[int, dict[str, object]]:
    arguments = [
        "match",
        "--open-items",
        str(folder / "open.csv"),
        "--receipts",
        str(folder / "receipts.csv"),
    ]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = main([*arguments, "--out", str(folder / "out"), "--json", *more])
    return code, json.loads(said.getvalue())


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_what_is_applied_suggested_and_left_are_files_of_the_agreed_shape(files: Path) -> None:
    code, summary = run(files)
    assert code == 3
    (applied,) = rows(files / "out" / "applied.csv")
    assert list(applied) == "receipt_id document_id amount kind rule expectation evidence".split()
    assert (applied["receipt_id"], applied["document_id"], applied["amount"]) == ("R1", "A1", "1234567.89")
    assert 0 < float(applied["expectation"]) < 1e-3
    left = {row["receipt_id"]: row for row in rows(files / "out" / "unapplied.csv")}
    assert left["R3"]["amount"] == "554555.00"
    assert set(left) == {"R2", "R3"}
    assert summary["conservation"] == {
        "COP": {"received": "9443444.01", "applied": "1234567.89", "unapplied": "8208876.12"}
    }
    names = "receipt_id proposal rank document_id amount kind rule expectation evidence".split()
    assert all(list(row) == names for row in rows(files / "out" / "suggestions.csv"))


def test_a_document_is_there_through_its_closed_date_and_gone_the_day_after(files: Path) -> None:
    (files / "receipts.csv").write_text(RECEIPTS.replace("2026-02-21", "2026-02-20"))
    run(files)
    assert {row["document_id"] for row in rows(files / "out" / "applied.csv")} == {"A1", "A2"}


def test_the_engine_never_sees_when_a_document_was_closed(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[pd.DataFrame] = []

    def watched(paid: pd.DataFrame, items: pd.DataFrame, *others: object, **options: object) -> object:
        seen.extend([paid, items])
        return matching.match_receipts(paid, items, *others, **options)

    monkeypatch.setattr(replays, "match_receipts", watched)
    run(files)
    for frame in seen:
        assert not any("clos" in name or "clear" in name for name in frame.columns)
        assert "2026-02-20" not in frame.drop(columns="recorded_at").to_csv()


def test_the_same_files_give_the_same_bytes_whatever_the_order_of_their_rows(files: Path) -> None:
    run(files)
    names = ("applied.csv", "suggestions.csv", "unapplied.csv", "summary.json")
    first = [(files / "out" / name).read_bytes() for name in names]
    for name, text in (("open.csv", ITEMS), ("receipts.csv", RECEIPTS)):
        head, *body = text.splitlines()
        (files / name).write_text("\n".join([head, *reversed(body)]) + "\n")
    run(files)
    assert [(files / "out" / name).read_bytes() for name in names] == first


def test_a_file_without_its_columns_is_refused_and_nothing_is_written(files: Path) -> None:
    (files / "open.csv").write_text("cliente,saldo\nC1,5\n")
    with pytest.raises(MissingColumnsError):
        replays.match_files(
            files / "open.csv", files / "receipts.csv", policy=MatchingPolicy(), out=files / "out"
        )
    assert not (files / "out").exists()


def test_a_row_that_cannot_be_read_is_said_by_file_and_row_and_the_rest_is_matched(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = run(files)[1]["conservation"]
    (files / "receipts.csv").write_text(RECEIPTS + "R4,2026-02-30,COP,1.00,C1,\n")
    code, summary = run(files)
    assert code == 3
    assert [kind["rows_rejected"] for kind in summary["files"]] == [0, 1]
    assert summary["conservation"] == whole  # of the rows that could be read
    (said,) = summary["findings"]
    assert (said["file"], said["row"], said["rule"]) == ("receipts.csv", 5, "date-invalid")
    assert "2026-02-30" in said["message"]
    assert said["remedy"]
    (kept,) = [row for row in rows(files / "out" / "findings.csv") if row["file"]]
    assert (kept["row"], kept["message"]) == ("5", said["message"])
    capsys.readouterr()
    names = ("--open-items", "open.csv"), ("--receipts", "receipts.csv"), ("--out", "out")
    assert main(["match", *(text for name, file in names for text in (name, str(files / file)))]) == 3
    spoken = capsys.readouterr().out
    assert "receipts.csv · Fila 5: " in spoken
    assert "2026-02-30" in spoken
    assert "Filas que no se pudieron leer: 1" in spoken


def test_all_rows_read_say_nothing_and_leave_an_empty_list(files: Path) -> None:
    summary = run(files)[1]
    assert summary["findings"] == []
    assert (files / "out" / "findings.csv").read_text().startswith("file,row,level,rule,message,remedy\n")


def test_no_cell_of_the_findings_is_a_formula(files: Path) -> None:
    odd = files / "=cmd().csv"
    odd.write_text(RECEIPTS + "R4,2026-02-30,COP,1.00,C1,\n")
    policy = MatchingPolicy()
    replays.match_files(files / "open.csv", odd, policy=policy, out=files / "out")
    cells = [text for row in rows(files / "out" / "findings.csv") for text in row.values()]
    assert "'=cmd().csv" in cells
    assert not any(text.startswith("=") for text in cells)
