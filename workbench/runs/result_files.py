"""What a run leaves for machines and people: result tables as CSV, findings, one workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from .. import words
from ..calendar import parse_instant
from ..money import exponent
from ..policy import USUAL_REASONS, Reason
from ..tables import FINDINGS, Table, to_door
from .coded import in_words
from .figures import control_totals, door_totals
from .manifest import Json
from .named import Names

if TYPE_CHECKING:
    from ..views import workbooks

#: A result with the table that declares it, or a frame that shows its own types.
Result: TypeAlias = "pd.DataFrame | tuple[pd.DataFrame, Table]"
#: Columns that a sheet for people leaves to the CSV.
_FOR_MACHINES = frozenset(("difference_id", "content_sha256", "operation", "recorded_at"))
#: Results whose rows say one amount in several ways, so that their sum says nothing.
_NOT_SUMMED = frozenset(
    (
        "rivals", "waterfall", "rolls", "roll_test", "loss_test", "movement_totals", "provision_movement",
        "provision_movement_base", "provision_effect",
    )
)  # fmt: skip
#: Columns of results whose rows say one amount several times: of each candidate, proposal, credit or leg.
_REPEATED = {
    "unidentified": frozenset(("unapplied_amount",)),
    "old_credits": frozenset(("debt_amount",)),
    "applied": frozenset(("erp_open_amount",)),
    "suggestions": frozenset(("applied_amount", "open_amount")),
    "statement_movements": frozenset(("balance_amount",)),
}
#: Results with a column a kind, of which most months have few: a sheet shows those in which anything is.
_SPARSE = frozenset(("statements",))
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
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
    breakdown: workbooks.Breakdown | Sequence[workbooks.Breakdown] | None = None,
    names: Names | None = None,
    tie_outs: Sequence[Json] = (),
) -> Json:
    """One workbook for people: a sheet a table, the totals, notes and findings; a bank statement's pages."""
    from ..reconciliation.results import STATEMENT
    from ..views import workbooks
    from ..views.account_pages import account_pages

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
            made_at=made_text(made_at),
            sheets=[
                replace(
                    _sheet(
                        sheet_name(notebook, name),
                        frame,
                        table,
                        names,
                        is_totalled=name not in _NOT_SUMMED,
                        is_sparse=name in _SPARSE,
                    ),
                    not_summed=_REPEATED.get(name, frozenset()),
                )
                for name, (frame, table) in frames.items()
                if table is not STATEMENT
            ],
            pages=[
                page
                for frame, table in frames.values()
                if table is STATEMENT
                for page in account_pages(frame, as_of)
            ],
            notes=[*notes_of(notebook), *_column_notes(frame for frame, _ in frames.values())],
            findings=findings,
            totals=totals,
            tie_outs=_tie_outs(notebook, tie_outs),
            breakdown=breakdown,
        ),
    )
    return {"file": path.name, "rows": sum(len(frame) for frame, _ in frames.values()), "totals": {}}


def breakdown_of(
    summary: pd.DataFrame | None, waterfall: pd.DataFrame | None
) -> workbooks.Breakdown | Sequence[workbooks.Breakdown] | None:
    """The first sheet's charts: of an ageing, or by currency of what became of the money that came in."""
    from ..views import matching_charts, workbooks

    if summary is not None and len(summary):
        return workbooks.aging_breakdown(summary)
    if waterfall is not None and len(waterfall):
        return matching_charts.waterfall_breakdowns(waterfall)
    return None


def write_offered(
    folder: Path,
    offered: pd.DataFrame,
    *,
    company: str,
    period: str,
    as_of: dt.date,
    names: Names | None = None,
    reasons: tuple[Reason, ...] = USUAL_REASONS,
) -> Json:
    """``suggestions.xlsx``: what a person may decide, to be imported again with ``--source suggestions``."""
    from ..views import decision_sheet

    path = folder / "suggestions.xlsx"
    offered = _most_money_first(offered)
    said = in_words(offered[["rule", "evidence", "reason", "currency", "proposal"]])
    more = said["evidence"].where(offered["evidence"].ne(""), "")
    said["reason"] = (said["reason"] + ". " + more).where(more.ne(""), said["reason"])
    if names is not None:
        pairs = zip(offered["company_id"], said["evidence"], strict=True)
        said = said.assign(evidence=[names.in_text(company_id, text) for company_id, text in pairs])
        offered = names.beside_offered(offered)
    decision_sheet.write_decision_sheet(
        path,
        offered.assign(
            rule_words=said["rule"], evidence=said["evidence"].where(offered["proposal"] > 0, said["reason"])
        ),
        company=company or words.say("runs.all-companies"),
        period=period,
        as_of=as_of,
        reasons=reasons,
    )
    return {"file": path.name, "rows": len(offered), "totals": {}}


def _most_money_first(offered: pd.DataFrame) -> pd.DataFrame:
    """Receipts whose customer is known before those of nobody, or of several; of each currency the largest
    first. A receipt's rows stay together and in their order."""
    whose = offered.groupby("receipt_key")["customer_id"].agg(
        lambda ids: len(set(ids)) == 1 and ids.iloc[0] != ""
    )
    is_unknown = ~offered["receipt_key"].map(whose).astype("bool")
    # An exchange has rows of two currencies: the first row's stands for the receipt.
    currency = offered.groupby("receipt_key")["currency"].transform("first")
    order = pd.DataFrame({
        "is_unknown": is_unknown, "currency": currency, "amount": -offered["unapplied_amount"].abs(),
        "receipt_key": offered["receipt_key"], "place": range(len(offered)),
    })  # fmt: skip
    return offered.loc[order.sort_values(list(order.columns), kind="stable").index].reset_index(drop=True)


def sheet_name(notebook: str, name: str) -> str:
    """The tab of a result; one notebook may say it in its own way."""
    own = f"workbooks.sheet-{notebook}-{name}"
    return words.say(own if words.has_words(own) else f"notebooks.sheet-{name}")


def people_csv(frame: pd.DataFrame, lang: words.Language) -> bytes:
    """A file that a person's spreadsheet opens as it is: headings in words, UTF-8 with its mark.

    In Spanish ``;`` between the cells and a decimal comma, as spreadsheets here expect.
    """
    from ..views.columns import heading_of, kind_of

    shown = door_frame("", in_words(frame))
    if lang == "es":
        for name in shown.columns:
            if kind_of(name, frame) == "money":
                shown[name] = shown[name].astype("str").str.replace(".", ",", regex=False)
    shown = _harmless(shown).rename(columns={name: heading_of(name, lang) for name in shown.columns})
    text = shown.to_csv(index=False, lineterminator="\r\n", sep=";" if lang == "es" else ",")
    return str(text).encode("utf-8-sig")


def _sheet(
    tab: str,
    frame: pd.DataFrame,
    table: Table | None,
    names: Names | None,
    *,
    is_totalled: bool,
    is_sparse: bool = False,
) -> workbooks.Sheet:
    from ..views import workbooks

    said = in_words(frame)
    present = list(table.columns) if table is not None else [str(name) for name in frame.columns]
    if is_sparse:
        present = [name for name in present if not _is_idle(name, frame)]
    columns = [
        name
        for name in present
        if name in said.columns and name not in _FOR_MACHINES and not name.endswith("_key")
    ]
    if names is not None:
        said, columns = names.beside(said, columns)
    return workbooks.Sheet(tab, said, columns=columns, table=table, is_totalled=is_totalled)


def _is_idle(name: str, frame: pd.DataFrame) -> bool:
    return name.endswith("_amount") and name in frame.columns and bool(frame[name].eq(0).all())


def _tie_outs(notebook: str, tie_outs: Sequence[Json]) -> list[tuple[str, str, bool]]:
    """What each tie-out holds, its figure as a person reads it, whether it agrees."""
    return [
        (
            words.say(f"notebooks.tie-{notebook}-{tie['name']}"),
            " · ".join(_door_text(side) for side in _sides(tie)),
            bool(tie["passed"]),
        )
        for tie in tie_outs
    ]


def _sides(tie: Json) -> list[object]:
    return [tie["expected"]] if tie["passed"] else [tie["expected"], tie["actual"]]


def _door_text(figure: object) -> str:
    from decimal import Decimal

    if not isinstance(figure, Mapping):
        return words.formats.integer_text(int(str(figure)))
    said = [
        f"{words.formats.money_text(Decimal(str(amount)), exponent(code))} {code}"
        for code, amount in sorted(figure.items())
    ]
    return " · ".join(said) or "0"


def made_text(made_at: str) -> str:
    """The run's instant as its workbook shows it; the content hash leaves it out."""
    from ..views.columns import instant_text

    return instant_text(parse_instant(made_at)) if made_at else ""


def _column_notes(frames: Iterable[pd.DataFrame]) -> list[tuple[str, str]]:
    """Notes on columns that need one wherever they are shown."""
    from ..views.columns import heading_of

    present = {str(name) for frame in frames for name in frame.columns}
    noted = [name for name in ("unapplied", "unapplied_amount") if name in present]
    return [(heading_of(name), words.say(f"workbooks.note-column-{name}")) for name in noted]


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
        # A bare return is not quoted by the csv writer: what follows it would begin a line of its own.
        if text.str.contains("\r", regex=False).any():
            text = text.str.replace(r"\r\n?", "\n", regex=True)
        risky = text.str.startswith(_FORMULA_STARTS) & ~text.str.fullmatch(_NUMBER)
        safe[name] = text.mask(risky, "'" + text) if risky.any() else text
    return pd.DataFrame(safe, columns=shown.columns)


def _values(text: object) -> dict[str, object]:
    import json

    values = json.loads(str(text)) if text else {}
    return values if isinstance(values, dict) else {}
