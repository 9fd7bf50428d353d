"""The over-180 notebook for real: on the sample company with cases in every hand, and its figures tie out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from runs_world import ROOT, copied, make_company

from workbench import book as books
from workbench import moves, transferring, writing_off
from workbench.book.stored_files import store_file
from workbench.calendar import Period
from workbench.cases import Brought
from workbench.policy import Policy
from workbench.runs import runner
from workbench.sources.policy_file import load_policy

pytestmark = pytest.mark.slow
OCTOBER = Period(2026, 10)
ON = OCTOBER.last_day


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("over_180")
    url = copied(make_company(tmp_path_factory.mktemp("company")), folder)
    policy = load_policy(ROOT / "parameters")
    with books.open_book(url) as book:
        _work(book, policy)
    result = runner.run_notebook(
        "over_180", {"period": "2026-10"}, book_url=url, out=folder / "outputs", write=True,
        parameters_dir=ROOT / "parameters", notebooks_dir=ROOT / "notebooks",
    )  # fmt: skip
    return url, result


def _work(book: books.Book, policy: Policy) -> None:
    """A month's work: transfers posted, one written off after, a plan, an exception; all by two people."""
    proof = store_file(book, "proof.pdf", "application/pdf", b"proof", who="ana")
    ids = transferring.propose_transfers(book, policy=policy, period=OCTOBER, who="ana", on=ON)
    for case_id in ids[:3]:
        moves.move(book, case_id, "approve", Brought("eva", ON, "controller"), policy=policy)
        moves.move(book, case_id, "post", Brought("ana", ON), policy=policy)
    items = books.read.case_items(book)
    first = items[items["case_id"] == ids[0]].iloc[0]
    given_up = writing_off.prepare_write_off(
        book, {int(first["item_key"]): 0}, policy=policy, reason_code="COBE", who="ana", on=ON
    )
    efforts = {"evidence": "collection_efforts"}
    for move, brought in (
        ("add_evidence", Brought("ana", ON, content=efforts, file_sha256=proof)),
        ("approve_first", Brought("eva", ON, "controller")),
        ("approve_second", Brought("luis", ON, "director")),
        ("post", Brought("eva", ON)),
    ):
        moves.move(book, given_up, move, brought, policy=policy)
    transferring.propose_reversals(book, policy=policy, as_of=ON, who="ana", on=ON)
    later = items[items["case_id"] == ids[4]].iloc[0]
    transferring.plan_collection(
        book, [int(later["item_key"])], policy=policy, owner="Marta", cause="PRC", plan="Nota por precio",
        plan_date=dt.date(2026, 11, 20), who="ana", on=ON,
    )  # fmt: skip
    asked = transferring.request_exception(
        book, policy=policy, company="CO01", customer=str(later["case_id"]).split("/")[2], reason="insured",
        rate_permille=100, valid_through=dt.date(2027, 1, 31), who="ana", on=ON,
    )  # fmt: skip
    moves.move(book, asked, "approve", Brought("eva", ON, "controller", file_sha256=proof), policy=policy)


def _table(result: Any, name: str) -> pd.DataFrame:
    return pd.read_csv(Path(result.folder) / f"{name}.csv", dtype=str, keep_default_na=False)


def test_it_ties_out_with_transfers_and_a_write_off_in_the_book(run: Any) -> None:
    _, result = run
    assert result.status == "done", result.message
    figures = {one.name: one for one in result.tie_outs}
    assert set(figures) == {"stages", "cost", "account", "written-off"}
    assert all(one.passed for one in figures.values())
    for name in ("account", "written-off"):  # an idle test would tie out nothing with nothing
        assert float(figures[name].actual["COP"]) > 1_000_000


def test_the_life_line_shows_each_hand(run: Any) -> None:
    _, result = run
    stages = set(_table(result, "stages")["stage"])
    assert {
        "normal",
        "watch",
        "pre_180",
        "transfer_proposed",
        "transferred",
        "written_off",
        "credit",
    } <= stages
    assert _table(result, "write_offs")["state"].tolist() == ["posted"]
    movement = _table(result, "write_off_movement")
    assert movement["period"].tolist() == ["2026-10"]
    assert len(_table(result, "due_back")) == 1  # what was written off must leave the over-180 account


def test_the_workbook_has_the_columns_of_a_plan(run: Any) -> None:
    import openpyxl

    _, result = run
    book = openpyxl.load_workbook(Path(result.folder) / "over_180.xlsx", read_only=True)
    rows = book["Pasan antes del cierre"].iter_rows(values_only=True)
    headings = next(set(row) for row in rows if row and "Causa" in row)
    assert {"Responsable", "Causa", "Plan", "Fecha del plan", "Costo en el resultado"} <= headings


def test_a_case_moved_since_makes_the_step_run_again(run: Any) -> None:
    url, _ = run
    with books.open_book(url) as book:
        before = books.fingerprint(book)
        cases = books.read.cases(book, kind="over_180_transfer")
        waiting = cases.loc[cases["state"] == "proposed", "case_id"].iloc[0]
        moves.move(book, waiting, "withdraw", Brought("ana", ON, reason="se cobró"), policy=Policy())
        assert books.fingerprint(book) != before
