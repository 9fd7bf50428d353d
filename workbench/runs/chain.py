"""The close of a month: the run notebooks in their order, resumed where an earlier close stopped."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..calendar import Period
from ..errors import RefusedError, WorkbenchError
from ..words import choose_language
from .folders import RunPlace
from .locks import lock_month
from .manifest import RunResult, is_untouched
from .parameters import check_company
from .progress import Progress
from .runner import TIMEOUT_SECONDS, Prepared, perform, prepare
from .starts import check_known_company, check_nothing_applied_later, check_with_items
from .steps import CHAIN, POSTING, family_of, fingerprint_of

if TYPE_CHECKING:
    from ..book import Book
    from .execution import KernelHost


def close_period(
    period: str,
    *,
    company: str = "",
    book_url: str,
    out: Path = Path("outputs"),
    parameters_dir: Path = Path("parameters"),
    notebooks_dir: Path = Path("notebooks"),
    lang: str = "es",
    progress: bool = False,
    timeout_seconds: float = TIMEOUT_SECONDS,
    forked: bool = True,
    notebooks: Sequence[str] = CHAIN,
) -> list[RunResult]:
    """Run the chain and give the result of each step; it ends at the first that stops or fails.

    A step already done from the same start stands: its result is returned as it was, and a second close
    changes nothing. All parameters, the policy and the book are judged before the first kernel starts: a
    book without items, an unknown company and a month that would have to post behind a later one are
    refused. A step that is refused after others ran has not left everything as it was: exit 1, not 2.
    :class:`RunLockedError` (exit 5) where company and period are being run already.
    """
    from ..book import open_book

    language = choose_language(lang)
    Period.parse(period)
    check_company(company)
    given = {"period": period, "company": company, "write": "true"}
    with ExitStack() as held:
        prepared = [
            prepare(
                name,
                given,
                book_url=book_url,
                out=out,
                parameters_dir=parameters_dir,
                notebooks_dir=notebooks_dir,
                lang=language,
                timeout_seconds=timeout_seconds,
            )
            for name in notebooks
        ]
        book = held.enter_context(open_book(book_url))
        check_known_company(book, company)
        check_with_items(book, company)
        held.enter_context(lock_month(book_url, out, period=period, company=company))
        shown = held.enter_context(Progress.open(shown=progress))
        steps = chained(prepared, book)
        if any(standing(one.place, one.step.key) is None for one in steps if one.step.notebook in POSTING):
            first = steps[0]
            check_nothing_applied_later(book, company=company, as_of=first.as_of, family=first.step.family)
        return _perform_all(steps, book=book, held=held, progress=shown, forked=forked)


def chained(prepared: Sequence[Prepared], book: Book) -> list[Prepared]:
    """The steps with their keys: each holds the keys of those before it, all of them the book's state.

    A step does not read what itself or a later step of the same close posted: it starts where it started.
    """
    steps: list[Prepared] = []
    keys: list[str] = []
    for one in prepared:
        family = family_of(one.place.period, one.place.company)
        known = fingerprint_of(book, company=one.place.company, as_of=one.as_of, family=family)
        step = replace(one.step, book_fingerprint=known, upstream=tuple(keys), family=family)
        keys.append(step.key)
        steps.append(replace(one, step=step))
    return [replace(one, excluded_steps=tuple(keys[place:])) for place, one in enumerate(steps)]


def _perform_all(
    steps: Sequence[Prepared], *, book: Book, held: ExitStack, progress: Progress, forked: bool
) -> list[RunResult]:
    from .execution import KernelHost

    host: KernelHost | None = None
    results: list[RunResult] = []
    has_run = False
    for step in steps:
        stands = standing(step.place, step.step.key)
        if stands is not None:
            results.append(stands)
            progress.skipped(stands)
            continue
        if host is None:
            host = held.enter_context(KernelHost.open(forked=forked))
        done = replace(step, upstream=tuple(result.folder for result in results))
        result = perform(done, book=book, host=host, progress=progress)
        if has_run and result.failed_exit_code == RefusedError.exit_code:
            result = replace(result, failed_exit_code=WorkbenchError.exit_code)
        has_run = True
        results.append(result)
        if results[-1].status != "done":
            break
    return results


def standing(place: RunPlace, step_key: str) -> RunResult | None:
    """The run that already answers this step: done from the same start, its files as they were written."""
    for folder in place.finished():
        result = RunResult.from_manifest(folder)
        if result.status == "done" and result.step_key == step_key and is_untouched(folder):
            return result
    return None
