"""How documents are called: numbers of the ERP, references as printed, ids as the book shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .customers import Customers, Ints
from .items import Items

#: Document class → first number of its range and prefix of what is printed.
RANGES = {
    "RV": (1_800_000_001, "FE"),
    "ND": (1_900_000_001, "ND"),
    "DG": (1_600_000_001, "NC"),
    "DZ": (1_400_000_001, ""),
}
EXPORT_PREFIX = "EX"
FIRST_PRINTED = {"FE": 10_001, "EX": 5_001, "ND": 501, "NC": 2_001}


@dataclass(frozen=True)
class Numbers:
    """One place an item."""

    number: list[str]
    year: list[str]
    item: list[str]
    reference: list[str]  # FE10234; "" for payments
    document_id: list[str]  # number/year/item, as the book shows it


def number_documents(items: Items, customers: Customers) -> Numbers:
    """Numbers in the order of document days, a range a class; the items of a document share one."""
    groups, first, of_group = np.unique(items.group, return_index=True, return_inverse=True)
    order = np.argsort(items.document_day[first], kind="stable")
    serial = np.zeros(len(groups), dtype=np.int64)
    printed = np.zeros(len(groups), dtype=np.int64)
    prefix = np.full(len(groups), "", dtype="U2")
    for document_type, (start, mark) in RANGES.items():
        of_type = items.document_type[first] == document_type
        serial[order[of_type[order]]] = start + np.arange(of_type.sum())
        prefix[of_type] = mark
    prefix[(prefix == "FE") & customers.is_export[items.customer[first]]] = EXPORT_PREFIX
    for mark, start in FIRST_PRINTED.items():
        printed[order[(prefix == mark)[order]]] = start + np.arange((prefix == mark).sum())
    number = [str(value) for value in serial[of_group].tolist()]
    year = (
        items.document_day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    ).astype(str)
    item = [f"{value:03d}" for value in items.item.tolist()]
    reference = [
        f"{mark}{value}" if mark else ""
        for mark, value in zip(prefix[of_group].tolist(), printed[of_group].tolist(), strict=True)
    ]
    ids = ["/".join(parts) for parts in zip(number, year.tolist(), item, strict=True)]
    return Numbers(number, year.tolist(), item, reference, ids)


def clearing_numbers(items: Items, numbers: Numbers) -> list[str]:
    """The clearing document of each item, ``""`` while open: the payment that cleared it."""
    payment: dict[int, str] = {}
    is_payment: Ints = np.flatnonzero((items.document_type == "DZ") & (items.clearing >= 0))
    for place in is_payment.tolist():
        payment[int(items.clearing[place])] = numbers.number[place]
    return [payment[receipt] if receipt >= 0 else "" for receipt in items.clearing.tolist()]
