"""All receipts matched: parted, decided, held to the budget of the run, and what is left asked once more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from ..applications import APPLIED, collect_findings, within_what_is_open
from ..calendar import WorkingDays
from ..policy import MatchingPolicy
from ..tables import REMITTANCES, Table
from .advices import Advices
from .cleared import Cleared
from .executors import Executor, InOneProcess
from .findings import of_applied_and_returned, of_rates_to_review, of_unapplied
from .habits import Habits
from .learned import Learned
from .links import link_receipts
from .parties import Parties
from .partitions import Known, Partitions
from .proof import surest_within
from .receipts import Decided, decide_receipts, payers_of, signs_of
from .results import SUGGESTED, UNAPPLIED, Matched
from .returns import returned_receipts
from .standings import Standings
from .unidentified import ask_last

#: Receipts done, and all of this pass.
Progress = Callable[[int, int], None]


def match_receipts(
    receipts: pd.DataFrame,
    open_items: pd.DataFrame,
    remittances: pd.DataFrame | None = None,
    customers: pd.DataFrame | None = None,
    bank_lines: pd.DataFrame | None = None,
    *,
    policy: MatchingPolicy,
    as_of: dt.date,
    open_from: Mapping[str, dt.date] | None = None,
    working_days: WorkingDays | None = None,
    clearings: pd.DataFrame | None = None,
    last_days: Mapping[int, dt.date] | None = None,
    aliases: pd.DataFrame | None = None,
    tolerated: pd.DataFrame | None = None,
    rates: pd.DataFrame | None = None,
    learned: Learned | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Matched:
    """What each receipt pays, where exact facts leave one answer; every answer, where they leave several.

    ``receipts``: ``tables.RECEIPTS``, positive when money came in; with a column ``unapplied_amount`` (as
    ``ledger.unapplied_receipts`` gives it) only that much is left to apply. ``open_items``:
    ``tables.OPEN_ITEMS`` as of ``as_of``; settled ones (open 0) help to recognise a second payment.
    ``remittances``, ``customers``, ``bank_lines``: tables of those names, for advices, for tax ids and
    accounts, and for returned cheques, whose deposits pay nothing ("cheque-returned"); where one was
    applied before it came back, an error says so and nothing is reversed. ``clearings``: of the ERP
    (``tables.CLEARINGS``) on ``open_items``, settled ones among them; a receipt that one of them may have
    counted already is not applied by its amount alone ("receipt-perhaps-cleared"). ``last_days``: by document
    key, until when a document may be taken, for months matched again; only the pool is told. ``aliases``:
    ``tables.ALIASES``, approved by people: words that mean a customer, and who pays for whom.
    ``learned``: aliases with their counts, demoted rules, which only suggest, and habits, which rank
    suggestions (``matching.learn``).

    By amount alone an answer is applied while the chance that it is wrong, summed over the run, stays within
    ``policy.wrong_per_million`` of what is applied, the surest first (``proof``). Receipts are taken in the
    order (receipt_date, receipt_id) and what one has taken is gone for the next;
    a document dated after the receipt, of another company or currency, with a special G/L indicator or a
    payment block is no candidate. Whole items only: a part, a difference or a doubt is a suggestion, which
    takes nothing; a difference is applied only where withholdings, terms or the policy explain it
    (``differences``; ``tolerated``: what tolerances took before, ``differences.TOLERATED``). Documents of
    another currency are settled by an exchange (``differences.crossing``; ``rates``: ``tables.RATES``).
    The effective date is the receipt's, but not before ``open_from``, the first open day of its company
    ('': of all); where that day is after ``as_of`` the answer is only suggested ("period-closed"). The answer
    does not depend on the order of any frame's rows, nor on how the receipts are parted (``partitions``):
    those that may look at documents of the same customers are decided together, by ``executor`` (default:
    here), and ``progress`` is told how many of how many are done. A receipt of nobody known takes nothing, so
    its amount is asked last, of what all others have left.

    Boundary: a receipt dated after ``as_of`` stays unapplied ("after-cutoff"), one of the day itself is
    taken. Conservation: cash kinds applied + unapplied = received (or ``unapplied_amount``), per currency.
    ``known_by`` and advices of a payer within ``policy.advice_window_days`` working days: DOMAIN, section 2.

    Raises ``TableShapeError`` when a column lacks. Source: DOMAIN, section 3.
    """
    learned = learned or Learned.nothing()
    days = working_days or WorkingDays(frozenset())
    ordered = _in_order(receipts)
    told = REMITTANCES.empty() if remittances is None else remittances
    payers = payers_of(ordered) if len(told) else iter(())
    advices = Advices(told, payers, window=policy.advice_window_days, days=days)
    whole = receipts.reset_index(drop=True)
    came_back = whole.loc[sorted(returned_receipts(whole, bank_lines, pd.Timestamp(as_of)))]
    known = Known(
        ordered=ordered,
        open_items=open_items.reset_index(drop=True),
        signs=list(signs_of(ordered, advices)),
        advices=advices,
        parties=Parties(
            customers, open_items, learned.aliases if aliases is None else aliases, learning=policy.learning
        ),
        cleared=Cleared(clearings, open_items, as_of),
        returned=frozenset(came_back["receipt_key"].tolist()),
        last_days=last_days or {},
        tolerated=tolerated,
        rates=rates,
        standings=Standings(learned.standings),
        habits=Habits(learned.habits, policy),
        policy=policy,
        as_of=as_of,
        open_from=open_from,
    )
    linked = link_receipts(ordered, known.open_items, known.signs, known.parties, advices)
    decided = _within_budget(Partitions(known, linked), policy, executor or InOneProcess(), progress)
    applied = _joined(APPLIED, [one.applied for one in decided])
    suggested = _joined(SUGGESTED, [one.suggested for one in decided])
    left = _joined(UNAPPLIED, [one.unapplied for one in decided])
    unknown = sorted((one for part in decided for one in part.unknown), key=lambda one: one.row)
    asked = ask_last(unknown, known, applied, suggested)
    noted = sorted((one for part in decided for one in part.findings), key=lambda one: one[0])
    findings = [*of_applied_and_returned(came_back), *(found for _, found in noted)]
    findings.extend(of_rates_to_review(applied[applied["kind"].eq("withholding")].to_dict("records")))
    offered = _still_offered(_joined(SUGGESTED, [suggested, asked.suggested]), applied, open_items)
    answers = offered.groupby("receipt_key")["proposal"].max()
    left = left.assign(rivals=left["receipt_key"].map(answers).fillna(0).astype("int64"))
    left = UNAPPLIED.conform(left)
    return Matched(
        applied=APPLIED.conform(applied),
        suggested=SUGGESTED.conform(offered),
        unapplied=left,
        unidentified=asked.candidates,
        findings=collect_findings([*findings, *of_unapplied(left, open_from)]),
    )


def _within_budget(
    partitions: Partitions, policy: MatchingPolicy, executor: Executor, progress: Progress | None
) -> list[Decided]:
    """What came of each partition, no answer less sure than the budget of the whole run allows."""
    decided: dict[int, Decided] = {}
    todo = list(range(len(partitions)))
    most_chance = policy.most_chance_permille / 1000
    while True:
        whole, done = sum(map(partitions.size, todo)), 0
        tasks = ((number, partitions.make(number)) for number in todo)
        for number, one in executor.results(partial(decide_receipts, most_chance=most_chance), tasks):
            decided[number] = one
            done += partitions.size(number)
            if progress:
                progress(done, whole)
        chances = [chance for one in decided.values() for chance in one.chances]
        allowed = surest_within(chances, wrong_per_million=policy.wrong_per_million)
        # What one answer takes, later receipts cannot: where the budget forbids some, their part is decided
        # anew; in the others the same would come out.
        todo = [number for number, one in sorted(decided.items()) if max(one.chances, default=-1.0) > allowed]
        if not todo:
            return [decided[number] for number in sorted(decided)]
        most_chance = allowed


def _still_offered(suggested: pd.DataFrame, applied: pd.DataFrame, open_items: pd.DataFrame) -> pd.DataFrame:
    """What the run has not given to another receipt, later taken but surer; proposals numbered from 1."""
    taken = applied.groupby("document_key")["applied_amount"].sum()
    own = open_items[open_items["document_key"].isin(suggested["document_key"])]
    room = own.set_index("document_key")["open_amount"].sub(taken, fill_value=0).astype("int64").to_dict()
    offered = within_what_is_open(suggested, room)
    if len(offered) == len(suggested):
        return suggested
    numbers = offered.groupby("receipt_key")["proposal"].rank(method="dense").astype("int64")
    return offered.assign(proposal=numbers, rank=numbers)


def _joined(table: Table, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all partitions in the order of their receipts (``_row``)."""
    some = [frame for frame in frames if len(frame)]
    if not some:
        return table.empty().assign(_row=pd.Series(dtype="int64"))
    return pd.concat(some).sort_values("_row", kind="stable", ignore_index=True)


def _in_order(receipts: pd.DataFrame) -> pd.DataFrame:
    amount = "unapplied_amount" if "unapplied_amount" in receipts.columns else "received_amount"
    left = receipts.assign(_left=receipts[amount])
    keys = ["receipt_date", "receipt_id", "company_id", "account_id", "receipt_key"]
    ordered = left[left["_left"] != 0].sort_values(keys, kind="stable").reset_index(drop=True)
    # Banks use an id again, another year or twice: a number keeps two receipts two operations.
    named = ["company_id", "account_id", "receipt_id"]
    numbers = ordered.groupby(named, sort=False).cumcount() + 1
    days = ordered["receipt_date"].dt.strftime("%Y-%m-%d")
    rows = zip(
        *(ordered[name].tolist() for name in named), days.tolist(), map(str, numbers.tolist()), strict=True
    )
    return ordered.assign(_operation=["|".join(("receipt", *row)) for row in rows])
