"""What the runs of a close came to, read from their manifests: the checklist's evidence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pandas as pd

from ..calendar import Period, parse_instant
from ..close import EVIDENCE
from ..errors import StoppedAtGateError
from ..money import to_minor
from .figures import Totals
from .folders import MANIFEST, RunPlace
from .locks import who_am_i
from .manifest import read_manifest
from .surroundings import Surroundings


def folders(surroundings: Surroundings, *, period: str, company: str) -> dict[str, Path]:
    """The run folder that counts for each notebook: the chain's own, else the newest one."""
    if surroundings.upstream:
        return {Path(folder).parent.name: Path(folder) for folder in surroundings.upstream}
    around = surroundings.out / period / (company or "all")
    found = {}
    for directory in sorted(around.iterdir()) if around.is_dir() else []:
        finished = RunPlace(surroundings.out, period, company, directory.name).finished()
        if finished:
            found[directory.name] = max(finished, key=lambda folder: folder.name)
    return found


def known_before(
    surroundings: Surroundings, notebook: str, *, period: Period, company: str
) -> dt.datetime | None:
    """The instant until which facts counted in the notebook's last good run of the period before.

    A run of all companies told of this one too. The other way round nothing is taken: runs of single
    companies counted each until an instant of its own.
    """
    places = [
        RunPlace(surroundings.out, str(period.previous()), chosen, notebook)
        for chosen in dict.fromkeys((company, ""))
    ]
    finished = [folder for place in places for folder in place.finished()]
    for folder in sorted(finished, key=lambda one: one.name, reverse=True):
        manifest = read_manifest(folder)
        told = str(manifest["run"].get("known_at", ""))
        if manifest["status"] == "done" and told:
            return parse_instant(told)
    return None


def gather(surroundings: Surroundings, own: str, *, period: str, company: str) -> pd.DataFrame:
    """One row a notebook (``close.EVIDENCE``), in the order of names; the one that asks is running."""
    rows: list[dict[str, object]] = []
    for notebook, folder in sorted(folders(surroundings, period=period, company=company).items()):
        if notebook == own or not (folder / MANIFEST).is_file():
            continue
        manifest = read_manifest(folder)
        rows.append(
            {
                "notebook": notebook,
                "status": manifest["status"],
                "tie_outs": len(manifest["tie_outs"]),
                "tie_outs_passed": sum(bool(tie_out["passed"]) for tie_out in manifest["tie_outs"]),
                "content_sha256": manifest["content_sha256"],
                "finished_at": manifest["run"]["finished_at"],
                "who": manifest["run"]["who"],
            }
        )
    rows.append(
        {
            "notebook": own,
            "status": "running",
            "tie_outs": 0,
            "tie_outs_passed": 0,
            "content_sha256": "",
            "finished_at": None,
            "who": who_am_i(),
        }
    )
    return EVIDENCE.conform(pd.DataFrame(rows, columns=list(EVIDENCE.columns)))


def tied(surroundings: Surroundings, notebook: str, name: str, *, period: str, company: str) -> Totals:
    """What the tie-out ``name`` of that notebook's run came to; the run stops where there is none."""
    folder = folders(surroundings, period=period, company=company).get(notebook)
    for tie_out in read_manifest(folder)["tie_outs"] if folder else ():
        if tie_out["name"] == name and isinstance(tie_out["actual"], dict):
            return {
                currency: to_minor(Decimal(amount), currency)
                for currency, amount in tie_out["actual"].items()
            }
    raise StoppedAtGateError("run-missing", notebook=notebook)
