"""``workbench bank`` and ``workbench move``: three months prepared by one person and approved by another."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from reconciling_world import ACCOUNT, COMPANY, bank_book, import_ledger

from workbench.book import open_book
from workbench.cli import main


@pytest.fixture
def at_the_desk(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    book = bank_book(tmp_path)
    monkeypatch.setenv("WORKBENCH_BOOK", book.url)
    monkeypatch.chdir(root)
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, who: str, *words: str) -> Any:
    monkeypatch.setenv("USER", who)
    code = main([*words, "--json"])
    out = capsys.readouterr()
    return code, json.loads(out.out) if out.out.strip() else out.err


@pytest.mark.slow
def test_a_report_goes_from_its_beginning_to_its_approval(
    at_the_desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(who: str, *words: str) -> Any:
        return call(capsys, monkeypatch, who, *words)

    own = ("--company", COMPANY, "--account", ACCOUNT)
    code, _ = say("analista", "bank", "begin", *own, "--currency", "COP", "--period", "2026-09")
    assert code == 2
    code, told = say("analista", "bank", "begin", *own, "--currency", "COP", "--period", "2026-08")
    assert (code, told.get("planned")) == (0, 2), told
    report = told["report"]
    for who, move, expected in (
        ("analista", "save", "saved"),
        ("analista", "submit", "submitted"),
        ("contralor", "approve", "approved"),
    ):
        code, moved = say(who, "move", report, move)
        assert (code, moved["state"]) == (0, expected)
    code, reports = say("analista", "bank", "reports", "--company", COMPANY, "--period", "2026-09")
    assert [(row["period"], row["state"], row["approved_by"]) for row in reports] == [
        ("2026-08", "approved", "contralor"),
        ("2026-09", "not_begun", ""),
    ]
    assert code == 0
    assert say("eva", "bank", "decertify", "--company", COMPANY) == (0, {"reports": []})
    with open_book(os.environ["WORKBENCH_BOOK"]) as book:
        import_ledger(book, ("2026-08-21", "A9", -20_00, "B2"))
    assert say("eva", "bank", "decertify", "--company", COMPANY) == (3, {"reports": [report]})
    code, reports = say("eva", "bank", "reports", "--company", COMPANY, "--period", "2026-08")
    assert (code, [(row["state"], row["still_holds"]) for row in reports]) == (0, [("saved", True)])


def test_lines_are_matched_by_hand_and_taken_apart(
    at_the_desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(*words: str) -> Any:
        return call(capsys, monkeypatch, "analista", *words)

    own = ("--company", COMPANY, "--account", ACCOUNT)
    code, told = say("bank", "match", *own, "--bank", "B6", "--ledger", "A7", "--reason", "mismo soporte")
    assert code == 0
    undo = ("bank", "unmatch", told["group"], "--company", COMPANY, "--period", "2026-10")
    assert say(*undo, "--reason", "no era")[1]["state"] == "undone"
    code, _ = say("bank", "match", *own, "--bank", "B5", "--ledger", "A6")
    assert code == 2


@pytest.mark.parametrize("command", ["", "begin", "reports", "decertify", "match", "unmatch"])
@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_command_helps_in_both_languages(
    command: str, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*filter(None, ["bank", command]), "--lang", lang, "--help"]) == 0
    said = capsys.readouterr().out
    assert "cli." not in said
    assert "option." not in said


def test_the_currency_is_the_accounts_own_and_reports_are_listed_without_naming_a_month(
    at_the_desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(*words: str) -> Any:
        return call(capsys, monkeypatch, "analista", *words)

    begin = ("bank", "begin", "--company", COMPANY, "--account", ACCOUNT, "--period", "2026-08")
    code, told = say(*begin)
    assert (code, told["rule"]) == (2, "bank-account-currency-unknown")  # not in the organisation
    parameters = at_the_desk / "parameters"
    shutil.copytree("parameters", parameters)
    organisation = parameters / "organisation.yaml"
    text = organisation.read_text(encoding="utf-8")
    organisation.write_text(text.replace("CO-BOG-COP-001:", f"{ACCOUNT}:"), encoding="utf-8")
    assert main([*begin, "--parameters", str(parameters), "--lang", "es"]) == 0
    said = capsys.readouterr().out
    assert "2 partidas con responsable" in said
    assert "0 depuradas" in said
    code, reports = say("bank", "reports", "--parameters", str(parameters))
    assert code == 0
    assert ("CO01", "2026-08", "draft") in {(r["company_id"], r["period"], r["state"]) for r in reports}
