"""The commands, thin: each one is a call that a notebook could make, and a way to print what it returns.

Exit codes are those of ``errors``: 0 done · 1 failed · 2 refused · 3 done with findings · 4 stopped at a
gate or tie-out · 5 running elsewhere; of several, the worst in the order 1, 2, 5, 4, 3, 0.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from . import calendar, spoken, words
from .errors import ParameterRefusedError, WorkbenchError

DEFAULT_BOOK = "sqlite:///outputs/book.sqlite"
WORST_FIRST = (1, 2, 5, 4, 3, 0)
#: What an import's status means as an exit code; a partial one is done with findings.
IMPORT_CODES = {"accepted": 0, "duplicate": 0, "partial": 3, "rejected": 2}

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Door:
    """What every command is given: where the book and parameters are, and how to answer."""

    book_url: str
    parameters: Path
    lang: words.Language
    is_json: bool

    def answer(self, value: object, show: Callable[[], None]) -> None:
        """One JSON value on standard output, or what a person reads."""
        if self.is_json:
            click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
        else:
            show()

    def tell(self, key: str, **values: object) -> None:
        """A line for a person about what is under way: never on standard output, which holds the answer."""
        click.echo(words.say(f"cli.{key}", **values), err=True)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several results; none at all is done."""
    return min(codes, key=WORST_FIRST.index, default=0)


def today() -> dt.date:
    """The local day in Bogotá; the only place where a command asks the clock for a date."""
    return dt.datetime.now(ZoneInfo(calendar.BOGOTA)).date()


def with_door(command: Command) -> Callable[..., Any]:
    """The options that every command takes, gathered into one :class:`Door`."""

    def run(book: str | None, parameters: Path, lang: str | None, is_json: bool, **options: Any) -> int:
        chosen = words.choose_language(lang) if lang else words.language()
        # Kernels that a command starts speak the same language as the command.
        os.environ["WORKBENCH_LANG"] = chosen
        url = book or os.environ.get("WORKBENCH_BOOK") or DEFAULT_BOOK
        result = command(Door(url, parameters, chosen, is_json), **options)
        return int(result or 0)

    for option in (
        click.option("--json", "is_json", is_flag=True),
        click.option("--parameters", type=click.Path(path_type=Path), default=Path("parameters")),
        click.option("--book", metavar="URL"),
        click.option("--lang", type=click.Choice(words.LANGUAGES)),
    ):
        run = option(run)
    return update_wrapper(run, command)


@click.group(cls=spoken.SpokenGroup, name="workbench")
@click.option("--lang", type=click.Choice(words.LANGUAGES))
def workbench(lang: str | None) -> None:
    pass  # the language is chosen before parsing, so that help and refusals are spoken in it too


@workbench.command(cls=spoken.SpokenCommand)
@click.option("--customers", type=click.IntRange(min=1), default=60, show_default=True)
@click.option("--months", type=click.IntRange(min=1), default=6, show_default=True)
@click.option("--seed", type=int, default=20261, show_default=True)
@click.option("--through", metavar="YYYY-MM", required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@with_door
def sample(door: Door, customers: int, months: int, seed: int, through: str, out: Path) -> int:
    from .sample import make_sample

    files = make_sample(out, customers=customers, months=months, seed=seed, through=through)
    names = [str(path) for path in files.paths]
    door.answer(
        {"out": str(out), "files": names},
        lambda: click.echo(words.say("cli.sample_made", out=out, count=len(names))),
    )
    return 0


@workbench.command(cls=spoken.SpokenCommand)
@click.option("--customers", type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", default="customers", show_default=True)
@click.option("--as-of", metavar="DATE")
@click.option("--closed-through", metavar="DATE")
@with_door
def init(
    door: Door, customers: Path | None, source: str, as_of: str | None, closed_through: str | None
) -> int:
    from . import book, intake
    from .sources import load_mapping

    # All that can be refused without a book is judged before there is one.
    day = calendar.parse_date(as_of, name="as-of") if as_of else None
    last = calendar.parse_date(closed_through, name="closed-through") if closed_through else None
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
            book.postings.close_through(opened, "", last, who=_user())
        imported = [result.to_json() for result in results]
    door.answer(
        {"book": door.book_url, "imported": imported},
        lambda: _show_init(door, imported, is_good=is_good),
    )
    return worst(IMPORT_CODES[result.status] for result in results)


def _show_init(door: Door, imported: Sequence[Mapping[str, Any]], *, is_good: bool) -> None:
    if imported:
        spoken.show_imports(imported)
    if is_good:
        click.echo(words.say("cli.book_ready", book=door.book_url))


@workbench.command("import", cls=spoken.SpokenCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", required=True)
@click.option("--extract-date", metavar="DATE")
@click.option("--dry-run", is_flag=True)
@with_door
def import_files(
    door: Door, files: Sequence[Path], source: str, extract_date: str | None, dry_run: bool
) -> int:
    from . import book, intake
    from .sources import load_mapping

    extracted = calendar.parse_date(extract_date, name="extract-date") if extract_date else None
    load_mapping(door.parameters, source)  # an unknown source is refused before there is a book
    results: list[dict[str, Any]] = []
    will_store = not dry_run and any(file.is_file() for file in files)
    with (
        _book_to_import_into(door.book_url, will_store=will_store) as url,
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
            )
            results.append({**result.to_json(), **({"dry_run": True} if dry_run else {})})
    door.answer(results, lambda: spoken.show_imports(results, is_dry_run=dry_run))
    return worst(IMPORT_CODES[result["status"]] for result in results)


@workbench.command(cls=spoken.SpokenCommand)
@click.argument("notebook")
@click.option("-p", "assignments", multiple=True, metavar="NAME=VALUE")
@click.option("--write", is_flag=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("outputs"), show_default=True)
@with_door
def run(door: Door, notebook: str, assignments: Sequence[str], write: bool, out: Path) -> int:
    from .runs import runner

    result = runner.run_notebook(
        notebook,
        _parameters(assignments),
        book_url=door.book_url,
        out=out,
        parameters_dir=door.parameters,
        notebooks_dir=Path("notebooks"),
        write=write,
        lang=door.lang,
        progress=not door.is_json,
    )
    door.answer(result.to_json(), lambda: spoken.show_run(result.to_json()))
    return int(result.exit_code)


@workbench.command(cls=spoken.SpokenCommand)
@click.option("--period", metavar="YYYY-MM", required=True)
@click.option("--company", metavar="ID", default="")
@click.option("--sample", "with_sample", is_flag=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("outputs"), show_default=True)
@with_door
def close(door: Door, period: str, company: str, with_sample: bool, out: Path) -> int:
    from .runs import chain

    calendar.Period.parse(period)
    if with_sample:
        _fill_with_sample(door, out, through=period)
    results = chain.close_period(
        period,
        company=company,
        book_url=door.book_url,
        out=out,
        parameters_dir=door.parameters,
        notebooks_dir=Path("notebooks"),
        lang=door.lang,
        progress=not door.is_json,
    )
    shown = [result.to_json() for result in results]
    door.answer(shown, lambda: spoken.show_close(period, company, out, shown))
    return worst(result.exit_code for result in results)


@workbench.command(cls=spoken.SpokenCommand)
@click.option("--sample", "with_sample", is_flag=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8866, show_default=True)
@click.option("--no-browser", is_flag=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("outputs"), show_default=True)
@with_door
def apps(door: Door, with_sample: bool, port: int, no_browser: bool, out: Path) -> int:
    from . import book
    from .apps import server

    if with_sample:
        _fill_with_sample(door, out, through=str(calendar.Period(today().year, today().month).previous()))
    book.open_book(door.book_url).close()
    server.serve(
        book_url=door.book_url,
        parameters_dir=door.parameters,
        notebooks_dir=Path("notebooks") / "apps",
        out=out,
        port=port,
        lang=door.lang,
        is_sample=with_sample,
        open_browser=not no_browser,
        on_ready=_tell_ready,
    )
    return 0


@workbench.command(cls=spoken.SpokenCommand)
@click.option("--port", type=click.IntRange(0, 65535), default=8888, show_default=True)
@click.option("--no-browser", is_flag=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("outputs"), show_default=True)
@with_door
def lab(door: Door, port: int, no_browser: bool, out: Path) -> int:
    from .apps import lab as jupyterlab

    return jupyterlab.serve(
        book_url=door.book_url,
        parameters_dir=door.parameters,
        port=port,
        lang=door.lang,
        open_browser=not no_browser,
        out=out,
    )


@workbench.command(cls=spoken.SpokenCommand)
@click.option("--out", type=click.Path(path_type=Path), default=Path("outputs"), show_default=True)
@with_door
def verify(door: Door, out: Path) -> int:
    from . import book
    from .runs import anchors

    with book.open_book(door.book_url) as opened:
        checks = [check.to_json() for check in anchors.verify(opened, out)]
    door.answer(checks, lambda: spoken.show_checks(checks))
    return 0 if all(check["ok"] for check in checks) else 1


@workbench.command(cls=spoken.SpokenCommand)
@with_door
def doctor(door: Door) -> int:
    from .doctor import examine

    complaints = [complaint.to_json() for complaint in examine(door.parameters)]
    door.answer(complaints, lambda: spoken.show_doctor(complaints))
    return 0 if all(complaint["ok"] for complaint in complaints) else 1


def _fill_with_sample(door: Door, out: Path, *, through: str) -> None:
    from .sample.into_book import fill_book

    fill_book(door.book_url, out, through=through, parameters=door.parameters, today=today(), tell=door.tell)


@contextmanager
def _book_to_import_into(url: str, *, will_store: bool) -> Iterator[str]:
    """The book asked for; a passing one where none is there and nothing would be stored in it.

    So a mistyped file or a dry run is judged as always, and leaves no empty book behind.
    """
    from . import book
    from .errors import MissingBookError

    try:
        book.open_book(url, create=will_store).close()
    except MissingBookError as error:
        if error.cause != MissingBookError.rule:  # something else is there: that is said, not passed over
            raise
    else:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="wb-import-") as folder:
        yield f"sqlite:///{Path(folder) / 'book.sqlite'}"


def _tell_ready(ready: Mapping[str, Any]) -> None:
    """One line of JSON for a program on standard output; the same for a person on the other one."""
    click.echo(json.dumps(ready, ensure_ascii=False))
    spoken.show_ready(ready)


def _parameters(assignments: Sequence[str]) -> dict[str, str]:
    """``-p name=value`` as a mapping; the same name twice or no ``=`` is refused."""
    parameters: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise ParameterRefusedError("parameter-without-value", name=assignment)
        if name in parameters:
            raise ParameterRefusedError("parameter-twice", name=name)
        parameters[name] = value
    return parameters


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("USERNAME") or "workbench"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what a person must know goes to standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        spoken.choose_language(given)
        result = workbench.main(given, prog_name="workbench", standalone_mode=False)
    except WorkbenchError as error:
        return spoken.refuse(error, is_json="--json" in given)
    except OSError as error:
        # A folder that cannot be made, a full disk, a file that somebody holds: the system's own reason.
        failure = WorkbenchError(
            "system-refused", reason=error.strerror or str(error), file=error.filename or "–"
        )
        return spoken.refuse(failure, is_json="--json" in given)
    except click.exceptions.NoArgsIsHelpError as bare:
        click.echo(bare.format_message())  # the help itself: a bare `workbench` asks what there is
        return 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        return spoken.refuse(spoken.as_refusal(error), is_json="--json" in given)
    except click.Abort:
        click.echo(words.say("cli.interrupted"), err=True)
        return 1
    return int(result or 0)


if __name__ == "__main__":
    sys.exit(main())
