"""What the book must hold before a run starts, and what a close that breaks off half way claims."""

from __future__ import annotations

import datetime as dt

import pytest
from book_world import START as IMPORTED
from book_world import import_items, import_lines, new_book
from runs_world import ROOT, START, write_notebook

from workbench.calendar import Period
from workbench.errors import ParameterRefusedError
from workbench.runs import chain, starts

OCTOBER = Period(2026, 10)
AFTER = IMPORTED + dt.timedelta(minutes=1)
FINISH = "run.finish(tables={})"


def refused(check, *given) -> str:
    with pytest.raises(ParameterRefusedError) as caught:
        check(*given)
    return caught.value.cause


def test_a_book_without_items_is_refused_and_bank_lines_are_none(tmp_path):
    with new_book(tmp_path) as book:
        assert refused(starts.check_with_items, book, "") == "book-without-items"
        import_lines(book, {})
        assert refused(starts.check_with_items, book, "") == "book-without-items"
        import_items(book, {})
        starts.check_with_items(book, "")


def test_a_company_is_held_to_its_own_items(tmp_path):
    with new_book(tmp_path) as book:
        assert refused(starts.check_known_company, book, "CO99") == "company-unknown"
        import_items(book, {})
        starts.check_known_company(book, "CO01")
        starts.check_with_items(book, "CO01")
        assert refused(starts.check_known_company, book, "CO99") == "company-unknown"
        assert refused(starts.check_with_items, book, "CO99") == "book-without-items"


def test_an_instant_before_the_first_import_is_a_finding_and_one_after_it_is_none(tmp_path):
    with new_book(tmp_path) as book:
        import_items(book, {})
        last = OCTOBER.last_day
        before = IMPORTED - dt.timedelta(days=30)
        found = starts.doubts_of_time(book, period=OCTOBER, as_of=last, known_at=before)
        assert found["rule"].tolist() == ["known-before-first-import"]
        assert found["level"].tolist() == ["warning"]
        assert "01/11/2026" in found["values"].iloc[0]
        assert starts.doubts_of_time(book, period=OCTOBER, as_of=last, known_at=AFTER).empty


@pytest.mark.parametrize(
    ("day", "rules"),
    [
        (dt.date(2026, 9, 30), ["cutoff-outside-period"]),
        (dt.date(2026, 10, 1), []),
        (dt.date(2026, 10, 31), []),
        (dt.date(2026, 11, 1), ["cutoff-outside-period"]),
    ],
)
def test_a_cutoff_outside_the_period_is_a_finding(tmp_path, day, rules):
    with new_book(tmp_path) as book:
        found = starts.doubts_of_time(book, period=OCTOBER, as_of=day, known_at=IMPORTED)
        assert found["rule"].tolist() == rules


@pytest.mark.slow  # a close each, with kernels of its own
@pytest.mark.parametrize(("notebooks", "code"), [(("bad",), 2), (("good", "bad"), 1)])
def test_a_refusal_after_another_step_ran_does_not_claim_that_nothing_changed(tmp_path, notebooks, code):
    with new_book(tmp_path) as book:
        import_items(book, {})
        url = book.url
    start = START.replace('"tiny"', '"{}"')
    error = "from workbench.errors import PolicyError\nraise PolicyError('buckets-wrong', upper='1')"
    write_notebook(tmp_path / "notebooks", "good", "from workbench import runs", start.format("good"), FINISH)
    write_notebook(tmp_path / "notebooks", "bad", "from workbench import runs", start.format("bad"), error)
    results = chain.close_period(
        "2026-10",
        book_url=url,
        out=tmp_path / "outputs",
        parameters_dir=ROOT / "parameters",
        notebooks_dir=tmp_path / "notebooks",
        notebooks=notebooks,
    )
    assert (results[-1].status, results[-1].exit_code) == ("failed", code)
    assert results[-1].message
