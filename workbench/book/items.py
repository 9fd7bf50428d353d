"""Items (documents) of an extract into the book: the document once, then what this extract saw of it.

Same key and content: nothing new but a newer observation or clearing. Same key, other content: a conflict,
the row is kept aside and nothing is overwritten. Source: ARCHITECTURE, "documents and what is seen of them".
"""

from __future__ import annotations

from typing import Any

from ..tables import DOCUMENTS, ColumnType
from .absences import enter_absences
from .batches import ImportBatch, Outcome, StoreResult, conclude, sums_of
from .clearings_in import Clearing, enter_clearings
from .customers_in import enter_unknown_customers
from .frames import raw_column
from .lookups import enter_companies, existing
from .transactions import Posting

KEY = ["company_id", "fiscal_year", "document_type", "document_number", "item", "customer_scope"]
_CONTENT = ["customer_id", "document_date", "due_date", "currency"]
#: Columns of the items frame beyond those of DOCUMENTS.
_SEEN: dict[str, ColumnType] = {
    "is_original_stated": "flag",
    "open_amount": "money",
    "has_open_amount": "flag",
    "clearing_date": "date",
    "clearing_document": "text",
    "cleared_amount": "money",
    "payment_block": "text",
    "dunning_level": "text",
}
_DOCUMENT_COLUMNS = [
    name for name in DOCUMENTS.columns if name not in ("document_key", "document_id", "recorded_at")
]


class _Items:
    """The frame's columns as plain lists, with the key and content of each row."""

    def __init__(self, batch: ImportBatch) -> None:
        frame = batch.frame
        types = {name: DOCUMENTS.columns[name] for name in _DOCUMENT_COLUMNS} | _SEEN
        self.columns: dict[str, list[Any]] = {
            name: raw_column(frame[name], kind) if name in frame else [_absent(kind)] * len(frame)
            for name, kind in types.items()
        }
        customers = self.columns["customer_id"]
        self.columns["customer_scope"] = customers if batch.key_includes_customer else [""] * len(frame)
        self.keys: list[tuple[str, ...]] = list(zip(*(self.columns[name] for name in KEY), strict=True))
        self.contents: list[tuple[str, ...]] = list(zip(*(self.columns[n] for n in _CONTENT), strict=True))

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, name: str) -> list[Any]:
        return self.columns[name]

    def key_text(self, position: int) -> str:
        return "/".join(part for part in self.keys[position] if part)

    def original(self, position: int) -> int:
        """The item's amount as far as this row tells it."""
        for name in ("original_amount", "open_amount", "cleared_amount"):
            if self[name][position]:
                return int(self[name][position])
        return 0


def _absent(kind: ColumnType) -> object:
    return "" if kind in ("text", "date") else 0


def store_items(posting: Posting, outcome: Outcome) -> StoreResult:
    """Documents, stated originals, observations, clearings and absences of one extract, and its record."""
    batch, items = outcome.batch, _Items(outcome.batch)
    outcome.companies.update(items["company_id"])
    enter_companies(posting, outcome.companies)
    enter_unknown_customers(posting, batch)
    _refuse_contradictions(outcome, items)
    known = _known_documents(posting, items)
    _refuse_conflicts(outcome, items, known)
    parents = _instalment_rows(posting, outcome, items, known)
    document_keys = _enter_documents(posting, outcome, items, known, parents)
    _with_items_of_file(parents, items, document_keys)
    _enter_originals(posting, outcome, items, known)
    _enter_observations(posting, outcome, items, document_keys)
    stated = [
        Clearing(
            position, document_keys.get(items.keys[position], -1),
            tuple(sorted(parents.get(position, ()))),
            items["clearing_date"][position], items["clearing_document"][position],
            items["cleared_amount"][position] or items.original(position), items["currency"][position],
            items.key_text(position),
        )
        for position in range(len(items))
        if items["clearing_date"][position] and position not in outcome.refused
    ]  # fmt: skip
    enter_clearings(posting, outcome, stated)
    if batch.is_complete:
        enter_absences(
            posting, outcome, set(document_keys.values()) | _keys_of_refused(outcome, items, known)
        )
    positions = sorted(outcome.stored)
    amounts = [
        items["open_amount"][at] if items["has_open_amount"][at] else items.original(at)
        for at in range(len(items))
    ]
    return conclude(posting, outcome, sums_of(positions, amounts, items["currency"]))


def _refuse_contradictions(outcome: Outcome, items: _Items) -> None:
    """One file that says two things of one item: neither is believed."""
    first: dict[tuple[str, ...], int] = {}
    torn: set[tuple[str, ...]] = set()
    for position, key in enumerate(items.keys):
        other = first.setdefault(key, position)
        if other != position and _differs_in_file(items, other, position):
            torn.add(key)
    for position, key in enumerate(items.keys):
        if key in torn:
            _refuse(outcome, items, position)


def _differs_in_file(items: _Items, one: int, other: int) -> bool:
    if items.contents[one] != items.contents[other]:
        return True
    names = ["is_original_stated", "has_open_amount"]
    names += ["original_amount"] if items["is_original_stated"][one] else []
    names += ["open_amount"] if items["has_open_amount"][one] else []
    return any(items[name][one] != items[name][other] for name in names)


#: document_key, customer, document date, due date, currency, original, whether stated.
_Known = dict[tuple[str, ...], tuple[Any, ...]]


def _known_documents(posting: Posting, items: _Items) -> _Known:
    fetch = ["document_key", *_CONTENT, "original_amount", "is_original_stated"]
    rows = existing(posting, "documents", KEY, items.keys, fetch)
    known = {items.keys[row[0]]: row[1:] for row in rows}
    unstated = [key for key, row in known.items() if not row[-1]]
    said = existing(
        posting, "stated_originals", ["document_key"], [(known[key][0],) for key in unstated],
        ["original_amount"],
    )  # fmt: skip
    for position, original in said:
        key = unstated[position]
        known[key] = (*known[key][:-2], original, 1)
    return known


def _refuse_conflicts(outcome: Outcome, items: _Items, known: _Known) -> None:
    for position, key in enumerate(items.keys):
        row = known.get(key)
        if row is None or position in outcome.refused:
            continue
        said, stored = items.contents[position], row[1:5]
        if row[6] and items["is_original_stated"][position]:
            said, stored = (*said, items["original_amount"][position]), row[1:6]
        if said != stored:
            _refuse(outcome, items, position, stored)


def _refuse(outcome: Outcome, items: _Items, position: int, stored: tuple[Any, ...] = ()) -> None:
    names = [*_CONTENT, "original_amount"]
    said = (*items.contents[position], items["original_amount"][position])
    outcome.refuse_conflict(
        position,
        key=items.key_text(position),
        amount=items.original(position),
        currency=items["currency"][position],
        said=dict(zip(names, said, strict=True)),
        stored=dict(zip(names, stored, strict=False)),
    )


def _instalment_rows(posting: Posting, outcome: Outcome, items: _Items, known: _Known) -> dict[int, set[int]]:
    """Clearing rows that name a whole document which has items: they make no document of their own.

    Position → the keys of the items that the book holds; those this file brings are added once entered.
    """
    candidates = [
        position
        for position, key in enumerate(items.keys)
        if items["clearing_date"][position] and not items["item"][position] and key not in known
    ]
    bare = [_bare(items.keys[position]) for position in candidates]
    columns = [name for name in KEY if name != "item"]
    found: dict[int, set[int]] = {}
    for n, document_key, item in existing(posting, "documents", columns, bare, ["document_key", "item"]):
        if item:
            found.setdefault(candidates[n], set()).add(document_key)
    in_file = {
        _bare(key) for position, key in enumerate(items.keys) if key[4] and position not in outcome.refused
    }
    for position, document in zip(candidates, bare, strict=True):
        if document in in_file:
            found.setdefault(position, set())
    return {position: keys for position, keys in found.items() if position not in outcome.refused}


def _bare(key: tuple[str, ...]) -> tuple[str, ...]:
    """The key of the document, without its item."""
    return (*key[:4], *key[5:])


def _with_items_of_file(
    parents: dict[int, set[int]], items: _Items, document_keys: dict[tuple[str, ...], int]
) -> None:
    if parents:
        by_document: dict[tuple[str, ...], set[int]] = {}
        for key, document_key in document_keys.items():
            by_document.setdefault(_bare(key), set()).add(document_key)
        for position, keys in parents.items():
            keys |= by_document.get(_bare(items.keys[position]), set())


def _enter_documents(
    posting: Posting,
    outcome: Outcome,
    items: _Items,
    known: _Known,
    parents: dict[int, set[int]],
) -> dict[tuple[str, ...], int]:
    """Insert the new ones; gives the document key of every item of this file that is not refused."""
    keys: dict[tuple[str, ...], int] = {}
    fresh: dict[tuple[str, ...], int] = {}
    for position, key in enumerate(items.keys):
        if position in outcome.refused or position in parents:
            continue
        if key in known:
            keys[key] = known[key][0]
        elif key not in fresh:
            fresh[key] = position
            outcome.stored.add(position)
    columns = ["customer_scope", *_DOCUMENT_COLUMNS, "is_original_stated", "batch_key", "row"]
    rows = []
    for position in fresh.values():
        row = [items[name][position] for name in columns[:-3]]
        row[columns.index("original_amount")] = items.original(position)
        row += [items["is_original_stated"][position], outcome.batch_key, outcome.rows[position]]
        rows.append(row)
    numbers = posting.insert("documents", columns, rows)
    keys.update(zip(fresh, numbers, strict=True))
    return keys


def _enter_originals(posting: Posting, outcome: Outcome, items: _Items, known: _Known) -> None:
    """An original amount stated now for an item that was first seen by its open amount only."""
    stated: dict[int, int] = {}
    for position, key in enumerate(items.keys):
        row = known.get(key)
        if row is None or row[6] or position in outcome.refused:
            continue
        if items["is_original_stated"][position] and row[0] not in stated:
            stated[row[0]] = items["original_amount"][position]
            outcome.stored.add(position)
    rows = [(document_key, amount, outcome.batch_key) for document_key, amount in stated.items()]
    posting.insert("stated_originals", ["document_key", "original_amount", "batch_key"], rows)


_OBSERVED = ["document_key", "observed_date", "open_amount", "is_absent", "payment_block", "dunning_level"]


def _enter_observations(
    posting: Posting, outcome: Outcome, items: _Items, document_keys: dict[tuple[str, ...], int]
) -> None:
    """What this extract shows open, dated by it; the same sight twice is one."""
    day = outcome.batch.extract_date.isoformat()
    seen: dict[tuple[Any, ...], int] = {}
    for position, key in enumerate(items.keys):
        if not items["has_open_amount"][position] or key not in document_keys or position in outcome.refused:
            continue
        open_amount = items["open_amount"][position]
        block, dunning = items["payment_block"][position], items["dunning_level"][position]
        seen.setdefault((document_keys[key], day, open_amount, 0, block, dunning), position)
        original = items.original(position)
        if abs(open_amount) > abs(original) or open_amount * original < 0:
            outcome.find(
                "open-above-original", position=position, key=items.key_text(position), amount=open_amount,
                currency=items["currency"][position], document=items.key_text(position),
            )  # fmt: skip
    sights = list(seen)
    old = {sights[row[0]] for row in existing(posting, "observations", _OBSERVED, sights, [])}
    fresh = [sight for sight in sights if sight not in old]
    posting.insert(
        "observations", [*_OBSERVED, "batch_key"], [(*sight, outcome.batch_key) for sight in fresh]
    )
    outcome.stored.update(seen[sight] for sight in fresh)


def _keys_of_refused(outcome: Outcome, items: _Items, known: _Known) -> set[int]:
    """Items that the extract does show, in rows that were refused: they are not absent."""
    return {known[items.keys[at]][0] for at in outcome.refused if items.keys[at] in known}
