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

#: One row a claim of a rule on which somebody decided, or that has stood long enough.
CLAIMS = Table(
    "rule_claims",
    ("operation_id", "rule", "claim"),
    {
        "operation_id": "text",
        "rule": "text",
        "claim": "text",
        "company_id": "text",
        "customer_id": "text",
        "is_agreed": "flag",
        "recorded_at": "instant",  # when it was undone, decided, or had stood long enough
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
    groups: dict[tuple[str, str, str, str], list[tuple[bool, pd.Timestamp]]] = defaultdict(list)
    for one in CLAIMS.conform(claims).sort_values(["recorded_at", *CLAIMS.key]).to_dict("records"):
        said = (bool(one["is_agreed"]), one["recorded_at"])
        groups[one["rule"], one["claim"], "", ""].append(said)
        if one["customer_id"]:
            groups[one["rule"], one["claim"], one["company_id"], one["customer_id"]].append(said)
    rows = [
        _standing(key, said, policy)
        for key, said in sorted(groups.items())
        if not key[3] or len(said) >= policy.decisions
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
class _Judged:
    standing: str
    why: str
    since: pd.Timestamp | None


def _standing(
    key: tuple[str, str, str, str], said: list[tuple[bool, pd.Timestamp]], policy: LearningPolicy
) -> dict[str, object]:
    rule, claim, company, customer = key
    has_proof = rule not in WITHOUT_PROOF
    agreed = sum(is_agreed for is_agreed, _ in said)
    if has_proof and claim == "applied":
        judged = _judge_proof(said, policy)
    elif not has_proof and claim == "suggested":
        judged = _judge_suggestions(said, policy)
    else:
        judged = _Judged("", "doubtful-itself" if has_proof else "applied-by-record", None)
    return {
        "rule": rule, "claim": claim, "company_id": company, "customer_id": customer,
        "has_proof": has_proof, "decided": len(said), "agreed": agreed,
        "precision_permille": agreed * 1000 // len(said), "standing": judged.standing,
        "since": judged.since.tz_convert(None).floor("D") if judged.since is not None else pd.NaT,
        "why": judged.why,
    }  # fmt: skip


def _judge_proof(said: list[tuple[bool, pd.Timestamp]], policy: LearningPolicy) -> _Judged:
    """Demoted while what was undone is too much for its promise; since the undoing that made it so."""
    since: pd.Timestamp | None = None
    against = 0
    for decided, (is_agreed, told_at) in enumerate(said, start=1):
        if is_agreed and since is None:
            continue
        against += not is_agreed
        is_too_many = (
            surprise(decided, against, policy.permille) * 1000 < policy.surprise_permille and against > 0
        )
        since = (since or told_at) if is_too_many else None
    if since is not None:
        return _Judged(SUGGESTS, "too-many-undone", since)
    return _Judged(APPLIES, "keeps-its-promise" if against else "nothing-undone", None)


def _judge_suggestions(said: list[tuple[bool, pd.Timestamp]], policy: LearningPolicy) -> _Judged:
    """Applies while enough was decided and nearly all accepted; since the decision that made it so."""
    since: pd.Timestamp | None = None
    agreed = 0
    for decided, (is_agreed, told_at) in enumerate(said, start=1):
        agreed += is_agreed
        is_enough = is_proven(decided, agreed, policy.decisions, policy.permille)
        since = (since or told_at) if is_enough else None
    if since is not None:
        return _Judged(APPLIES, "proven-by-decisions", since)
    return _Judged(
        SUGGESTS, "too-few-decisions" if len(said) < policy.decisions else "too-often-changed", None
    )


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
        proved_at = max(made_at for _, _, _, made_at in legs) + stands
        if gone and not any(one in with_run for one, _, _, _ in legs):
            yield {**told, "is_agreed": False, "recorded_at": min(gone)}
        elif not gone and proved_at <= known_at:
            yield {**told, "is_agreed": True, "recorded_at": proved_at}


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
        yield {
            "operation_id": one["decision_id"], "rule": str(offered["rule"]), "claim": "suggested",
            "company_id": one["company_id"], "customer_id": str(offered["customer"]),
            "is_agreed": evidence.get("decision") == "accept" and offered["accepted"] == 1,
            "recorded_at": told_at,
        }  # fmt: skip
