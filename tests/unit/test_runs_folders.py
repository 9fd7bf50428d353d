"""The run folder: partial until it is whole, then never changed; the lock says who holds it."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import textwrap

import pytest

from workbench.errors import RunLockedError
from workbench.runs import locks
from workbench.runs.folders import RunPlace, new_run_id, write_atomically
from workbench.runs.locks import run_lock
from workbench.runs.manifest import content_sha256, file_sha256, is_untouched, write_manifest

BOOK = "sqlite:///book.sqlite"


@pytest.fixture
def place(tmp_path):
    return RunPlace(tmp_path, "2026-10", "CO01", "aging_review")


def test_run_ids_sort_by_time():
    first = new_run_id(dt.datetime(2026, 11, 3, 14, 5, tzinfo=dt.UTC))
    later = new_run_id(dt.datetime(2026, 11, 3, 14, 6, tzinfo=dt.timezone(dt.timedelta(hours=0))))
    assert first < later
    assert first.startswith("20261103T140500Z-")


def test_a_run_has_its_name_only_when_it_is_finished(place):
    folder = place.open_partial("r1")
    (folder / "a.csv").write_text("x\n")
    assert place.finished() == []
    write_manifest(folder, {"run_id": "r1"})
    final = place.finish("r1", is_latest=True)
    assert not folder.exists()
    assert final == place.directory / "r1"
    assert (place.directory / "LATEST").read_text() == "r1\n"
    assert place.finished() == [final]


def test_a_run_that_stopped_does_not_become_the_latest(place):
    for run_id, is_good in (("r1", True), ("r2", False)):
        write_manifest(place.open_partial(run_id), {"run_id": run_id})
        place.finish(run_id, is_latest=is_good)
    assert (place.directory / "LATEST").read_text() == "r1\n"
    assert [folder.name for folder in place.finished()] == ["r1", "r2"]


def test_what_dead_runs_left_is_removed_and_named(place):
    (place.open_partial("dead") / "half.csv").write_text("1")
    assert place.discard_partials() == ["dead"]
    assert list(place.directory.iterdir()) == []


def test_an_atomic_write_leaves_no_scratch_behind(tmp_path):
    write_atomically(tmp_path / "LATEST", "one\n")
    write_atomically(tmp_path / "LATEST", "two\n")
    assert [path.name for path in tmp_path.iterdir()] == ["LATEST"]
    assert (tmp_path / "LATEST").read_text() == "two\n"


def test_the_content_hash_covers_tables_and_not_the_report(tmp_path):
    (tmp_path / "a.csv").write_text("1\n")
    (tmp_path / "notebook.html").write_text("now")
    before = content_sha256(tmp_path)
    (tmp_path / "notebook.html").write_text("later")
    assert content_sha256(tmp_path) == before
    (tmp_path / "a.csv").write_text("2\n")
    assert content_sha256(tmp_path) != before


def test_the_content_hash_knows_a_file_by_its_name(tmp_path):
    for folder, name in (("one", "a.csv"), ("two", "b.csv")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("1\n")
    assert content_sha256(tmp_path / "one") != content_sha256(tmp_path / "two")


def test_a_folder_whose_table_was_edited_is_no_longer_untouched(tmp_path):
    (tmp_path / "a.csv").write_text("1\n")
    write_manifest(tmp_path, {"outputs": [{"file": "a.csv", "sha256": file_sha256(tmp_path / "a.csv")}]})
    assert is_untouched(tmp_path)
    (tmp_path / "a.csv").write_text("2\n")
    assert not is_untouched(tmp_path)
    (tmp_path / "a.csv").unlink()
    assert not is_untouched(tmp_path)


def locked(directory, period="2026-10", company="CO01", book=BOOK):
    return run_lock(directory, book_url=book, period=period, company=company)


def test_a_second_run_of_the_same_company_and_period_learns_who_and_since_when(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_USER", "ana")
    with locked(tmp_path):
        with pytest.raises(RunLockedError) as caught, locked(tmp_path):
            pass
        error = caught.value
        assert error.exit_code == 5
        assert error.values["who"] == "ana"
        assert dt.datetime.fromisoformat(error.values["since"]).tzinfo is not None
    with locked(tmp_path):
        pass


@pytest.mark.parametrize(("first", "second"), [("", "CO01"), ("CO01", "")])
def test_all_companies_and_one_of_them_exclude_each_other(tmp_path, first, second):
    with locked(tmp_path, company=first), pytest.raises(RunLockedError), locked(tmp_path, company=second):
        pass


def test_another_company_period_or_book_does_not_wait(tmp_path):
    others = (
        locked(tmp_path, company="CO02"),
        locked(tmp_path, period="2026-11"),
        locked(tmp_path, book="sqlite:///other.sqlite"),
    )
    with locked(tmp_path), others[0], others[1], others[2]:
        assert len(list(tmp_path.glob("*.json"))) == 4


def test_a_process_that_is_killed_lets_go_of_its_lock(tmp_path):
    code = """
        import os, sys, time
        from pathlib import Path
        from workbench.runs.locks import run_lock
        with run_lock(Path(sys.argv[1]), book_url="sqlite:///book.sqlite", period="2026-10", company="CO01"):
            print("held", flush=True)
            time.sleep(60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunLockedError) as caught, locked(tmp_path):
            pass
        assert caught.value.values["pid"] == holder.pid
        holder.kill()
    with locked(tmp_path):
        assert json.loads(next(tmp_path.glob("*.json")).read_text())["pid"] != holder.pid


def test_a_workbook_made_at_another_hour_by_another_run_has_the_same_content(tmp_path):
    import pandas as pd

    from workbench.runs.result_files import made_text, write_workbook
    from workbench.tables import FINDINGS

    hashes = []
    for run_id, made_at in (("r1", "2026-11-03T14:05:00+00:00"), ("r2", "2026-12-24T03:59:00+00:00")):
        folder = tmp_path / run_id
        folder.mkdir()
        write_workbook(
            folder,
            notebook="provision",
            company="CO01",
            period="2026-10",
            as_of=dt.date(2026, 10, 31),
            run_id=run_id,
            made_at=made_at,
            tables={"runs": pd.DataFrame({"notebook": ["provision"]})},
            findings=FINDINGS.empty(),
            totals=None,
        )
        hashes.append(content_sha256(folder, ignoring=(run_id, made_text(made_at))))
        assert content_sha256(folder) != hashes[-1]
    assert hashes[0] == hashes[1]


def test_one_book_has_one_lock_however_its_url_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole, short = f"sqlite:///{tmp_path / 'book.sqlite'}", "sqlite:///book.sqlite"
    out, other = tmp_path / "outputs", tmp_path / "elsewhere"
    with (
        locks.lock_month(whole, out, period="2026-10", company=""),
        pytest.raises(RunLockedError),
        locks.lock_month(short, other, period="2026-10", company=""),
    ):
        pass


def test_two_books_cannot_write_the_same_month_into_one_folder(tmp_path):
    first, second = (f"sqlite:///{tmp_path / name / 'book.sqlite'}" for name in ("a", "b"))
    out = tmp_path / "outputs"
    with (
        locks.lock_month(first, out, period="2026-10", company="CO01"),
        pytest.raises(RunLockedError),
        locks.lock_month(second, out, period="2026-10", company="CO01"),
    ):
        pass
