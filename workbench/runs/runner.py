"""Run one notebook: judge its parameters, take the lock, execute, and leave a folder with a manifest."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import words
from ..calendar import Period, parse_date
from ..errors import ParameterRefusedError, error_named
from ..words import Language, choose_language
from . import record
from .folders import RunPlace, new_run_id
from .locks import lock_month
from .manifest import RunResult, file_sha256
from .parameters import Declared, Value, checked_parameters, declared_parameters
from .progress import Progress
from .starts import check_known_company, check_nothing_applied_later, check_with_items
from .state import RunState
from .steps import ALONE, CHAIN, NOT_INPUT, POSTING, Step, fingerprint_of, parameters_sha256
from .surroundings import Surroundings

if TYPE_CHECKING:
    from ..book import Book
    from .execution import KernelHost, Outcome

TIMEOUT_SECONDS = 1800.0


@dataclass(frozen=True)
class Prepared:
    """A run that may start: its parameters are good, the policy reads, the book is there."""

    step: Step
    notebook: Path
    parameters: Mapping[str, Value]
    place: RunPlace
    book_url: str
    parameters_dir: Path
    lang: Language
    policy_version: str
    timeout_seconds: float
    excluded_steps: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()  # folders of the steps before it
    is_official: bool = True  # the close's own parameters: only such a run becomes LATEST

    @property
    def is_written(self) -> bool:
        return bool(self.parameters.get("write", False))

    @property
    def as_of(self) -> dt.date:
        """The cutoff: as given, else the period's last day."""
        given = str(self.parameters.get("as_of", ""))
        return parse_date(given, name="as_of") if given else Period.parse(self.place.period).last_day


def run_notebook(
    name: str,
    parameters: Mapping[str, str],
    *,
    book_url: str,
    out: Path = Path("outputs"),
    parameters_dir: Path = Path("parameters"),
    notebooks_dir: Path = Path("notebooks"),
    write: bool = False,
    lang: str = "es",
    progress: bool = False,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> RunResult:
    """Run ``notebooks/<name>.ipynb``; with ``write`` it leaves a run folder and posts what it applies.

    Refuses (exit 2) before any kernel starts: an unknown notebook, a parameter that is unknown, mistyped or
    oddly named, a policy that does not read, a missing book, one without items (for a notebook of the
    close), an unknown company, a month that would post behind a later one. ``LATEST`` moves only to a run
    with the close's own parameters for that period: another cutoff, basis, currency or knowledge is looked
    at in its own folder and leaves the official result where it was. :class:`RunLockedError` (exit 5) when
    the same company and period is being run. A notebook that fails or stops is a result, not an exception.
    """
    from ..book import open_book

    language = choose_language(lang)
    given = {**parameters, **({"write": "true"} if write else {})}
    prepared = prepare(
        name,
        given,
        book_url=book_url,
        out=out,
        parameters_dir=parameters_dir,
        notebooks_dir=notebooks_dir,
        lang=language,
        timeout_seconds=timeout_seconds,
    )
    with open_book(book_url) as book, Progress.open(shown=progress) as shown:
        company = prepared.place.company
        check_known_company(book, company)
        if name in CHAIN:  # a notebook of one's own may need no items
            check_with_items(book, company)
        with ExitStack() as held:
            if prepared.is_written:
                place = prepared.place
                held.enter_context(
                    lock_month(book_url, place.out, period=place.period, company=place.company)
                )
                if name in POSTING:
                    check_nothing_applied_later(book, company=company, as_of=prepared.as_of, family=ALONE)
            known = fingerprint_of(book, company=company, as_of=prepared.as_of, family=ALONE)
            step = replace(prepared.step, book_fingerprint=known)
            prepared = replace(prepared, step=step, excluded_steps=(step.key,))
            from .execution import KernelHost

            host = held.enter_context(KernelHost.open(forked=False))
            return perform(prepared, book=book, host=host, progress=shown)


def prepare(
    name: str,
    given: Mapping[str, str],
    *,
    book_url: str,
    out: Path,
    parameters_dir: Path,
    notebooks_dir: Path,
    lang: Language,
    timeout_seconds: float,
) -> Prepared:
    """Everything that can be judged without a kernel and without writing; the book's state is added later."""
    from ..sources.policy_file import load_policy

    if not name.isascii() or not name.isidentifier():
        known = ", ".join(sorted(path.stem for path in notebooks_dir.glob("*.ipynb"))) or "–"
        raise ParameterRefusedError("notebook-missing", notebook=ascii(name)[:60], known=known)
    notebook = notebooks_dir / f"{name}.ipynb"
    declared = declared_parameters(notebook)
    settings = run_settings(parameters_dir, name)
    values = checked_parameters(declared, notebook=name, settings=settings, given=given)
    policy = load_policy(parameters_dir)
    step = Step(
        notebook=name,
        notebook_sha256=file_sha256(notebook),
        parameters=values,
        policy_version=policy.version,
        policy_sha256=parameters_sha256(parameters_dir),
        book_fingerprint="",
        upstream=(),
        family=ALONE,
    )
    place = RunPlace(out, str(values.get("period", "")), str(values.get("company", "")), name)
    return Prepared(
        step,
        notebook,
        values,
        place,
        book_url,
        parameters_dir,
        lang,
        policy.version,
        timeout_seconds,
        is_official=is_of_the_close(values, declared, notebook=name, settings=settings),
    )


def is_of_the_close(
    values: Mapping[str, Value],
    declared: Mapping[str, Declared],
    *,
    notebook: str,
    settings: Mapping[str, object],
) -> bool:
    """Whether a close of that period and company would run the notebook with these very parameters."""
    own = {name: str(values[name]) for name in ("period", "company") if name in values}
    closing = checked_parameters(declared, notebook=notebook, settings=settings, given=own)
    return all(values[name] == closing[name] for name in values if name not in NOT_INPUT)


def run_settings(parameters_dir: Path, name: str) -> dict[str, object]:
    """``parameters/runs/<notebook>.yaml``, or nothing where there is none."""
    from ..sources.strict_yaml import read_yaml

    path = parameters_dir / "runs" / f"{name}.yaml"
    if not path.is_file():
        return {}
    found = read_yaml(path)
    if not isinstance(found, dict):
        raise ParameterRefusedError("run-settings-wrong", file=path.name)
    # An unquoted date or NO is text of a special kind; only quoted text is text here.
    return dict(found)


def perform(prepared: Prepared, *, book: Book, host: KernelHost, progress: Progress) -> RunResult:
    """Execute and record; the lock is held and the kernel's host stands. Never raises for the notebook."""
    from .execution import base_environment, execute

    started_at = dt.datetime.now(dt.UTC)
    run_id = new_run_id(started_at)
    place = prepared.place
    progress.started(place.notebook)
    with tempfile.TemporaryDirectory(prefix="wb-run-") as scratch:
        discarded = place.discard_partials() if prepared.is_written else []
        folder = place.open_partial(run_id) if prepared.is_written else None
        surroundings = Surroundings(
            book_url=prepared.book_url,
            parameters_dir=prepared.parameters_dir,
            notebooks_dir=prepared.notebook.parent,
            out=place.out,
            run_id=run_id,
            step_key=prepared.step.key,
            excluded_steps=prepared.excluded_steps,
            folder=folder,
            state=Path(scratch) / "state.json",
            made_at=started_at.isoformat(timespec="seconds"),
            upstream=prepared.upstream,
        )
        try:
            outcome = execute(
                prepared.notebook,
                prepared.parameters,
                host=host,
                environment={**base_environment(), **surroundings.to_environment(prepared.lang)},
                timeout_seconds=prepared.timeout_seconds,
                on_cell=lambda done, cells, heading: progress.cell(place.notebook, done, cells, heading),
            )
        except BaseException:
            # Somebody pressed Ctrl-C: what is half made must not be taken for a result.
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        state = RunState.load(Path(scratch) / "state.json")
    result = judged(prepared, run_id, outcome, state)
    if folder is not None:
        result = record.leave(
            prepared,
            result,
            outcome=outcome,
            state=state,
            folder=folder,
            book=book,
            started_at=started_at,
            discarded=discarded,
        )
    progress.ended(result)
    return result


def judged(prepared: Prepared, run_id: str, outcome: Outcome, state: RunState) -> RunResult:
    """What the run came to, from the exception that ended it or from none."""
    from .manifest import TieOut

    result = RunResult(
        run_id=run_id,
        notebook=prepared.place.notebook,
        status="done",
        folder="",
        tie_outs=tuple(
            TieOut(str(said["name"]), said["expected"], said["actual"], bool(said["passed"]))
            for said in state.tie_outs
        ),
        findings=tuple(state.findings),
        step_key=prepared.step.key,
        told=tuple(state.told),
    )
    failure = outcome.failure
    if failure is None and not state.is_finished:
        # A notebook that never came to run.finish has no result, however green its cells are.
        return replace(
            result,
            status="failed",
            failed_step=words.say("runs.without-finish"),
            message=words.sentence("run-unfinished", {"notebook": result.notebook}),
            remedy=words.remedy("run-unfinished", {"notebook": result.notebook}),
        )
    if failure is None:
        return result
    values: dict[str, object] = {
        "notebook": result.notebook,
        "step": failure.heading,
        "seconds": round(prepared.timeout_seconds),
        "reason": failure.message,
    }
    kind = error_named(failure.error_name)
    exit_code = kind.exit_code if kind is not None else 1
    rule = failure.rule or ("" if kind is not None else "step-failed")
    told = state.error if state.error.get("name") == failure.error_name else {}
    name = f"{failure.error_name}: " if failure.error_name and kind is None else ""
    return replace(
        result,
        status="stopped" if exit_code == 4 else "failed",
        failed_step=failure.heading or str(failure.cell),
        message=words.sentence(failure.rule, values) if failure.rule else f"{name}{failure.message}",
        remedy=words.remedy(rule, values) if rule else str(told.get("remedy", "")),
        failed_exit_code=exit_code,
    )


def parameters_text(values: Mapping[str, Value]) -> str:
    """Parameters as canonical JSON."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
