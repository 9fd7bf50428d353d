"""The commands as a person types them: refusals in words, no book by mistake, tables a person can read."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest
from runs_world import ROOT, empty_book, make_company

from workbench import cli, spoken, words


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Path:
    return make_company(tmp_path_factory.mktemp("company"))


@pytest.fixture(autouse=True)
def _in_project(monkeypatch):
    monkeypatch.chdir(ROOT)
    words.choose_language("es")


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    code = cli.main([*arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_close_of_an_empty_book_is_refused_before_anything_is_made(tmp_path, capsys):
    url = empty_book(tmp_path)
    out = tmp_path / "outputs"
    code, _, err = call(capsys, "close", "--period", "2026-10", "--book", url, "--out", str(out))
    assert code == 2
    assert "no tiene partidas" in err
    assert "workbench import" in err
    assert not out.exists()


def test_a_run_of_the_close_on_an_empty_book_is_refused_too(tmp_path, capsys):
    url = empty_book(tmp_path)
    code, _, err = call(capsys, "run", "aging_review", "-p", "period=2026-10", "--book", url)
    assert code == 2
    assert "no tiene partidas" in err


def test_an_unknown_company_is_refused_though_the_book_is_empty(tmp_path, capsys):
    url = empty_book(tmp_path)
    out = str(tmp_path / "outputs")
    code, _, err = call(
        capsys, "close", "--period", "2026-10", "--company", "NOPE", "--book", url, "--out", out
    )
    assert code == 2
    assert "NOPE" in err


def test_a_mistyped_import_leaves_no_book(tmp_path, capsys):
    book = tmp_path / "book.sqlite"
    arguments = ("import", str(tmp_path / "no.xlsx"), "--source", "receipts", "--book", f"sqlite:///{book}")
    code, out, _ = call(capsys, *arguments, "--json")
    assert code == 2
    assert json.loads(out)[0]["status"] == "rejected"
    assert json.loads(out)[0]["findings"][0]["rule"] == "file-missing"
    assert not book.exists()


def test_a_mistyped_source_leaves_no_book(tmp_path, capsys):
    book = tmp_path / "book.sqlite"
    file = tmp_path / "there.csv"
    file.write_text("a\n1\n")
    code, _, _ = call(capsys, "import", str(file), "--source", "nope", "--book", f"sqlite:///{book}")
    assert code == 2
    assert not book.exists()


def test_a_dry_run_says_so_and_leaves_no_book(tmp_path, company, capsys):
    book = tmp_path / "book.sqlite"
    file = sorted((company.parent / "sample").glob("clientes.csv"))[0]
    arguments = ("import", str(file), "--source", "customers", "--book", f"sqlite:///{book}", "--dry-run")
    code, out, _ = call(capsys, *arguments)
    assert code in (0, 3)
    assert "ENSAYO: no se guardó nada" in out
    assert not book.exists()
    _, out, _ = call(capsys, *arguments, "--json")
    assert json.loads(out)[0]["dry_run"] is True


def test_sums_of_an_import_are_written_as_a_person_reads_them(capsys):
    result = {
        "file": "a.csv", "status": "accepted", "rows_in": 1, "rows_stored": 1, "rows_duplicate": 0,
        "rows_rejected": 0, "sums": {"COP": "1234567.50", "JPY": "1234"}, "findings": [],
    }  # fmt: skip
    spoken.show_imports([result])
    assert "COP 1.234.567,50; JPY 1.234" in capsys.readouterr().out


def a_run(**others) -> dict:
    found = [
        {"rule": f"rule-{number}", "level": level, "count": 2, "message": f"Mensaje {number}.", "remedy": ""}
        for number, level in enumerate(("info", "warning", "warning", "error", "info"))
    ]
    return {
        "run_id": "r", "notebook": "aging_review", "status": "done", "folder": "", "tie_outs": [],
        "findings": found, "failed_step": "", "message": "", "remedy": "", "content_sha256": "", **others,
    }  # fmt: skip


def test_findings_are_counted_and_the_gravest_rules_are_said_with_the_rest_named(capsys):
    spoken.show_runs([a_run()])
    out = capsys.readouterr().out
    assert "10" in out.splitlines()[1]
    assert out.index("Mensaje 3.") < out.index("Mensaje 1.") < out.index("Mensaje 2.")
    assert "Mensaje 4." not in out
    assert "reglas más: 2" in out


def test_a_run_that_failed_says_why(capsys):
    spoken.show_runs([a_run(status="failed", failed_step="Cruce", message="Se pasó del saldo.")])
    out = capsys.readouterr().out
    assert "Cruce" in out
    assert "Se pasó del saldo." in out


def test_a_run_says_where_its_results_are_or_how_to_have_them(capsys):
    spoken.show_run(a_run(folder="outputs/2026-10/all/aging_review/r"))
    assert "outputs/2026-10/all/aging_review/r" in capsys.readouterr().out
    spoken.show_run(a_run())
    assert "--write" in capsys.readouterr().out.splitlines()[-1]


def test_the_apps_tell_a_program_on_one_stream_and_a_person_on_the_other(capsys):
    user = {"user": "ana", "password": "s3cret", "name": "Ana", "clusters": ["Norte"]}
    cli._tell_ready({"url": "http://127.0.0.1:1/", "apps": [], "users": [user]})
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert json.loads(said.out)["users"] == [user]
    assert "s3cret" in said.err
    assert "http://127.0.0.1:1/" in said.err


def test_a_bare_command_shows_its_help(capsys):
    code, out, _ = call(capsys)
    assert code == 0
    assert "Comandos" in out


def test_a_command_that_is_none_is_refused_in_spanish_with_those_there_are(capsys):
    code, _, err = call(capsys, "clse")
    assert code == 2
    assert "No such" not in err
    assert "close" in err


def test_a_missing_source_names_the_sources(capsys):
    code, _, err = call(capsys, "import", "a.csv")
    assert code == 2
    assert "mt940" in err


@pytest.mark.parametrize("command", sorted(cli.workbench.commands))
def test_help_in_spanish_has_no_english_placeholder(command, capsys):
    code, out, _ = call(capsys, command, "--help")
    assert code == 0
    for word in ("INTEGER", "RANGE", "FILES", "NAME", "VALUE", "PATH", "DATE", "YYYY", "OPTIONS"):
        assert word not in out.split(), out
        assert f"[{word}]" not in out
        assert f"={word}" not in out


def test_one_receipt_left_names_its_money_in_the_readers_writing():
    values = {"count": 1, "left_money": "1234567.50 COP"}
    assert "1, por 1.234.567,50 COP" in words.sentence("receipts-left-unapplied", values, "es")
    assert "1, for 1,234,567.50 COP" in words.sentence("receipts-left-unapplied", values, "en")


def test_a_month_behind_a_later_one_is_refused_and_names_it(tmp_path, company, capsys):
    from workbench.book import open_book, postings, read
    from workbench.errors import ParameterRefusedError
    from workbench.runs import starts

    shutil.copy(company, tmp_path / "book.sqlite")
    url = f"sqlite:///{tmp_path / 'book.sqlite'}"
    with open_book(url) as book:
        _post_one_leg(book, "2026-10/all/abc", "2026-10-20")
        with pytest.raises(ParameterRefusedError) as caught:
            starts.check_nothing_applied_later(
                book, company="", as_of=dt.date(2026, 9, 30), family="2026-09/all"
            )
        assert caught.value.cause == "later-period-applied"
        assert "2026-10" in str(caught.value)
        starts.check_nothing_applied_later(
            book, company="", as_of=dt.date(2026, 10, 31), family="2026-10/all"
        )
        ids = read.applications(book)["application_id"].tolist()
        postings.reverse(
            book, ids, effective_date=dt.date(2026, 10, 21), reason="x", operation_id="undo", who="ana"
        )
        starts.check_nothing_applied_later(book, company="", as_of=dt.date(2026, 9, 30), family="2026-09/all")
    out = tmp_path / "outputs"
    with open_book(url) as book:
        _post_one_leg(book, "2026-10/all/def", "2026-10-22")
    code, _, err = call(capsys, "close", "--period", "2026-09", "--book", url, "--out", str(out))
    assert code == 2
    assert "2026-10" in err
    assert not list(out.glob("2026-*"))


def _post_one_leg(book, step_key: str, day: str) -> None:
    """One minor unit of an invoice applied from one receipt, as a step of a close posts it."""
    import pandas as pd

    from workbench.book import postings, read

    documents, receipts = read.documents(book), read.receipts(book)
    invoices = documents[(documents["original_amount"] > 0) & (documents["document_date"] < "2026-09-01")]
    both = invoices.merge(receipts, on=["company_id", "currency"], suffixes=("", "_r"))
    one = both[both["receipt_date"] <= day].iloc[0]
    leg = {
        "application_id": step_key, "operation_id": step_key, "receipt_key": one["receipt_key"],
        "document_key": one["document_key"], "kind": "payment", "applied_amount": 1,
        "effective_date": pd.Timestamp(day), "rule": "by-hand", "evidence": "{}", "erp_open_amount": 1,
    }  # fmt: skip
    postings.apply(book, pd.DataFrame([leg]), step_key=step_key, who="run")
