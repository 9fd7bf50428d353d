"""What a finished run leaves behind: notebook, report, manifest, its name, and a row in the book."""

from __future__ import annotations

import datetime as dt
import json
import platform
import subprocess
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from .. import words
from .html import write_report
from .locks import who_am_i
from .manifest import Json, RunResult, content_sha256, file_sha256, write_manifest
from .result_files import made_text

if TYPE_CHECKING:
    from ..book import Book
    from .execution import Outcome
    from .runner import Prepared
    from .state import RunState

LIBRARIES = (
    "workbench-cartera",
    "papermill",
    "ipykernel",
    "numpy",
    "pandas",
    "SQLAlchemy",
    "XlsxWriter",
    "altair",
)


def leave(
    prepared: Prepared,
    result: RunResult,
    *,
    outcome: Outcome,
    state: RunState,
    folder: Path,
    book: Book,
    started_at: dt.datetime,
    discarded: list[str],
) -> RunResult:
    """Complete the folder, give it its name, note the run in the book; the manifest is written last."""
    from ..book import audit, name_of

    place = prepared.place
    text = nbformat.writes(outcome.notebook)  # type: ignore[no-untyped-call]  # nbformat is not typed
    (folder / "notebook.ipynb").write_text(f"{text}\n", encoding="utf-8", newline="\n")
    failure = None if result.status == "done" else (result.message, result.remedy)
    company = place.company or words.say("runs.all-companies")
    title = f"{words.say(f'notebooks.{place.notebook}')} · {place.period} · {company}"
    write_report(folder / "notebook.html", outcome.notebook, title=title, lang=prepared.lang, failure=failure)
    finished_at = dt.datetime.now(dt.UTC)
    hashed = content_sha256(
        folder, ignoring=(result.run_id, made_text(started_at.isoformat(timespec="seconds")))
    )
    result = replace(result, folder=place.final(result.run_id).as_posix(), content_sha256=hashed)
    write_manifest(
        folder,
        {
            "run_id": result.run_id,
            "notebook": place.notebook,
            "company": place.company,
            "period": place.period,
            "status": result.status,
            "tie_outs": [tie_out.to_json() for tie_out in result.tie_outs],
            "parameters": dict(prepared.parameters),
            "inputs": state.inputs,
            "outputs": [
                {**output, "sha256": file_sha256(folder / str(output["file"]))} for output in state.outputs
            ],
            "findings": list(result.findings),
            "policy": {"version": prepared.policy_version, "sha256": prepared.step.policy_sha256},
            "failure": _failure(result, outcome),
            "is_without_input": state.is_without_input,
            "run": {
                "who": who_am_i(),
                "started_at": started_at.isoformat(),
                "finished_at": finished_at.isoformat(),
                "seconds": round((finished_at - started_at).total_seconds(), 3),
                "as_of": state.as_of,
                "known_at": state.known_at,
                "step_key": prepared.step.key,
                "upstream": list(prepared.step.upstream),
                "book": name_of(prepared.book_url),
                "book_fingerprint": prepared.step.book_fingerprint,
                # Kept outside the book: a tail cut off the audit chain, or all of it rewritten, shows here.
                "audit_anchor": asdict(audit.anchor(book)),
                "notebook_sha256": prepared.step.notebook_sha256,
                "git_commit": git_commit(prepared.notebook.parent),
                "versions": versions(),
                "lang": prepared.lang,
                "posted": state.posted,
                "is_forked": outcome.is_forked,
                "dead_runs_removed": discarded,
            },
            "content_sha256": hashed,
        },
    )
    place.finish(result.run_id, is_latest=result.status == "done" and prepared.is_official)
    _note_in_book(prepared, result, state=state, book=book, started_at=started_at, finished_at=finished_at)
    return result


def _failure(result: RunResult, outcome: Outcome) -> Json | None:
    if result.status == "done":
        return None
    return {
        "step": result.failed_step,
        "cell": outcome.failure.cell if outcome.failure else None,
        "error": outcome.failure.error_name if outcome.failure else "",
        "message": result.message,
        "remedy": result.remedy,
        "exit_code": result.failed_exit_code,
    }


def _note_in_book(
    prepared: Prepared,
    result: RunResult,
    *,
    state: RunState,
    book: Book,
    started_at: dt.datetime,
    finished_at: dt.datetime,
) -> None:
    """The run's row in the book's history; the folder's manifest stays the record of it."""
    from ..book import postings
    from .runner import parameters_text

    postings.record_run(
        book,
        {
            "run_id": result.run_id,
            "notebook": result.notebook,
            "company_id": prepared.place.company,
            "period": prepared.place.period,
            "step_key": prepared.step.key,
            "as_of": prepared.as_of,
            "known_at": dt.datetime.fromisoformat(state.known_at) if state.known_at else None,
            "status": result.status,
            "who": who_am_i(),
            "parameters": parameters_text(prepared.parameters),
            "tie_outs": json.dumps([tie_out.to_json() for tie_out in result.tie_outs], ensure_ascii=False),
            "findings": sum(int(str(finding["count"])) for finding in result.findings),
            "failed_step": result.failed_step,
            "remedy": result.remedy,
            "fingerprint": prepared.step.book_fingerprint,
            "content_sha256": result.content_sha256,
            "folder": result.folder,
            "started_at": started_at,
            "finished_at": finished_at,
        },
    )


def versions() -> dict[str, str]:
    """What ran it."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def git_commit(directory: Path) -> str:
    """The commit of the notebooks' repository, "" where there is none or no git."""
    try:
        told = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""
