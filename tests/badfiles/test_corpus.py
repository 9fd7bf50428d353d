"""Every file of the shared bad-file corpus: verdict, rows, codes and sums, and what the book keeps of it."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from badfiles_world import AS_OF, CUSTOMERS, PROFILES, VERDICTS, World, code, data_row, money

from workbench.book import read
from workbench.judging import check_file

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("WORKBENCH_SHARED") or ROOT.parent / "shared") / "badfiles"


def _index() -> list[dict[str, str]]:
    if not (CORPUS / "index.csv").is_file():
        return []
    with (CORPUS / "index.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


INDEX = _index()
IMPORTS = [row for row in INDEX if row["profile"] != "close_params"]
CHECKS = [row for row in INDEX if row["profile"] == "close_params"]
needs_corpus = pytest.mark.skipif(not INDEX, reason="the shared corpus is not here (WORKBENCH_SHARED)")


def named(rows: list[dict[str, str]]) -> Any:
    return [pytest.param(row, id=Path(row["file"]).name) for row in rows]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("corpus"))


@needs_corpus
def test_the_profiles_know_the_customers_of_the_context() -> None:
    assert (CORPUS / "context" / "customers.csv").read_text(encoding="utf-8").strip() == CUSTOMERS.strip()
    assert len(INDEX) == 105


@needs_corpus
@pytest.mark.parametrize("row", named(IMPORTS))
def test_a_file_of_the_corpus_is_judged_as_its_index_says(row: dict[str, str], world: World) -> None:
    path = CORPUS / row["file"]
    required = CORPUS / row["requires"] if row["requires"] else None
    with world.book() as book:
        judged = world.judge(path, row["profile"], after=required, book=book)
        kept = read.rejected_rows(book)
        batches = read.batches(book)
    assert judged.verdict == row["verdict"], judged.findings
    assert judged.codes == sorted(filter(None, row["reason_codes"].split("|")))
    assert (judged.stored, judged.duplicate) == (int(row["rows_accepted"]), int(row["rows_duplicate"]))
    assert judged.sums_text == row["sum_accepted"]
    assert judged.rows_in == judged.stored + judged.duplicate + judged.rejected
    if row["verdict"] == "reject_file":
        assert judged.ledger_after == judged.ledger_before, "a refused file changed the ledger"
    if row["verdict"] == "reject_rows":
        wanted = [int(number) for number in row["rejected_rows"].split("|")]
        assert sorted(data_row(path, number) for number in judged.rows) == wanted
        assert [data_row(path, int(number)) for number in kept["row"]] == wanted
        assert kept["raw"].str.len().gt(0).all()
        assert {code(rule) for rule in kept["rule"]} == set(judged.codes)
        mine = batches[batches["status"] == "partial"].iloc[-1]
        assert mine["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]


@needs_corpus
@pytest.mark.parametrize(
    "row", named([r for r in IMPORTS if r["verdict"] == "reject_rows" and r["kind"].endswith("_csv")])
)
def test_stored_and_rejected_money_is_the_money_of_the_file(row: dict[str, str], world: World) -> None:
    """The rejected rows, read again from what the book keeps of them, and the stored sums make the file."""
    path = CORPUS / row["file"]
    with path.open(encoding="utf-8", newline="") as stream:
        lines = [cells for cells in csv.reader(stream) if cells]
    header, rows = lines[0], lines[1:]
    column = header.index("open_amount" if "open_amount" in header else "amount")
    currency = header.index("currency")
    with world.book() as book:
        judged = world.judge(path, row["profile"], book=book)
        raw = list(csv.reader(read.rejected_rows(book)["raw"].tolist()))
    assert len(rows) == judged.stored + len(raw)

    def sums(given: list[list[str]]) -> Counter[str]:
        total: Counter[str] = Counter()
        for cells in given:
            amount = money(cells[column])
            if amount is not None:
                total[cells[currency]] += amount  # type: ignore[assignment]  # exact decimals
        return total

    counted = sums(raw)
    for name, amount in judged.sums.items():
        counted[name] += Decimal(amount)  # type: ignore[assignment]  # exact decimals
    assert counted == sums(rows)


@needs_corpus
@pytest.mark.parametrize("row", named(CHECKS))
def test_parameters_of_a_close_are_judged_as_their_index_says(row: dict[str, str]) -> None:
    told = check_file(CORPUS / row["file"], "close_params", parameters=PROFILES, today=AS_OF).to_json()
    assert VERDICTS[told["status"]] == row["verdict"]
    assert [code(finding["rule"]) for finding in told["findings"]] == list(
        filter(None, [row["reason_codes"]])
    )
    assert not Path("pwned").exists()


@needs_corpus
def test_hidden_rows_are_data_and_their_number_is_told(world: World) -> None:
    judged = world.judge(CORPUS / "files" / "x_ok_hidden_row.xlsx", "pay_xlsx")
    assert [finding["rule"] for finding in judged.findings] == ["rows-hidden"]
    assert "1" in str(judged.findings[0]["message"])


@needs_corpus
@pytest.mark.slow
def test_the_commands_say_the_same(tmp_path: Path) -> None:
    """All of the corpus by the commands that COMMANDS gives, with their exit codes."""
    profiles = ["--parameters", str(PROFILES), "--json"]

    def workbench(*arguments: object) -> tuple[int, Any]:
        command = [sys.executable, "-m", "workbench.cli", *map(str, arguments), *profiles]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout)

    start = f"sqlite:///{tmp_path / 'start.db'}"
    customers = CORPUS / "context" / "customers.csv"
    settings = ["--as-of", "2025-10-31", "--closed-through", "2025-09-30"]
    assert (
        workbench("init", "--book", start, "--customers", customers, "--source", "customers", *settings)[0]
        == 0
    )
    wrong = []
    for number, row in enumerate(INDEX):
        if row["profile"] == "close_params":
            exit_code, (told,) = workbench("check", CORPUS / row["file"], "--as", "close_params")
        else:
            copy = tmp_path / f"{number}.db"
            copy.write_bytes((tmp_path / "start.db").read_bytes())
            book = ["--source", row["profile"], "--book", f"sqlite:///{copy}"]
            if row["requires"]:
                workbench("import", CORPUS / row["requires"], *book)
            exit_code, (told,) = workbench("import", CORPUS / row["file"], *book)
            copy.unlink()
        errors = {code(finding["rule"]) for finding in told["findings"] if finding["level"] == "error"}
        wanted = {"accept": 0, "reject_rows": 3, "reject_file": 2}[row["verdict"]]
        said = (VERDICTS[told["status"]], exit_code, ",".join(sorted(errors)), told["rows_stored"])
        if said != (row["verdict"], wanted, row["reason_codes"], int(row["rows_accepted"] or 0)):
            wrong.append((row["file"], said))
    assert wrong == []
