"""The run folder on disk: made as ``.partial``, filled, flushed, renamed; never changed after.

``<out>/<period>/<company or all>/<notebook>/<run id>/``, with ``LATEST`` beside the runs.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

PARTIAL = ".partial"
MANIFEST = "manifest.json"
LATEST = "LATEST"


def new_run_id(started_at: dt.datetime) -> str:
    """Sorts by time, unique by chance: ``20261103T140500Z-1f9c2a``."""
    return f"{started_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class RunPlace:
    """Where the runs of one notebook, company and period live."""

    out: Path
    period: str
    company: str
    notebook: str

    @property
    def directory(self) -> Path:
        return self.out / self.period / (self.company or "all") / self.notebook

    def partial(self, run_id: str) -> Path:
        return self.directory / f"{run_id}{PARTIAL}"

    def final(self, run_id: str) -> Path:
        return self.directory / run_id

    def open_partial(self, run_id: str) -> Path:
        """The folder a run fills, new and empty."""
        folder = self.partial(run_id)
        folder.mkdir(parents=True)
        return folder

    def discard_partials(self) -> list[str]:
        """Remove what dead runs left and say which; call it under the lock, when none can be alive."""
        left = sorted(self.directory.glob(f"*{PARTIAL}"))
        for folder in left:
            shutil.rmtree(folder)
        return [folder.name.removesuffix(PARTIAL) for folder in left]

    def finish(self, run_id: str, *, is_latest: bool) -> Path:
        """Flush every file, give the folder its name and, where it is good, point ``LATEST`` at it."""
        folder, final = self.partial(run_id), self.final(run_id)
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                flush(path)
        flush(folder)
        folder.rename(final)
        flush(self.directory)
        if is_latest:
            write_atomically(self.directory / LATEST, f"{run_id}\n")
        return final

    def finished(self) -> list[Path]:
        """Folders of finished runs, newest first, ``LATEST`` before all."""
        if not self.directory.is_dir():
            return []
        folders = sorted((path.parent for path in self.directory.glob(f"*/{MANIFEST}")), reverse=True)
        folders = [folder for folder in folders if not folder.name.endswith(PARTIAL)]
        latest = self.directory / LATEST
        named = latest.read_text(encoding="utf-8").strip() if latest.is_file() else ""
        return sorted(folders, key=lambda folder: folder.name != named)


def write_atomically(path: Path, text: str) -> None:
    """The file holds the old text or the new one, whenever the machine stops."""
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    scratch.write_text(text, encoding="utf-8", newline="\n")
    flush(scratch)
    scratch.replace(path)
    flush(path.parent)


def flush(path: Path) -> None:
    """fsync a file, or a directory where the system can."""
    if path.is_dir():
        if os.name == "nt":  # Windows cannot open a directory to flush it
            return
        descriptor = os.open(path, os.O_RDONLY)
    else:
        descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
