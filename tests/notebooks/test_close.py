"""The close of a sample month, for real: done, repeated, resumed after a kill, and alone at its book."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from runs_world import ROOT, copied, make_company

from workbench import exports, intake
from workbench.book import open_book, read
from workbench.calendar import Period
from workbench.errors import ParameterRefusedError, RunLockedError
from workbench.runs import chain, runner
from workbench.runs.folders import PARTIAL
from workbench.runs.locks import run_lock
from workbench.sample import make_sample

pytestmark = pytest.mark.slow
CLOSE = """
import sys
from pathlib import Path
from workbench.runs import chain
chain.close_period("2026-10", book_url=sys.argv[1], out=Path(sys.argv[2]),
    parameters_dir=Path(sys.argv[3]) / "parameters", notebooks_dir=Path(sys.argv[3]) / "notebooks")
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return make_company(tmp_path_factory.mktemp("company"))


def close(url: str, out: Path, **others):
    return chain.close_period(
        "2026-10",
        book_url=url,
        out=out,
        parameters_dir=ROOT / "parameters",
        notebooks_dir=ROOT / "notebooks",
        **others,
    )


@pytest.fixture(scope="module")
def closed(company, tmp_path_factory):
    folder = tmp_path_factory.mktemp("closed")
    url = copied(company, folder)
    return url, folder / "outputs", close(url, folder / "outputs")


def hashes(results) -> dict[str, str]:
    return {result.notebook: result.content_sha256 for result in results}


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def posted(url: str) -> pd.DataFrame:
    with open_book(url) as book:
        return read.applications(book)


def test_every_notebook_is_done_with_at_least_two_tie_outs(closed):
    _, _, results = closed
    assert [result.notebook for result in results] == list(chain.CHAIN)
    for result in results:
        assert result.status == "done", result.message
        assert result.exit_code in (0, 3)
        assert len(result.tie_outs) >= 2
        assert all(tie_out.passed for tie_out in result.tie_outs)


def test_the_close_did_apply_cash(closed):
    url, _, results = closed
    applied = json.loads((Path(results[0].folder) / "manifest.json").read_text())["run"]["posted"]
    assert applied["applications"] > 5
    assert len(posted(url)) >= applied["applications"]


def test_the_doors_have_exactly_their_columns(closed):
    _, _, results = closed
    folder = next(Path(result.folder) for result in results if result.notebook == "aging_review")
    by_item = pd.read_csv(folder / "aging_by_item.csv", dtype=str, keep_default_na=False)
    by_customer = pd.read_csv(folder / "aging_by_customer.csv", dtype=str, keep_default_na=False)
    assert ",".join(by_item.columns) == (
        "company_id,customer_id,document_id,document_type,currency,document_date,due_date,open_amount,"
        "pending_applications,days_overdue,bucket"
    )
    assert ",".join(by_customer.columns) == (
        "company_id,customer_id,currency,not_due,d1_30,d31_60,d61_90,d91_120,d121_180,d181_360,d361_plus,"
        "unapplied,total,pending_applications"
    )
    for currency in by_customer["currency"].unique():
        items = by_item.loc[by_item["currency"] == currency, "open_amount"]
        totals = by_customer.loc[by_customer["currency"] == currency, "total"]
        assert _cents(items) == _cents(totals)


def _cents(column: pd.Series) -> int:
    return sum(int(text.replace(".", "")) for text in column)


def test_a_second_close_changes_nothing_and_returns_the_same_objects(closed):
    url, out, results = closed
    before, rows = tree(out), posted(url)
    again = close(url, out)
    assert [result.to_json() for result in again] == [result.to_json() for result in results]
    assert tree(out) == before
    pd.testing.assert_frame_equal(posted(url), rows)


def test_an_export_between_two_closes_changes_nothing_of_the_month(closed, tmp_path):
    url, out, results = closed
    own, outputs = copied(Path(url.removeprefix("sqlite:///")), tmp_path), tmp_path / "outputs"
    shutil.copytree(out, outputs, symlinks=True)
    before, rows = tree(outputs / "2026-10"), posted(own)
    with open_book(own) as book:
        exported = exports.export_postings(
            book, period=Period.parse("2026-10"), layout="generic", out=tmp_path / "left",
            on=dt.date(2026, 11, 3), parameters=ROOT / "parameters",
        )  # fmt: skip
    assert exported.documents > 5
    again = close(own, outputs)
    assert [result.run_id for result in again] == [result.run_id for result in results]
    assert hashes(again) == hashes(results)
    assert tree(outputs / "2026-10") == before  # LATEST too
    pd.testing.assert_frame_equal(posted(own), rows)


def test_plain_kernels_come_to_the_same_content(company, closed, tmp_path):
    url = copied(company, tmp_path)
    assert hashes(close(url, tmp_path / "outputs", forked=False)) == hashes(closed[2])


def test_an_edited_result_is_made_again_and_the_rest_stands(company, tmp_path):
    url = copied(company, tmp_path)
    first = close(url, tmp_path / "outputs")
    (Path(first[0].folder) / "applied.csv").write_text("receipt_id\n")
    again = close(url, tmp_path / "outputs")
    assert again[0].run_id != first[0].run_id
    assert hashes(again) == hashes(first)
    assert [result.run_id for result in again[1:]] == [result.run_id for result in first[1:]]


def killed_close(url: str, out: Path, *, when) -> None:
    """A close in a process of its own, killed without mercy once ``when()`` holds."""
    with subprocess.Popen([sys.executable, "-c", CLOSE, url, str(out), str(ROOT)]) as process:
        end = time.monotonic() + 300
        while not when() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        assert process.poll() is None, "the close ended before it could be killed"
        os.kill(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("step", ["payment_matching", "credit_note_matching", "aging_review"])
def test_a_close_killed_midway_resumes_to_the_same_content(company, closed, tmp_path, step):
    url, out = copied(company, tmp_path), tmp_path / "outputs"
    around = out / "2026-10" / "all" / step
    killed_close(url, out, when=lambda: list(around.glob(f"*{PARTIAL}/*.csv")))
    assert list(around.glob(f"*{PARTIAL}")), "nothing was under way when it was killed"
    results = close(url, out)
    assert hashes(results) == hashes(closed[2])
    assert not list(out.rglob(f"*{PARTIAL}"))
    key = ["document_key", "kind", "applied_amount", "effective_date", "application_id"]
    assert (
        posted(url)[key].sort_values(key).values.tolist()
        == posted(closed[0])[key].sort_values(key).values.tolist()
    )


def test_a_close_killed_right_after_posting_posts_nothing_twice(company, closed, tmp_path):
    url, out = copied(company, tmp_path), tmp_path / "outputs"
    killed_close(url, out, when=lambda: len(posted(url)) > 0)
    assert len(posted(url)) > 0
    assert hashes(close(url, out)) == hashes(closed[2])
    assert len(posted(url)) == len(posted(closed[0]))


def test_a_second_close_started_at_once_is_told_who_runs_the_first(company, tmp_path):
    url, out = copied(company, tmp_path), tmp_path / "outputs"
    holder = run_lock(tmp_path / ".locks", book_url=url, period="2026-10", company="")
    with holder, pytest.raises(RunLockedError) as caught:
        close(url, out)
    assert caught.value.exit_code == 5
    assert "2026-10" in str(caught.value)


def test_a_book_with_items_and_no_bank_file_ends_done_and_says_so(tmp_path):
    url = f"sqlite:///{tmp_path / 'book.sqlite'}"
    files = make_sample(tmp_path / "sample", customers=12, months=2, through="2026-10")
    with open_book(url, create=True) as book:
        for item in files.imports:
            if item.source in ("customers", "sap_line_items"):
                intake.import_file(
                    book,
                    tmp_path / "sample" / item.file,
                    item.source,
                    parameters=ROOT / "parameters",
                    extract_date=item.extract_date,
                    today=dt.date(2026, 11, 3),
                )
    results = close(url, tmp_path / "outputs")
    assert [result.status for result in results] == ["done"] * len(chain.CHAIN), results[-1].message
    manifest = json.loads((Path(results[2].folder) / "manifest.json").read_text())
    assert manifest["is_without_input"] is True
    assert "Sin datos de entrada" in (Path(results[2].folder) / "notebook.html").read_text()


def test_an_unknown_company_is_refused_before_anything_runs(closed, tmp_path):
    with pytest.raises(ParameterRefusedError) as caught:
        close(closed[0], tmp_path / "outputs", company="CO99")
    assert caught.value.cause == "company-unknown"
    assert not (tmp_path / "outputs").exists()


def test_a_run_can_be_repeated_from_its_manifest(closed, tmp_path):
    url, _, results = closed
    original = next(result for result in results if result.notebook == "aging_review")
    manifest = json.loads((Path(original.folder) / "manifest.json").read_text())
    given = {name: str(value) for name, value in manifest["parameters"].items() if name != "write"}
    repeated = runner.run_notebook(
        "aging_review",
        {**given, "known_at": manifest["run"]["known_at"]},
        book_url=url,
        out=tmp_path / "outputs",
        parameters_dir=ROOT / "parameters",
        notebooks_dir=ROOT / "notebooks",
        write=True,
    )
    assert repeated.content_sha256 == original.content_sha256


def test_in_english_the_words_are_english(closed, tmp_path):
    result = runner.run_notebook(
        "aging_review",
        {"period": "2026-10"},
        book_url=closed[0],
        out=tmp_path / "outputs",
        parameters_dir=ROOT / "parameters",
        notebooks_dir=ROOT / "notebooks",
        write=True,
        lang="en",
    )
    assert "ties out" in (Path(result.folder) / "notebook.html").read_text()


def opened_by_a_person(url: str, out: Path, name: str, **parameters):
    """The notebook in a kernel that no runner has told anything, as JupyterLab starts it."""
    from workbench.runs.execution import KernelHost, base_environment, execute

    environment = {
        **base_environment(),
        "WORKBENCH_BOOK": url,
        "WORKBENCH_OUT": str(out),
        "WORKBENCH_PARAMETERS": str(ROOT / "parameters"),
    }
    with KernelHost.open(forked=False) as host:
        return execute(
            ROOT / "notebooks" / f"{name}.ipynb",
            {"period": "2026-10", **parameters},
            host=host,
            environment=environment,
            timeout_seconds=300,
        )


def test_opened_by_a_person_a_notebook_shows_its_figures_and_writes_nothing(company, tmp_path):
    url = copied(company, tmp_path)
    outcome = opened_by_a_person(url, tmp_path / "outputs", "payment_matching")
    assert outcome.failure is None
    assert not (tmp_path / "outputs").exists()
    assert len(posted(url)) == 0
    shown = json.dumps(outcome.notebook, ensure_ascii=False)
    assert "nada se guardó (write=False)" in shown


def test_with_write_a_person_has_the_runner_make_the_run(company, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    url = copied(company, tmp_path)
    outcome = opened_by_a_person(url, tmp_path / "outputs", "payment_matching", write=True)
    assert outcome.failure is None, outcome.failure
    folders = [path.parent for path in (tmp_path / "outputs").rglob("manifest.json")]
    assert len(folders) == 1
    manifest = json.loads((folders[0] / "manifest.json").read_text())
    assert manifest["status"] == "done"
    assert len(posted(url)) == manifest["run"]["posted"]["applications"] > 0
