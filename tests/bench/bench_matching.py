"""Real payments matched by amounts and dates only: how many are right, how many wrong, as the budget moves.

``python tests/bench/bench_matching.py [--seed N] [--most N] [--shared DIR]``

HighRadius' paid items, grouped by customer and day as they were paid (``payments_truth.csv``): each document
is in the pool from its invoice date to 0–5 days after it was paid, and one receipt in ten is spoiled, its
amount lowered by 0.1–3 %, so that no exact answer to it is right. All of it goes through ``workbench match``.
"""

from __future__ import annotations

import argparse
import collections
import csv
import datetime as dt
import json
import os
import random
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from calibration import Judged, show_calibration

from workbench import replays
from workbench.policy import MatchingPolicy

BUDGETS = (10, 100, 500, 1000, 2000, 5000)
SIZES = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, 10**6))
POOLS = ((1, 5), (6, 15), (16, 30), (31, 60), (61, 200), (201, 10**6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20261)
    parser.add_argument("--most", type=int, default=0, help="only so many receipts, 0: all")
    parser.add_argument("--shared", type=Path, default=os.environ.get("WORKBENCH_SHARED") or "../shared")
    parser.add_argument("--budgets", type=int, nargs="*", default=[1000])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(chosen.shared) / "data" / "highradius", chosen.seed, chosen.most)
        world.write(Path(folder))
        for budget in chosen.budgets or BUDGETS:
            started = time.process_time()
            out = Path(folder) / f"out-{budget}"
            policy = MatchingPolicy(wrong_per_million=budget)
            replays.match_files(
                Path(folder) / "open.csv", Path(folder) / "receipts.csv", policy=policy, out=out
            )
            seconds = time.process_time() - started
            print(f"\nbudget {budget} wrong in a million applied; {seconds:.1f} CPU s")
            world.judge(out)


class World:
    """The documents, the receipts and which of them are spoiled; ``judge`` reads what came out."""

    def __init__(self, data: Path, seed: int, most: int) -> None:
        draw = random.Random(seed)
        self.documents: dict[tuple[str, str], dict[str, object]] = {}
        seen = set()
        for row in read(data / "closed_items.csv"):
            if row["Invoice ID"] and tuple(row.values()) not in seen:
                seen.add(tuple(row.values()))
                self._add(
                    row["cust_number_reconstructed"], row["Invoice ID"], row["Business Code"],
                    row["Currency"], row["Invoice Amount ($)"], day(row["Invoice Date"]),
                    day(row["Due Date"]), day(row["Payment Date"]) + dt.timedelta(days=draw.randint(0, 5)),
                )  # fmt: skip
        for row in read(data / "open_items.csv"):
            customer = row["cust_number"].strip()
            self._add(
                customer.zfill(10) if customer.isdigit() else customer, row["doc_id"].removesuffix(".0"),
                row["business_code"], row["invoice_currency"], row["total_open_amount"],
                day(row["posting_date"]), day(row["due_in_date"]), None,
            )  # fmt: skip
        self.receipts = []
        for row in read(data / "payments_truth.csv"):
            amount = round(Decimal(row["amount"]) * 100)
            is_spoiled = draw.random() < 0.1
            if is_spoiled:
                amount = round(amount * (1 - draw.uniform(0.001, 0.03)))
            self.receipts.append({**row, "minor": amount, "is_spoiled": is_spoiled})
        self.receipts = self.receipts[:most] if most else self.receipts

    def _add(self, customer: str, number: str, company: str, currency: str, amount: str,
             issued: dt.date, due: dt.date, closed: dt.date | None) -> None:  # fmt: skip
        self.documents.setdefault(
            (customer, number),
            {
                "customer_id": customer, "document_id": number, "document_type": "INV",
                "document_date": issued, "due_date": due, "currency": currency,
                "amount": f"{Decimal(amount):.2f}", "company_id": company, "closed_date": closed or "",
            },
        )  # fmt: skip

    def write(self, folder: Path) -> None:
        rows = list(self.documents.values())
        with (folder / "open.csv").open("w", newline="") as stream:
            table = csv.DictWriter(stream, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
        with (folder / "receipts.csv").open("w", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["receipt_id", "receipt_date", "currency", "amount", "customer_id", "company_id"])
            for one in self.receipts:
                table.writerow(
                    [one["payment_id"], one["clear_date"], one["currency"], f"{one['minor'] / 100:.2f}",
                     one["customer"], one["business_code"]]
                )  # fmt: skip

    def judge(self, out: Path) -> None:
        taken = collections.defaultdict(list)
        sure: dict[str, tuple[str, float]] = {}
        for row in read(out / "applied.csv"):
            taken[row["receipt_id"]].append(row["document_id"])
            sure[row["receipt_id"]] = (row["rule"], float(json.loads(row["evidence"]).get("chance", 0)))
        shown = collections.defaultdict(lambda: collections.defaultdict(list))
        for row in read(out / "suggestions.csv"):
            shown[row["receipt_id"]][int(row["proposal"])].append(row["document_id"])
        judged = []
        by_size, by_pool, whole = (collections.defaultdict(collections.Counter) for _ in range(3))
        for one in self.receipts:
            verdict = self._verdict(one, taken.get(one["payment_id"]), shown.get(one["payment_id"], {}))
            of = "spoiled" if one["is_spoiled"] else "unspoiled"
            whole[of][verdict] += 1
            if one["payment_id"] in sure:
                judged.append(Judged(*sure[one["payment_id"]], verdict == "wrong"))
            if not one["is_spoiled"]:
                by_size[band(int(one["n_items"]), SIZES)][verdict] += 1
                by_pool[band(int(one["n_open"]), POOLS)][verdict] += 1
        clean, spoiled = whole["unspoiled"], whole["spoiled"]
        right = clean["right"] + clean["right in money"]
        wrong = clean["wrong"] + sum(spoiled[name] for name in ("right", "right in money", "wrong"))
        print(json.dumps({"unspoiled": clean, "spoiled": spoiled}, indent=1))
        print(f"automatic and right {right / max(sum(clean.values()), 1):.2%} of the unspoiled, exactly the"
              f" documents {clean['right'] / max(sum(clean.values()), 1):.2%};"
              f" wrong {wrong} = {wrong / max(right + wrong, 1):.3%} of the applied")  # fmt: skip
        show_calibration(judged)
        for title, table in (("items", by_size), ("open", by_pool)):
            for name, counts in sorted(table.items()):
                print(f"  {title} {name[0]}-{name[1]}: {dict(counts)}")

    def _verdict(self, one: dict[str, object], taken: list[str] | None, shown: dict[int, list[str]]) -> str:
        customer = str(one["customer"])
        truth = sorted(str(one["doc_ids"]).replace(";", " ").replace("|", " ").split())
        money = sorted(self._amount(customer, number) for number in truth)
        if taken is not None:
            if one["is_spoiled"]:
                return "wrong"
            if sorted(taken) == truth:
                return "right"
            return "right in money" if sorted(self._amount(customer, n) for n in taken) == money else "wrong"
        ranked = [sorted(shown[number]) for number in sorted(shown)]
        if truth in ranked[:1]:
            return "suggested first"
        if truth in ranked[:3]:
            return "suggested among three"
        return "suggested otherwise" if ranked else "left"

    def _amount(self, customer: str, number: str) -> str:
        return str(self.documents[(customer, number)]["amount"])


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def day(text: str) -> dt.date:
    form = "%Y-%m-%d" if text[:4].isdigit() else "%d-%b-%Y"
    return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()


def band(count: int, bands: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    return next((low, high) for low, high in bands if low <= count <= high) if count else (0, 0)


if __name__ == "__main__":
    main()
