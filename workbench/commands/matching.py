"""The command that matches files without a book."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from .. import spoken
from .door import Door, with_door


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
        open_items, receipts, remittances, aliases, policy=policy, out=out, progress=_how_far(door)
    )
    door.answer(replayed.summary, lambda: spoken.show_match(replayed.summary, out))
    return 3 if len(replayed.matched.unapplied) or len(replayed.rejected) else 0


def _how_far(door: Door) -> Callable[[int, int], None]:
    """Says how many receipts are decided: each second on a terminal, each half minute in a log."""
    pause = 1.0 if sys.stderr.isatty() else 30.0
    told = time.monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal told
        if time.monotonic() - told >= pause:
            told = time.monotonic()
            door.tell("match_progress", done=done, whole=whole)

    return tell
