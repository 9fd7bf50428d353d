"""What receipts and advices name, looked up once among the documents of all customers.

Of millions of documents only those are looked at that some text may mean: every name is filed under the
longest number in it, and a text can mean a name only where it holds that number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..references import ReferenceIndex, Shape, fold, parts_of, shape_of

Rows = npt.NDArray[np.int64]

#: Digits by which a number is filed; of a longer one the last so many.
_FILED = 18
_DIGITS = re.compile("[0-9]+")
_ZEROS_BEFORE = re.compile("(?<![0-9])0+(?=[1-9])")
_AS_NINES = str.maketrans("12345678", "99999999")
#: Names and texts that are worked on at a time, so that memory stays bounded.
AT_A_TIME = 200_000
_NAMES = ("document_id", "document_number", "reference")
DOCUMENT = ["company_id", "fiscal_year", "document_type", "document_number", "customer_id"]


class DocumentNames:
    """The names of open items by the longest number in each; positions are rows of the frame."""

    def __init__(self, open_items: pd.DataFrame) -> None:
        self._items = open_items
        own, number, other = (open_items[name] for name in ("document_id", "document_number", "reference"))
        is_more = np.asarray(number != own)
        is_other = np.asarray((other != "") & (other != own) & (other != number))
        filed: list[Rows] = []
        rows: list[Rows] = []
        for names, chosen in (
            (own, np.ones(len(own), dtype=bool)),
            (number, is_more),
            (other, is_other),
        ):
            places = np.flatnonzero(chosen)
            filed.append(longest_numbers(names.to_numpy()[places]))
            rows.append(places)
        #: 0 for the document's own names, 1 for what else it is known by.
        levels = np.repeat(np.array([0, 0, 1], dtype=np.int8), [len(one) for one in rows])
        columns = np.repeat(np.arange(3, dtype=np.int8), [len(one) for one in rows])
        numbers, places = np.concatenate(filed), np.concatenate(rows)
        has_number = numbers >= 0
        order = np.argsort(numbers[has_number], kind="stable")
        self._numbers = numbers[has_number][order]
        self._rows = places[has_number][order]
        self._levels = levels[has_number][order]
        self._columns = columns[has_number][order]

    def shapes(self) -> dict[str, frozenset[Shape]]:
        """By company, the letters and numbers of digits by which its documents are called."""
        companies, names = pd.factorize(self._items["company_id"])
        found: dict[str, frozenset[Shape]] = {}
        for number, company in enumerate(names):
            rows = np.flatnonzero(companies == number)
            columns = (self._items[name].to_numpy()[rows] for name in _NAMES)
            found[company] = frozenset().union(*map(_shapes_of, columns))
        return found

    def holding(self, numbers: Iterable[int]) -> dict[str, ReferenceIndex]:
        """By company, an index of the documents with one of these numbers in their names."""
        wanted = np.unique(np.fromiter(numbers, dtype=np.int64))
        starts = np.searchsorted(self._numbers, wanted, side="left")
        ends = np.searchsorted(self._numbers, wanted, side="right")
        found = _ranges(starts, ends)
        rows = self._rows[found]
        if not len(rows):
            return {}
        items = self._items
        called = {column: items[name].iloc[rows].tolist() for column, name in enumerate(_NAMES)}
        documents: dict[tuple[str, ...], int] = {}
        whole = zip(*(items[name].iloc[rows].tolist() for name in DOCUMENT), strict=True)
        names: dict[str, list[tuple[int, str, int, int]]] = {}
        marks = zip(rows.tolist(), self._levels[found].tolist(), self._columns[found].tolist(), strict=True)
        for place, (document, (row, level, column)) in enumerate(zip(whole, marks, strict=True)):
            group = documents.setdefault(document, len(documents))
            names.setdefault(document[0], []).append((level, called[column][place], row, group))
        return {company: ReferenceIndex(known) for company, known in names.items()}


class OrderNames:
    """The orders of open items, filed as documents are; what it finds are rows of the frame.

    An order counts as found wherever it might be: what a number means for sure is seen among those alone.
    """

    def __init__(self, open_items: pd.DataFrame) -> None:
        rows = np.flatnonzero((open_items["order_id"] != "").to_numpy())
        held = open_items[["company_id", "order_id"]].take(rows)
        codes = held.groupby(["company_id", "order_id"], sort=False).ngroup().to_numpy()
        order = np.argsort(codes, kind="stable")
        self._rows = rows[order]
        self._bounds = np.searchsorted(codes[order], np.arange(int(codes.max(initial=-1)) + 2))
        self._orders = held.iloc[order[self._bounds[:-1]]]
        filed = longest_numbers(self._orders["order_id"].to_numpy())
        self._codes = np.argsort(filed, kind="stable")
        self._numbers = filed[self._codes]

    def holding(self, numbers: Iterable[int]) -> dict[str, ReferenceIndex]:
        """By company, an index of the orders with one of these numbers; its positions are codes."""
        wanted = np.unique(np.fromiter(numbers, dtype=np.int64))
        starts, ends = (np.searchsorted(self._numbers, wanted, side=side) for side in ("left", "right"))
        codes = self._codes[_ranges(starts, ends)]
        names: dict[str, list[tuple[int, str, int, int]]] = {}
        orders = self._orders.iloc[codes].itertuples(index=False, name=None)
        for code, (company, order) in zip(codes.tolist(), orders, strict=True):
            names.setdefault(company, []).append((0, order, code, 0))
        return {company: ReferenceIndex(known) for company, known in names.items()}

    def rows(self, codes: Iterable[int]) -> list[int]:
        """The items of these orders."""
        parts = [self._rows[self._bounds[code] : self._bounds[code + 1]].tolist() for code in codes]
        return [row for part in parts for row in part]


def numbers_of(texts: Iterable[str]) -> set[int]:
    """Every number in the texts, as names are filed."""
    whole = "\n".join(texts)
    return {int(digits[-_FILED:]) for digits in _DIGITS.findall(whole if whole.isascii() else fold(whole))}


def filed_number(digits: Sequence[str]) -> int:
    """Where a name is filed whose runs of digits these are: under the longest, of equal ones the last."""
    longest = max(enumerate(digits), key=lambda one: (len(one[1]), one[0]), default=(0, ""))[1]
    return int(longest[-_FILED:]) if longest else -1


def _shapes_of(names: npt.NDArray[np.object_]) -> set[Shape]:
    """The few shapes of many names: as nines for their digits most are the same text."""
    alike: set[str] = set()
    for part in in_chunks(len(names)):
        whole = "\n".join(names[part].tolist())
        alike.update(_ZEROS_BEFORE.sub("", whole).translate(_AS_NINES).split("\n"))
    return {shape for name in alike if (shape := shape_of(parts_of(name)))}


def longest_numbers(names: npt.NDArray[np.object_]) -> Rows:
    """Of each name the number under which it is filed; −1 where it has none."""
    chunks = [
        _longest_of(names[start : start + AT_A_TIME].tolist()) for start in range(0, len(names), AT_A_TIME)
    ]
    return np.concatenate(chunks) if chunks else np.empty(0, np.int64)


def _longest_of(names: list[str]) -> Rows:
    whole = "\n".join(names) + "\n"
    if not whole.isascii():
        return np.array([filed_number(_DIGITS.findall(fold(name))) for name in names], dtype=np.int64)
    letters = np.frombuffer(whole.encode(), dtype=np.uint8)
    lengths = np.fromiter(map(len, names), dtype=np.int64, count=len(names)) + 1
    bounds = np.cumsum(lengths)
    is_digit = (letters >= ord("0")) & (letters <= ord("9"))
    edges = np.flatnonzero(np.diff(is_digit, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    filed = np.full(len(names), -1, dtype=np.int64)
    if not len(starts):
        return filed
    owner = np.searchsorted(bounds, starts, side="right")
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    # The length before the place: the greatest of a name's runs is the longest, of equal ones the last.
    best = np.maximum.reduceat(((ends - starts) << 32) | np.arange(len(starts)), first) & 0xFFFFFFFF
    start, end = starts[best], ends[best]
    value = np.zeros(len(best), dtype=np.int64)
    for place in range(int(min((end - start).max(), _FILED)), 0, -1):
        at = end - place
        digit = letters[np.maximum(at, 0)].astype(np.int64) - ord("0")
        value = np.where(at >= start, value * 10 + digit, value)
    filed[owner[first]] = value
    return filed


def _ranges(starts: Rows, ends: Rows) -> Rows:
    """All places from each start to its end, one range after the other."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    places: Rows = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    return places


def in_chunks(count: int, size: int = AT_A_TIME) -> Iterator[slice]:
    """Slices of so many rows each."""
    return (slice(start, start + size) for start in range(0, count, size))
