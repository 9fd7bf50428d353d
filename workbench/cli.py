"""The commands, thin: each one is a call that a notebook could make, and a way to print what it returns.

Exit codes are those of ``errors``: 0 done · 1 failed · 2 refused · 3 done with findings · 4 stopped at a
gate or tie-out · 5 running elsewhere; of several, the worst in the order 1, 2, 5, 4, 3, 0.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from . import calendar, spoken, words
from .commands import acts, bank, cases, deciding, files, keeping, listing, matching, over_180, posting_files
from .commands import statements as statement_files
from .commands.door import Door, assigned, today, with_door, worst
from .errors import WorkbenchError


@click.group(cls=spoken.SpokenGroup, name="workbench")
@click.option("--lang", type=click.Choice(words.LANGUAGES))
def workbench(lang: str | None) -> None:
    pass  # the language is chosen before parsing, so that help and refusals are spoken in it too


for command in (
    files.init,
    files.import_files,
    files.check,
    posting_files.export,
    statement_files.statements,
    matching.match,
    listing.list_open,
    cases.list_cases,
    cases.move_case,
    acts.acts_group,
    bank.bank_group,
    over_180.over_180,
    over_180.write_off,
):
    workbench.add_command(command)
for command in (keeping.backup, keeping.restore, keeping.upgrade, deciding.undo, deciding.approve):
    workbench.add_command(command)


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
@click.argument("notebook")
@click.option("-p", "assignments", multiple=True, metavar="NAME=VALUE")
@click.option("--write", is_flag=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("outputs"), show_default=True)
@with_door
def run(door: Door, notebook: str, assignments: Sequence[str], write: bool, out: Path) -> int:
    from .runs import runner

    result = runner.run_notebook(
        notebook,
        assigned(assignments),
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

    complaints = [complaint.to_json() for complaint in examine(door.parameters, door.book_url)]
    door.answer(complaints, lambda: spoken.show_doctor(complaints))
    return 0 if all(complaint["ok"] for complaint in complaints) else 1


def _fill_with_sample(door: Door, out: Path, *, through: str) -> None:
    from .sample.into_book import fill_book

    fill_book(door.book_url, out, through=through, parameters=door.parameters, today=today(), tell=door.tell)


def _tell_ready(ready: Mapping[str, Any]) -> None:
    """One line of JSON for a program on standard output; the same for a person on the other one."""
    click.echo(json.dumps(ready, ensure_ascii=False))
    spoken.show_ready(ready)


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
