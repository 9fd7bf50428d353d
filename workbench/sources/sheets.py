"""From rows of cells to named columns: the headings, the lines that are no data, the rows out of shape."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import FileRefusedError, MissingColumnsError
from .control_line import Control, find_control
from .fields import EITHER, FIELDS
from .fixed_lines import fixed_table
from .headings import missing_columns
from .mappings import Mapping
from .parsed import Findings
from .raw_table import NUMBER, RawTable, Texts, plain_words, shown
from .text_files import decode, lines_of, refuse_swollen, split_rows, utf16_of, without_end_mark
from .workbooks_in import is_workbook, read_workbook

_BLANKS = " \t\r\n"
#: Round a cell that need not be exact, those of pages and printed lists too.
_AROUND = _BLANKS + "\u00a0\u2007\u202f"
#: Blank lines that may stand above the headings of a text file.
_MOST_BLANK_LINES = 100
_MARKUP = ("<html", "<!doctype", "<?xml", "<table", "<head", "<body")


@dataclass(frozen=True)
class TotalsLine:
    """A line of totals: its row in the file, how many data rows stand above it, its cells by field."""

    row: int
    rows_above: int
    cells: dict[str, str]
    first_word: str


@dataclass
class Sheet:
    """The data rows of a file by field. ``rules``: what each row breaks, ``""`` while it is good."""

    mapping: Mapping
    raw: RawTable
    index: npt.NDArray[np.int64]  # of each data row in raw.rows
    cells: dict[str, Texts]  # field → text of its column, for the headings that were found
    headings: dict[str, str]
    findings: Findings
    rules: npt.NDArray[np.object_]
    values: dict[int, dict[str, object]] = field(default_factory=dict)
    around: list[list[str]] = field(default_factory=list)  # lines above and below the table
    rows_total: int = 0
    control: Control | None = None
    formulas: dict[str, list[int]] = field(default_factory=dict)  # field → places of cells with a formula
    totals: list[TotalsLine] = field(default_factory=list)

    @property
    def row_numbers(self) -> npt.NDArray[np.int64]:
        return self.raw.numbers[self.index]

    @property
    def is_good(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.rules == "", dtype=bool)

    def refuse(self, mask: npt.NDArray[np.bool_], rule: str, name: str = "", **values: object) -> None:
        """Mark rows that were good so far; the first rule that a row breaks is the one that counts."""
        for place in np.flatnonzero(mask & self.is_good).tolist():
            self.rules[place] = rule
            self.values[place] = {**self.about(name, place), **values}

    def refuse_each(self, rules: npt.NDArray[np.object_], name: str) -> None:
        """The same with a rule for each row."""
        for place in np.flatnonzero((rules != "") & self.is_good).tolist():
            self.rules[place] = rules[place]
            self.values[place] = self.about(name, place)

    def about(self, name: str, place: int) -> dict[str, object]:
        """The column and the text of a row's cell, for a finding."""
        if not name:
            return {}
        cells = self.cells.get(name)
        cell = cells[place] if cells is not None else ""
        told: dict[str, object] = {"column": self.headings.get(name, name), "value": shown(cell)[:200]}
        if name == "customer_id" and cell.startswith(NUMBER):  # a number has lost its leading zeros
            told["value"] = told["number_note"] = shown(cell)[:200].removesuffix(".0")
        return told


def open_sheet(content: bytes, mapping: Mapping, file: str) -> Sheet:
    """The file as a table by its mapping; what cannot be used as a whole raises :class:`FileRefusedError`."""
    raw, header = _raw_table(content, mapping, file)
    titles = [plain_words(cell) for cell in raw.rows[header]]
    places, headings = _places(titles, raw.rows[header], mapping, file)
    findings = Findings(file, mapping.kind)
    control = find_control(raw, header, mapping) if mapping.strict.control else None
    widest = max(places.values())
    blanks = "" if mapping.strict.is_exact else _AROUND
    index: list[int] = []
    repeated: list[int] = []
    misshapen: list[int] = []
    around = [_label_cells(row) for row in raw.rows[:header]]
    width = len(titles)
    for place in range(header + 1, control.place if control else len(raw.rows)):
        row = raw.rows[place]
        if not any(row) or not any(cell.strip(_BLANKS) for cell in row):
            continue
        if not raw.is_workbook and _is_ruled(row):
            continue
        if mapping.bank.labels and _is_label(row, mapping):
            around.append(_label_cells(row))
            continue
        if len(row) != width and (
            len(row) <= widest or not blanks or any(cell.strip(_BLANKS) for cell in row[width:])
        ):
            misshapen.append(len(index))
        index.append(place)
    if len(index) > mapping.limits.rows:
        raise FileRefusedError("too-many-rows", file=file, rows=len(index), limit=mapping.limits.rows)
    rows = [raw.rows[place] for place in index]
    columns = list(zip(*rows, strict=True)) if {*map(len, rows)} == {width} else None
    cells: dict[str, Texts] = {}
    for name, column in places.items():
        listed = columns[column] if columns else [row[column] if column < len(row) else "" for row in rows]
        cells[name] = _texts([cell.strip(blanks) for cell in listed] if blanks else listed)
    first = next(iter(cells))
    for place in np.flatnonzero(_is_heading(cells[first], headings[first])).tolist():
        if [plain_words(cell) for cell in rows[place]] == titles:
            repeated.append(place)
    sheet = Sheet(
        mapping,
        raw,
        np.asarray(index, dtype=np.int64),
        cells,
        headings,
        findings,
        np.full(len(index), "", dtype=object),
        around=around,
        control=control,
        formulas=_formulas(raw, index, places),
    )
    sheet.refuse(_mask(repeated, len(index)), "repeated-header")
    sheet = _without_totals(sheet)
    short = np.isin(sheet.index, np.asarray(index, dtype=np.int64)[misshapen])
    sheet.refuse(short, "row-width", expected=width)
    if len(sheet.index) == 0:
        raise FileRefusedError("no-data-rows", file=file)
    if raw.rows_hidden:
        findings.add("rows-hidden", level="note", rows=raw.rows_hidden)
    return sheet


def _is_heading(cells: Texts, heading: str) -> npt.NDArray[np.bool_]:
    """Where a column shows its own heading again, as it does where one export was put behind another."""
    wanted = heading.strip(_BLANKS).casefold()
    alike = [
        cell
        for cell in set(cells)
        if len(cell) <= len(heading) + 9 and cell.strip(_BLANKS + "\ufeff").casefold() == wanted
    ]
    return np.isin(cells, alike) if alike else np.zeros(len(cells), dtype=bool)


def _formulas(raw: RawTable, index: list[int], places: dict[str, int]) -> dict[str, list[int]]:
    """Field → the data rows whose cell of it holds a formula."""
    if not raw.formulas:
        return {}
    at = {place: row for row, place in enumerate(index)}
    names = {column: name for name, column in places.items()}
    found: dict[str, list[int]] = {}
    for place, column in sorted(raw.formulas):
        if place in at and column in names:
            found.setdefault(names[column], []).append(at[place])
    return found


def _texts(values: Sequence[str]) -> Texts:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _mask(places: list[int], length: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(length, dtype=bool)
    mask[places] = True
    return mask


def _raw_table(content: bytes, mapping: Mapping, file: str) -> tuple[RawTable, int]:
    """The rows and where the headings stand; several delimiters are tried in the mapping's order."""
    if is_workbook(content):
        if mapping.format == "csv":
            raise FileRefusedError("binary-content", file=file, line=1)
        raw = read_workbook(
            content,
            file=file,
            sheet=mapping.sheet,
            sheets_aside=mapping.sheets_aside,
            limits=mapping.limits,
            has_no_code=mapping.strict.has_no_code,
        )
        return raw, _find_headings(raw.rows, mapping, file)
    if mapping.format == "xlsx":
        raise FileRefusedError("type-mismatch", file=file, expected="xlsx", reason="text")
    if mapping.format == "fixed":
        return fixed_table(decode(content, mapping.encodings, file=file), mapping.fixed, file=file), 0
    marked = mapping.strict.utf16_delimiters
    if not mapping.strict.is_exact:
        content = without_end_mark(content)
    text = decode(content, mapping.encodings, file=file, may_be_utf16=marked != ())
    if text[:200].lstrip().casefold().startswith(_MARKUP):
        raise FileRefusedError("type-mismatch", file=file, expected="csv", reason=text.lstrip()[:20])
    delimiters = marked if marked and utf16_of(content) else mapping.delimiters
    failure: FileRefusedError | None = None
    most = -1
    for delimiter in delimiters:
        refuse_swollen(text, delimiter, most_rows=mapping.limits.rows, file=file)
        try:
            header = _find_headings(_head(text, delimiter, mapping), mapping, file)
        except MissingColumnsError as error:
            found = int(str(error.values["found"]))
            if found > most:
                most, failure = found, error
            continue
        return split_rows(text, delimiter, file=file), header
    _refuse_open_quote(text, delimiters, file)
    raise failure or FileRefusedError("no-data-rows", file=file)


def _head(text: str, delimiter: str, mapping: Mapping) -> list[list[str]]:
    reader = csv.reader(lines_of(text), delimiter=delimiter)
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # split_rows says it with its line
        most = mapping.skip_rows + mapping.header_search_rows + _MOST_BLANK_LINES
        rows.extend(islice(reader, most))
    return rows


def _refuse_open_quote(text: str, delimiters: Sequence[str], file: str) -> None:
    """Headings that are missing because a quote before them was never closed."""
    for delimiter in delimiters:
        try:
            split_rows(text, delimiter, file=file)
        except FileRefusedError as refusal:
            if "end of data" in str(refusal.values.get("reason", "")):
                raise


def _find_headings(rows: list[list[str]], mapping: Mapping, file: str) -> int:
    """The first row, within the search, that has every required heading; blank rows are not counted."""
    best: tuple[int, list[str], list[str]] = (-1, [], [])
    filled = (place for place in range(mapping.skip_rows, len(rows)) if any(c.strip() for c in rows[place]))
    for place in islice(filled, mapping.header_search_rows):
        titles = {plain_words(cell) for cell in rows[place]}
        missing = [
            name
            for name, headings in mapping.columns.items()
            if name in mapping.required and not titles.intersection(plain_words(h) for h in headings)
        ]
        either = [name for name in EITHER.get(mapping.kind, ()) if name in mapping.columns]
        if either and not any(titles.intersection(map(plain_words, mapping.columns[n])) for n in either):
            missing.append(" / ".join(either))
        if not missing:
            return place
        known = sum(bool(titles.intersection(map(plain_words, h))) for h in mapping.columns.values())
        if known > best[0]:
            best = (known, missing, rows[place])
    raise missing_columns(best[1], best[2], mapping, file=file, found=max(best[0], 0))


def _places(
    titles: list[str], header: list[str], mapping: Mapping, file: str
) -> tuple[dict[str, int], dict[str, str]]:
    """Where each field's column is; a heading that two columns carry is refused, nobody knows which."""
    places: dict[str, int] = {}
    headings: dict[str, str] = {}
    taken: dict[int, str] = {}
    if mapping.strict.has_unique_headings:
        repeated = [place for place, title in enumerate(titles) if title and titles.count(title) > 1]
        if repeated:
            raise FileRefusedError("duplicate-header", file=file, column=shown(header[repeated[-1]]).strip())
    for name in FIELDS[mapping.kind]:
        for heading in mapping.columns.get(name, ()):
            wanted = plain_words(heading)
            if wanted not in titles:
                continue
            column = titles.index(wanted)
            if titles.count(wanted) > 1:
                raise FileRefusedError("duplicate-header", file=file, column=shown(header[column]).strip())
            if column in taken:
                continue
            taken[column] = name
            places[name] = column
            headings[name] = shown(header[column]).strip()
            break
    return places, headings


def _is_ruled(row: list[str]) -> bool:
    """A line drawn between the rows of a printed list (``|-----|---|``): no more data than a blank one."""
    text = "".join(row).lstrip("| \t")
    return text[:3] == "---" and not text.strip("-| \t\r\n")


def _label_cells(row: list[str]) -> list[str]:
    """A line's cells; one alone that says ``Cuenta: 123`` is two."""
    cells = [cell.strip(_AROUND) for cell in row]
    filled = [cell for cell in cells if cell]
    name, colon, value = filled[0].partition(":") if len(filled) == 1 else ("", "", "")
    return [name.strip(_AROUND), value.strip(_AROUND)] if colon and value.strip(_AROUND) else cells


def _is_label(row: list[str], mapping: Mapping) -> bool:
    cells = [cell for cell in _label_cells(row) if cell]
    if not 0 < len(cells) < 3:
        return False
    first = plain_words(cells[0])
    return any(first == plain_words(word) for words in mapping.bank.labels.values() for word in words)


def _without_totals(sheet: Sheet) -> Sheet:
    """Leave out totals lines, counted and named in a note; never a row that has its id."""
    rule = sheet.mapping.totals
    blank = [name for name in rule.blank if name in sheet.cells]
    if not blank:
        return sheet
    words = {plain_words(word) for word in rule.words}
    candidates = np.ones(len(sheet.index), dtype=bool)
    for name in blank:  # where the id or the day would stand, the word itself may: Total;;123,45
        codes, distinct = pd.factorize(sheet.cells[name])
        is_word = [not cell or plain_words(cell) in words for cell in distinct]
        candidates &= np.asarray(is_word, dtype=bool)[codes]
    types = FIELDS[sheet.mapping.kind]
    others = [name for name in sheet.cells if types[name] not in ("money", "currency")]
    totals, words_of = [], {}
    for place in np.flatnonzero(candidates & sheet.is_good).tolist():
        row = sheet.raw.rows[sheet.index[place]]
        first = next((plain_words(cell) for cell in row if cell.strip(_BLANKS)), "")
        is_money_alone = not any(sheet.cells[name][place] for name in others)
        if first in words or first.split(" ")[0] in words or is_money_alone:
            totals.append(place)
            words_of[place] = first.split(" ")[0]
    if not totals:
        return sheet
    kept = ~_mask(totals, len(sheet.index))
    numbers = sheet.row_numbers[totals].tolist()
    sheet.findings.add(
        "totals-line", level="note", rows=", ".join(map(str, numbers[:20])), count=len(numbers)
    )
    moved = np.cumsum(kept) - 1
    lines = [
        TotalsLine(
            int(sheet.row_numbers[place]),
            int(moved[place]) + 1,
            {name: str(cells[place]) for name, cells in sheet.cells.items()},
            words_of[place],
        )
        for place in totals
    ]
    return Sheet(
        sheet.mapping,
        sheet.raw,
        sheet.index[kept],
        {name: cells[kept] for name, cells in sheet.cells.items()},
        sheet.headings,
        sheet.findings,
        sheet.rules[kept],
        {int(moved[place]): values for place, values in sheet.values.items() if kept[place]},
        sheet.around,
        len(totals),
        sheet.control,
        {name: [int(moved[place]) for place in rows if kept[place]] for name, rows in sheet.formulas.items()},
        lines,
    )
