"""What a person types and reads at the door of the cases: words or codes, customers' names, whole ids."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from book_world import CUSTOMER, import_rows
from over_180_world import OCTOBER, POLICY, TODAY, make_book

from workbench import cli, transferring, words
from workbench.words.cases import codes_of


@pytest.fixture
def url(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two transfers proposed by the analyst; the book is kept in the place where a command looks first."""
    shutil.copytree(root / "parameters", tmp_path / "parameters")
    monkeypatch.chdir(tmp_path)
    words.choose_language("es")
    with make_book(tmp_path) as book:
        import_rows(
            book, "customers", CUSTOMER,
            {"customer_id": "C1", "customer_name": "Ferreterías Uno", "effective_from": "2026-01-01"},
        )  # fmt: skip
        transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="analista", on=TODAY)
        monkeypatch.setenv("WORKBENCH_BOOK", book.url)
        return book.url


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = cli.main([*arguments, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


def test_a_word_of_either_language_is_its_code() -> None:
    codes = ("approved", "refused", "in_analysis")
    assert codes_of("state", "aprobado", codes) == ["approved"]
    assert codes_of("state", "Approved", codes) == ["approved"]
    assert codes_of("state", "EN ANALISIS", codes) == ["in_analysis"]
    assert codes_of("state", "approve", codes) == []


@pytest.mark.parametrize("state", ["proposed", "propuesto"])
@pytest.mark.parametrize("kind", ["over_180_transfer", "traslado a más de 180 días", ""])
def test_cases_are_chosen_by_code_or_word(
    url: str, capsys: pytest.CaptureFixture[str], state: str, kind: str
) -> None:
    code, rows, _ = _said(capsys, "cases", "--kind", kind, "--state", state)
    assert (code, len(rows)) == (0, 2)


@pytest.mark.parametrize(
    ("option", "typed", "known"),
    [
        ("--kind", "prestamo", "castigo (write_off)"),
        ("--state", "dormido", "trasladado (transferred)"),
    ],
)
def test_a_kind_or_state_that_is_none_is_refused_with_those_there_are(
    url: str, capsys: pytest.CaptureFixture[str], option: str, typed: str, known: str
) -> None:
    code, told, _ = _said(capsys, "cases", option, typed)
    assert code == 2
    assert typed in told["message"]
    assert known in told["remedy"]


def test_a_move_is_made_by_its_word(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "contralor")
    case_id = _said(capsys, "cases")[1][0]["case_id"]
    code, told, _ = _said(capsys, "move", case_id, "volar", "--on", TODAY.isoformat())
    assert code == 2
    assert "aprobar (approve)" in told["message"]
    code, moved, _ = _said(capsys, "move", case_id, "Aprobar", "--on", TODAY.isoformat())
    assert (code, moved["move"], moved["state"]) == (0, "approve", "approved")


def test_a_case_shows_its_customers_name_and_the_day_of_its_last_move(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {row["customer_name"] for row in _said(capsys, "cases")[1]} == {"Ferreterías Uno"}
    assert cli.main(["cases"]) == 0
    out = capsys.readouterr().out
    assert "Último paso el" in out
    assert "recaudo" not in out


@pytest.mark.parametrize("width", ["60", "100"])
def test_an_id_is_whole_on_a_narrow_screen(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    ids = [row["case_id"] for row in _said(capsys, "cases")[1]]
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", width)
    assert cli.main(["cases"]) == 0
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert [one for one in ids if one not in out] == []
