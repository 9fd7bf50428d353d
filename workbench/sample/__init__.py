"""The sample company: files as an ERP and two banks would send them, and the truth about them.

``make_sample`` writes the files of a made-up company (``CO01``) of any size from a seed. Cash is counted
once: see ``history``. ``month.make_month`` writes one month of it, of any size, for ``workbench match``.
Ids in ``truth.csv`` are those the book shows after the import: a receipt's is the bank's own reference, a
document's is ``number/year/item``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..calendar import Period
from .shape import Shape

__all__ = ["ImportItem", "SampleFiles", "Shape", "make_sample"]


@dataclass(frozen=True)
class ImportItem:
    """A file of the sample, the mapping that reads it and the day the extract was taken."""

    file: str
    source: str
    extract_date: dt.date


@dataclass(frozen=True)
class SampleFiles:
    """Where the sample was written; ``imports`` in the order to import, ``paths`` every file."""

    out: Path
    imports: tuple[ImportItem, ...]
    paths: tuple[Path, ...]

    @property
    def truth(self) -> Path:
        return self.out / "truth.csv"


def make_sample(
    out: Path,
    *,
    customers: int = 60,
    months: int = 6,
    seed: int = 20261,
    through: str = "2026-10",
    shape: Shape | None = None,
) -> SampleFiles:
    """Writes the sample company into ``out`` and says in which order to import it.

    ``through`` (YYYY-MM) is the closing month: its bank files hold the receipts to apply. The ``months``
    before and with it are the history. The same arguments give the same bytes; the clock is never asked.
    """
    from .days import Months
    from .files import write_files
    from .history import make_history

    shape = shape or Shape()
    span = Months(Period.parse(through), months)
    history = make_history(customers, span, shape, seed)
    out.mkdir(parents=True, exist_ok=True)
    return write_files(out, history, shape, np.random.SeedSequence([seed, 1]))
