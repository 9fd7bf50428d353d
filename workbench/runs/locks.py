"""One run at a time for a company and period, whichever process asks: a lock file beside the book.

A book on a server is locked there too, so that runs on other machines are kept out (``book.hold_run``).
The lock is the operating system's, so a process that dies lets go of it; the note beside it only says
who holds it. A run over all companies excludes a run over one, and the other way round.
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ..errors import RunLockedError
from ..words import say

#: A probe by another process holds a lock for an instant only; a run holds it for longer than this.
_PATIENCE_SECONDS = 0.5
_FILE = "sqlite:///"


def who_am_i() -> str:
    """The person (or service account) that runs this, as the operating system knows them."""
    try:
        return os.environ.get("WORKBENCH_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "?"


def lock_directory(book_url: str, out: Path) -> Path:
    """Beside the book where it is a file, so that two runs into different folders meet; else in ``out``."""
    return Path(_identity(book_url)).parent / ".locks" if book_url.startswith(_FILE) else out / ".locks"


def _identity(book_url: str) -> str:
    """One book has one lock, however its URL is written."""
    return str(Path(book_url.removeprefix(_FILE)).resolve()) if book_url.startswith(_FILE) else book_url


@contextmanager
def lock_month(book_url: str, out: Path, *, period: str, company: str) -> Iterator[None]:
    """Hold company and period of the book, and of the folder that the run writes into."""
    from ..book import RunHolder, hold_run

    now = int(dt.datetime.now(dt.UTC).timestamp())
    holder = RunHolder(period, company, who_am_i(), socket.gethostname(), os.getpid(), now)
    with (
        run_lock(lock_directory(book_url, out), book_url=book_url, period=period, company=company),
        run_lock(out / ".locks", book_url=f"out:{out.resolve()}", period=period, company=company),
        hold_run(book_url, holder),
    ):
        yield


@contextmanager
def run_lock(directory: Path, *, book_url: str, period: str, company: str) -> Iterator[None]:
    """Hold company and period of that book; :class:`RunLockedError` says who has it and since when."""
    from filelock import FileLock, Timeout

    directory.mkdir(parents=True, exist_ok=True)
    prefix = f"{hashlib.sha256(_identity(book_url).encode()).hexdigest()[:12]}--{period}--"
    mine = directory / f"{prefix}{company or 'all'}.lock"
    note = mine.with_suffix(".json")
    with ExitStack() as held:
        lock = FileLock(mine)
        try:
            held.enter_context(lock.acquire(timeout=_PATIENCE_SECONDS, poll_interval=0.02))
        except Timeout:
            raise _locked(note, period=period, company=company) from None
        # Each side takes its own lock before it looks at the others', so two can never both pass.
        others = directory.glob(f"{prefix}*.lock") if not company else [directory / f"{prefix}all.lock"]
        for other in others:
            if other == mine or not other.exists():
                continue
            try:
                FileLock(other).acquire(timeout=_PATIENCE_SECONDS, poll_interval=0.02).lock.release()
            except Timeout:
                raise _locked(other.with_suffix(".json"), period=period, company=company) from None
        _write_note(note)
        held.callback(lambda: note.unlink(missing_ok=True))
        yield


def _write_note(note: Path) -> None:
    words = {
        "who": who_am_i(),
        "machine": socket.gethostname(),
        "pid": os.getpid(),
        "since": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    scratch = note.with_suffix(".tmp")
    scratch.write_text(json.dumps(words), encoding="utf-8")
    scratch.replace(note)


def _locked(note: Path, *, period: str, company: str) -> RunLockedError:
    holder: dict[str, object] = {}
    with suppress(OSError, ValueError):
        holder = json.loads(note.read_text(encoding="utf-8"))
    return RunLockedError(
        period=period,
        company=company or say("runs.all-companies").lower(),
        who=holder.get("who", "?"),
        machine=holder.get("machine", "?"),
        pid=holder.get("pid", "?"),
        since=holder.get("since", "?"),
    )
