"""The command that matches files without a book."""

from __future__ import annotations

from pathlib import Path

import click

from .. import spoken
from .door import Door, told_at_times, with_door


@click.command("match", cls=spoken.SpokenCommand)
@click.option("--open-items", type=click.Path(path_type=Path), required=True)
@click.option("--receipts", type=click.Path(path_type=Path), required=True)
@click.option("--remittances", type=click.Path(path_type=Path))
@click.option("--aliases", type=click.Path(path_type=Path))
@click.option("--policy", "policy_file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
@with_door
def match(
    door: Door,
    open_items: Path,
    receipts: Path,
    remittances: Path | None,
    aliases: Path | None,
    policy_file: Path | None,
    out: Path,
) -> int:
    from dataclasses import replace

    from ..policy import MatchingPolicy
    from ..replays import match_files
    from ..sources.policy_file import read_policy
    from ..sources.withholdings_file import load_withholdings

    policy = read_policy(policy_file).matching if policy_file else MatchingPolicy()
    # Rates are no policy: they are the law of the day, and speak only of documents with a taxable base.
    policy = replace(policy, withholdings=load_withholdings(door.parameters))
    replayed = match_files(
        open_items,
        receipts,
        remittances,
        aliases,
        policy=policy,
        out=out,
        progress=told_at_times(door, "match_progress"),
    )
    door.answer(replayed.summary, lambda: spoken.show_match(replayed.summary, out))
    return 3 if len(replayed.matched.unapplied) or len(replayed.rejected) else 0
