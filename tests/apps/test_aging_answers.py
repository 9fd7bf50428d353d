"""The explorer's answers without a browser: equal to the signed run until something new is known."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from desk_world import BEFORE, LAST, SIGNED, Company

from workbench import book
from workbench.apps.aging_answers import AgingAnswers
from workbench.apps.signed_runs import SignedRun, signed_items, signed_runs
from workbench.policy import Policy
from workbench.views.panels.aging_panel import AgingQuestion, key_amounts

QUESTION = AgingQuestion(LAST, "due", "column", "COP")


@pytest.fixture
def copied(company: Company, tmp_path: Path) -> str:
    """The book, to be written to."""
    with book.open_book(company.book_url):
        pass  # whatever stands in its journal is in the file when the last one closes it
    source = company.book_url.removeprefix("sqlite:///")
    for path in Path(source).parent.glob("book.sqlite*"):
        shutil.copy(path, tmp_path)
    return f"sqlite:///{tmp_path / 'book.sqlite'}"


def _answers(opened: book.Book, runs: list[SignedRun]) -> AgingAnswers:
    return AgingAnswers(opened, policy=Policy(), runs=runs)


@pytest.mark.parametrize("clusters", [("NORTE",), ("SUR", "CENTRO")])
@pytest.mark.parametrize("credits", ["column", "own"])
def test_what_lives_equals_what_was_signed_within_the_scope(
    company: Company, clusters: tuple[str, ...], credits: str
) -> None:
    with book.open_book(company.book_url) as opened:
        answers = _answers(opened.scoped(clusters), signed_runs(company.out, "aging_review"))
        question = replace(QUESTION, credits=credits)
        compared = answers.compare(question)
        assert compared is not None
        run, living, signed = compared
        assert run.run_id == SIGNED
        assert key_amounts(living) == key_amounts(signed)
        assert key_amounts(living)["total"] != 0
        assert set(answers.aged(question)["cluster_id"]) == set(clusters)


def test_the_scopes_are_a_partition_of_the_whole(company: Company) -> None:
    with book.open_book(company.book_url) as opened:
        runs = signed_runs(company.out, "aging_review")
        whole = _answers(opened, runs).summarise(QUESTION)["total"].sum()
        clusters = sorted(set(company.customers["cluster_id"]))
        parts = [
            _answers(opened.scoped([name]), runs).summarise(QUESTION)["total"].sum() for name in clusters
        ]
        assert sum(parts) == whole
        assert _answers(opened.scoped([]), runs).summarise(QUESTION).empty


def test_the_close_before_is_told_as_it_was_signed(company: Company) -> None:
    with book.open_book(company.book_url) as opened:
        answers = _answers(opened, signed_runs(company.out, "aging_review"))
        before = answers.run_before(LAST)
        assert before is not None
        assert before.as_of == BEFORE
        assert answers.run_before(BEFORE) is None
        answers.shown_as_of = LAST
        path = before.folder / "aging_by_item.csv"
        kept = path.read_text(encoding="utf-8")
        header, first, *rest = kept.splitlines()
        try:
            path.write_text("\n".join([header, *rest]) + "\n", encoding="utf-8")
            told = answers.summarise(replace(QUESTION, as_of=BEFORE))
        finally:
            path.write_text(kept, encoding="utf-8")
            signed_items.cache_clear()
        assert first
        assert key_amounts(told) != key_amounts(
            answers._summary(answers.aged(replace(QUESTION, as_of=BEFORE)), QUESTION)
        )


def test_a_file_that_came_later_differs_and_its_own_instant_brings_the_signed_figure_back(
    company: Company, copied: str
) -> None:
    from workbench import intake

    runs = signed_runs(company.out, "aging_review")
    with book.open_book(copied) as opened:
        items = book.read.documents(opened)
        item = items[(items["currency"] == "COP") & (items["original_amount"] > 0)].iloc[0]
        late = Path(copied.removeprefix("sqlite:///")).parent / "tarde.csv"
        late.write_text(
            "company_id,customer_id,document_id,document_type,document_date,due_date,currency,amount\n"
            f"{item.company_id},{item.customer_id},TARDE-1,RV,2026-10-15,2026-10-30,COP,1000.00\n",
            encoding="utf-8",
        )
        root = Path(__file__).parents[2]
        result = intake.import_file(
            opened, late, "open_items", parameters=root / "parameters",
            extract_date=LAST, today=dt.date(2026, 11, 5),
        )  # fmt: skip
        assert result.status == "accepted", result
        answers = _answers(opened, runs)
        compared = answers.compare(QUESTION)
        assert compared is not None
        run, living, signed = compared
        assert key_amounts(living)["total"] - key_amounts(signed)["total"] == 100_000
        answers.known_at = run.known_at
        again = answers.compare(QUESTION)
        assert again is not None
        assert key_amounts(again[1]) == key_amounts(signed)
