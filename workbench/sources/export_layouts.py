"""How a posting file for the ERP looks: a layout of ``parameters/exports/``, checked word by word."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..errors import MappingError, ParameterRefusedError
from ..tables import OTHER_KINDS, WRITE_OFF_KIND
from .grammar import date_pattern
from .strict_yaml import read_yaml
from .yaml_shapes import Shape

#: What a column may show. Ids leave as they are; texts are cut to their column and made harmless.
ID_FIELDS = (
    "company_id", "erp_document", "operation_id", "application_id", "account", "customer_id", "document_id",
    "document_number", "fiscal_year", "item", "document_type", "special_gl", "currency",
    "reason_code", "origin_document_id", "origin_number", "origin_year", "origin_item",
)  # fmt: skip
TEXT_FIELDS = ("receipt_id", "reference", "text", "posting", "kind", "settlement", "effect")
DATE_FIELDS = ("posting_date", "document_date", "due_date")
AMOUNT_FIELDS = ("amount", "signed_amount", "debit_amount", "credit_amount", "document_total")
OTHER_FIELDS = (
    "line", "lines", "attempt", "posting_year", "posting_month", "debit_credit", "posting_key",
)  # fmt: skip
FIELDS = (*ID_FIELDS, *TEXT_FIELDS, *DATE_FIELDS, *AMOUNT_FIELDS, *OTHER_FIELDS)
#: Who is debited or credited, for the posting key; a residual item has keys of its own where the ERP has.
KEYED = ("customer_debit", "customer_credit", "ledger_debit", "ledger_credit")
KEYED_RESIDUAL = ("residual_debit", "residual_credit")
LINE_ENDS = {"lf": "\n", "crlf": "\r\n"}


@dataclass(frozen=True)
class Column:
    """A heading with the field under it, or with a constant; ``width`` pads a number with zeros in front,
    ``limit`` cuts a text."""

    heading: str
    field: str = ""
    value: str = ""
    width: int = 0
    limit: int = 0


@dataclass(frozen=True)
class Layout:
    """One way to write postings. With ``header_columns`` each document has a record of its own before its
    lines, and each record begins with its mark."""

    name: str
    columns: tuple[Column, ...]
    header_columns: tuple[Column, ...] = ()
    header_mark: str = ""
    line_mark: str = ""
    separator: str = ","
    decimal_mark: str = "."
    date_format: str = "yyyy-mm-dd"
    encoding: str = "utf-8"
    line_end: str = "\n"
    extension: str = "csv"
    has_headings: bool = True
    has_quotes: bool = True
    largest_document: int = 900
    accounts: dict[str, str] = field(default_factory=dict)
    posting_keys: dict[str, str] = field(default_factory=dict)
    debit: str = "D"
    credit: str = "C"


def layout_names(directory: Path) -> list[str]:
    """The layouts there are in a parameters directory."""
    return sorted(path.stem for path in (directory / "exports").glob("*.yaml"))


def load_layout(directory: Path, name: str) -> Layout:
    """The layout ``exports/<name>.yaml``; unknown names and settings raise."""
    names = layout_names(directory)
    if name not in names:
        raise ParameterRefusedError("layout-unknown", name="layout", value=name, known=", ".join(names))
    return read_layout(directory / "exports" / f"{name}.yaml")


def read_layout(path: Path) -> Layout:
    """A layout file, checked; :class:`MappingError` names the file, the setting and what is wrong."""
    top = Shape.of(read_yaml(path), file=path.name, error=MappingError)
    sides = top.inner("debit_credit")
    layout = Layout(
        name=path.stem,
        columns=_columns(top, "columns"),
        header_columns=_columns(top, "header_columns"),
        header_mark=top.text_of("header_mark", ""),
        line_mark=top.text_of("line_mark", ""),
        separator=top.text_of("separator", ","),
        decimal_mark=top.choice("decimal_mark", (".", ","), "."),
        date_format=top.text_of("date_format", "yyyy-mm-dd"),
        encoding=top.text_of("encoding", "utf-8"),
        line_end=LINE_ENDS[top.choice("line_end", tuple(LINE_ENDS), "lf")],
        extension=top.choice("extension", ("csv", "txt"), "csv"),
        has_headings=top.truth_of("headings", True),
        has_quotes=top.truth_of("quotes", True),
        largest_document=top.integer_of("largest_document", 900),
        accounts={name: value.text() for name, value in top.items("accounts")},
        posting_keys={name: value.text() for name, value in top.items("posting_keys")},
        debit=sides.text_of("debit", "D"),
        credit=sides.text_of("credit", "C"),
    )
    sides.nothing_else()
    top.nothing_else()
    _hold_together(layout, top)
    return layout


def _columns(top: Shape, name: str) -> tuple[Column, ...]:
    columns = []
    for entry in top.entries(name):
        column = Column(
            heading=entry.text_of("heading"),
            field=entry.choice("field", ("", *FIELDS), ""),
            value=entry.text_of("value", ""),
            width=entry.integer_of("width", 0),
            limit=entry.integer_of("limit", 0),
        )
        entry.nothing_else()
        if column.field and column.value:
            entry.wrong("value", column.value)
        columns.append(column)
    return tuple(columns)


def _hold_together(layout: Layout, top: Shape) -> None:
    """What one setting alone cannot show to be wrong."""
    fields = {column.field for column in (*layout.columns, *layout.header_columns)}
    if not layout.columns:
        top.wrong("columns", "")
    if len(layout.separator) != 1 or layout.separator == layout.decimal_mark:
        top.wrong("separator", layout.separator)
    try:
        "".encode(layout.encoding)
    except LookupError:
        top.wrong("encoding", layout.encoding)
    if not date_pattern(layout.date_format)[0] or "mmm" in layout.date_format:
        top.wrong("date_format", layout.date_format)
    if layout.largest_document < 2:
        top.wrong("largest_document", layout.largest_document)
    # A posting without an account to stand against it would not balance where it is booked. A company that
    # writes nothing off needs none for that: it is asked for when a write-off leaves.
    for name in ("cash", *OTHER_KINDS) if "account" in fields else ():
        if not layout.accounts.get(name) and name != WRITE_OFF_KIND:
            top.wrong(f"accounts.{name}", layout.accounts.get(name, ""))
    for name in layout.accounts:
        if name not in ("cash", *OTHER_KINDS):
            top.wrong("accounts", name)
    for name in KEYED if "posting_key" in fields else ():
        if not layout.posting_keys.get(name):
            top.wrong(f"posting_keys.{name}", layout.posting_keys.get(name, ""))
    for name in layout.posting_keys:
        if name not in KEYED + KEYED_RESIDUAL:
            top.wrong("posting_keys", name)
