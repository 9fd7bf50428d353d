"""Files that appear whole or not at all: written beside their place, and named when they are done."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

#: A part this old was left by a process that is gone.
_FORGOTTEN_SECONDS = 86_400


@contextlib.contextmanager
def part_of(file: Path) -> Iterator[Path]:
    """A name beside the file's to write to; what is left under it at the end is removed."""
    for old in file.parent.glob(f".{glob.escape(file.name)}.*.part*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - old.stat().st_mtime > _FORGOTTEN_SECONDS:
                old.unlink()
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
    finally:
        for ending in ("", "-journal", "-wal", "-shm", "-note"):
            Path(f"{part}{ending}").unlink(missing_ok=True)


def complete(part: Path, file: Path, *, note: str = "") -> None:
    """Give the part its name, durably; ``note`` goes into ``FILE.json`` just before.

    Raises :class:`FileExistsError` where somebody took the name meanwhile: nothing is overwritten.
    """
    sync(part)
    if file.exists():
        raise FileExistsError(str(file))
    if note:
        beside = Path(f"{part}-note")
        beside.write_text(note + "\n", encoding="utf-8")
        sync(beside)
        beside.replace(f"{file}.json")
    try:
        os.link(part, file)  # unlike a rename it never takes the place of a file that is there
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        part.rename(file)
    sync(file.parent)


def sync(path: Path) -> None:
    """Down to the disk; a folder too, where the system can."""
    with contextlib.suppress(PermissionError):  # Windows opens no folder
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_sha256(file: Path) -> str:
    """SHA-256 of a file of any size."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
