"""What a run shows in its notebook: lines, tables and charts, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from .. import words
from ..money import exponent, to_major
from ..words import formats, say
from .coded import in_words
from .named import Names

#: Columns that a table in a notebook leaves to the files.
_DETAILS = frozenset("operation task_id recorded_at fiscal_year document_number item content_sha256".split())

if TYPE_CHECKING:
    from .surroundings import Surroundings


def head(*, company: str, period: str, as_of: dt.date, batch: tuple[str, dt.datetime] | None) -> None:
    """Where we stand: notebook, company, period, cutoff, and the book's last import."""
    from ..views import pages
    from ..views.columns import instant_text, period_text

    when = instant_text(batch[1]) if batch else ""
    parts = [
        pages.Figure(say("runs.company"), company or say("runs.all-companies")),
        pages.Figure(say("runs.period"), period_text(period)),
        pages.Figure(say("runs.as-of"), formats.date_text(as_of)),
        pages.Figure(
            say("runs.last-import"),
            when[:-6] if batch else formats.UNKNOWN,
            f"{when[-5:]}, {say('views.bogota')} · {batch[0]}" if batch else say("runs.book-empty"),
        ),
    ]
    _html(pages.key_figures_html(parts))


def input_line(name: str, rows: int, totals: Mapping[str, int]) -> None:
    """``Documentos · 1.234 filas · 1.234.567,00 COP``."""
    from ..views import pages

    _html(pages.input_summary_html(say(f"runs.read-{name}"), rows, totals))


def findings(found: pd.DataFrame) -> None:
    """Findings in words, or that there are none."""
    from ..views import pages

    _html(pages.findings_html(found))


def tie_out_words(notebook: str, name: str) -> str:
    """What the tie-out holds, as a person says it."""
    return say(f"notebooks.tie-{notebook}-{name}")


def tie_out(notebook: str, name: str, expected: object, actual: object, *, passed: bool) -> None:
    """A sign, what must agree, and both figures where they do not."""
    from html import escape

    from ..views import pages

    tone, sign = ("good", "✓") if passed else ("wrong", "✗")
    both = figure_text(expected) if passed else f"{figure_text(expected)} ≠ {figure_text(actual)}"
    line = (
        f'<p style="margin:4px 0"><span class="wb-{tone}">{sign} {say(f"runs.tie-{tone}")}</span> · '
        f"{escape(tie_out_words(notebook, name))} · "
        f'<span style="font-variant-numeric:tabular-nums">{escape(both)}</span></p>'
    )
    _html(pages.page_html(line))


def figure_text(figure: object) -> str:
    """A count, or money by currency with cents."""
    if isinstance(figure, Mapping):
        said = [
            f"{formats.money_text(to_major(amount, currency), exponent(currency))} {currency}"
            for currency, amount in sorted(figure.items())
        ]
        return " · ".join(said) or "0"
    return formats.integer_text(int(str(figure)))


def note(name: str, *, count: int) -> None:
    """A short line, such as how many applications went into the book."""
    from html import escape

    from ..views import pages

    said = escape(say(f"runs.{name}", count=formats.integer_text(count)))
    _html(pages.page_html(f'<p class="wb-note">{said}</p>'))


def thing(what: object, *, rows: int, title: str, names: Names | None = None) -> None:
    """A frame as a table, a chart as SVG, a list one by one, anything else as it shows itself.

    Results by name, as ``finish`` takes them, are shown one by one under their sheet's name.
    """
    from ..views import pages

    if isinstance(what, pd.DataFrame):
        said = in_words(what)
        columns = [name for name in what.columns if name not in _DETAILS and not str(name).endswith("_key")]
        if names is not None:
            said, columns = names.beside(said, columns)
        columns = _total_first([str(name) for name in columns])
        _html(pages.table_html(said, columns=columns, max_rows=rows, caption=title))
    elif hasattr(what, "to_dict") and hasattr(what, "properties"):
        _svg(what, title)
    elif isinstance(what, list):
        for one in what:
            thing(one, rows=rows, title=title, names=names)
        if not what:
            note("nothing-to-show", count=0)
    elif isinstance(what, Mapping):
        for name, result in what.items():
            frame = result[0] if isinstance(result, tuple) else result
            thing(frame, rows=rows, title=title or say(f"notebooks.sheet-{name}"), names=names)
    else:
        from IPython.display import display

        display(what)  # type: ignore[no-untyped-call]  # IPython is not typed


def _total_first(columns: list[str]) -> list[str]:
    """An ageing is read from its total: it stands beside the currency, and the ranges scroll."""
    if not {"total", "currency", "not_due"} <= set(columns):
        return columns
    others = [name for name in columns if name != "total"]
    place = others.index("currency") + 1
    return [*others[:place], "total", *others[place:]]


def chart_words(notebook: str, name: str, *, company: str, as_of: dt.date) -> dict[str, str]:
    """Title says what, subtitle for whom and as of when."""
    who = company or say("runs.all-companies")
    return {
        "title": say(f"notebooks.chart-{notebook}-{name}"),
        "subtitle": say("runs.chart-subtitle", company=who, as_of=formats.date_text(as_of)),
        "lang": words.language(),
    }


def finished(surroundings: Surroundings, *, is_written: bool) -> None:
    """Where the results are, or that nothing was written."""
    from html import escape

    from ..views import pages

    said = say("runs.written", run_id=surroundings.run_id) if is_written else say("runs.not-written")
    _html(pages.page_html(f"<p>{escape(said)}</p>"))


def asked_of_runner(notebook: str, given: Mapping[str, object], surroundings: Surroundings) -> Surroundings:
    """Have the runner make the run in a kernel of its own, and look on without what that run posted."""
    from concurrent.futures import ThreadPoolExecutor
    from functools import partial

    from .runner import run_notebook

    # JupyterLab's kernel has an event loop in this thread already; the runner needs one of its own.
    with ThreadPoolExecutor(1) as thread:
        ask = partial(
            run_notebook,
            notebook,
            {name: str(value) for name, value in given.items()},
            book_url=surroundings.book_url,
            out=surroundings.out,
            parameters_dir=surroundings.parameters_dir,
            notebooks_dir=surroundings.notebooks_dir,
            write=True,
            lang=words.language(),
        )
        result = thread.submit(ask).result()
    thing(
        pd.DataFrame([{"run": result.run_id, "status": result.status, "folder": result.folder}]),
        rows=1,
        title="",
    )
    return replace(surroundings, step_key=result.step_key, excluded_steps=(result.step_key,))


def html(text: str) -> None:
    """A piece of page."""
    _html(text)


def _html(text: str) -> None:
    from IPython.display import HTML, display

    display(HTML(text))  # type: ignore[no-untyped-call]  # IPython is not typed


def _svg(chart: object, title: str) -> None:
    from IPython.display import SVG, display

    from ..views import charts

    described = title or str(getattr(getattr(chart, "title", None), "text", ""))
    drawn = SVG(charts.as_svg(chart))  # type: ignore[no-untyped-call, arg-type]  # altair comes lazily
    display(drawn, metadata={"image/svg+xml": {"alt": described}})  # type: ignore[no-untyped-call]
