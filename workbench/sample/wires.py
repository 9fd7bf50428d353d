"""Wires from abroad as treasury lists them: three months of the export customers' money, with their papers.

Some lack their exchange declaration, the newest ones most; two of long ago are past any term. A few have what
a list has: charges that do not explain what is missing, a wire of the payer's charges that came short, an
invoice that nobody knows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..money import to_text
from .customers import COMPANY
from .days import iso_texts
from .history import History
from .numbers import Numbers

WIRES = (
    "company_id,wire_id,receipt_id,customer_id,remitter,remitter_bank,value_date,bearer,sent_currency,"
    "sent_amount,currency,received_amount,charges_amount,exchange_declaration,declared_date,"
    "export_declarations,exported_date,documents"
)
BANKS = {
    "US": "CITIUS33", "PA": "BAGEPAPA", "EC": "PICHECEQ", "DE": "DEUTDEFF", "ES": "BSCHESMM",
    "CA": "ROYCCAT2",
}  # fmt: skip
MONTHS = 3
#: The term of the shipped policy is 180 days.
LONG_AGO = (203, 194)
MOST_DOCUMENTS = 6


def write_wires(
    path: Path, history: History, numbers: Numbers, receipt_ids: list[str], rng: np.random.Generator
) -> Path:
    """One row a wire of the last three months, and two of long ago that nobody has declared."""
    receipts, customers, months = history.receipts, history.customers, history.months
    is_shown = customers.is_export[receipts.customer] & (receipts.month >= months.count - MONTHS)
    is_shown &= (history.received > 0) & (receipts.kind != "returned_cheque")
    places = np.flatnonzero(is_shown)
    places = places[np.lexsort((places, receipts.day[places]))]
    luck = rng.random((len(places), 4))
    fee = _charges(history)
    paid = _invoices(history)
    days, declared_days = iso_texts(receipts.day), receipts.day + 3
    rows = [WIRES]
    for number, place in enumerate(places.tolist()):
        who, chance = int(receipts.customer[place]), luck[number].tolist()
        country = str(customers.table["country"].iloc[who])
        charges, received = int(fee[place]), int(history.received[place])
        bearer = "SHA" if charges else ("OUR" if chance[0] < 0.5 else "SHA")
        sent = received + charges
        if number % 41 == 7:
            sent += 12_00  # charges that the list does not tell
        elif number % 41 == 19 and not charges:
            bearer, charges, sent = "OUR", 25_00, received + 25_00
        # From the euro zone some send euros, and the bank on the way made dollars of them.
        is_euro = country in ("DE", "ES") and chance[0] >= 0.8
        sent_text = to_text(sent * 100 // 112, "EUR") if is_euro else to_text(sent, "USD")
        items = paid.get(place, [])[:MOST_DOCUMENTS]
        names = [numbers.reference[item] for item in items]
        exported = "" if not items else iso_texts(history.items.document_day[items[:1]] + 2)[0]
        exported = exported if exported <= days[place] else days[place]
        age = months.last - int(receipts.day[place])
        is_declared = chance[1] < (0.93 if age > 30 else 0.55)
        rows.append(
            ",".join(
                (
                    COMPANY,
                    f"{BANKS[country][:4]}{days[place][2:].replace('-', '')}{number:05d}",
                    receipt_ids[place] if chance[2] < 0.7 else "",
                    customers.ids[who] if receipts.payer[place] >= 0 else "",
                    customers.payer_names[who].replace(",", " "),
                    BANKS[country],
                    days[place],
                    bearer,
                    "EUR" if is_euro else "USD",
                    sent_text,
                    "USD",
                    to_text(received, "USD"),
                    to_text(charges, "USD"),
                    f"10-{days[place][:4]}-{40_000 + number:06d}" if is_declared else "",
                    _day(min(int(declared_days[place]), months.last)) if is_declared else "",
                    " ".join(f"6003{name[2:]}" for name in names) if chance[3] < 0.9 else "",
                    exported if chance[3] < 0.9 else "",
                    " ".join([*names, "EX9999"] if number % 53 == 11 else names),
                )
            )
        )
    rows += _long_ago(history)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    return path


def _charges(history: History) -> np.ndarray:
    """What the banks kept of each receipt."""
    kept = np.zeros(len(history.receipts), dtype=np.int64)
    is_fee = history.legs.of_kinds("fee")
    np.add.at(kept, history.legs.receipt[is_fee], history.legs.amount[is_fee])
    return kept


def _invoices(history: History) -> dict[int, list[int]]:
    """The invoices that each receipt pays, by their places."""
    legs, paid = history.legs, dict[int, list[int]]()
    is_paid = legs.of_kinds("payment") & (legs.amount > 0)
    for receipt, item in zip(legs.receipt[is_paid].tolist(), legs.item[is_paid].tolist(), strict=True):
        paid.setdefault(receipt, []).append(item)
    return paid


def _long_ago(history: History) -> list[str]:
    """Wires of customers abroad from before the history, still without a declaration."""
    customers, rows = history.customers, []
    abroad = np.flatnonzero(customers.is_export)[: len(LONG_AGO)].tolist()
    for place, (who, age) in enumerate(zip(abroad, LONG_AGO, strict=False)):
        day = _day(history.months.last - age)
        bank = BANKS[str(customers.table["country"].iloc[who])]
        wire = f"{bank[:4]}{day[2:].replace('-', '')}{90_000 + place:05d}"
        amount = to_text(7_500_00 + place * 1_250_00, "USD")
        rows.append(
            f"{COMPANY},{wire},,{customers.ids[who]},{customers.payer_names[who].replace(',', ' ')},{bank},"
            f"{day},SHA,USD,{amount},USD,{amount},0.00,,,,,"
        )
    return rows


def _day(number: int) -> str:
    return iso_texts(np.array([number]))[0]
