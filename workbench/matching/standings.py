"""How often each rule was right, by what people did with it, and whether it may still apply by itself.

A rule with proof applies from the first day and can only be demoted; it is measured by what it claimed, that
is by what it applied: undone by a person, or standing for so many days. What it only suggested it had itself
called doubtful, so that is shown and moves nothing. A rule without proof (policy's fallbacks) is measured by
what it suggested, and applies once enough of it was accepted. Undoing a whole run is no word on its rules.
Source: DOMAIN, section 3; ``policy.LearningPolicy`` for the figures.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from ..policy import LearningPolicy
from ..tables import Table
from .aliases import is_proven
from .learned_aliases import known_by, undone_decisions

#: Rules that rest on what the policy says of a customer and on no proof.
WITHOUT_PROOF = frozenset({"oldest-first"})
APPLIES, SUGGESTS = "applies", "suggests"
#: So many must have been undone before a rule is demoted.
LEAST_AGAINST = 2

#: One row a rule and claim over all customers, and one for each customer with enough decisions of its own.
STANDINGS = Table(
    "rule_standings",
    ("rule", "claim", "company_id", "customer_id"),
    {
        "rule": "text",
        "claim": "text",  # applied, suggested: what the decisions are on
        "company_id": "text",  # '' over all
        "customer_id": "text",
        "has_proof": "flag",
        "decided": "integer",
        "agreed": "integer",
        "precision_permille": "integer",  # agreed of a thousand decided, rounded down; 0 where none is
        "standing": "text",  # applies, suggests; '' where this claim decides nothing
        "since": "date",  # the day (UTC) of the decision that brought it there; empty: from the first day
        "why": "text",  # words in learning.po
    },
)

AGREED, AGAINST, PENDING = "agreed", "against", "pending"
#: Decisions that take a proposal as it is; the last two say what becomes of what it leaves unpaid.
_TAKEN = frozenset({"accept", "partial", "residual"})

#: One row a claim of a rule and what came of it.
CLAIMS = Table(
    "rule_claims",
    ("operation_id", "rule", "claim"),
    {
        "operation_id": "text",
        "rule": "text",
        "claim": "text",
        "company_id": "text",
        "customer_id": "text",
        "outcome": "text",  # agreed, against, or pending: applied, and neither undone nor long enough ago
        "made_at": "instant",
        "recorded_at": "instant",  # when it was undone or decided, or had stood long enough; else made
    },
)


def claims_of_rules(
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    decisions: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    policy: LearningPolicy,
    known_at: pd.Timestamp,
) -> pd.DataFrame:
    """What was claimed in the last months and how it ended (``CLAIMS``), as known then.

    Tables of those names, ``decisions`` as ``book.read`` gives them. Receipts only: setting off credit notes
    has rules of its own. The order of rows does not matter, and the same row twice is one.
    """
    applied = known_by(applications, known_at).drop_duplicates("application_id")
    undone = known_by(reversals, known_at).drop_duplicates("application_id")
    rows = [
        *_of_applied(applied, undone, documents, policy, known_at),
        *_of_suggested(known_by(decisions, known_at), undone_decisions(applied, undone)),
    ]
    claims = CLAIMS.conform(pd.DataFrame(rows, columns=list(CLAIMS.columns)))
    first = known_at - pd.DateOffset(months=policy.months)
    claims = claims[claims["recorded_at"] > first].drop_duplicates(list(CLAIMS.key))
    return claims.sort_values(["recorded_at", *CLAIMS.key], ignore_index=True)


def measure_rules(claims: pd.DataFrame, *, policy: LearningPolicy) -> pd.DataFrame:
    """The table of rules (``STANDINGS``): decided, agreed, precision, whether it applies, since when, why."""
    groups: dict[tuple[str, str, str, str], list[_Claim]] = defaultdict(list)
    for one in CLAIMS.conform(claims).sort_values(["recorded_at", *CLAIMS.key]).to_dict("records"):
        said = _Claim(one["outcome"], one["made_at"], one["recorded_at"])
        groups[one["rule"], one["claim"], "", ""].append(said)
        if one["customer_id"]:
            groups[one["rule"], one["claim"], one["company_id"], one["customer_id"]].append(said)
    rows = [
        _standing(key, said, policy)
        for key, said in sorted(groups.items())
        if not key[3] or sum(one.outcome != PENDING for one in said) >= policy.decisions
    ]
    return STANDINGS.conform(pd.DataFrame(rows, columns=list(STANDINGS.columns)))


class Standings:
    """Whether a rule may apply by itself for a customer: by its own record where it has one, else by all."""

    def __init__(self, standings: pd.DataFrame | None = None) -> None:
        self._of: dict[tuple[str, str, str], str] = {}
        if standings is None:
            return
        names = ("rule", "company_id", "customer_id", "standing")
        for rule, company, customer, standing in zip(*(standings[name] for name in names), strict=True):
            if standing:
                self._of[rule, company, customer] = standing

    def applies(self, rule: str, company: str, customer: str) -> bool:
        """A rule that nobody measured applies where it has proof, and only suggests where it has none."""
        overall = self._of.get((rule, "", ""), SUGGESTS if rule in WITHOUT_PROOF else APPLIES)
        return self._of.get((rule, company, customer), overall) == APPLIES


def surprise(decided: int, against: int, permille: int) -> float:
    """How often a rule that is right ``permille`` of a thousand times would show so many wrong, or more:
    Σ over k ≥ against of C(decided, k) (1 − p)^k p^(decided − k)."""
    if against <= 0:
        return 1.0
    wrong = (1000 - permille) / 1000
    fewer = math.fsum(
        math.exp(
            math.lgamma(decided + 1) - math.lgamma(count + 1) - math.lgamma(decided - count + 1)
            + count * math.log(wrong) + (decided - count) * math.log1p(-wrong)
        )
        for count in range(against)
    )  # fmt: skip
    return max(1.0 - fewer, 0.0)


@dataclass(frozen=True)
class _Claim:
    outcome: str
    made_at: pd.Timestamp
    told_at: pd.Timestamp


@dataclass(frozen=True)
class _Judged:
    standing: str
    why: str
    since: pd.Timestamp | None = None


def _standing(
    key: tuple[str, str, str, str], said: list[_Claim], policy: LearningPolicy
) -> dict[str, object]:
    rule, claim, company, customer = key
    has_proof = rule not in WITHOUT_PROOF
    agreed = sum(one.outcome == AGREED for one in said)
    decided = sum(one.outcome != PENDING for one in said)
    if has_proof and claim == "applied":
        judged = _judge_proof(said, policy)
    elif not has_proof and claim == "suggested":
        judged = _judge_suggestions(said, policy)
    else:
        judged = _Judged("", "doubtful-itself" if has_proof else "applied-by-record")
    return {
        "rule": rule, "claim": claim, "company_id": company, "customer_id": customer,
        "has_proof": has_proof, "decided": decided, "agreed": agreed,
        "precision_permille": agreed * 1000 // decided if decided else 0, "standing": judged.standing,
        "since": judged.since.tz_convert(None).floor("D") if judged.since is not None else pd.NaT,
        "why": judged.why,
    }  # fmt: skip


def _judge_proof(said: list[_Claim], policy: LearningPolicy) -> _Judged:
    """Demoted where more was undone than its promise allows of all that it applied; since the undoing from
    which on that was so. One alone is no measure: a person may undo for reasons that are not the rule's."""
    told = [one.told_at for one in said if one.outcome == AGAINST]
    made = sorted(one.made_at for one in said)

    def is_too_many(against: int, claimed: int) -> bool:
        chance = surprise(claimed, against, policy.permille)
        return against >= LEAST_AGAINST and chance * 1000 < policy.surprise_permille

    if not is_too_many(len(told), len(said)):
        return _Judged(APPLIES, "keeps-its-promise" if told else "nothing-undone")
    since = told[-1]
    for against in range(len(told), LEAST_AGAINST - 1, -1):
        claimed = max(bisect_right(made, told[against - 1]), against)
        if not is_too_many(against, claimed):
            break
        since = told[against - 1]
    return _Judged(SUGGESTS, "too-many-undone", since)


def _judge_suggestions(said: list[_Claim], policy: LearningPolicy) -> _Judged:
    """Applies while enough was decided and nearly all accepted; since the decision that made it so."""
    since: pd.Timestamp | None = None
    agreed = 0
    for decided, one in enumerate(said, start=1):
        agreed += one.outcome == AGREED
        is_enough = is_proven(decided, agreed, policy.decisions, policy.permille)
        since = (since or one.told_at) if is_enough else None
    if since is not None:
        return _Judged(APPLIES, "proven-by-decisions", since)
    return _Judged(SUGGESTS, "too-few-decisions" if len(said) < policy.decisions else "too-often-changed")


def _of_applied(
    applied: pd.DataFrame,
    undone: pd.DataFrame,
    documents: pd.DataFrame,
    policy: LearningPolicy,
    known_at: pd.Timestamp,
) -> Iterator[dict[str, object]]:
    own = applied[(applied["receipt_key"] >= 0) & (applied["rule"] != "decided")]
    undone_at = dict(zip(undone["application_id"], undone["recorded_at"], strict=True))
    with_run = _undone_with_their_run(applied, undone_at)
    names = ("document_key", "company_id", "customer_id")
    owners = {key: whose for key, *whose in zip(*(documents[name].tolist() for name in names), strict=True)}
    operations: dict[str, list[tuple[str, str, int, pd.Timestamp]]] = defaultdict(list)
    columns = ("operation_id", "application_id", "rule", "document_key", "recorded_at")
    for operation, *leg in zip(*(own[name].tolist() for name in columns), strict=True):
        operations[operation].append(tuple(leg))
    stands = pd.Timedelta(days=policy.stands_days)
    for operation, legs in sorted(operations.items()):
        whose = sorted(owners[key] for _, _, key, _ in legs if key in owners)
        company, customer = whose[0] if whose else ("", "")
        told = {"operation_id": operation, "rule": min(rule for _, rule, _, _ in legs), "claim": "applied",
                "company_id": company, "customer_id": customer}  # fmt: skip
        gone = [undone_at[one] for one, _, _, _ in legs if one in undone_at]
        made_at = max(told_at for _, _, _, told_at in legs)
        if gone and not any(one in with_run for one, _, _, _ in legs):
            yield {**told, "outcome": AGAINST, "made_at": made_at, "recorded_at": min(gone)}
        elif not gone:
            outcome = AGREED if made_at + stands <= known_at else PENDING
            at = made_at + stands if outcome == AGREED else made_at
            yield {**told, "outcome": outcome, "made_at": made_at, "recorded_at": at}


def _undone_with_their_run(applied: pd.DataFrame, undone_at: dict[str, pd.Timestamp]) -> frozenset[str]:
    """Applications that went when their whole step went: several operations at one instant, and none left."""
    steps: dict[str, list[tuple[str, str]]] = defaultdict(list)
    names = ("step_key", "operation_id", "application_id")
    for step, operation, one in zip(*(applied[name] for name in names), strict=True):
        if step:
            steps[step].append((operation, one))
    gone: set[str] = set()
    for legs in steps.values():
        if any(one not in undone_at for _, one in legs):
            continue
        last = max(undone_at[one] for _, one in legs)
        together = [(operation, one) for operation, one in legs if undone_at[one] == last]
        if len({operation for operation, _ in together}) > 1:
            gone.update(one for _, one in together)
    return frozenset(gone)


def _of_suggested(decisions: pd.DataFrame, undone: Iterable[str]) -> Iterator[dict[str, object]]:
    """Decisions on what a rule put first; one that waits, was refused by the second person or was undone is
    no word yet."""
    own = decisions.drop_duplicates("decision_id")
    answers = own[own["subject"] == "request"]
    approved_at = {
        key: told_at
        for key, answer, told_at in zip(
            answers["subject_key"], answers["decision"], answers["recorded_at"], strict=True
        )
        if answer == "approve"
    }
    gone = frozenset(undone)
    for one in own[own["subject"] == "receipt"].to_dict("records"):
        evidence = json.loads(one["evidence"]) if one["evidence"] else {}
        offered = evidence.get("offered")
        if not offered or one["decision_id"] in gone:
            continue
        told_at = one["recorded_at"]
        if one["decision"] == "request":
            if one["decision_id"] not in approved_at:
                continue
            told_at = approved_at[one["decision_id"]]
        words = set(str(evidence.get("decision")).split("+"))
        is_taken = words <= _TAKEN and offered["accepted"] == 1
        yield {
            "operation_id": one["decision_id"], "rule": str(offered["rule"]), "claim": "suggested",
            "company_id": one["company_id"], "customer_id": str(offered["customer"]),
            "outcome": AGREED if is_taken else AGAINST,
            "made_at": told_at, "recorded_at": told_at,
        }  # fmt: skip
