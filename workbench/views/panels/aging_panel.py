"""The ageing explorer: the receivables as of any day, from cluster to document, beside the last close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any

import ipywidgets
import pandas as pd

from ... import words
from ...errors import WorkbenchError
from ...money import checked_sum
from ...policy import BASES, CREDITS_MODES, AgingBasis, CreditsMode
from ...words import Language, formats, say
from .. import charts, jupyter_chart, pages, theme
from ..columns import BUCKET, amount_text, bucket_names, cell_text, columns_of, heading_of
from ..drawing import Scale
from . import parts

#: From the widest to the narrowest; after the last come the documents.
DIMENSIONS = ("cluster_id", "supervisor_id", "customer_id")
DOCUMENTS = "document_id"
_ITEM_COLUMNS = (
    "document_id reference document_type document_date due_date days_overdue bucket open_amount"
    " pending_applications"
).split()


@dataclass(frozen=True)
class AgingQuestion:
    """What a panel asks: ``by`` are the columns of the answer's rows, ``where`` the rows chosen so far."""

    as_of: dt.date
    basis: AgingBasis
    credits: CreditsMode
    currency: str
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()


class AgingPanel:
    """Filters, figures, a chart, a table with its detail, downloads; ``widget`` is what to show.

    ``summarise(question)`` gives ``aging.summarise_aging``'s columns, a row for each value of
    ``question.by`` in ``question.currency`` (with ``customer_name`` for customers, where known);
    ``list_items(question)`` the aged items of ``question.where`` (``tables.AGING_BY_ITEM``'s columns,
    more are shown in the detail). ``export(question, "xlsx" | "csv")`` makes the file of what is asked;
    without it there are no downloads. ``last_close`` is the day that changes are told from.
    """

    def __init__(
        self,
        *,
        summarise: Callable[[AgingQuestion], pd.DataFrame],
        list_items: Callable[[AgingQuestion], pd.DataFrame],
        as_of: dt.date,
        currencies: Sequence[str],
        company: str = "",
        scope: str = "",
        last_import: str = "",
        last_close: dt.date | None = None,
        basis: AgingBasis = "due",
        credits: CreditsMode = "column",
        export: Callable[[AgingQuestion, str], parts.Download] | None = None,
        lang: Language | None = None,
        dark: bool = False,
    ) -> None:
        self.lang: Language = lang or words.language()
        self.dark = dark
        self.last_close = last_close
        self.where: tuple[tuple[str, str], ...] = ()
        self.rows = pd.DataFrame()
        self._summarise, self._list_items, self._export = summarise, list_items, export
        self._is_quiet = False
        self._chart: Any = None
        self._build_filters(as_of, currencies, basis, credits)
        self._build_places(company, scope, last_import)
        self.refresh()

    # What is shown ---------------------------------------------------------------------------------

    def _build_filters(
        self, as_of: dt.date, currencies: Sequence[str], basis: AgingBasis, credits: CreditsMode
    ) -> None:
        def choice(name: str, options: Sequence[str], value: str | None) -> Any:
            labelled = [(self._say(f"{name}-{option}"), option) for option in options]
            return ipywidgets.Dropdown(description=self._say(name), options=labelled, value=value)

        self.as_of = ipywidgets.DatePicker(description=self._say("as-of"), value=as_of)
        self.basis = choice("basis", BASES, basis)
        self.credits = choice("credits", CREDITS_MODES, credits)
        self.dimension = choice("dimension", (*DIMENSIONS, DOCUMENTS), DIMENSIONS[0])
        self.currency = ipywidgets.Dropdown(
            description=self._say("currency"),
            options=list(currencies),
            value=currencies[0] if currencies else None,
            disabled=len(currencies) < 2,
        )
        for filter_ in (self.as_of, self.basis, self.credits, self.dimension, self.currency):
            filter_.observe(lambda _change: self.refresh(), names="value")

    def _build_places(self, company: str, scope: str, last_import: str) -> None:
        where = [company, scope]
        if last_import:
            where.append(self._say("last-import", when=last_import))
        head = ipywidgets.HTML(
            f'<h1 class="wb-title">{escape(self._say("aging-title"))}</h1>'
            f'<div class="wb-where">{escape(" · ".join(part for part in where if part))}</div>'
        )
        self.message = ipywidgets.HTML()
        self.figures = ipywidgets.HTML()
        self.crumbs = ipywidgets.HBox()
        self.table_title = ipywidgets.HTML()
        self.table: Any = None
        self.note = ipywidgets.HTML()
        self.detail = ipywidgets.HTML()
        self.drill = ipywidgets.Button()
        self.drill.add_class("mod-primary")
        self.drill.on_click(lambda _button: self._go_down())
        self.downloads = [
            parts.DownloadButton(self._say(f"download-{kind}"), partial(self._make, kind))
            for kind in ("xlsx", "csv")
            if self._export is not None
        ]
        self._chart_place, self._table_place = ipywidgets.VBox(), ipywidgets.VBox()
        filters = ipywidgets.HBox([self.as_of, self.basis, self.credits, self.currency, self.dimension])
        actions = ipywidgets.HBox([*self.downloads])
        main = ipywidgets.VBox(
            [self._chart_place, self.crumbs, self.table_title, self._table_place, self.note, actions]
        )
        self._side = side = ipywidgets.VBox([self.detail, self.drill])
        work = ipywidgets.HBox([main, side])
        for box, name in (
            (filters, "wb-filters"), (self.crumbs, "wb-crumbs"), (actions, "wb-actions"), (main, "wb-main"),
            (side, "wb-side"), (work, "wb-work"), (self._chart_place, "wb-chart"),
        ):  # fmt: skip
            box.add_class(name)
        self.widget = parts.shell([head, self.figures, filters, self.message, work], dark=self.dark)

    # What is asked ---------------------------------------------------------------------------------

    @property
    def question(self) -> AgingQuestion:
        """The table that is shown, as a question."""
        dimension = self.dimension.value
        by = () if dimension == DOCUMENTS else (dimension,)
        return AgingQuestion(
            self.as_of.value, self.basis.value, self.credits.value, self.currency.value or "", by, self.where
        )

    def refresh(self) -> None:
        """Ask again for everything that is shown; a refusal is said in place and the page stays."""
        if self._is_quiet:
            return
        if self.as_of.value is None:
            self._tell(self._say("no-date"), "attention")
            return
        if not self.currency.value:
            self._show_nothing()
            return
        try:
            with parts.busy(self.message, self.lang):
                self._show(self.question)
        except WorkbenchError as error:
            self._tell(words.explain(error.cause, error.values, self.lang), "wrong")
            return
        self._tell("")

    def _show(self, question: AgingQuestion) -> None:
        whole = self._summarise(replace(question, by=()))
        before = None
        if self.last_close is not None and self.last_close != question.as_of:
            before = self._summarise(replace(question, by=(), as_of=self.last_close))
        rows = self._summarise(question) if question.by else self._list_items(question)
        if question.by:
            rows = with_overdue(rows).sort_values("total", ascending=False, kind="stable")
        self.rows = rows.reset_index(drop=True)
        self.figures.value = parts.bare(pages.key_figures_html(self._figures(whole, before)))
        self._show_crumbs()
        if not len(whole) or not len(self.rows):
            self._show_nothing()
            return
        self._show_chart(whole, question)
        self._show_table(question)
        self._show_detail([])

    def _figures(self, whole: pd.DataFrame, before: pd.DataFrame | None) -> list[pages.Figure]:
        now, then = key_amounts(whole), key_amounts(before) if before is not None else None
        scale = Scale.of(list(now.values()), self.currency.value, self.lang)
        figures = []
        for name, amount in now.items():
            share = ""
            if name in ("overdue", "over-180") and now["total"] > 0:
                share = self._say("share", share=formats.percent_text(amount / now["total"], self.lang))
            change = self._change(amount, then[name], scale) if then is not None else ""
            label = f"{self._say(f'figure-{name}')} ({scale.title})"
            below = " · ".join(filter(None, (share, change)))
            figures.append(pages.Figure(label, scale.label(amount), below, exact=scale.exact(amount)))
        return figures

    def _change(self, now: int, then: int, scale: Scale) -> str:
        day = formats.date_text(self.last_close, self.lang)
        if now == then:
            return self._say("same-since", day=day)
        sign = "+" if now > then else ""
        return self._say("change-since", change=sign + scale.label(now - then), day=day)

    def _show_chart(self, whole: pd.DataFrame, question: AgingQuestion) -> None:
        path = " · ".join(value for _, value in self.where) or self._say("whole")
        as_of = self._say("as-of-day", day=formats.date_text(question.as_of, self.lang))
        chart = charts.aging_chart(
            whole.drop(columns=["overdue"], errors="ignore"), title=self._say("chart-title"),
            subtitle=f"{path} · {as_of}", lang=self.lang, dark=self.dark,
        )  # fmt: skip
        if self._chart is None:
            self._chart = jupyter_chart.offline_chart(chart)
        else:
            self._chart.chart = chart
        self._chart_place.children = (self._chart,)

    def _show_table(self, question: AgingQuestion) -> None:
        from itables.widget import ITable

        names = self._names(question)
        columns = columns_of(self.rows, names=names, lang=self.lang)
        frame, options = parts.table_options(self.rows, columns, self.lang)
        if self.table is None:
            self.table = ITable(frame, **options)
            self.table.observe(lambda change: self._show_detail(change["new"]), names="selected_rows")
        else:
            self.table.update(frame, selected_rows=[], **options)
        self._table_place.children = (self.table,)
        amount = "total" if question.by else "open_amount"
        total = checked_sum(self.rows[amount].to_numpy())
        count = formats.integer_text(len(self.rows), self.lang)
        summed = f"{amount_text(total, question.currency, self.lang)} {question.currency}"
        self.table_title.value = (
            f'<h2 class="wb-subtitle">{escape(self._say("count-and-sum", count=count, sum=summed))}</h2>'
            f'<div class="wb-where">{escape(self._say("choose-row"))}</div>'
        )
        self.note.value = parts.cut_note(self.rows, self.lang)

    def _names(self, question: AgingQuestion) -> list[str]:
        if not question.by:
            is_one = any(name == "customer_id" for name, _ in self.where)
            first = [] if is_one else ["customer_id", "customer_name"]
            return [name for name in (*first, *_ITEM_COLUMNS) if name in self.rows.columns]
        named = ["customer_name"] if "customer_name" in self.rows.columns else []
        late = [name for name in bucket_names(self.rows) if _first_day(name) > 180]
        return [*question.by, *named, "total", "overdue", *late, "unapplied", "pending_applications"]

    def _show_nothing(self) -> None:
        self.rows = pd.DataFrame()
        self._chart_place.children = ()
        self._table_place.children = (
            ipywidgets.HTML(f'<div class="wb-empty">{escape(self._say("aging-empty"))}</div>'),
        )
        self.table_title.value = self.note.value = ""
        self._show_detail([])

    # What is chosen --------------------------------------------------------------------------------

    def _show_detail(self, selected: Sequence[int]) -> None:
        chosen = [place for place in selected if place < len(self.rows)]
        self.drill.layout.display = "none"
        if not chosen:
            self.detail.value = f'<div class="wb-where">{escape(self._say("choose-row"))}</div>'
            self._side.layout.display = "none"  # the table has the whole width until a row is chosen
            return
        self._side.layout.display = None
        row = self.rows.iloc[chosen[0]]
        if self.dimension.value == DOCUMENTS:
            self.detail.value = self._item_html(row)
            return
        self.detail.value = self._group_html(row)
        self.drill.description = self._say(f"drill-{self._next_dimension()}")
        self.drill.layout.display = None

    def _group_html(self, row: pd.Series) -> str:
        names = [*bucket_names(self.rows), "unapplied"]
        colours = theme.bucket_colours(names, dark=self.dark)
        facts = [
            _fact(heading_of(name, self.lang), self._exact(row[name]), swatch=colour)
            for name, colour in zip(names, colours, strict=True)
        ]
        facts.append(_fact(heading_of("total", self.lang), self._exact(row["total"]), strong=True))
        pending = row.get("pending_applications", 0)
        facts.append(_fact(heading_of("pending_applications", self.lang), self._exact(pending)))
        value = str(row[self.dimension.value]) or formats.UNKNOWN
        named = (
            f'<div class="wb-where">{escape(str(row["customer_name"]))}</div>'
            if "customer_name" in row
            else ""
        )
        kind = escape(heading_of(self.dimension.value, self.lang))
        title = f'<h2 class="wb-subtitle">{kind} {escape(value)}</h2>{named}'
        return f'{title}<dl class="wb-facts">{"".join(facts)}</dl>'

    def _item_html(self, row: pd.Series) -> str:
        shown = columns_of(self.rows, lang=self.lang)
        facts = [
            _fact(column.heading, cell_text(row[column.name], column, row["currency"], self.lang, cents=True))
            for column in shown
            if column.name != "document_id" and not (column.kind == "text" and not row[column.name])
        ]
        title = f"{escape(heading_of('document_id', self.lang))} {escape(str(row['document_id']))}"
        return f'<h2 class="wb-subtitle">{title}</h2><dl class="wb-facts">{"".join(facts)}</dl>'

    def _exact(self, minor: Any) -> str:
        return amount_text(int(minor), self.currency.value, self.lang, cents=True)

    def _next_dimension(self) -> str:
        place = DIMENSIONS.index(self.dimension.value) + 1
        return DIMENSIONS[place] if place < len(DIMENSIONS) else DOCUMENTS

    def _go_down(self) -> None:
        selected = list(self.table.selected_rows) if self.table is not None else []
        if not selected or self.dimension.value == DOCUMENTS:
            return
        dimension = self.dimension.value
        value = str(self.rows.iloc[selected[0]][dimension])
        self._go((*self.where, (dimension, value)), self._next_dimension())

    def _go(self, where: tuple[tuple[str, str], ...], dimension: str) -> None:
        self._is_quiet = True
        self.where, self.dimension.value = where, dimension
        self._is_quiet = False
        self.refresh()

    def _show_crumbs(self) -> None:
        """The way taken, each step a button back to it; nothing before the first step."""
        if not self.where:
            self.crumbs.children = ()
            return
        labels = [self._say("whole"), *(value or formats.UNKNOWN for _, value in self.where)]
        buttons = []
        for depth, label in enumerate(labels):
            button = ipywidgets.Button(description=label, disabled=depth == len(self.where))
            back_to = self.where[depth][0] if depth < len(self.where) else self.dimension.value
            button.on_click(
                lambda _button, depth=depth, back_to=back_to: self._go(self.where[:depth], back_to)
            )
            buttons.append(button)
        self.crumbs.children = tuple(buttons)

    # What is said and handed over ------------------------------------------------------------------

    def _make(self, kind: str) -> parts.Download | None:
        if self._export is None or self.as_of.value is None:
            return None
        try:
            with parts.busy(self.message, self.lang):
                return self._export(self.question, kind)
        except WorkbenchError as error:
            self._tell(words.explain(error.cause, error.values, self.lang), "wrong")
            return None

    def _tell(self, text: str, tone: str = "note") -> None:
        self.message.value = parts.message_html(text, tone)

    def _say(self, name: str, **values: object) -> str:
        return say(f"panels.{name}", self.lang, **values)


def with_overdue(summary: pd.DataFrame) -> pd.DataFrame:
    """The summary with ``overdue``: the sum of its ranges after ``not_due``."""
    late = [name for name in bucket_names(summary) if name != "not_due"]
    return summary.assign(overdue=summary[late].sum(axis=1))


def key_amounts(summary: pd.DataFrame) -> dict[str, int]:
    """The page's figures in minor units: total, overdue, over 180 days, unapplied, pending."""
    ranges = bucket_names(summary)
    sums = {name: checked_sum(summary[name].to_numpy()) for name in ranges}
    return {
        "total": checked_sum(summary["total"].to_numpy()),
        "overdue": sum(sums[name] for name in ranges if name != "not_due"),
        "over-180": sum(sums[name] for name in ranges if _first_day(name) > 180),
        "unapplied": checked_sum(summary["unapplied"].to_numpy()),
        "pending": checked_sum(summary["pending_applications"].to_numpy()),
    }


def _first_day(bucket: str) -> int:
    found = BUCKET.fullmatch(bucket)
    return int(found.group(1)) if found else 0


def _fact(label: str, value: str, *, swatch: str = "", strong: bool = False) -> str:
    mark = f'<span class="wb-swatch" style="background:{swatch}"></span>' if swatch else ""
    name = ' class="wb-strong"' if strong else ""
    amount = (
        ' class="wb-amount wb-strong"' if strong else ' class="wb-amount"' if value[-1:].isdigit() else ""
    )
    return f"<dt{name}>{mark}{escape(label)}</dt><dd{amount}>{escape(value)}</dd>"
