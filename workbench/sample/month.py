"""One month of receipts as files for ``workbench match``, with the truth beside them: no book, no bank files.

The same made-up company as ``make_sample``, of any size: whoever wants to know how well a policy or another
tool matches takes fifty thousand receipts and compares what came out with ``truth.csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..calendar import Period
from ..money import to_text
from .bank_files import payer
from .bank_text import deposit_texts
from .customers import COMPANY
from .days import NO_DAY, Months, iso_texts
from .history import History, make_history
from .numbers import Numbers, number_documents
from .shape import WORKLOAD, Shape
from .truth import write_truth

OPEN_ITEMS = (
    "company_id", "customer_id", "document_id", "document_type", "document_date", "due_date", "currency",
    "amount", "taxable_base", "tax", "reference", "payment_terms",
)  # fmt: skip
RECEIPTS = (
    "receipt_id", "receipt_date", "currency", "amount", "company_id", "customer_id", "text", "payer_name",
    "payer_tax_id", "payer_account",
)  # fmt: skip


@dataclass(frozen=True)
class MonthFiles:
    """``open_items`` and ``receipts`` as ``workbench match`` takes them; ``truth`` as the sample's
    ``truth.csv``; ``kinds``: one row a receipt, what sort it is (``shape.MIX``)."""

    open_items: Path
    receipts: Path
    truth: Path
    kinds: Path


def make_month(
    out: Path,
    *,
    receipts: int = 50_000,
    seed: int = 20261,
    through: str = "2026-10",
    shape: Shape = WORKLOAD,
) -> MonthFiles:
    """About so many receipts of the month ``through``, and every item that was open in it, into ``out``.

    The customer of a receipt is who paid. Cheques that come back are left out: only a bank file tells of
    them. The same arguments give the same bytes.
    """
    months = Months(Period.parse(through), 2)
    customers = max(1, round(receipts / shape.receipts_a_month))
    history = make_history(customers, months, shape, seed)
    numbers = number_documents(history.items, history.customers)
    references, texts = deposit_texts(
        history, numbers, np.random.default_rng(np.random.SeedSequence([seed, 2]))
    )
    receipt_ids = [f"R{place:08d}" for place in range(len(history.receipts))]
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "open_items.csv", OPEN_ITEMS, _open_items(history, numbers))
    said = [" ".join(filter(None, both)) for both in zip(references, texts, strict=True)]
    _write(out / "receipts.csv", RECEIPTS, _receipts(history, receipt_ids, said))
    truth, kinds, _ = write_truth(out, history, numbers, receipt_ids)
    return MonthFiles(out / "open_items.csv", out / "receipts.csv", truth, kinds)


def _open_items(history: History, numbers: Numbers) -> Iterator[tuple[str, ...]]:
    items, customers = history.items, history.customers
    ids, currencies = customers.ids, customers.currency.tolist()
    issued, due = iso_texts(items.document_day), iso_texts(items.due_day)
    places = np.flatnonzero(items.clearing_day == NO_DAY)
    for place in places[np.argsort(items.customer[places], kind="stable")].tolist():
        who = int(items.customer[place])
        currency = currencies[who]
        amounts = (int(items.amount[place]), int(items.base[place]), int(items.tax[place]))
        amount, base, tax = (to_text(each, currency) for each in amounts)
        yield (
            COMPANY, ids[who], numbers.document_id[place], str(items.document_type[place]), issued[place],
            due[place], currency, amount, base, tax, numbers.reference[place], f"Z{customers.terms[who]:03d}",
        )  # fmt: skip


def _receipts(history: History, receipt_ids: list[str], texts: list[str]) -> Iterator[tuple[str, ...]]:
    receipts, customers = history.receipts, history.customers
    ids, currencies = customers.ids, customers.currency.tolist()
    days = iso_texts(receipts.day)
    is_shown = history.is_for_import & (receipts.kind != "returned_cheque")
    for place in np.flatnonzero(is_shown).tolist():
        who = int(receipts.payer[place])
        tax_id, name, account = payer(history, place)
        currency = currencies[int(receipts.customer[place])]
        yield (
            receipt_ids[place], days[place], currency, to_text(int(history.received[place]), currency),
            COMPANY, ids[who] if who >= 0 else "", texts[place], name, tax_id, account,
        )  # fmt: skip


def _write(path: Path, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(headings)
        table.writerows(rows)
