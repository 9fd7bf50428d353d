"""Findings on a screen: each rule once with its first rows, the gravest first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import click

from .. import words

#: What matters most is said first.
_LEVELS = ("error", "warning", "note", "info")


def gravity(level: str) -> int:
    """Its place when the gravest comes first; a level that nobody knows comes last."""
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)


def show_findings(findings: Sequence[Mapping[str, Any]], most: int = 3) -> None:
    """At most ``most`` examples of each rule, the gravest first; what is not shown is counted, and where."""
    rules: dict[str, list[Mapping[str, Any]]] = {}
    for finding in sorted(findings, key=lambda finding: gravity(finding.get("level", "warning"))):
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
