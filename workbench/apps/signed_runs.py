"""The runs that stand: what people signed, read back from their folders as the book would say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pandas as pd

from .. import calendar, money
from ..runs.folders import LATEST, MANIFEST
from ..runs.manifest import read_manifest
from ..tables import AGING_BY_ITEM


@dataclass(frozen=True)
class SignedRun:
    """One finished run, the newest good one of its period and company (``""``: all companies)."""

    run_id: str
    period: str
    company: str
    as_of: dt.date
    known_at: dt.datetime | None
    finished_at: dt.datetime
    folder: Path


def signed_runs(out: Path, notebook: str) -> list[SignedRun]:
    """The ``LATEST`` run of each period and company, the newest cutoff first."""
    found = []
    for latest in out.glob(f"*/*/{notebook}/{LATEST}"):
        folder = latest.parent / latest.read_text(encoding="utf-8").strip()
        if (folder / MANIFEST).is_file():
            found.append(_signed(folder))
    return sorted(found, key=lambda run: (run.as_of, run.finished_at), reverse=True)


def _signed(folder: Path) -> SignedRun:
    manifest = dict(read_manifest(folder))
    run = manifest["run"]
    assert isinstance(run, dict)
    known_at = str(run.get("known_at") or "")
    period = str(manifest["period"])
    return SignedRun(
        run_id=str(manifest["run_id"]),
        period=period,
        company=str(manifest["company"] or ""),
        as_of=dt.date.fromisoformat(str(run.get("as_of") or calendar.Period.parse(period).last_day)),
        known_at=calendar.parse_instant(known_at) if known_at else None,
        finished_at=calendar.parse_instant(str(run["finished_at"])),
        folder=folder,
    )


@lru_cache(maxsize=8)
def signed_items(run: SignedRun) -> pd.DataFrame:
    """The run's ``aging_by_item.csv`` as it was aged (``AGING_BY_ITEM``), with ``original_amount``.

    The file does not tell original amounts; the open amount has their sign, which is all that the modes
    for credits ask of them.
    """
    path = run.folder / "aging_by_item.csv"
    if not path.is_file():
        return AGING_BY_ITEM.empty().assign(original_amount=pd.Series(dtype="int64"))
    read = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    codes = read["currency"].tolist()
    frame = read.assign(
        **{
            column: [
                money.to_minor(Decimal(amount), code)
                for amount, code in zip(read[column], codes, strict=True)
            ]
            for column in AGING_BY_ITEM.money_columns()
        },
        document_date=pd.to_datetime(read["document_date"], format="%Y-%m-%d"),
        due_date=pd.to_datetime(read["due_date"], format="%Y-%m-%d"),
        days_overdue=read["days_overdue"].astype("int64"),
    )
    items = AGING_BY_ITEM.conform(frame)
    return items.assign(original_amount=items["open_amount"])
