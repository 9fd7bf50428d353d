"""What a run leaves for machines and people: result tables as CSV, findings, one workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from .. import words
from ..tables import FINDINGS, Table, to_door
from .coded import in_words
from .figures import control_totals, door_totals
from .manifest import Json

#: A result with the table that declares it, or a frame that shows its own types.
Result: TypeAlias = "pd.DataFrame | tuple[pd.DataFrame, Table]"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = r"[-+]?[0-9][0-9.,]*"


def door_frame(name: str, result: Result) -> pd.DataFrame:
    """The result as a machine's file shows it; keys of the book's own stay inside."""
    if isinstance(result, tuple):
        frame, table = result
        return to_door(frame, table)
    from ..views.columns import kind_of

    shown = [column for column in result.columns if not str(column).endswith("_key")]
    table = Table(name, (), {column: kind_of(column, result) for column in shown})
    return to_door(result, table)


def write_table(folder: Path, name: str, result: Result) -> Json:
    """``<name>.csv``, UTF-8, line feeds; returns what the manifest says of it."""
    frame = result[0] if isinstance(result, tuple) else result
    shown = _harmless(door_frame(name, result))
    path = folder / f"{name}.csv"
    shown.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return {"file": path.name, "rows": len(shown), "totals": door_totals(control_totals(frame))}


def write_findings(folder: Path, findings: pd.DataFrame) -> Json:
    """``findings.csv``, always written: an empty one says that nothing was found."""
    shown = to_door(findings, FINDINGS)
    given = findings["values"].map(_values)
    shown["message"] = [
        words.sentence(rule, said) for rule, said in zip(findings["rule"], given, strict=True)
    ]
    shown["remedy"] = [words.remedy(rule, said) for rule, said in zip(findings["rule"], given, strict=True)]
    path = folder / "findings.csv"
    _harmless(shown).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return {"file": path.name, "rows": len(shown), "totals": {}}


def findings_by_rule(findings: pd.DataFrame) -> list[Json]:
    """One object a rule: its level, how often, and the first one's words."""
    grouped: dict[str, Json] = {}
    for level, rule, text in zip(findings["level"], findings["rule"], findings["values"], strict=True):
        if rule in grouped:
            grouped[rule]["count"] = int(str(grouped[rule]["count"])) + 1
            continue
        given = _values(text)
        grouped[rule] = {
            "rule": rule,
            "level": level,
            "count": 1,
            "message": words.sentence(rule, given),
            "remedy": words.remedy(rule, given),
        }
    return [grouped[rule] for rule in sorted(grouped)]


def write_workbook(
    folder: Path,
    *,
    notebook: str,
    company: str,
    period: str,
    as_of: dt.date,
    run_id: str,
    made_at: str,
    tables: Mapping[str, Result],
    findings: pd.DataFrame,
    totals: pd.DataFrame | None,
    summary: pd.DataFrame | None,
) -> Json:
    """One workbook for people: a sheet a table, the totals, notes and findings."""
    from ..views import workbooks

    frames = {
        name: result if isinstance(result, tuple) else (result, None) for name, result in tables.items()
    }
    path = folder / f"{notebook}.xlsx"
    workbooks.write_workbook(
        path,
        workbooks.Workbook(
            title=words.say(f"notebooks.{notebook}"),
            company=company or words.say("runs.all-companies"),
            period=period,
            as_of=as_of,
            run_id=run_id,
            made_at=made_at,
            sheets=[
                workbooks.Sheet(words.say(f"notebooks.sheet-{name}"), in_words(frame), table=table)
                for name, (frame, table) in frames.items()
            ],
            notes=notes_of(notebook),
            findings=findings,
            totals=totals,
            breakdown=workbooks.aging_breakdown(summary) if summary is not None and len(summary) else None,
        ),
    )
    return {"file": path.name, "rows": sum(len(frame) for frame, _ in frames.values()), "totals": {}}


def notes_of(notebook: str) -> list[tuple[str, str]]:
    """How each figure is made: entries ``note-<notebook>-1 …``, "figure: words"."""
    notes = []
    number = 1
    while words.has_words(f"notebooks.note-{notebook}-{number}"):
        figure, _, said = words.say(f"notebooks.note-{notebook}-{number}").partition(": ")
        notes.append((figure, said))
        number += 1
    return notes


def _harmless(shown: pd.DataFrame) -> pd.DataFrame:
    """Texts that a spreadsheet would run get an apostrophe; numbers stay numbers."""
    safe = {}
    for name in shown.columns:
        text = shown[name].astype("str")
        risky = text.str.startswith(_FORMULA_STARTS) & ~text.str.fullmatch(_NUMBER)
        safe[name] = text.mask(risky, "'" + text) if risky.any() else text
    return pd.DataFrame(safe, columns=shown.columns)


def _values(text: object) -> dict[str, object]:
    import json

    values = json.loads(str(text)) if text else {}
    return values if isinstance(values, dict) else {}
