"""Acts as a person types them: from the draft to the close, what is due, the PDFs, coverage."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import acting_world as world
import pytest
from acting_world import C1, C2, SCAN, make_book
from book_world import import_items

from workbench import book as books
from workbench import cli, intake
from workbench.cli import main
from workbench.commands import acts as commands
from workbench.commands.door import today


def on(days: int) -> str:
    """So many days from today: a command's own steps are of today."""
    return (today() + dt.timedelta(days=days)).isoformat()


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    return make_book(tmp_path)


@pytest.fixture
def call(
    book: books.Book, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Any:
    def run(*arguments: str, who: str = "ana", code: int = 0) -> Any:
        monkeypatch.setenv("USER", who)
        given = ["acts", *arguments, "--book", book.url, "--parameters", str(root / "parameters"), "--json"]
        assert main(given) == code, capsys.readouterr()
        out = capsys.readouterr().out
        return json.loads(out) if out else None

    return run


def test_an_act_from_its_draft_to_its_close(call: Any, tmp_path: Path) -> None:
    made = call("prepare", "--period", "2026-10", "--customer", "C1", "--customer", "C2")
    assert (made["opened"], made["kept"]) == ([C1, C2], [])
    (sent,) = call("send", C1, "--to", "cartera@uno.co", "--on", on(0))
    assert (sent["state"], "remind" in sent["moves"]) == ("sent", True)
    call("acknowledge", C1, "--by", "Pedro Paz", "--on", on(0))
    call(
        "respond",
        C1,
        "--answer",
        "differs",
        "--by",
        "Pedro Paz",
        "--their-balance",
        "140.00",
        "--on",
        on(1),
    )
    differences, actions = tmp_path / "d.csv", tmp_path / "a.csv"
    differences.write_text(
        "cause,document_id,ours,theirs,amount,owner,due_date,note\n"
        "withholding,F1,100.00,90.00,10.00,ana,2026-12-15,\n", encoding="utf-8",
    )  # fmt: skip
    actions.write_text("action,owner,due_date\nPedir el certificado,ana,2026-12-15\n", encoding="utf-8")
    call("analyse", C1, "--differences", str(differences), "--on", on(2))
    (agreed,) = call("agree", C1, "--actions", str(actions), "--on", on(2))
    assert agreed["state"] == "agreed"
    scan = tmp_path / SCAN.name
    scan.write_bytes(SCAN.content)
    names = ("--role", "Contralor", "--place", "Bogotá", "--on", on(3))
    ours = ("sign", C1, "--file", str(scan), "--name", "Mario Duque", "--id", "CC 1", *names)
    assert call(*ours, code=2)["rule"] == "case-move-same-person"
    call(*ours, who="contralor")
    theirs = ("attach", str(scan), "--act", C1, "--name", "Pedro Paz", "--id", "CC 2", *names)
    (both,) = call(*theirs)
    assert both["state"] == "signed_both"
    call("close", C1, "--on", on(4))
    shown = call("show", C1)
    told = [shown[name] for name in ("state", "our_balance", "their_balance", "our_signer", "their_signer")]
    assert told == ["closed", "150.00", "140.00", "Mario Duque", "Pedro Paz"]
    assert [one["move"] for one in shown["events"]][-3:] == ["sign_us", "sign_both", "close"]


def test_what_is_due_the_pdfs_and_coverage(call: Any, tmp_path: Path) -> None:
    call("prepare", "--period", "2026-10")
    call("send", C1, "--to", "cartera@uno.co", "--on", on(0))
    due = {one["case_id"]: one["chase"] for one in call("list", "--due", "--on", on(20), code=3)}
    assert due[C1] == "remind"
    assert due[C2] == "send"
    written = call("pdf", "--period", "2026-10", "--out", str(tmp_path / "pdf"))
    assert len(written) == 3
    assert all(Path(one["file"]).read_bytes().startswith(b"%PDF") for one in written)
    told = call("coverage", "--period", "2026-10")
    assert [one["signed_share"] for one in told["by_cluster"] if one["currency"] == "COP"] == [
        "0.0 %",
        "0.0 %",
    ]
    assert {one["coverage"] for one in told["customers"]} == {"in_progress"}


def test_what_the_book_contradicts_is_shown_and_reopened(call: Any, book: books.Book) -> None:
    world.prepare(book, customers=["C1"])
    world.bring(book, "closed")
    import_items(book, {"document_number": "F9", "customer_id": "C1", "document_date": "2026-10-30"})
    (change,) = call("show", C1, code=3)["changes"]
    assert (change["change"], change["book_amount"]) == ("appeared", "100.00")
    again = ("prepare", "--period", "2026-10", "--customer", "C1", "--on", "2026-11-20")
    assert call(*again, code=3)["signed"] == [C1]
    assert call("reopen", code=2)["rule"] == "act-reopen-which"
    reopen = ("reopen", "--contradicted", "--on", "2026-11-20")
    assert [one["case_id"] for one in call(*reopen)] == [C1]
    assert call(*reopen) == []
    assert call(*again)["replaced"] == [C1]


def test_a_list_with_a_wrong_amount_is_refused_by_its_row(call: Any, tmp_path: Path) -> None:
    call("prepare", "--period", "2026-10", "--customer", "C1")
    wrong = tmp_path / "d.csv"
    wrong.write_text(
        "cause,document_id,ours,theirs,amount,owner,due_date,note\nx,F1,,,diez,,,\n", encoding="utf-8"
    )
    refused = call("analyse", C1, "--differences", str(wrong), code=2)
    assert (refused["rule"], "2" in refused["message"]) == ("act-list-amount", True)
    wrong.write_text("cause\nx\n", encoding="utf-8")
    assert call("analyse", C1, "--differences", str(wrong), code=2)["rule"] == "act-list-columns"


def test_acts_are_listed_by_the_state_that_people_see_too(call: Any) -> None:
    call("prepare", "--period", "2026-10", "--customer", "C1")
    for state in ("draft", "Draft", "BORRADOR", "borrador"):
        assert [one["case_id"] for one in call("list", "--state", state)] == [C1]
    assert call("list", "--state", "enviada") == []
    assert call("list", "--state", "borado", code=2)["rule"] == "case-state-unknown"


@pytest.mark.parametrize(
    ("said", "told"),
    [("118.702.474,50", "118702474.50"), ("118702474,5", "118702474.50"), ("-1.000,00", "-1000.00")],
)
def test_their_balance_is_taken_as_a_spanish_reader_writes_it(call: Any, said: str, told: str) -> None:
    call("prepare", "--period", "2026-10", "--customer", "C1")
    call("send", C1, "--to", "cartera@uno.co", "--on", on(0))
    answer = ("respond", C1, "--answer", "differs", "--by", "Rosa Paz", "--on", on(1), "--their-balance")
    assert call(*answer, "400.000", code=2)["rule"] == "their-balance-wrong"
    call(*answer, said)
    assert call("show", C1)["their_balance"] == told


@pytest.mark.parametrize("known", ["", "USER", "USERNAME"])
def test_a_command_that_nobody_gave_says_once_who_is_recorded(
    book: books.Book, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    for name in ("USER", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    if known:
        monkeypatch.setenv(known, "ana")
    assert main(["acts", "prepare", "--period", "2026-10", "--customer", "C1", "--book", book.url]) == 0
    capsys.readouterr()
    assert main(["acts", "send", C1, "--to", "x@uno.co", "--on", on(0), "--book", book.url, "--json"]) == 0
    said = capsys.readouterr()
    assert said.err.count("USERNAME") == (0 if known else 1)
    assert json.loads(said.out)[0]["who"] == ("ana" if known else "workbench")


@pytest.mark.parametrize("command", ["", *sorted(commands.acts_group.commands)])
def test_every_command_of_acts_helps_in_both_languages(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang in ("es", "en"):
        assert main([*filter(None, ["acts", command]), "--lang", lang, "--help"]) == 0
        out = capsys.readouterr().out
        assert "cli." not in out
    assert "acts" in cli.workbench.commands


def test_acts_are_answered_by_the_ledgers_that_customers_sent(
    book: books.Book, call: Any, root: Path, tmp_path: Path
) -> None:
    call("prepare", "--period", "2026-10")
    for act in (C1, C2):
        call("send", act, "--to", "cartera@uno.co", "--on", on(0))
    listed = tmp_path / "auxiliar.csv"
    listed.write_text(
        "Sociedad;Cliente;Comprobante;Factura;Tipo;Fecha factura;Vencimiento;Moneda;Saldo\n"
        "CO01;C1;1;F1;Factura;01/10/2026;31/10/2026;COP;90,00\n"
        "CO01;C2;2;F3;Factura;01/10/2026;31/10/2026;COP;100,00\n", encoding="utf-8",
    )  # fmt: skip
    result = intake.import_file(
        book, listed, "customer_ledger", parameters=root / "parameters",
        extract_date=world.CUT_OFF, today=today(),
    )  # fmt: skip
    assert result.status in ("accepted", "partial"), result
    done = call("answer", "--period", "2026-10", "--on", on(1))
    assert (sorted(done["agrees"] + done["differs"]), done["other"]) == ([C1, C2], [])
    assert C1 in done["differs"]
    event = books.read.case(book, C1).last("analyse")
    assert event is not None
    total = sum(int(one["amount"]) for one in event.content["differences"])  # type: ignore[union-attr,attr-defined]  # JSON
    assert total == 150_00 - 90_00
    assert call("answer", "--period", "2026-10", "--on", on(2)) == {"agrees": [], "differs": [], "other": []}
