"""The close of a sample month on PostgreSQL: the same figures as in a file, resumed and alone like there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import postgres_server
import pytest
from book_world import is_file
from runs_world import ROOT, fill_book, make_company

from workbench import book as books
from workbench.errors import RunLockedError
from workbench.runs import chain
from workbench.runs.folders import PARTIAL

pytestmark = pytest.mark.slow
CLOSE = """
import sys
from pathlib import Path
from workbench.runs import chain
chain.close_period("2026-10", book_url=sys.argv[1], out=Path(sys.argv[2]),
    parameters_dir=Path(sys.argv[3]) / "parameters", notebooks_dir=Path(sys.argv[3]) / "notebooks")
"""
FACTS = ("documents", "observations", "clearings", "receipts", "applications", "reversals")


def close(url: str, out: Path) -> dict[str, str]:
    """Each notebook's content hash."""
    places = {"parameters_dir": ROOT / "parameters", "notebooks_dir": ROOT / "notebooks"}
    results = chain.close_period("2026-10", book_url=url, out=out, **places)
    assert [result.status for result in results] == ["done"] * len(chain.CHAIN)
    return {result.notebook: result.content_sha256 for result in results}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a book on the server with the sample company, not yet closed."""
    postgres_server.server()
    url = postgres_server.take_empty_book()
    fill_book(url, tmp_path_factory.mktemp("company"))
    return url


@pytest.fixture(scope="module")
def in_a_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """The same company in a file, closed: its address and content hashes."""
    folder = tmp_path_factory.mktemp("file")
    url = f"sqlite:///{make_company(folder)}"
    return url, close(url, folder / "outputs")


def facts_of(url: str) -> dict[str, object]:
    """What stands in the book, without when it was written and by which run."""
    told: dict[str, object] = {}
    with books.open_book(url) as opened:
        assert [one.first_fault for one in books.audit.verify(opened) if not one.ok] == []
        for name in FACTS:
            frame = getattr(books.read, name)(opened).drop(columns=["recorded_at"])
            told[name] = frame.astype(str).to_dict("list")
        assert is_file(opened) or opened.worries() == []
    return told


def test_a_close_on_the_server_comes_to_the_same_bytes_as_in_a_file(
    company: str, in_a_file: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    url = postgres_server.take_copy(company)
    assert close(url, tmp_path / "outputs") == in_a_file[1]
    assert facts_of(url) == facts_of(in_a_file[0])
    ids = [path.name for path in (tmp_path / "outputs").glob("2026-10/*/*/*") if path.is_dir()]
    close(url, tmp_path / "outputs")
    assert ids == [path.name for path in (tmp_path / "outputs").glob("2026-10/*/*/*") if path.is_dir()]


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems")
def test_a_close_killed_midway_resumes_to_the_same_bytes(
    company: str, in_a_file: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    url, out = postgres_server.take_copy(company), tmp_path / "outputs"
    around = out / "2026-10" / "all" / "credit_note_matching"
    with subprocess.Popen([sys.executable, "-c", CLOSE, url, str(out), str(ROOT)]) as process:
        end = time.monotonic() + 300
        while (
            not list(around.glob(f"*{PARTIAL}/*.csv")) and process.poll() is None and time.monotonic() < end
        ):
            time.sleep(0.01)
        assert process.poll() is None, "the close ended before it could be killed"
        os.kill(process.pid, signal.SIGKILL)
    assert list(around.glob(f"*{PARTIAL}")), "nothing was under way when it was killed"
    assert close(url, out) == in_a_file[1]
    assert facts_of(url) == facts_of(in_a_file[0])


def test_a_close_is_told_who_runs_it_on_another_machine(company: str, tmp_path: Path) -> None:
    there = books.RunHolder("2026-10", "CO01", "luz", "maq-2", 4711, 1_793_534_400)
    with books.hold_run(company, there), pytest.raises(RunLockedError) as caught:
        close(company, tmp_path / "outputs")
    assert (caught.value.exit_code, caught.value.values["who"], caught.value.values["pid"]) == (
        5,
        "luz",
        "4711",
    )
    assert not list((tmp_path / "outputs").glob("2026-10/*/*/*"))
