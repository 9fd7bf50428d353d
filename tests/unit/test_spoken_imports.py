"""What a person reads of an import on the terminal, and the exit code that goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import cli, spoken, words
from workbench.commands.door import import_code

ITEMS = "company_id,document_id,customer_id,document_date,due_date,currency,amount,open_amount\n"
ONE = "CO01,1001,C1,2026-09-01,2026-10-01,COP,1000.00,400.00\n"


@pytest.fixture(autouse=True)
def _in_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    words.choose_language("es")


def result(file: str, *rules: str, level: str = "error", status: str = "partial") -> dict[str, object]:
    findings = [
        {"row": row, "rule": rule, "level": level, "message": f"Fila {row} mala.", "remedy": "Corríjala."}
        for row, rule in enumerate(rules, start=2)
    ]
    return {
        "file": file, "status": status, "rows_in": 1, "rows_stored": 1, "rows_duplicate": 0,
        "rows_rejected": 0, "sums": {}, "findings": findings,
    }  # fmt: skip


def imported(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    file = tmp_path / "partidas.csv"
    file.write_text(text, encoding="utf-8")
    book = f"sqlite:///{tmp_path / 'book.sqlite'}"
    cli.main(["init", "--book", book])
    capsys.readouterr()
    code = cli.main(["import", str(file), "--source", "open_items", "--book", book, *more])
    return code, capsys.readouterr().out


def test_findings_of_several_files_stand_under_their_files_name(capsys: pytest.CaptureFixture[str]) -> None:
    spoken.show_imports([result("x/uno.csv", "sign"), result("x/dos.csv", "currency")])
    out = capsys.readouterr().out
    assert out.index("uno.csv · hallazgos: 1") < out.index("(sign)")
    assert out.index("(sign)") < out.index("dos.csv · hallazgos: 1") < out.index("(currency)")


def test_what_is_not_shown_is_counted_and_where_it_stands_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    spoken.show_imports([result("uno.csv", *["sign"] * 31)])
    out = capsys.readouterr().out
    assert "… y 28 más: use --json" in out
    assert "Error (sign), veces: 31" in out
    assert "Fila 2: Fila 2" not in out


def test_a_file_taken_whole_with_a_warning_is_done_with_findings() -> None:
    assert import_code(result("a", "unknown-customer", level="warning", status="accepted")) == 3
    assert import_code(result("a", "rows-hidden", level="note", status="accepted")) == 0
    assert import_code(result("a", status="accepted")) == 0
    assert import_code(result("a", status="duplicate")) == 0


def test_items_of_customers_that_nobody_knows_leave_with_code_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = imported(tmp_path, ITEMS + ONE, capsys)
    assert "Advertencia (unknown-customer-in-items)" in out
    assert code == 3


def test_a_conflict_says_which_value_is_in_the_book_and_which_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, ITEMS + ONE, capsys)
    _, out = imported(tmp_path, ITEMS + ONE.replace("1000.00", "1200.50"), capsys)
    assert "Valor original: en el libro 1.000,00 COP, en el archivo 1.200,50 COP" in out
    assert "original_amount" not in out
    assert "100000" not in out


def test_the_checks_of_the_book_have_words_before_their_code() -> None:
    assert spoken.named_check("audit-chain") == "Cadena de auditoría (audit-chain)"
    assert spoken.named_check("rows-documents") == "Filas de la tabla (rows-documents)"
    for lang in words.LANGUAGES:
        assert words.has_words("cli.check_name.batches-balance", lang)


def test_a_dry_run_shows_the_first_rows_with_the_kind_of_each_line(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = root / "tests" / "golden" / "samples" / "bank_csv" / "input.csv"
    book = f"sqlite:///{tmp_path / 'book.sqlite'}"
    cli.main(["import", str(file), "--source", "bank_csv", "--book", book, "--dry-run"])
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if "N002" in line]
    assert "-3.570,00" in line
    assert "fee" in line
    assert "2026-10-06" in line
    cli.main(["import", str(file), "--source", "bank_csv", "--book", book])
    assert "N002" not in capsys.readouterr().out
