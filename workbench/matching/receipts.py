"""Receipts taken one after the other, each asked of every rule until one applies or leaves it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from ..applications import APPLIED, collect_findings, first_open_day
from ..calendar import WorkingDays
from ..exchange import OfficialRates
from ..policy import MatchingPolicy
from ..tables import REMITTANCES
from . import rules
from .advices import Advices, Payer, remittance_advice
from .amounts import by_amount
from .cleared import Cleared
from .differences import Differences, WithholdingSolver
from .findings import (
    EVIDENCE_DISAGREES,
    PAYER_NOT_PROVEN,
    PERHAPS_CLEARED,
    PERIOD_CLOSED,
    RULE_DEMOTED,
    of_applied_and_returned,
    of_rates_to_review,
    of_receipt,
    of_unapplied,
)
from .habits import Habits
from .learned import Learned
from .legs import applied_legs, left_row, suggested_legs, take
from .orders import (
    is_outside_order,
    oldest_first,
    open_of_orders,
    order_advance,
    orders_named,
    whole_order,
)
from .parties import Parties, Party, Signs
from .pool import Pool
from .proof import surest_within
from .readings import named_documents
from .results import SUGGESTED, UNAPPLIED, UNIDENTIFIED, Answer, Matched, Verdict
from .returns import returned_receipts
from .standings import Standings
from .unidentified import candidate_rows

_EPOCH = dt.date(1970, 1, 1).toordinal()
#: Customers that facts point at for whom the amount is asked.
MOST_RIVALS = 3
_CAME_BACK = Verdict(reason="cheque-returned")


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
    The effective
    date is the receipt's, but not before ``open_from``, the first open day of its company ('': of all);
    where that day is after ``as_of`` the answer is only suggested ("period-closed"). The answer does not
    depend on the order of any frame's rows.

    Boundary: a receipt dated after ``as_of`` stays unapplied ("after-cutoff"), one of the day itself is
    taken. Conservation: cash kinds applied + unapplied = received (or ``unapplied_amount``), per currency.
    ``known_by`` and advices of a payer within ``policy.advice_window_days`` working days: DOMAIN, section 2.

    Raises ``TableShapeError`` when a column lacks. Source: DOMAIN, section 3.
    """
    known = _Known(
        receipts, open_items, remittances, customers, bank_lines,
        policy=policy, as_of=as_of, open_from=open_from,
        days=working_days or WorkingDays(frozenset()), clearings=clearings,
        last_days=last_days, aliases=aliases, tolerated=tolerated, rates=rates,
        learned=learned or Learned.nothing(),
    )  # fmt: skip
    # What one answer takes, later receipts cannot: so the run is made anew where the budget forbids some.
    most_chance = policy.most_chance_permille / 1000
    while True:
        matched, chances = _match_all(known, most_chance)
        allowed = surest_within(chances, wrong_per_million=policy.wrong_per_million)
        if not chances or max(chances) <= allowed:
            return matched
        most_chance = allowed


class _Known:
    """What stands before any receipt is taken, and what every pass over them starts from."""

    def __init__(
        self,
        receipts: pd.DataFrame,
        open_items: pd.DataFrame,
        remittances: pd.DataFrame | None,
        customers: pd.DataFrame | None,
        bank_lines: pd.DataFrame | None,
        *,
        policy: MatchingPolicy,
        as_of: dt.date,
        open_from: Mapping[str, dt.date] | None,
        days: WorkingDays,
        clearings: pd.DataFrame | None,
        last_days: Mapping[int, dt.date] | None,
        aliases: pd.DataFrame | None,
        tolerated: pd.DataFrame | None,
        rates: pd.DataFrame | None,
        learned: Learned,
    ) -> None:
        self.standings, self.habits = Standings(learned.standings), Habits(learned.habits, policy)
        self.official = OfficialRates(rates)
        self.last_days, self.tolerated = last_days, tolerated
        self.withholdings = WithholdingSolver(policy.withholdings)
        self.policy, self.as_of, self.open_from, self.open_items = policy, as_of, open_from, open_items
        self.ordered = _in_order(receipts)
        self.payers = list(_payers(self.ordered))
        told = REMITTANCES.empty() if remittances is None else remittances
        self.advices = Advices(told, self.payers, window=policy.advice_window_days, days=days)
        self.parties = Parties(
            customers, open_items, learned.aliases if aliases is None else aliases, learning=policy.learning
        )
        self.signs = list(_signs(self.ordered, self.advices))
        whole = receipts.reset_index(drop=True)
        self.came_back = whole.loc[sorted(returned_receipts(whole, bank_lines, pd.Timestamp(as_of)))]
        self.cleared = Cleared(clearings, open_items, as_of)


def _match_all(known: _Known, most_chance: float) -> tuple[Matched, list[float]]:
    """One pass over all receipts; with it, of each applied one, the chance that it is wrong."""
    pool = Pool(known.open_items, known.last_days)
    differences = Differences(known.policy, known.tolerated, known.withholdings, known.official)
    returned = frozenset(known.came_back["receipt_key"].tolist())
    applied: list[dict[str, object]] = []
    suggested: list[dict[str, object]] = []
    unapplied: list[dict[str, object]] = []
    unidentified: list[dict[str, object]] = []
    chances: list[float] = []
    findings = list(of_applied_and_returned(known.came_back))
    rows = zip(known.payers, known.signs, known.ordered.to_dict("records"), strict=True)
    for payer, signs, receipt in rows:
        pool.admit(payer.date.toordinal() - _EPOCH)
        case = _case(payer, signs, pool, known.parties)
        is_returned = receipt["receipt_key"] in returned
        amounts = (payer.amount, int(receipt["received_amount"]))
        in_erp = known.cleared.near(case.company, case.party.customer_id, case.currency, amounts, payer.date)
        verdict = (
            _CAME_BACK if is_returned else _decide(case, pool, payer, known, differences, in_erp, most_chance)
        )
        effective = max(payer.date, first_open_day(known.open_from, case.company) or payer.date)
        if verdict.applied and effective > known.as_of:
            verdict = Verdict(reason=PERIOD_CLOSED, proposals=(verdict.applied,))
        if verdict.applied:
            applied.extend(applied_legs(receipt, case, verdict.applied, pool, effective))
            chances.append(verdict.chance)
            differences.note(verdict.applied, pool, effective.toordinal() - _EPOCH)
            take(verdict.applied, pool)
            continue
        suggested.extend(suggested_legs(receipt, case, verdict, pool))
        unapplied.append(left_row(receipt, case, verdict))
        unidentified.extend(
            candidate_rows(
                receipt,
                case,
                verdict,
                signs=signs,
                parties=known.parties,
                pool=pool,
                as_of=known.as_of,
                habits=known.habits,
            )
        )
        if verdict.reason == PERHAPS_CLEARED:
            findings.append(of_receipt(PERHAPS_CLEARED, unapplied[-1], clearing=in_erp))
    left = UNAPPLIED.conform(pd.DataFrame(unapplied, columns=list(UNAPPLIED.columns)))
    matched = Matched(
        applied=APPLIED.conform(pd.DataFrame(applied, columns=list(APPLIED.columns))),
        suggested=SUGGESTED.conform(pd.DataFrame(suggested, columns=list(SUGGESTED.columns))),
        unapplied=left,
        unidentified=UNIDENTIFIED.conform(pd.DataFrame(unidentified, columns=list(UNIDENTIFIED.columns))),
        findings=collect_findings(
            [*findings, *of_rates_to_review(applied), *of_unapplied(left, known.open_from)]
        ),
    )
    return matched, chances


def _in_order(receipts: pd.DataFrame) -> pd.DataFrame:
    amount = "unapplied_amount" if "unapplied_amount" in receipts.columns else "received_amount"
    left = receipts.assign(_left=receipts[amount])
    keys = ["receipt_date", "receipt_id", "company_id", "account_id", "receipt_key"]
    ordered = left[left["_left"] != 0].sort_values(keys, kind="stable").reset_index(drop=True)
    # Banks use an id again, another year or twice: a number keeps two receipts two operations.
    named = ["company_id", "account_id", "receipt_id"]
    numbers = ordered.groupby(named, sort=False).cumcount() + 1
    days = ordered["receipt_date"].dt.strftime("%Y-%m-%d")
    rows = zip(*(ordered[name] for name in named), days, numbers.astype("str"), strict=True)
    return ordered.assign(_operation=["|".join(("receipt", *row)) for row in rows])


def _payers(ordered: pd.DataFrame) -> Iterator[Payer]:
    rows = zip(
        ordered["company_id"],
        ordered["receipt_id"],
        ordered["customer_id"],
        ordered["payer_name"],
        ordered["receipt_date"].dt.date,
        ordered["currency"],
        ordered["_left"].tolist(),
        (ordered["received_amount"] - ordered["_left"]).tolist(),
        strict=True,
    )
    for row, values in enumerate(rows):
        yield Payer(row, *values)


def _signs(ordered: pd.DataFrame, advices: Advices) -> Iterator[Signs]:
    names = ["company_id", "customer_id", "text", "payer_name", "payer_tax_id", "payer_account"]
    rows = zip(ordered["receipt_date"].dt.date, *(ordered[name] for name in names), strict=True)
    for row, (day, company, given, text, name, tax_id, account) in enumerate(rows):
        told = {advice.customer for advice in advices.of(row)} if not advices.is_contested(row) else set()
        yield Signs(company, day, given, text, name, tax_id, account, told=min(told, default=""))


def _case(payer: Payer, signs: Signs, pool: Pool, parties: Parties) -> rules.Case:
    mentions = pool.references(payer.company).find(signs.text)
    orders = () if mentions else orders_named(payer.company, signs.text, pool)
    unknown = rules.Case(payer.company, payer.currency, payer.amount, Party(), mentions, signs.text, orders)
    named = frozenset(
        pool.customer[position]
        for mention in mentions
        for position in rules.living(mention.positions, unknown, pool)
    )
    named = named or frozenset(pool.customer[position] for position in open_of_orders(unknown, pool))
    return replace(unknown, party=parties.identify(signs, named))


def _decide(
    case: rules.Case,
    pool: Pool,
    payer: Payer,
    known: _Known,
    differences: Differences,
    in_erp: str,
    most_chance: float,
) -> Verdict:
    """The first rule that applies, unless an earlier one has left the receipt: then all are suggestions.

    ``in_erp``: the clearing that may have counted this cash; from the rules by amount on it speaks against.
    """
    if payer.date > known.as_of:
        return Verdict(reason="after-cutoff")
    if case.amount < 0:
        return Verdict(reason="not-cash-in")
    advices = known.advices
    told = partial(
        remittance_advice,
        advices=advices.of(payer.row),
        is_contested=advices.is_contested(payer.row),
        used=payer.used,
    )
    day = payer.date.toordinal() - _EPOCH
    weighed = partial(
        by_amount, day=day, policy=known.policy, most_chance=most_chance, differences=differences,
        habits=known.habits,
    )  # fmt: skip
    reason = EVIDENCE_DISAGREES if case.party.rivals else ""
    proposals: list[Answer] = []
    for ask in (told, named_documents, whole_order, weighed, order_advance):
        if in_erp and ask is weighed:
            reason = reason or PERHAPS_CLEARED
        if not case.party.is_fact and ask is weighed:
            reason = reason or PAYER_NOT_PROVEN
        verdict = ask(case, pool)
        verdict = verdict and differences.settle(verdict, case, pool, day, most_chance)
        verdict = differences.cross(
            verdict, ask, case, pool, day, most_chance, is_named=ask is not weighed, cleared=known.cleared
        )
        if verdict is None:
            continue
        if verdict.applied and ask is weighed and is_outside_order(verdict.applied.positions, case, pool):
            reason = reason or "order-disagrees"
        if verdict.applied and not known.standings.applies(
            verdict.applied.rule, case.company, case.party.customer_id
        ):
            reason = reason or RULE_DEMOTED
        if verdict.applied and not reason:
            return verdict
        reason = reason or verdict.reason or "rule-only-suggests"
        proposals.extend(filter(None, (verdict.applied, *verdict.proposals)))
    if case.party.rivals:
        proposals = _of_rivals(case, pool, proposals, weighed)
    is_open = {"*", case.party.customer_id} & known.policy.oldest_first and case.party.is_fact
    if not proposals and is_open and (fallback := oldest_first(case, pool)):
        proposals = [fallback]
    each: dict[tuple[object, ...], Answer] = {}
    for answer in proposals:
        each.setdefault((answer.positions, answer.deductions), answer)
    nothing = "no-match" if case.party.customer_id else "customer-unknown"
    return Verdict(reason=reason or nothing, proposals=tuple(each.values()))


def _of_rivals(
    case: rules.Case, pool: Pool, proposals: list[Answer], weighed: Callable[..., Verdict | None]
) -> list[Answer]:
    """What the amount says of each customer that a fact points at, those of exactly the amount first."""
    kinds = {clue.customer_id: clue.kind for clue in reversed(case.party.rivals)}
    for customer, kind in sorted(kinds.items())[:MOST_RIVALS]:
        verdict = weighed(replace(case, party=Party(customer, kind)), pool)
        if verdict is not None:
            proposals = [*proposals, *filter(None, (verdict.applied, *verdict.proposals))]
    return sorted(proposals, key=lambda answer: pool.total(answer.positions) != case.amount)
