"""The commands of the over-180 control: cases opened by name, moved by `workbench move`, by two people."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from over_180_world import make_book, posted, prepared

from workbench import book as books
from workbench import cli
from workbench.book import stored_files
from workbench.errors import PostingRefusedError


@pytest.fixture
def url(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    shutil.copytree(root / "parameters", tmp_path / "parameters")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USER", "ana")
    make_book(tmp_path).close()
    return f"sqlite:///{tmp_path / 'book.sqlite'}"


def _told(capsys: pytest.CaptureFixture[str], url: str, *arguments: str) -> tuple[int, object]:
    code = cli.main([*arguments, "--book", url, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else said.err


def test_transfers_are_proposed_at_the_periods_end_and_once(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = _told(capsys, url, "over-180", "propose", "--period", "2026-10")
    assert code == 0
    assert isinstance(told, dict)
    assert len(told["transfers"]) == 2
    assert told["reversals"] == []
    with books.open_book(url) as book:
        assert set(books.read.cases(book)["opened_date"].dt.strftime("%Y-%m-%d")) == {"2026-10-31"}
    assert _told(capsys, url, "over-180", "propose", "--period", "2026-10")[1] == {
        "transfers": [],
        "reversals": [],
    }


def test_a_plan_an_exception_a_hand_over_and_a_credit_become_cases(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ("plan", "1800003", "--owner", "Marta", "--cause", "PRC", "--plan", "Nota", "--by", "2026-12-01"),
        ("exception", "--company", "CO01", "--customer", "C1", "--reason", "insured", "--permille", "100",
         "--through", "2026-12-31"),
        ("hand-over", "1800001", "1800002/2026/001", "--reason", "demanda"),
        ("credit", "1800005/2026/001", "--action", "refund", "--owner", "S1", "--evidence", "carta"),
    ):  # fmt: skip
        code, told = _told(capsys, url, "over-180", *arguments, "--on", "2026-11-03")
        assert code == 0, told
    with books.open_book(url) as book:
        assert set(books.read.cases(book)["kind"]) == {
            "over_180_plan", "provision_exception", "over_180_hand_over", "credit_over_180",
        }  # fmt: skip


def test_a_write_off_of_a_part_is_prepared_and_moved(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = _told(capsys, url, "write-off", "1800001=60.00", "--reason", "COBE", "--on", "2026-11-03")
    assert code == 0
    assert isinstance(told, dict)
    Path("proof.txt").write_text("llamadas")
    case_id = str(told["case_id"])
    moved = _told(
        capsys, url, "move", case_id, "add_evidence", "--file", "proof.txt", "--on", "2026-11-03",
        "-p", "evidence=collection_efforts",
    )  # fmt: skip
    assert moved[0] == 0, moved
    code, said = _told(capsys, url, "move", case_id, "post", "--on", "2026-11-03")
    assert code == 2
    assert "add_evidence" in str(said)  # what can be done instead


def test_a_receipt_that_is_only_named_recovers_nothing(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Cash is what the book finds by ``--receipt``; a number that a move brings itself is no cash."""
    with books.open_book(url) as book:
        case_id = posted(book, {2: 0})
    on = ("--on", "2026-11-03")
    for number in ("NO-SUCH", "R1"):
        code, told = _told(capsys, url, "move", case_id, "recover", *on, "-p", f"receipt_id={number}")
        assert (code, told["rule"] if isinstance(told, dict) else told) == (2, "case-move-lacks")
    given = ("--receipt", "R1", "-p", "receipt_id=NO-SUCH")
    assert _told(capsys, url, "move", case_id, "recover", *on, *given)[0] == 0
    with books.open_book(url) as book:
        assert books.read.case(book, case_id).events[-1].content["receipt_id"] == "R1"
        assert "payment" in books.read.applications(book)["kind"].tolist()
        assert len(books.read.journal_lines(book)) == 2


@pytest.mark.parametrize(
    "wrong", [("--on", "2026-99-99"), ("-p", "evidence"), ("--case", "W-0")], ids=["day", "value", "case"]
)
def test_a_move_that_was_mistyped_leaves_no_file_in_the_book(
    url: str, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
) -> None:
    with books.open_book(url) as book:
        case_id = prepared(book, {2: 0})
    Path("proof.txt").write_bytes(b"llamadas de ayer")
    other, more = (wrong[1], ()) if wrong[0] == "--case" else (case_id, wrong)
    given = ("add_evidence", "--file", "proof.txt", "-p", "evidence=collection_efforts", *more)
    assert _told(capsys, url, "move", other, *given)[0] == 2
    with books.open_book(url) as book, pytest.raises(PostingRefusedError):
        stored_files.read_file(book, hashlib.sha256(b"llamadas de ayer").hexdigest())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("write-off", "9999", "--reason", "COBE"), "9999"),
        (("write-off", "1800001=sixty", "--reason", "COBE"), "sixty"),
        (("write-off", "1800001", "--reason", "WHIM"), "INSO"),
        (
            ("over-180", "credit", "1800001", "--action", "refund", "--owner", "a", "--evidence", "b"),
            "1800001",
        ),
        (("over-180", "propose", "--period", "2026-13"), "2026-13"),
    ],
)
def test_what_leads_nowhere_is_refused_with_its_name(
    url: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, told = _told(capsys, url, *arguments)
    assert code == 2
    assert said in str(told)


def test_an_exception_over_before_it_is_asked_for_is_refused(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("over-180", "exception", "--company", "CO01", "--customer", "C1", "--reason", "insured",
             "--permille", "100", "--on", "2026-11-03", "--through")  # fmt: skip
    code, told = _told(capsys, url, *asked, "2026-09-01")
    assert code == 2
    assert "la vigencia termina el 01/09/2026, antes de la solicitud (03/11/2026)" in str(told)
    assert _told(capsys, url, *asked, "2026-11-03")[0] == 0  # its last day is still one


def test_a_document_that_is_none_or_owes_nothing_is_said_to_be_so(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, url, "write-off", "9999", "--reason", "COBE")[1]
    assert isinstance(told, dict)
    assert told["message"] == "No hay un documento «9999»."
    with books.open_book(url) as book:
        posted(book, {1: 0})
    code, told = _told(capsys, url, "write-off", "1800001", "--reason", "COBE", "--on", "2026-11-03")
    assert code == 2
    assert "ya no debe nada" in str(told)
