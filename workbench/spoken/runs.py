"""Runs, the close, the apps and the book's examinations, as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from .. import words
from .findings import gravity
from .tables import show_table


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
        key=lambda finding: gravity(finding["level"]),
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
    """One run, what a parameter of it asked to be told, and where its results are or how to have them."""
    show_runs([run])
    for text in run.get("told", ()):
        click.echo()
        click.echo(text)
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
