"""Run folders as the runner leaves them, made from a book without running a notebook."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from workbench import aging, book, ledger
from workbench.runs.result_files import write_table
from workbench.tables import AGING_BY_ITEM


def sign_ageing(
    opened: book.Book, out: Path, *, as_of: dt.date, run_id: str, company: str = "", status: str = "done"
) -> Path:
    """An ``aging_review`` run of that cutoff, as known now, with its ``LATEST``."""
    read, of = book.read, company or None
    facts = [
        one(opened, company=of)
        for one in (read.documents, read.observations, read.clearings, read.applications, read.reversals)
    ]
    aged = aging.age_open_items(ledger.open_items_as_of(*facts, as_of=as_of), as_of=as_of)
    folder = leave_run(
        out, "aging_review", as_of=as_of, run_id=run_id, company=company, status=status,
        known_at=opened.latest_instant(),
        tie_outs=[{"name": "by_item", "expected": {"COP": "1.0"}, "actual": {"COP": "1.0"}, "passed": True}],
    )  # fmt: skip
    write_table(folder, "aging_by_item", (aging.aging_by_item(aged), AGING_BY_ITEM))
    return folder


def leave_run(
    out: Path,
    notebook: str,
    *,
    as_of: dt.date,
    run_id: str,
    company: str = "",
    status: str = "done",
    known_at: dt.datetime | None = None,
    tie_outs: list[dict[str, Any]] | None = None,
) -> Path:
    directory = out / f"{as_of:%Y-%m}" / (company or "all") / notebook
    folder = directory / run_id
    folder.mkdir(parents=True)
    manifest = {
        "run_id": run_id,
        "notebook": notebook,
        "company": company,
        "period": f"{as_of:%Y-%m}",
        "status": status,
        "tie_outs": tie_outs or [],
        "content_sha256": "0" * 64,
        "run": {
            "who": "ana",
            "as_of": as_of.isoformat(),
            "known_at": known_at.isoformat() if known_at else "",
            "finished_at": "2026-11-03T14:05:00+00:00",
        },
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    if status == "done":
        (directory / "LATEST").write_text(f"{run_id}\n", encoding="utf-8")
    return folder
