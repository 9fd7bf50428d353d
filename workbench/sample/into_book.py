"""The sample company into an empty book, whole or taken up where it was cut off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from .. import book as books
from .. import intake
from ..errors import FileRefusedError, RunningElsewhereError
from . import make_sample

#: Settings of the book: the month whose sample was begun, and the one whose sample is in it whole.
BEGUN, WHOLE = "sample_begun", "sample_whole"


def fill_book(
    book_url: str,
    out: Path,
    *,
    through: str,
    parameters: Path,
    today: dt.date,
    tell: Callable[..., None] = lambda key, **values: None,
) -> bool:
    """Make the sample company below ``out/sample`` and import it; gives whether anything was imported.

    A book with data of its own is left alone. An import that was killed midway is taken up: each file is one
    transaction and the same bytes again change nothing. Raises :class:`RunningElsewhereError` while another
    process is at it.
    """
    (out / ".locks").mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".locks" / "sample.lock", timeout=0.5):
            return _fill(book_url, out, through=through, parameters=parameters, today=today, tell=tell)
    except Timeout:
        raise RunningElsewhereError("sample-under-way", folder=str(out)) from None


def _fill(
    book_url: str, out: Path, *, through: str, parameters: Path, today: dt.date, tell: Callable[..., None]
) -> bool:
    with books.open_book(book_url, create=True) as book:
        begun = book.setting(BEGUN)
        is_of_others = not begun and not books.read.batches(book).empty
        if is_of_others or book.setting(WHOLE):
            return False
        through = begun or through
        tell("sample_making", through=through)
        books.postings.set_setting(book, BEGUN, through)
        files = make_sample(out / "sample", through=through)
        for item in files.imports:
            result = intake.import_file(
                book,
                files.out / item.file,
                item.source,
                parameters=parameters,
                extract_date=item.extract_date,
                today=today,
            )
            if result.status == "rejected":
                raise FileRefusedError("sample-refused", file=item.file, reason=result.reason)
        books.postings.set_setting(book, WHOLE, through)
        tell("sample_imported", count=len(files.imports), folder=files.out)
    return True
