"""The commands that keep the book: a backup, its return, and the step to a newer version of the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import spoken, words
from .door import Door, user, with_door

if TYPE_CHECKING:
    from ..book.migrations.upgrades import Upgraded


@click.command(cls=spoken.SpokenCommand)
@click.option("--to", "target", metavar="FILE", type=click.Path(path_type=Path), required=True)
@with_door
def backup(door: Door, target: Path) -> int:
    from ..book import backups, opened

    with opened.open_as_is(door.book_url) as book:
        made = backups.back_up(book, target)
    said = words.say(
        "cli.backup_made", file=made.file, rows=sum(made.tables.values()), entries=made.anchor["count"]
    )
    door.answer(made.to_json(), lambda: click.echo(said))
    return 0


@click.command(cls=spoken.SpokenCommand)
@click.argument("source", metavar="FROM", type=click.Path(path_type=Path))
@click.option("--move-aside", is_flag=True)
@with_door
def restore(door: Door, source: Path, move_aside: bool) -> int:
    from ..book import backups, schema

    made = backups.restore(source, door.book_url, move_aside=move_aside)

    def show() -> None:
        click.echo(
            words.say(
                "cli.restored", book=made.book, rows=sum(made.tables.values()), entries=made.anchor["count"]
            )
        )
        if made.moved_aside:
            click.echo(words.say("cli.moved_aside", file=made.moved_aside))
        if made.schema_version < schema.SCHEMA_VERSION:
            click.echo(words.say("cli.restored_older", version=made.schema_version))

    door.answer(made.to_json(), show)
    return 0


@click.command(cls=spoken.SpokenCommand)
@click.option("--backups", metavar="DIR", type=click.Path(path_type=Path))
@with_door
def upgrade(door: Door, backups: Path | None) -> int:
    from ..book.migrations.upgrades import upgrade as bring_up

    done = bring_up(door.book_url, backups=backups, who=user())
    door.answer(done.to_json(), lambda: click.echo(_upgraded(done)))
    return 0


def _upgraded(done: Upgraded) -> str:
    if done.backup is None:
        return words.say("cli.upgrade_nothing", book=done.book, version=done.to_version)
    return words.say(
        "cli.upgraded",
        book=done.book,
        before=done.from_version,
        after=done.to_version,
        rows=sum(content.rows for content in done.tables.values()),
        file=done.backup.file,
    )
