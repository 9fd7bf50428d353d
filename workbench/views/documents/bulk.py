"""Many documents in one run: each written whole or not at all, none made twice, memory bounded.

Pages come one by one and are gone when their file is written, so a month of thousands takes what one takes.
A run that was stopped is begun again: what lies in the folder and is of the same inputs stays as it is.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import ParameterRefusedError
from ...matching.executors import Executor, InOneProcess
from .pages import MARK, make_project, project_of
from .shapes import Page, StatementPage

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_MOST_NAME = 120
#: What Windows keeps for itself, in any case and with any ending.
_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)


@dataclass(frozen=True)
class Written:
    """A document in its place. ``is_new`` False: it was there already, of the same inputs.

    ``missing``: letters that no font has (of a document that was there already it is not asked again).
    """

    document: str  # its number: statement_id or act_id
    file: str
    content_sha256: str
    file_sha256: str
    bytes: int
    is_new: bool
    missing: str = ""


@dataclass(frozen=True)
class _Task:
    page: Page
    folder: str
    fonts: str


def write_documents(
    pages: Iterable[Page],
    folder: Path,
    *,
    fonts: str = "",
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Written]:
    """Each document as it is written, in the order it is done; ``progress`` gets how many are.

    ``executor``: ``workers.InProcesses`` for a month of thousands; else one after the other. A page whose
    sums do not hold stops the run with its error; what was written before stays, and the next run takes it
    up. Two pages of one number are refused.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".*.partial"):
        leftover.unlink(missing_ok=True)
    results = (executor or InOneProcess()).results(_write, enumerate(_tasks(pages, folder, fonts)))
    for done, (_, written) in enumerate(results, start=1):
        if progress is not None:
            progress(done)
        yield written


def _tasks(pages: Iterable[Page], folder: Path, fonts: str) -> Iterator[_Task]:
    taken: set[str] = set()
    for page in pages:
        name = file_name(document_number(page)).casefold()  # a disk may not tell a from A
        if name in taken:
            raise ParameterRefusedError("document-number-twice", document=document_number(page))
        taken.add(name)
        yield _Task(page, str(folder), fonts)


def _write(task: _Task) -> Written:
    number = document_number(task.page)
    path = Path(task.folder) / file_name(number)
    project = project_of(task.page)
    there = path.read_bytes() if path.is_file() else b""
    is_whole = there.rstrip().endswith(b"%%EOF")
    if is_whole and f"{MARK}{project.inputs_sha256}".encode() in there:
        sha256 = hashlib.sha256(there).hexdigest()
        return Written(number, path.name, project.content_sha256, sha256, len(there), is_new=False)
    made = make_project(project, fonts=task.fonts)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as stream:
        stream.write(made.pdf)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)  # whole, or what was there before
    return Written(
        number,
        path.name,
        made.content_sha256,
        made.file_sha256,
        len(made.pdf),
        is_new=True,
        missing=made.missing,
    )


def document_number(page: Page) -> str:
    """The number a document goes by."""
    return page.statement_id if isinstance(page, StatementPage) else page.act_id


def file_name(number: str) -> str:
    """A name every disk takes: the number, and a mark of its own where signs had to go."""
    safe = _UNSAFE.sub("_", number).strip("._")[:_MOST_NAME]
    if safe != number or not safe or _DEVICE.fullmatch(safe.partition(".")[0]):
        mark = hashlib.sha256(number.encode("utf-8", "backslashreplace")).hexdigest()[:8]
        safe = f"{safe}_{mark}" if safe else mark
    return f"{safe}.pdf"
