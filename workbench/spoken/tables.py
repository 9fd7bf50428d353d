"""Tables and amounts of the commands, for a person's screen or a log."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from .. import words
from ..money import exponent


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: Sequence[str] = (),
    *,
    on_stderr: bool = False,
    titles: Sequence[str] = (),
) -> None:
    """Rows under headings, numbers to the right; ``titles`` where they are not ``cli.column.<name>``.

    A column ``…_id`` is never broken into lines, so that what it holds can be copied; where the screen is
    too narrow the others fold, and then the line runs on.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, (column, title) in enumerate(zip(columns, titles or map(_title, columns), strict=True)):
        is_id = column.endswith("_id")
        table.add_column(
            title, justify="right" if column in numbers else "left", overflow="fold", no_wrap=is_id,
            min_width=max((len(row[place]) for row in rows), default=0) if is_id else None,
        )  # fmt: skip
    for row in rows:
        table.add_row(*row)
    console = Console(stderr=on_stderr)
    # A log or a pipe has no width of its own; a person's screen has.
    Console(width=None if console.is_terminal else 160, stderr=on_stderr).print(table, crop=False)


def _title(column: str) -> str:
    return words.say(f"cli.column.{column}")


def money(amount: str, currency: str) -> str:
    """Decimal text of a JSON answer as a person of this language writes it."""
    from ..words import formats

    return formats.money_text(Decimal(amount), exponent(currency))
