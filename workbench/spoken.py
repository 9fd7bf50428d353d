"""How the commands speak: help, tables and refusals in the reader's language, on click's own machinery."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from . import words
from .errors import ParameterRefusedError, WorkbenchError
from .money import exponent


class _Spoken:
    """Help from ``words/catalogues/*/cli.po``: ``cli.<command>`` and ``cli.option.<name>``."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = _metavars(" ".join(self.collect_usage_pieces(ctx)))  # type: ignore[attr-defined]  # click's
        formatter.write_usage(ctx.command_path, pieces, prefix=words.say("cli.usage") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(words.say(f"cli.{ctx.command.name}"))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for parameter in ctx.command.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and parameter.name:
                rows.append((_metavars(record[0]), _option_text(ctx.command.name or "", parameter)))
        if rows:
            with formatter.section(words.say("cli.options")):
                formatter.write_dl(rows)


def _metavars(text: str) -> str:
    """``FILES``, ``INTEGER RANGE``, ``NAME=VALUE`` … in the reader's words; ``cli.metavar.<NAME>``."""

    def spoken(found: re.Match[str]) -> str:
        key = f"cli.metavar.{found.group()}"
        return words.say(key) if words.has_words(key) else found.group()

    return re.sub(r"\b[A-Z]{2,}\b", spoken, text.replace("INTEGER RANGE", "INTEGER"))


def _option_text(command: str, parameter: click.Parameter) -> str:
    if "--help" in parameter.opts:
        return words.say("cli.option.help")
    own = f"cli.option.{command}.{parameter.name}"
    text = words.say(own if words.has_words(own) else f"cli.option.{parameter.name}")
    is_shown = (
        isinstance(parameter, click.Option) and parameter.show_default and parameter.default is not None
    )
    return f"{text} [{parameter.default}]" if is_shown else text


class SpokenCommand(_Spoken, click.Command):
    pass


class SpokenGroup(_Spoken, click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise ParameterRefusedError(
                "command-unknown", name=args[0], known=", ".join(self.list_commands(ctx))
            )
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section(words.say("cli.commands")):
            formatter.write_dl([(name, words.say(f"cli.{name}")) for name in self.list_commands(ctx)])


def choose_language(arguments: Sequence[str]) -> None:
    """The language is needed before click parses, for its refusals and help are spoken too."""
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            following = arguments[position + 1] if position + 1 < len(arguments) else ""
            words.choose_language(value if equals else following)


def as_refusal(error: click.ClickException) -> WorkbenchError:
    """click's usage errors as ours, so that they are spoken and leave with exit code 2."""
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ()) or "–"
        return ParameterRefusedError("option-unknown", name=error.option_name, near=near)
    if isinstance(error, click.MissingParameter):
        parameter = error.param
        name = parameter.opts[-1] if isinstance(parameter, click.Option) else getattr(parameter, "name", "")
        if name == "--source":
            return ParameterRefusedError("source-missing", name=name, known=_sources(error.ctx))
        return ParameterRefusedError("option-missing", name=name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        return ParameterRefusedError("option-wrong", name=error.param.opts[-1], detail=error.message)
    return ParameterRefusedError("usage-wrong", detail=error.format_message())


def _sources(ctx: click.Context | None) -> str:
    """The names that ``--source`` takes, as the parameters' folder has them."""
    folder = Path((ctx.params.get("parameters") if ctx else None) or "parameters") / "sources"
    return ", ".join(sorted(path.stem for path in folder.glob("*.yaml"))) or "–"


def refuse(error: WorkbenchError, *, is_json: bool) -> int:
    """Says what happened and what to do; with ``--json`` standard output holds the same as an object."""
    click.echo(str(error), err=True)
    if is_json:
        refusal = {
            "error": type(error).__name__,
            "rule": error.cause,
            "message": words.sentence(error.cause, error.values),
            "remedy": words.remedy(error.cause, error.values),
            "exit_code": error.exit_code,
        }
        click.echo(json.dumps(refusal, ensure_ascii=False, indent=2))
    return error.exit_code


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: Sequence[str] = (),
    *,
    on_stderr: bool = False,
    titles: Sequence[str] = (),
) -> None:
    """Rows under headings, numbers to the right; ``titles`` where they are not ``cli.column.<name>``."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, title in zip(columns, titles or map(_title, columns), strict=True):
        table.add_column(title, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(stderr=on_stderr)
    # A log or a pipe has no width of its own; a person's screen has.
    Console(width=None if console.is_terminal else 160, stderr=on_stderr).print(table)


def _title(column: str) -> str:
    return words.say(f"cli.column.{column}")


def money(amount: str, currency: str) -> str:
    """Decimal text of a JSON answer as a person of this language writes it."""
    from .words import formats

    return formats.money_text(Decimal(amount), exponent(currency))


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
        show_findings(result["findings"])
    for rows in first_rows:
        _show_rows(rows)
    if is_dry_run:
        click.echo()
        click.echo(words.say("cli.dry_run_note"))


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


#: What matters most is said first.
_LEVELS = ("error", "warning", "note", "info")


def _gravity(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)


def show_export(exported: Mapping[str, Any], *, is_dry_run: bool = False) -> None:
    """The file that leaves for the ERP with its sums, then what stays behind and why."""
    key = "export_made" if exported["file"] else "export_nothing"
    sums = "; ".join(f"{currency} {money(amount, currency)}" for currency, amount in exported["sums"].items())
    click.echo(words.say(f"cli.{key}", **{**exported, "sums": sums}))
    show_findings(exported["findings"])
    if is_dry_run:
        click.echo()
        click.echo(words.say("cli.dry_run_note"))


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


def show_findings(findings: Sequence[Mapping[str, Any]], most: int = 3) -> None:
    """At most ``most`` examples of each rule, the gravest first; what is not shown is counted, and where."""
    rules: dict[str, list[Mapping[str, Any]]] = {}
    for finding in sorted(findings, key=lambda finding: _gravity(finding.get("level", "warning"))):
        rules.setdefault(finding["rule"], []).append(finding)
    for rule, found in rules.items():
        level = words.say(f"cli.level.{found[0].get('level', 'warning')}")
        click.echo()
        click.echo(words.say("cli.finding_rule", level=level, rule=rule, count=len(found)))
        for finding in found[:most]:
            # Most sentences name their row themselves.
            row = finding.get("row")
            says_row = re.search(rf"\b(filas?|líneas?|rows?|lines?) {row}\b", finding["message"], re.I)
            file = finding.get("file")  # several files in one answer, as `match` has them
            place = words.say("cli.finding_row", row=row) if row and (file or not says_row) else ""
            place = f"{file} · {place}" if file else place
            click.echo(f"  {place}{finding['message']}")
        if len(found) > most:
            click.echo(f"  {words.say('cli.findings_more', count=len(found) - most)}")
        if found[0].get("remedy"):
            click.echo(f"  → {found[0]['remedy']}")


def show_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    """One line a notebook with its tie-outs and findings, then what stopped it."""
    show_table(
        ("notebook", "status", "tie_outs", "findings"),
        [
            (
                run.get("notebook", ""),
                words.say(f"cli.status.{run['status']}"),
                f"{sum(tie['passed'] for tie in run['tie_outs'])}/{len(run['tie_outs'])}",
                str(sum(int(finding["count"]) for finding in run["findings"])),
            )
            for run in runs
        ],
        numbers=("tie_outs", "findings"),
    )
    for run in runs:
        show_rules(run)
    for run in runs:
        if run.get("failed_step"):
            click.echo(words.say("cli.failed_step", step=run["failed_step"]))
            click.echo(run.get("message", ""))
        if run.get("remedy"):
            click.echo(f"→ {run['remedy']}")


def show_rules(run: Mapping[str, Any], most: int = 3) -> None:
    """What a run found, a line a rule with the first one's words; the rest is in ``findings.csv``."""
    found = sorted(
        run["findings"],
        key=lambda finding: _gravity(finding["level"]),
    )
    if not found:
        return
    count = sum(int(finding["count"]) for finding in found)
    name = words.say(f"notebooks.{run['notebook']}")
    name = run["notebook"] if name.startswith("notebooks.") else name
    click.echo()
    click.echo(words.say("cli.findings_of", notebook=name, count=count))
    for finding in found[:most]:
        said = {name: finding[name] for name in ("rule", "count", "message")}
        click.echo(f"  {words.say('cli.rule_first', **said)}")
    if len(found) > most:
        key = "rules_more" if run["folder"] else "rules_more_unwritten"
        click.echo(f"  {words.say(f'cli.{key}', count=len(found) - most)}")


def show_run(run: Mapping[str, Any]) -> None:
    """One run, and where its results are or how to have them."""
    show_runs([run])
    click.echo()
    key = "run_folder" if run["folder"] else "run_not_written"
    click.echo(words.say(f"cli.{key}", folder=run["folder"]))


def show_ready(ready: Mapping[str, Any]) -> None:
    """Where the apps are and who may enter, for a person: on standard error, which holds no answer."""
    click.echo(words.say("cli.apps_ready", url=ready["url"]), err=True)
    if ready["users"]:
        click.echo(words.say("cli.apps_users"), err=True)
        show_table(
            ("user", "password", "name", "clusters"),
            [
                (user["user"], user["password"], user["name"], ", ".join(user["clusters"]))
                for user in ready["users"]
            ],
            on_stderr=True,
        )


def show_close(period: str, company: str, out: Path, runs: Sequence[Mapping[str, Any]]) -> None:
    """The table of the month and where to look."""
    show_runs(runs)
    click.echo()
    click.echo(words.say("cli.close_look", folder=out / period / (company or "all")))
    click.echo(words.say("cli.close_apps"))


def show_checks(checks: Sequence[Mapping[str, Any]]) -> None:
    """The book's self-examination, one line a check."""
    show_table(
        ("check", "count", "ok", "first_fault"),
        [
            (
                named_check(check["check"]),
                str(check["count"]),
                "✓" if check["ok"] else "✗",
                str(check["first_fault"] or ""),
            )
            for check in checks
        ],
        numbers=("count",),
    )


def named_check(check: str) -> str:
    """``Cadena de auditoría (audit-chain)``: words for a person, the code for who searches for it."""
    key = f"cli.check_name.{'rows' if check.startswith('rows-') else check}"
    return f"{words.say(key)} ({check})" if words.has_words(key) else check


def show_doctor(complaints: Sequence[Mapping[str, Any]]) -> None:
    """What is missing or too old, with the way out."""
    show_table(
        ("what", "found", "needed", "ok"),
        [(item["what"], item["found"], item["needed"], "✓" if item["ok"] else "✗") for item in complaints],
    )
    for item in complaints:
        if not item["ok"]:
            click.echo(f"→ {item['remedy']}")
