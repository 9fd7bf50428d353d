"""October's reports, made again after a winter of late news, are October's to the cent."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest
from book_world import import_items, import_rows, legs
from runs_world import ROOT, copied, make_company

from workbench import book as books
from workbench.book import read
from workbench.book.postings import apply, reverse
from workbench.runs import chain, runner

pytestmark = pytest.mark.slow
#: Notebooks whose figures rest on the book alone; the two that post are held by their applications.
REPORTS = ("aging_review", "provision", "bank_reconciliation")
YEAR_END, NOVEMBER, OCTOBER = dt.date(2026, 12, 31), dt.date(2026, 11, 30), dt.date(2026, 10, 31)


@pytest.fixture(scope="module")
def closed(tmp_path_factory) -> tuple[str, Path, dict[str, dict]]:
    """October as it was closed: the book, its outputs, and each run's manifest."""
    folder = tmp_path_factory.mktemp("closed")
    url = copied(make_company(tmp_path_factory.mktemp("company")), folder)
    results = chain.close_period(
        "2026-10",
        book_url=url,
        out=folder / "outputs",
        parameters_dir=ROOT / "parameters",
        notebooks_dir=ROOT / "notebooks",
    )
    manifests = {
        result.notebook: json.loads((Path(result.folder) / "manifest.json").read_text()) for result in results
    }
    return url, folder / "outputs", manifests


def items_of(documents: pd.DataFrame) -> list[dict[str, object]]:
    """Stored items as another extract would show them again."""
    columns = [
        "company_id", "fiscal_year", "document_type", "document_number", "item", "customer_id",
        "document_date", "due_date", "currency", "original_amount", "document_kind",
    ]  # fmt: skip
    return documents[columns].to_dict("records")


def add_late_news(url: str) -> None:
    """Everything that may arrive after a close and speak of days before it."""
    with books.open_book(url) as book:
        documents = read.documents(book).sort_values("document_key")
        items = items_of(documents[documents["original_amount"] > 0].head(30))
        # The year-end extract before November's, half paid; then November's; then October's once more, with
        # other open amounts than October's own file had.
        for day, share in ((YEAR_END, 4), (NOVEMBER, 2), (OCTOBER, 3), (OCTOBER, 3)):
            shown = [{**item, "open_amount": int(item["original_amount"]) // share} for item in items]
            import_items(book, *shown, on=day, source=f"late-{share}")
        cleared = [
            {**item, "open_amount": 0, "has_open_amount": False, "clearing_date": "2026-10-15",
             "clearing_document": f"9{number:06}", "cleared_amount": item["original_amount"]}
            for number, item in enumerate(items[:10])
        ]  # fmt: skip
        import_items(book, *cleared, on=YEAR_END, source="late-clearings")
        new = {**items[0], "document_number": "LATE1", "document_date": "2026-10-02", "open_amount": 7_00,
               "original_amount": 7_00}  # fmt: skip
        import_items(book, new, on=NOVEMBER, source="late-invoice")
        customers = read.customers(book)
        import_rows(book, "customers", {}, *customers.assign(cluster_id="NUEVO").to_dict("records"))
        applied = read.applications(book)
        operations = applied["operation_id"].drop_duplicates().head(4)
        own = applied[applied["operation_id"].isin(operations)]
        for day, part in (("2026-11-20", own.iloc[::2]), ("2026-10-31", own.iloc[1::2])):
            ids = applied.loc[applied["operation_id"].isin(part["operation_id"]), "application_id"]
            undone = set(read.reversals(book)["application_id"])
            ids = [one for one in ids if one not in undone]
            if ids:
                reverse(book, ids, effective_date=dt.date.fromisoformat(day), reason="tarde",
                        operation_id=f"undo-{day}", who="ana")  # fmt: skip
        payment = own[own["kind"].eq("payment")].iloc[0]
        again = {name: payment[name] for name in ("receipt_key", "document_key", "kind", "rule", "evidence")}
        apply(
            book,
            legs({**again, "application_id": "again/1", "operation_id": "again", "applied_amount": 1,
                  "effective_date": "2026-11-21"}),
            who="ana",
        )  # fmt: skip


def test_after_a_winter_of_late_news_a_report_of_october_is_octobers(closed, tmp_path):
    url, out, manifests = closed
    with books.open_book(url) as book:
        then = {name: manifests[name]["run"]["known_at"] for name in REPORTS}
        known = dt.datetime.fromisoformat(max(then.values()))
        applications = read.applications(book, known_at=known)
    latest = {path: path.read_text() for path in sorted(out.rglob("LATEST"))}
    add_late_news(url)
    changed = 0
    for name in REPORTS:
        given = {"period": "2026-10", "known_at": then[name]}
        settings = {
            "book_url": url,
            "parameters_dir": ROOT / "parameters",
            "notebooks_dir": ROOT / "notebooks",
        }
        again = runner.run_notebook(name, given, out=tmp_path / "then", write=True, **settings)
        assert again.status == "done", again.message
        assert again.content_sha256 == manifests[name]["content_sha256"], name
        now = runner.run_notebook(name, {"period": "2026-10"}, out=tmp_path / "now", write=True, **settings)
        changed += now.content_sha256 != manifests[name]["content_sha256"]
    assert changed >= 2, "the late news must matter to what is known now, or this test shows nothing"
    with books.open_book(url) as book:
        pd.testing.assert_frame_equal(read.applications(book, known_at=known), applications)
        assert [one.first_fault for one in books.audit.verify(book) if not one.ok] == []
    assert {path: path.read_text() for path in sorted(out.rglob("LATEST"))} == latest
