"""What came in and what left: imports, their first rows, posting files, matching of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from .. import words
from .findings import show_findings
from .tables import money, show_table


def show_imports(
    results: Sequence[Mapping[str, Any]],
    *,
    is_dry_run: bool = False,
    first_rows: Sequence[Sequence[Mapping[str, str]]] = (),
) -> None:
    """One line a file, then each finding once by rule with the first rows it concerns.

    ``first_rows``: of a dry run, by file, the rows as they were read.
    """
    counts = ("rows_in", "rows_stored", "rows_duplicate", "rows_rejected")
    show_table(
        ("file", "status", *counts, "sums"),
        [
            (
                Path(result["file"]).name,
                words.say(f"cli.status.{result['status']}"),
                *(str(result[count]) for count in counts),
                "; ".join(
                    f"{currency} {money(amount, currency)}" for currency, amount in result["sums"].items()
                )
                or "–",
            )
            for result in results
        ],
        numbers=(*counts, "sums"),
    )
    for result in results:
        if len(results) > 1 and result["findings"]:
            click.echo()
            name, count = Path(result["file"]).name, len(result["findings"])
            click.echo(words.say("cli.findings_of_file", file=name, count=count))
        _show_outcomes(result.get("outcomes", {}), is_dry_run=is_dry_run)
        show_findings(result["findings"])
    for rows in first_rows:
        _show_rows(rows)
    if is_dry_run:
        click.echo()
        click.echo(words.say("cli.dry_run_note"))


#: What may have become of a receipt or a credit note that was decided, in the order in which it is told.
_STATES = ("applied", "on_account", "elsewhere", "freed", "waiting", "refused")


def _show_outcomes(outcomes: Mapping[str, Mapping[str, Any]], *, is_dry_run: bool) -> None:
    """What became of the receipts that were decided, and what to do next."""
    states = [state for state in _STATES if state in outcomes]
    for state in states:
        sums = "; ".join(
            f"{one['count']} · {money(one['amount'], currency)} {currency}"
            for currency, one in outcomes[state].items()
        )
        click.echo(words.say(f"cli.decided_{state}", sums=sums))
    if is_dry_run:
        return
    for state in states:
        if words.has_words(f"cli.decided_next_{state}"):
            click.echo(words.say(f"cli.decided_next_{state}"))


#: Columns of a dry run's rows, what says most first; those without a value are left out.
_TOLD_FIRST = (
    "row document_id document_number receipt_id line_id customer_id booking_date receipt_date document_date"
    " due_date line_kind document_kind currency"
).split()
_MOST_COLUMNS = 10


def _show_rows(rows: Sequence[Mapping[str, str]]) -> None:
    """The first rows of a file as the book would hold them, in the reader's names and numbers."""
    filled = [name for name in (rows[0] if rows else {}) if any(row[name] for row in rows)]
    known = [name for name in filled if name == "row" or words.has_words(f"columns.{name}")]
    amounts = [name for name in known if name.endswith("_amount")]
    first = [*(name for name in _TOLD_FIRST if name in known), *amounts]
    chosen = [*first, *(name for name in known if name not in first)][:_MOST_COLUMNS]
    if not chosen:
        return
    click.echo()
    titles = [words.say("cli.row") if name == "row" else words.say(f"columns.{name}") for name in chosen]
    show_table(
        chosen,
        [
            [
                money(row[name], row["currency"]) if name in amounts and row[name] else row[name]
                for name in chosen
            ]
            for row in rows
        ],
        numbers=("row", *amounts),
        titles=titles,
    )


def show_export(exported: Mapping[str, Any], *, is_dry_run: bool = False) -> None:
    """The file that leaves for the ERP with its sums, then what stays behind and why."""
    key = "export_made" if exported["file"] else "export_nothing"
    sums = "; ".join(f"{currency} {money(amount, currency)}" for currency, amount in exported["sums"].items())
    click.echo(words.say(f"cli.{key}", **{**exported, "sums": sums}))
    show_findings(exported["findings"])
    if is_dry_run:
        click.echo()
        click.echo(words.say("cli.dry_run_note"))


def show_statements(issued: Mapping[str, Any]) -> None:
    """How many statements were written and how many lay there already, and what to look at."""
    click.echo(
        words.say("cli.statements_made", **{name: issued[name] for name in ("made", "kept", "folder")})
    )
    if issued["made"] or issued["kept"]:
        click.echo(words.say("cli.statements_next", known_at=issued["known_at"]))
    show_findings(issued["findings"])


def show_match(summary: Mapping[str, Any], out: Path) -> None:
    """Where the results are, what each rule took and what stays unapplied, per currency."""
    click.echo(words.say("cli.match_made", applied=summary["applied"], receipts=summary["receipts"], out=out))
    for rule in summary["rules"]:
        name = words.say(f"matching.rule_{rule['rule']}")
        amount = f"{money(rule['amount'], rule['currency'])} {rule['currency']}"
        click.echo(words.say("cli.match_rule", rule=name, receipts=rule["receipts"], amount=amount))
    for reason, count in summary["reasons"].items():
        said = words.say(f"matching.reason_{reason}")
        click.echo(words.say("cli.match_left", reason=said, receipts=count))
    if summary["rows_rejected"]:
        click.echo(words.say("cli.match_unread", count=summary["rows_rejected"], out=out))
    show_findings(summary["findings"])
