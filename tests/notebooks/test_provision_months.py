"""Three closes in a row: each provision opens with what the last one posted and moves on to the cent."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from runs_world import ROOT, copied, make_company

from workbench import book as books
from workbench.book import read
from workbench.runs import runner

pytestmark = pytest.mark.slow
MONTHS = ("2026-08", "2026-09", "2026-10")


def provide(url: str, period: str, out: Path) -> pd.DataFrame:
    """The movement by calculation, in base currency, of one written run."""
    result = runner.run_notebook(
        "provision", {"period": period}, book_url=url, out=out, write=True,
        parameters_dir=ROOT / "parameters", notebooks_dir=ROOT / "notebooks",
    )  # fmt: skip
    assert result.status == "done", result.message
    return pd.read_csv(Path(result.folder) / "movement_totals.csv", dtype=str)


def cents(frame: pd.DataFrame, name: str) -> list[int]:
    return [int(text.replace(".", "")) for text in frame[f"{name}_amount"]]


def stated(url: str) -> pd.DataFrame:
    with books.open_book(url) as book:
        return read.provision_balances(book)


def test_three_months_in_a_row_each_opens_where_the_last_one_closed(tmp_path: Path) -> None:
    url = copied(make_company(tmp_path, months=4), tmp_path / "own")
    before: list[int] = []
    for period in MONTHS:
        moved = provide(url, period, tmp_path / "out")
        opening, closing = cents(moved, "opening"), cents(moved, "closing")
        assert opening == (before or [0] * len(closing))
        steps = [cents(moved, name) for name in ("charge", "reversal", "write_off", "exchange")]
        signed = [o + c - r - w + e for o, c, r, w, e in zip(opening, *steps, strict=True)]
        assert signed == closing
        before = closing
    assert any(cents(moved, "exchange")), "a test without foreign debts would show nothing of exchange"
    posted = stated(url)
    assert sorted(posted["period"].unique()) == list(MONTHS)
    last = posted[posted["period"] == MONTHS[-1]]
    assert last["base_provision_amount"].sum() == sum(before)

    provide(url, MONTHS[-1], tmp_path / "out")
    pd.testing.assert_frame_equal(stated(url), posted)
    with books.open_book(url) as book:
        lines = read.journal_lines(book)
        assert [one.first_fault for one in books.audit.verify(book) if not one.ok] == []
    entries = lines[lines["origin"] == "provision"].groupby("entry_id")["base_amount"].sum()
    assert entries.index.tolist() == [f"provision-{period}-CO01" for period in MONTHS]
    assert (entries == 0).all()
