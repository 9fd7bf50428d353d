"""A month's statements issued: one PDF an account, none twice, the same again from the same past."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acting_world import make_book
from book_world import CUSTOMER, Clock, import_items, import_rows, new_book
from documents_world import text_of

from workbench import book as books
from workbench.calendar import Period
from workbench.cli import main
from workbench.issuing import issue_statements

NOVEMBER = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    return make_book(tmp_path)


@pytest.fixture
def call(
    book: books.Book, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, Any]]:
    def run(*arguments: str, code: int = 0, period: str = "2026-10") -> dict[str, Any]:
        given = ["statements", "--period", period, "--out", str(tmp_path / "out"), *arguments]
        given += ["--book", book.url, "--parameters", str(root / "parameters"), "--json"]
        assert main(given) == code, capsys.readouterr()
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return run


def files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def later(tmp_path: Path) -> None:
    """Somebody imports an invoice of October in November."""
    clock = Clock()
    clock.now = NOVEMBER
    import_items(
        new_book(tmp_path, clock=clock),
        {"document_number": "F9", "original_amount": 7_00, "open_amount": 7_00},
    )


def test_each_account_has_its_statement_and_a_second_run_makes_none_anew(call: Any, tmp_path: Path) -> None:
    told = call()
    assert (told["made"], told["kept"], told["findings"]) == (3, 0, [])
    assert told["folder"] == str(tmp_path / "out")
    made = files(tmp_path / "out")
    assert list(made) == [
        f"EC-CO01-{one}.pdf" for one in ("C1-2026-10-COP", "C2-2026-10-COP", "C3-2026-10-USD")
    ]
    again = call()
    assert (again["made"], again["kept"]) == (0, 3)
    assert files(tmp_path / "out") == made


def test_the_foot_names_the_books_anchor(call: Any, book: books.Book, tmp_path: Path) -> None:
    told = call("--customer", "C1")
    assert told["anchor"] == books.audit.anchor(book).head
    said = text_of((tmp_path / "out" / "EC-CO01-C1-2026-10-COP.pdf").read_bytes())
    assert told["anchor"][:16] in said.replace("\n", "").replace(" ", "")
    assert "Uno S.A.S." in said


def test_what_was_known_then_is_issued_again_byte_by_byte(call: Any, tmp_path: Path) -> None:
    first = call()
    made = files(tmp_path / "out")
    later(tmp_path)
    again = call("--known-at", first["known_at"], "--out", str(tmp_path / "again"))
    assert (again["anchor"], files(tmp_path / "again")) == (first["anchor"], made)
    now = call("--out", str(tmp_path / "now"))
    assert now["anchor"] != first["anchor"]
    assert now["kept"] == 0


def test_the_opening_is_what_the_statement_before_said(call: Any, tmp_path: Path) -> None:
    october = call("--customer", "C1")
    later(tmp_path)

    def amounts(*arguments: str) -> list[str]:
        call("--customer", "C1", *arguments, period="2026-11")
        said = text_of((tmp_path / "out" / "EC-CO01-C1-2026-11-COP.pdf").read_bytes())
        return re.findall(r"\d+,\d\d", said)

    assert "150,00" not in amounts(), "as known now, October closed with 157.00"
    assert "150,00" in amounts("--issued-at", october["known_at"])
    call("--issued-at", "2026-12-31T00:00:00Z", code=2, period="2026-11")


def test_a_customer_without_anything_to_state_is_a_finding(call: Any) -> None:
    told = call("--customer", "C1", "--customer", "C404", code=3)
    assert told["made"] == 1
    assert [one["rule"] for one in told["findings"]] == ["statement-none"]
    assert "C404" in told["findings"][0]["message"]


def test_a_company_nobody_named_shows_its_number_and_is_a_finding(book: books.Book, tmp_path: Path) -> None:
    issued = issue_statements(book, tmp_path / "out", period=Period(2026, 10), customers=["C2"])
    (told,) = issued.to_json()["findings"]
    assert (told["rule"], issued.made) == ("statement-company-unnamed", 1)
    assert "organisation.yaml" in told["remedy"]
    assert "CO01" in text_of((tmp_path / "out" / "EC-CO01-C2-2026-10-COP.pdf").read_bytes())


def test_letters_that_no_font_has_are_a_finding(call: Any, book: books.Book) -> None:
    import_rows(
        book, "customers", CUSTOMER,
        {"customer_id": "C2", "customer_name": "Dos \U00013000", "country": "CO", "tax_id": "900000002"},
    )  # fmt: skip
    told = call("--customer", "C2", code=3)
    assert [one["rule"] for one in told["findings"]] == ["statement-letters-missing"]


@pytest.mark.parametrize(
    "arguments",
    [("--as-of", "2026-11-01"), ("--as-of", "2026-09-30"), ("--company", "CO99"), ("--known-at", "ayer")],
)
def test_what_cannot_be_stated_is_refused_and_writes_nothing(
    arguments: tuple[str, ...], call: Any, tmp_path: Path
) -> None:
    call(*arguments, code=2)
    assert not (tmp_path / "out").exists()


def test_the_cut_off_may_lie_within_the_month(call: Any, tmp_path: Path) -> None:
    call("--customer", "C1", "--as-of", "2026-10-15")
    said = text_of((tmp_path / "out" / "EC-CO01-C1-2026-10-COP.pdf").read_bytes())
    assert "15" in said
    assert "2026-10-31" not in said
