"""The commands that take files: into the book, or judged without one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from .. import spoken, words
from .door import Door, given_day, import_code, today, user, with_door, worst

#: A decision is somebody's; who brings cash into the book writes nothing off (``writing_off``).
_SOMEBODYS = ("decisions", "receipts", "bank_statement")


@click.command(cls=spoken.SpokenCommand)
@click.option("--customers", type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", default="customers", show_default=True)
@click.option("--as-of", metavar="DATE")
@click.option("--closed-through", metavar="DATE")
@with_door
def init(
    door: Door, customers: Path | None, source: str, as_of: str | None, closed_through: str | None
) -> int:
    from .. import book, intake
    from ..sources import load_mapping

    # All that can be refused without a book is judged before there is one.
    day, last = given_day(as_of, "as-of"), given_day(closed_through, "closed-through")
    if customers:
        load_mapping(door.parameters, source)
    results = []
    with book.open_book(door.book_url, create=True) as opened:
        if customers:
            results.append(
                intake.import_file(opened, customers, source, parameters=door.parameters, today=today())
            )
        is_good = all(result.status != "rejected" for result in results)
        if is_good and day:
            book.postings.set_setting(opened, "as_of", day.isoformat())
        if is_good and last:
            book.postings.close_through(opened, "", last, who=user())
        imported = [result.to_json() for result in results]
        worries = opened.renew_guards() if opened.worries() else []
    place = book.shown_url(door.book_url)
    told = [
        {"rule": rule, "message": words.sentence(rule, {"book": place}), "remedy": words.remedy(rule, {})}
        for rule in worries
    ]
    door.answer(
        {"book": place, "imported": imported, "findings": told},
        lambda: _show_init(place, imported, told, is_good=is_good),
    )
    return worst([*map(import_code, imported), 3 if told else 0])


def _show_init(
    place: str, imported: Sequence[Mapping[str, Any]], worries: Sequence[Mapping[str, Any]], *, is_good: bool
) -> None:
    if imported:
        spoken.show_imports(imported)
    for worry in worries:
        click.echo(f"{worry['message']} {worry['remedy']}")
    if is_good:
        click.echo(words.say("cli.book_ready", book=place))


@click.command("import", cls=spoken.SpokenCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", required=True)
@click.option("--extract-date", metavar="DATE")
@click.option("--dry-run", is_flag=True)
@with_door
def import_files(
    door: Door, files: Sequence[Path], source: str, extract_date: str | None, dry_run: bool
) -> int:
    from .. import book, intake
    from ..sources import load_mapping

    extracted = given_day(extract_date, "extract-date")
    mapping = load_mapping(door.parameters, source)  # an unknown source is refused before there is a book
    results: list[dict[str, Any]] = []
    read: list[Sequence[Mapping[str, str]]] = []
    will_store = not dry_run and any(file.is_file() for file in files)
    with (
        _book_to_import_into(door, will_store=will_store) as url,
        book.open_book(url, create=True) as opened,
    ):
        for file in files:
            result = intake.import_file(
                opened,
                file,
                source,
                parameters=door.parameters,
                extract_date=extracted,
                today=today(),
                dry_run=dry_run,
                who=user() if mapping.kind in _SOMEBODYS else "",
            )
            results.append({**result.to_json(), **({"dry_run": True} if dry_run else {})})
            read.append(result.first_rows)
    door.answer(results, lambda: spoken.show_imports(results, is_dry_run=dry_run, first_rows=read))
    return worst(map(import_code, results))


@click.command(cls=spoken.SpokenCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "kind", metavar="KIND", required=True)
@with_door
def check(door: Door, file: Path, kind: str) -> int:
    from ..judging import check_file

    result = check_file(file, kind, parameters=door.parameters, today=today()).to_json()
    door.answer([result], lambda: spoken.show_imports([result]))
    return import_code(result)


@contextmanager
def _book_to_import_into(door: Door, *, will_store: bool) -> Iterator[str]:
    """The book asked for; a new one is announced; a passing one where nothing would be stored in it.

    So a mistyped file or a dry run is judged as always, and leaves no empty book behind.
    """
    from .. import book
    from ..errors import MissingBookError

    url = door.book_url
    try:
        book.open_book(url).close()
    except MissingBookError as error:
        if error.cause != MissingBookError.rule:  # something else is there: that is said, not passed over
            raise
    else:
        yield url
        return
    if will_store:
        book.open_book(url, create=True).close()
        door.tell("book_made", book=book.shown_url(url))
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="wb-import-") as folder:
        yield f"sqlite:///{Path(folder) / 'book.sqlite'}"
