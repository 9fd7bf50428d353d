"""What the manifests of runs noted of the audit chain, held against the book by ``workbench verify``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from book_world import copy_of, import_items, new_book, raw

from workbench import book as books
from workbench import cli
from workbench.book.transactions import entry_hash
from workbench.runs import anchors


def note(out: Path, anchor: books.audit.Anchor, run_id: str = "r1") -> Path:
    """A finished run's manifest, as far as the anchor goes."""
    folder = out / "2026-10" / "all" / "aging_review" / run_id
    folder.mkdir(parents=True)
    file = folder / "manifest.json"
    file.write_text(json.dumps({"run": {"audit_anchor": asdict(anchor)}}))
    return file


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    made = new_book(tmp_path)
    import_items(made, {"document_number": "1"})
    import_items(made, {"document_number": "2"})
    return made


def verified(capsys: pytest.CaptureFixture[str], book: books.Book, out: Path) -> tuple[int, dict[str, dict]]:
    code = cli.main(["verify", "--book", book.url, "--out", str(out), "--json"])
    return code, {check["check"]: check for check in json.loads(capsys.readouterr().out)}


def cut_the_tail(book: books.Book) -> None:
    """The last import goes without a trace: triggers, rows and its audit entry."""
    connection = raw(book)
    connection.execute("PRAGMA foreign_keys = OFF")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    last = connection.execute("SELECT max(seq) FROM audit").fetchone()[0]
    for table in ("observations", "documents", "import_batches"):
        connection.execute(f'DELETE FROM "{table}" WHERE audit_seq = {last}')
    connection.execute(f"DELETE FROM audit WHERE seq = {last}")
    for _, statement in triggers:
        connection.execute(statement)
    connection.close()


def test_a_book_that_grew_since_its_runs_passes(book, tmp_path, capsys):
    note(tmp_path / "out", books.audit.anchor(book))
    import_items(book, {"document_number": "3"})
    code, checks = verified(capsys, book, tmp_path / "out")
    assert code == 0
    assert (checks["audit-anchors"]["count"], checks["manifests"]["count"]) == (1, 1)


def test_a_tail_cut_off_shows_against_the_manifests(book, tmp_path, capsys):
    note(tmp_path / "out", books.audit.anchor(book))
    cut_the_tail(book)
    assert verified(capsys, book, tmp_path / "elsewhere")[0] == 0, "without anchors nobody can tell"
    code, checks = verified(capsys, book, tmp_path / "out")
    assert code == 1
    assert checks["audit-anchors"]["first_fault"] == "audit 3"


def test_a_book_written_anew_at_the_same_place_shows(book, tmp_path, capsys):
    note(tmp_path / "out", books.audit.anchor(book))
    book.close()
    Path(book.url.removeprefix("sqlite:///")).unlink()
    anew = new_book(tmp_path)
    connection = raw(anew)
    triggers = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE name LIKE 'audit_no_%'"
    ).fetchall()
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    entry = list(connection.execute("SELECT * FROM audit").fetchone()[:7])
    entry[3] = "eve"
    forged = entry_hash(*entry)
    connection.execute("UPDATE audit SET who = 'eve', entry_hash = ?", [forged])
    for _, statement in triggers:
        connection.execute(statement)
    connection.close()
    code, checks = verified(capsys, anew, tmp_path / "out")
    assert (code, checks["audit-anchors"]["ok"]) == (1, False)


def test_another_books_manifests_say_nothing_of_this_one(book, tmp_path, capsys):
    note(tmp_path / "out", books.audit.Anchor(99, "f" * 64, "e" * 64, "d" * 64))
    code, checks = verified(capsys, book, tmp_path / "out")
    assert (code, checks["audit-anchors"]["count"], checks["manifests"]["count"]) == (0, 0, 1)


def test_a_book_that_moved_keeps_its_anchors(book, tmp_path, capsys):
    note(tmp_path / "out", books.audit.anchor(book))
    (tmp_path / "moved").mkdir()
    moved = copy_of(book, tmp_path / "moved")
    assert verified(capsys, moved, tmp_path / "out")[1]["audit-anchors"]["count"] == 1
    cut_the_tail(moved)
    assert verified(capsys, moved, tmp_path / "out")[0] == 1


def test_a_manifest_that_cannot_be_read_is_said(book, tmp_path, capsys):
    note(tmp_path / "out", books.audit.anchor(book)).write_text("{")
    code, checks = verified(capsys, book, tmp_path / "out")
    assert (code, checks["manifests"]["first_fault"]) == (1, "2026-10/all/aging_review/r1/manifest.json")


def test_a_run_not_finished_is_no_anchor(book, tmp_path):
    note(tmp_path / "out", books.audit.Anchor(99, "f" * 64), "r2.partial")
    assert anchors.anchors_in(tmp_path / "out") == ([], [])
