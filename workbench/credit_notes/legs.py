"""The two legs of a set-off (cruce): what leaves the note is what leaves the invoice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from ..money import to_text
from .pool import Pool


class SetOffs:
    """The legs made so far (rows of ``applications.APPLIED``), two an operation, summing to zero."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.legs: list[dict[str, object]] = []
        self._pairs: Counter[str] = Counter()

    def take(self, note: int, item: int, amount: int, rule: str, facts: Mapping[str, object]) -> None:
        """``amount``, positive minor units, from the note to the item; both have that much left."""
        if amount <= 0:
            return
        pool = self._pool
        credit, debt = pool.items[note], pool.items[item]
        evidence = {**facts, "amount": to_text(amount, credit["currency"])}
        names = ("credit", credit["company_id"], credit["customer_id"], credit["document_id"])
        # Told twice, or ids that two documents share: each set-off is an operation of its own.
        pair = "|".join([*names, debt["document_id"]])
        self._pairs[pair] += 1
        operation = f"{pair}|{self._pairs[pair]}"
        for document, signed in ((debt, amount), (credit, -amount)):
            pool.left[document["document_key"]] -= signed
            self.legs.append(
                {
                    "operation": operation,
                    "receipt_key": -1,
                    "receipt_id": "",
                    **{name: document[name] for name in ("company_id", "customer_id", "currency")},
                    **{name: document[name] for name in ("document_key", "document_id", "erp_open_amount")},
                    "kind": "credit_note",
                    "applied_amount": signed,
                    "effective_date": pool.as_of,
                    "rule": rule,
                    "evidence": evidence_text(evidence),
                }
            )

    def spread(self, note: int, items: list[int], rule: str, facts: Mapping[str, object]) -> None:
        """The note over these items, in their order, as far as both reach."""
        for item in items:
            room = self._pool.left[item]
            self.take(note, item, min(-self._pool.left[note], room), rule, facts)


def evidence_text(evidence: Mapping[str, object]) -> str:
    """Evidence as canonical JSON: the same facts give the same text."""
    return json.dumps(evidence, ensure_ascii=False, sort_keys=True)
