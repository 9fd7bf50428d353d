"""Each credit note asked of every rule, the surest first, until one proves its invoice or it is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from ..applications import APPLIED, collect_findings
from ..policy import CreditNotePolicy
from .debit_notes import take_debit_notes
from .disputes import Disputes
from .findings import of_left
from .legs import SetOffs
from .offers import offers_of, with_sharing
from .old_credits import ACTIONS
from .pool import Pool
from .promised import Promise, evidence_of, read_promises
from .proofs import summarise_customers
from .results import SUGGESTED, UNAPPLIED, Matched
from .rules import NAMED, SURROUNDING, Clue, Rule
from .told import Advised, take_advices, take_allocations, taken_advices

#: One of these leaves no room for a weaker rule to act by itself: the note says more than it fits.
_FINAL = ("credit-invoice-not-open", "credit-exceeds-invoice", "credit-advised-with-payment")


def match_credit_notes(
    open_items: pd.DataFrame,
    allocations: pd.DataFrame | None = None,
    remittances: pd.DataFrame | None = None,
    claims: pd.DataFrame | None = None,
    notes: pd.DataFrame | None = None,
    in_force: pd.DataFrame | None = None,
    *,
    decisions: pd.DataFrame | None = None,
    as_of: dt.date,
    open_from: Mapping[str, dt.date] | None = None,
    policy: CreditNotePolicy | None = None,
    period_start: dt.date | None = None,
) -> Matched:
    """What each credit note takes off its invoice, where something proves which one it is; else suggestions.

    ``open_items``: ``tables.OPEN_ITEMS`` as of ``as_of``, settled ones too, so that a note which states one
    is not given to another of a like number; credit notes negative. In this order: what a
    person told (``allocations``: ``ALLOCATIONS``, never beyond what is open); debit notes that state the
    credit note they take back; the document that a note states (``reference_document_id``, else its own
    ``reference``), up to the smaller of both; accounts that a customer nets itself (``remittances`` whose
    lines sum to nothing); a document of its text that owes just that; its order, where one document has it
    and the note fits; one whole invoice of the same amount, where an accident is rarer than
    ``policy.wrong_per_million``. Centre and age only suggest, and all that is ambiguous, with every rival.
    Within a rule, notes by (document_date, document_id); instalments of one document, the oldest due first.

    Never across company, customer or currency. Items with a special G/L indicator or payment block take no
    part, nor do documents dated after ``as_of``; an invoice in dispute (``claims``) only by a note that
    names it, unless both causes are known and differ (``notes`` say why a note was issued).

    Both legs carry one ``operation`` and must be posted and reversed together; Σ on invoices + Σ on credit
    notes = 0 per currency. Effective on ``as_of``; where that day is before ``open_from``, the first open day
    of the company ('': of all), what is proven is only suggested ("period-closed") and what was told is
    refused. The order of rows does not matter, and a second run on what is left finds nothing; an advice is
    taken once, so ``in_force`` (``tables.APPLICATIONS`` not reversed) says which were. Notes dated from
    ``period_start`` are new in the summary. ``decisions`` (``book.read.DECISIONS``) say who promised a note
    elsewhere, which ``hold_promised`` has blocked. Amounts in minor units. Source: DOMAIN, section 5.
    """
    policy = policy or CreditNotePolicy()
    disputes = Disputes(claims, notes, as_of)
    pool = Pool(open_items, as_of=as_of, open_from=open_from or {}, disputes=disputes)
    made = SetOffs(pool)
    findings = list(take_allocations(allocations, pool, made))
    take_debit_notes(pool, made)
    promised = {} if decisions is None else read_promises(open_items, decisions, as_of=as_of)
    run = _Run(pool, made, policy, promised)
    run.ask(NAMED)
    findings += take_advices(remittances, pool, made, run.advised, taken_advices(in_force, open_items))
    run.ask(SURROUNDING)
    suggested, left = run.leave()
    unapplied = UNAPPLIED.conform(pd.DataFrame(left, columns=list(UNAPPLIED.columns)))
    return Matched(
        applied=APPLIED.conform(pd.DataFrame(made.legs, columns=list(APPLIED.columns))),
        suggested=SUGGESTED.conform(pd.DataFrame(suggested, columns=list(SUGGESTED.columns))),
        unapplied=unapplied,
        summarised=summarise_customers(open_items, pool, unapplied, period_start=period_start),
        findings=collect_findings([*findings, *of_left(unapplied, pool)]),
    )


class _Run:
    """Rule after rule over all notes, so that what is surer is served first."""

    def __init__(
        self, pool: Pool, made: SetOffs, policy: CreditNotePolicy, promised: dict[int, Promise]
    ) -> None:
        self._pool, self._made, self._policy, self._promised = pool, made, policy, promised
        self._order = pool.notes_frame["document_key"].tolist()
        self._reason: dict[int, str] = {}
        self._seen: dict[int, list[Clue]] = {}
        self.advised: dict[int, Advised] = {}

    def ask(self, rules: tuple[Rule, ...]) -> None:
        pool = self._pool
        for rule in rules:
            for key in self._order:
                if not pool.left[key] or key not in pool.usable:
                    continue
                clue = rule(pool, key, self._policy)
                if clue is None:
                    continue
                doubt = clue.doubt or self._objection(key, clue)
                if not doubt:
                    (document,) = clue.rivals
                    self._made.spread(key, list(document), clue.rule, clue.facts)
                    doubt = "credit-exceeds-invoice"
                # That a rule only suggests says less than whatever else was in the way.
                if self._reason.get(key, "rule-only-suggests") == "rule-only-suggests":
                    self._reason[key] = doubt
                self._seen.setdefault(key, []).append(clue)

    def _objection(self, key: int, clue: Clue) -> str:
        """Why a proven document is not taken: its day, or what was seen before."""
        if self._pool.is_closed(self._pool.items[key]["company_id"]):
            return "period-closed"
        if key in self.advised:
            return "credit-advised-with-payment"
        if self._reason.get(key) in _FINAL:
            return self._reason[key]
        (document,) = clue.rivals
        disagrees = any(not set(document) <= one.found for one in self._seen.get(key, ()))
        return "credit-evidence-disagrees" if disagrees else ""

    def leave(self) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """Suggestions and what is left, note by note."""
        pool = self._pool
        suggested: list[dict[str, object]] = []
        left: list[dict[str, object]] = []
        for key in self._order:
            if not pool.left[key]:
                continue
            clues: list[Clue] = []
            if key in pool.usable:
                asked = (rule(pool, key, self._policy) for rule in (*NAMED, *SURROUNDING))
                clues = [clue for clue in asked if clue is not None]
            offered = offers_of(pool, key, clues, self.advised.get(key))
            suggested.extend(offered)
            reason = self._why_left(key)
            told = evidence_of(self._promised.get(key)) if reason == "credit-promised" else ""
            left.append({**_left_row(pool, key, reason, offered), "evidence": told})
        return with_sharing(suggested), left

    def _why_left(self, key: int) -> str:
        if key not in self._pool.usable:
            block = self._pool.items[key]["payment_block"]
            return "credit-promised" if block in ACTIONS[1:] else "credit-blocked"
        if key in self.advised:
            return "credit-advised-with-payment"
        reason = self._reason.get(key, "")
        # That it could be the oldest debt's, or one of a centre's, says nothing of what it is for.
        return "credit-without-reference" if reason in ("", "rule-only-suggests") else reason


def _left_row(pool: Pool, key: int, reason: str, offered: list[dict[str, object]]) -> dict[str, object]:
    note = pool.items[key]
    names = ("document_key", "document_id", "company_id", "customer_id", "currency", "document_date")
    day = note["document_date"]
    return {
        **{name: note[name] for name in names},
        "age_days": 0 if pd.isna(day) else (pd.Timestamp(pool.as_of) - day).days,
        "unapplied_amount": pool.left[key],
        "reason": reason,
        "rivals": len({offer["proposal"] for offer in offered}),
    }
