"""How the commands speak: help, tables and refusals in the reader's language, on click's own machinery."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from . import words
from .errors import ParameterRefusedError, WorkbenchError


class _Spoken:
    """Help from ``words/catalogues/*/cli.po``: ``cli.<command>`` and ``cli.option.<name>``."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]  # click.Command's
        for word in ("OPTIONS", "COMMAND"):
            pieces = pieces.replace(word, words.say(f"cli.usage_{word.lower()}"))
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
                rows.append((record[0], _option_text(ctx.command.name or "", parameter)))
        if rows:
            with formatter.section(words.say("cli.options")):
                formatter.write_dl(rows)


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
        return ParameterRefusedError("option-missing", name=name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        return ParameterRefusedError("option-wrong", name=error.param.opts[-1], detail=error.message)
    return ParameterRefusedError("usage-wrong", detail=error.format_message())


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


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        right = column in numbers
        table.add_column(
            words.say(f"cli.column.{column}"), justify="right" if right else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*row)
    console = Console()
    # A log or a pipe has no width of its own; a person's screen has.
    Console(width=None if console.is_terminal else 160).print(table)


def show_imports(results: Sequence[Mapping[str, Any]]) -> None:
    """One line a file, then each finding once by rule with the first rows it concerns."""
    counts = ("rows_in", "rows_stored", "rows_duplicate", "rows_rejected")
    _table(
        ("file", "status", *counts, "sums"),
        [
            (
                Path(result["file"]).name,
                words.say(f"cli.status.{result['status']}"),
                *(str(result[count]) for count in counts),
                ", ".join(f"{currency} {amount}" for currency, amount in result["sums"].items()) or "–",
            )
            for result in results
        ],
        numbers=(*counts, "sums"),
    )
    for result in results:
        show_findings(result["findings"])


def show_findings(findings: Sequence[Mapping[str, Any]], most: int = 3) -> None:
    """At most ``most`` examples of each rule, so that the rest stays in sight; the count is always said."""
    rules: dict[str, list[Mapping[str, Any]]] = {}
    for finding in findings:
        rules.setdefault(finding["rule"], []).append(finding)
    for rule, found in rules.items():
        click.echo()
        click.echo(words.say("cli.finding_rule", rule=rule, count=len(found)))
        for finding in found[:most]:
            place = words.say("cli.finding_row", row=finding["row"]) if finding.get("row") else ""
            click.echo(f"  {place}{finding['message']}")
        if found[0].get("remedy"):
            click.echo(f"  → {found[0]['remedy']}")


def show_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    """One line a notebook with its tie-outs and findings, then what stopped it."""
    _table(
        ("notebook", "status", "tie_outs", "findings"),
        [
            (
                run.get("notebook", ""),
                words.say(f"cli.status.{run['status']}"),
                f"{sum(tie['passed'] for tie in run['tie_outs'])}/{len(run['tie_outs'])}",
                str(len(run["findings"])),
            )
            for run in runs
        ],
        numbers=("tie_outs", "findings"),
    )
    for run in runs:
        if run.get("failed_step"):
            click.echo(words.say("cli.failed_step", step=run["failed_step"]))
            click.echo(run.get("message", ""))
        if run.get("remedy"):
            click.echo(f"→ {run['remedy']}")


def show_close(period: str, company: str, out: Path, runs: Sequence[Mapping[str, Any]]) -> None:
    """The table of the month and where to look."""
    show_runs(runs)
    click.echo()
    click.echo(words.say("cli.close_look", folder=out / period / (company or "all")))
    click.echo(words.say("cli.close_apps"))


def show_checks(checks: Sequence[Mapping[str, Any]]) -> None:
    """The book's self-examination, one line a check."""
    _table(
        ("check", "count", "ok", "first_fault"),
        [
            (
                check["check"],
                str(check["count"]),
                "✓" if check["ok"] else "✗",
                str(check["first_fault"] or ""),
            )
            for check in checks
        ],
        numbers=("count",),
    )


def show_doctor(complaints: Sequence[Mapping[str, Any]]) -> None:
    """What is missing or too old, with the way out."""
    _table(
        ("what", "found", "needed", "ok"),
        [(item["what"], item["found"], item["needed"], "✓" if item["ok"] else "✗") for item in complaints],
    )
    for item in complaints:
        if not item["ok"]:
            click.echo(f"→ {item['remedy']}")
