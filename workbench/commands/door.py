"""What every command is given and how it answers: one door for all of them."""

from __future__ import annotations

import datetime as dt
import json
import mimetypes
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from .. import calendar, words
from ..errors import ParameterRefusedError

if TYPE_CHECKING:
    from ..policy import Policy
    from ..sources.organisation import Organisation

DEFAULT_BOOK = "sqlite:///outputs/book.sqlite"
#: Who is recorded where the system names nobody.
NOBODY = "workbench"
_TOLD = "workbench.user_unknown"
WORST_FIRST = (1, 2, 5, 4, 3, 0)
#: What an import's status means as an exit code; a partial one is done with findings.
_IMPORT_CODES = {"accepted": 0, "duplicate": 0, "partial": 3, "rejected": 2}

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

    def policy(self) -> Policy:
        """The policy of its parameters."""
        from ..sources.policy_file import load_policy

        return load_policy(self.parameters)

    def organisation(self) -> Organisation:
        """Companies, accounts and people of its parameters."""
        from ..sources.organisation import load_organisation

        return load_organisation(self.parameters)

    def working_days(self, years: range) -> calendar.WorkingDays:
        """The working days of those years."""
        from ..sources.holidays_file import colombian_holidays

        return calendar.WorkingDays.of(colombian_holidays(years, self.parameters))

    def tell(self, key: str, **values: object) -> None:
        """A line for a person about what is under way: never on standard output, which holds the answer."""
        click.echo(words.say(f"cli.{key}", **values), err=True)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several results; none at all is done."""
    return min(codes, key=WORST_FIRST.index, default=0)


def import_code(result: Mapping[str, Any]) -> int:
    """The exit code of one file: taken whole, but with something to look at, is done with findings too."""
    is_accepted = result["status"] == "accepted"
    if is_accepted and any(finding["level"] != "note" for finding in result["findings"]):
        return 3
    return _IMPORT_CODES[result["status"]]


def today() -> dt.date:
    """The local day in Bogotá; the only place where a command asks the clock for a date."""
    return dt.datetime.now(ZoneInfo(calendar.BOGOTA)).date()


def given_day(text: str | None, name: str) -> dt.date | None:
    """The day that was given for an option; ``None`` where there was none."""
    return calendar.parse_date(text, name=name) if text else None


def day_of_move(text: str | None) -> dt.date:
    """The day on which what is done counts: that of ``--on``, else today."""
    return given_day(text, "on") or today()


def media_type(file: Path) -> str:
    """What a file is, by its name."""
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def told_at_times(door: Door, key: str) -> Callable[[int, int], None]:
    """Says how many of how many are done: each second on a terminal, each half minute in a log."""
    pause = 1.0 if sys.stderr.isatty() else 30.0
    told = time.monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal told
        if time.monotonic() - told >= pause:
            told = time.monotonic()
            door.tell(key, done=done, whole=whole)

    return tell


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


def assigned(assignments: Iterable[str]) -> dict[str, str]:
    """``-p name=value`` as a mapping; the same name twice or no ``=`` is refused."""
    given: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise ParameterRefusedError("parameter-without-value", name=assignment)
        if name in given:
            raise ParameterRefusedError("parameter-twice", name=name)
        given[name] = value
    return given


def user() -> str:
    """Who gives the command, by the system's account; where there is none a person is told so, once."""
    known = os.environ.get("USER") or os.environ.get("USERNAME")
    if known:
        return known
    context = click.get_current_context(silent=True)
    if context is not None and not context.meta.get(_TOLD):
        context.meta[_TOLD] = True
        click.echo(words.say("cli.user_unknown", who=NOBODY), err=True)
    return NOBODY
