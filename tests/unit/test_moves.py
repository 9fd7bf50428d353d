"""Cases are listed with what can be done, and moved by command in the name of who uses the system."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from over_180_world import OCTOBER, POLICY, TODAY, make_book, prepared

from workbench import cli, moves, transferring, words
from workbench.book import read
from workbench.book.stored_files import read_file
from workbench.policy import Policy


@pytest.fixture
def url(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    shutil.copytree(root / "parameters", tmp_path / "parameters")
    monkeypatch.chdir(tmp_path)
    return make_book(tmp_path).url


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = cli.main([*arguments, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else None


def test_every_kind_of_case_has_its_machine() -> None:
    found = moves.machines(Policy())
    assert {"act", "write_off", "over_180_transfer", "provision_exception"} <= set(found)
    assert all(machine.kind == kind for kind, machine in found.items())
    assert moves.moves_of("act", "closed", Policy()) == ["reopen"]
    assert moves.moves_of("write_off", "no such state", Policy()) == []


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_state_move_and_need_of_every_case_has_words(lang: words.Language) -> None:
    said = set()
    for kind, machine in moves.machines(Policy()).items():
        said |= {f"kind.{kind}", *(f"state.{state}" for state in machine.states)}
        for move in machine.moves:
            said |= {f"move.{move.name}", *(f"needs.{one}" for one in move.needs)}
            said |= {f"role.{role}" for role in move.roles}
    assert [one for one in sorted(said) if not words.has_words(f"cases.{one}", lang)] == []


def test_a_transfer_is_proposed_by_one_and_approved_by_another_at_the_door(url, capsys, monkeypatch) -> None:
    from workbench import book as books

    with books.open_book(url) as book:
        ids = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="analista", on=TODAY)
    case_id = next(one for one in ids if "/COP/" in one)
    code, rows = _said(capsys, "cases", "--book", url, "--kind", "over_180_transfer")
    row = next(one for one in rows if one["case_id"] == case_id)
    assert (code, row["state"], row["case_amount"]) == (0, "proposed", "140.00")
    assert row["moves"] == ["approve", "reject", "withdraw"]
    day = ("--on", TODAY.isoformat())
    monkeypatch.setenv("USER", "analista")
    assert _said(capsys, "move", case_id, "approve", *day, "--book", url)[0] == 2  # an analyst may not
    monkeypatch.setenv("USER", "contralor")
    code, moved = _said(capsys, "move", case_id, "approve", *day, "--book", url)
    assert (code, moved["state"], moved["who"]) == (0, "approved", "contralor")
    assert _said(capsys, "move", case_id, "post", *day, "--book", url)[1]["state"] == "transferred"
    with books.open_book(url) as book:
        assert len(read.journal_lines(book)) == 4
        assert read.case_events(book)["who"].tolist().count("contralor") == 2


def test_only_a_write_off_is_moved_by_a_receipt(url, capsys, monkeypatch) -> None:
    from workbench import book as books

    with books.open_book(url) as book:
        ids = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="analista", on=TODAY)
    monkeypatch.setenv("USER", "contralor")
    given = ["move", ids[0], "approve", "--receipt", "R1", "--book", url, "--lang", "es"]
    assert cli.main(given) == 2
    assert "sólo un castigo" in capsys.readouterr().err


def test_a_file_that_bears_a_move_out_is_kept(url, capsys, monkeypatch, tmp_path) -> None:
    from workbench import book as books

    with books.open_book(url) as book:
        case_id = prepared(book, {1: 0})
    proof = tmp_path / "gestion.pdf"
    proof.write_bytes(b"%PDF-1.4 gestion")
    monkeypatch.setenv("USER", "ana")
    told = ("move", case_id, "add_evidence", "--on", TODAY.isoformat(), "--book", url)
    assert cli.main([*told, "-p", "evidence=collection_efforts"]) == 2
    assert "file_sha256" not in capsys.readouterr().err  # a person is told what is missing, in words
    code, moved = _said(capsys, *told, "-p", "evidence=collection_efforts", "--file", str(proof))
    assert (code, moved["state"]) == (0, "prepared")
    with books.open_book(url) as book:
        kept = read.case_events(book, kind="write_off")["file_sha256"].iloc[-1]
        assert read_file(book, kept).content == proof.read_bytes()


@pytest.mark.parametrize("what", [["no such case", "approve"], ["no such case", "sign_us"]])
def test_an_unknown_case_is_refused_with_what_to_do(url, what, capsys) -> None:
    assert cli.main(["move", *what, "--book", url, "--lang", "en"]) == 2
    assert "workbench cases" in capsys.readouterr().err


def test_an_empty_list_says_so(url, capsys) -> None:
    assert cli.main(["cases", "--book", url, "--lang", "es"]) == 0
    assert "No hay expedientes" in capsys.readouterr().out
