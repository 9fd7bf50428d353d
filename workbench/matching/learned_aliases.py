"""What decisions teach of who pays: words that a bank uses of a customer, and customers that pay for others.

A person who applies a receipt says whose it was. That is evidence, kept with the decision; from it come
candidates, which a person approves or not, and how often an approved alias was right. Words are no proof:
until people agreed with them often enough they only suggest. A decision that was undone teaches nothing,
nor does one made after ``known_at``. Source: DOMAIN, sections 2 (4) and 3.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from ..policy import LearningPolicy
from ..references import Parts, parts_of
from ..tables import ALIAS_EVIDENCE, ALIASES, Table
from .aliases import begins, ends, stands_in
from .parties import Parties, Signs

#: A candidate has a word of so many letters; less is an initial or the name of a bank's product.
SHORTEST_WORD = 4

#: What a person may approve, under the headings that ``workbench import --source aliases`` reads.
CANDIDATES = Table(
    "alias_candidates",
    ("company_id", "kind", "pattern", "customer_id"),
    {
        "company_id": "text",
        "kind": "text",  # one of tables.ALIAS_KINDS
        "pattern": "text",
        "customer_id": "text",
        "valid_from": "date",  # of the first receipt that showed it
        "valid_through": "date",  # empty: without end
        "approved_by": "text",  # empty: for a person to fill
        "decided": "integer",  # decisions on receipts with these words, or paid by this customer
        "confirmed": "integer",  # of them, those that were this customer's
        "last_date": "date",  # of the last receipt
        "deciders": "text",  # who decided, by name
        "decision_ids": "text",  # the evidence, the newest first, three at the most
    },
)


def taught_by_decisions(
    legs: pd.DataFrame, receipts: pd.DataFrame, customers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What each decision teaches (``tables.ALIAS_EVIDENCE``; ``recorded_at`` is the book's to say).

    ``legs``: ``applications.APPLIED`` of decisions, whose operation is ``decision:<id>``. Words are taught
    where the documents are of one customer, and where no fact says that another one paid; a relation, where
    a fact says who paid, and it was not the one whose documents were paid. Money on account names no
    document and teaches nothing.
    """
    parties = Parties(customers)
    facts = {int(key): row for key, row in zip(receipts["receipt_key"], receipts.to_dict("records"),
                                               strict=True)}  # fmt: skip
    paid: dict[tuple[str, int], set[str]] = defaultdict(set)
    named = legs[(legs["document_key"] >= 0) & (legs["customer_id"] != "")]
    for operation, key, customer in zip(
        named["operation"], named["receipt_key"].tolist(), named["customer_id"], strict=True
    ):
        if key in facts:
            paid[str(operation).removeprefix("decision:"), key].add(str(customer))
    rows: list[dict[str, Any]] = []
    for (decision, key), owed_by in sorted(paid.items()):
        receipt = facts[key]
        payer = _payer_of(receipt, parties)
        told = {
            "decision_id": decision,
            "receipt_key": key,
            "company_id": receipt["company_id"],
            "receipt_date": receipt["receipt_date"],
            "who": "",
            "recorded_at": pd.Timestamp(0, tz="UTC"),
        }
        if payer:
            rows += [
                {**told, "kind": "customer", "pattern": payer, "customer_id": other, "found_in": "payer"}
                for other in sorted(owed_by - {payer})
            ]
        if len(owed_by) == 1 and (not payer or payer in owed_by):
            rows += [
                {**told, "kind": "text", "pattern": words, "customer_id": min(owed_by), "found_in": place}
                for place, words in _words_of(receipt).items()
            ]
    return ALIAS_EVIDENCE.conform(pd.DataFrame(rows, columns=list(ALIAS_EVIDENCE.columns)))


def counted_aliases(
    aliases: pd.DataFrame,
    evidence: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    *,
    known_at: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """The aliases with how often people decided on what they suggest, and how often they agreed.

    ``aliases``: ``tables.ALIASES``, ``evidence``: ``tables.ALIAS_EVIDENCE``. A decision counts for words
    that stand in its receipt's name or text, on a day on which the alias holds; it agrees where the receipt
    was the alias's customer's. The order of rows does not matter, and the same row twice is one.
    """
    standing = _standing(evidence, applications, reversals, known_at)
    by_word, by_payer = _indexed(standing)
    counts = []
    for alias in aliases.to_dict("records"):
        first, last = begins(alias["valid_from"]), ends(alias["valid_through"])
        words = parts_of(str(alias["pattern"]))
        if alias["kind"] == "customer":
            met = by_payer.get((alias["company_id"], alias["pattern"]), ())
            met = [one for one in met if one["customer_id"] == alias["customer_id"]]
        else:
            met = _met(words, str(alias["company_id"]), by_word)
        decided = {
            str(one["decision_id"]): str(one["customer_id"])
            for one in met
            if first <= one["receipt_date"].date() <= last
        }
        agreed = sum(customer == alias["customer_id"] for customer in decided.values())
        counts.append((len(decided), agreed))
    decided_counts, confirmed = zip(*counts, strict=True) if counts else ((), ())
    counted = ALIASES.conform(aliases).assign(decided=list(decided_counts), confirmed=list(confirmed))
    return ALIASES.conform(counted)


def alias_candidates(
    evidence: pd.DataFrame,
    aliases: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    *,
    known_at: pd.Timestamp | None = None,
    paid: pd.DataFrame | None = None,
    policy: LearningPolicy | None = None,
) -> pd.DataFrame:
    """What decisions suggest and nobody has approved (``CANDIDATES``), the most decided first.

    The words of a payer's name; where the bank gives no name, the longest run of words between the numbers of
    the text. Words that banks write of anybody (``policy.common_words``), or that stood in the receipts of
    several customers (``paid``: ``paid_receipts``), teach nothing: one other word at least must be there.
    Words that were of two customers are shown for both, with ``confirmed`` below ``decided``: they tell
    nobody. Counted as ``counted_aliases`` will count them once they are approved.
    """
    standing = _standing(evidence, applications, reversals, known_at)
    common = _common_words(standing, paid, policy or LearningPolicy())
    told = [(one, pattern) for one in standing.to_dict("records") if (pattern := _proposed(one, common))]
    with_name = {one["decision_id"] for one, _ in told if one["found_in"] == "name"}
    known = set(zip(aliases["company_id"], aliases["kind"], aliases["pattern"], aliases["customer_id"],
                    strict=True))  # fmt: skip
    by_word, by_payer = _indexed(standing)
    groups = dict.fromkeys(
        (str(one["company_id"]), str(one["kind"]), pattern)
        for one, pattern in told
        if one["found_in"] != "text" or one["decision_id"] not in with_name
    )
    rows = []
    for company, kind, pattern in groups:
        seen = by_payer[company, pattern] if kind == "customer" else _met(parts_of(pattern), company, by_word)
        for customer in sorted({str(one["customer_id"]) for one in seen}):
            if (company, kind, pattern, customer) in known:
                continue
            own = [one for one in seen if one["customer_id"] == customer]
            # One payer may pay for many: relations do not speak against one another, words do.
            rows.append(_candidate(pattern, own, own if kind == "customer" else seen))
    frame = CANDIDATES.conform(pd.DataFrame(rows, columns=list(CANDIDATES.columns)))
    order = ["confirmed", "company_id", "kind", "pattern", "customer_id"]
    return frame.sort_values(order, ascending=[False, True, True, True, True], ignore_index=True)


def paid_receipts(
    receipts: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    known_at: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Receipts that paid documents of one customer: ``company_id``, ``customer_id``, and what banks wrote."""
    gone = known_by(reversals, known_at)["application_id"]
    legs = known_by(applications, known_at)
    legs = legs[(legs["document_key"] >= 0) & ~legs["application_id"].isin(gone)]
    owners = documents.drop_duplicates("document_key").set_index("document_key")["customer_id"]
    whose = legs.assign(customer_id=legs["document_key"].map(owners)).groupby("receipt_key")["customer_id"]
    alone = whose.first()[whose.nunique() == 1]
    names = ["receipt_key", "company_id", "text", "payer_name"]
    found = receipts.drop_duplicates("receipt_key")[names]
    return found.assign(customer_id=found["receipt_key"].map(alone)).dropna(subset=["customer_id"])


def _common_words(
    standing: pd.DataFrame, paid: pd.DataFrame | None, policy: LearningPolicy
) -> Mapping[str, frozenset[str]]:
    """By company, the words that say nothing of who paid: the policy's, and those of many customers."""
    customers: dict[tuple[str, str], set[str]] = defaultdict(set)
    words = standing[standing["kind"] != "customer"]
    names = ["company_id", "customer_id"]
    told = list(zip(*(words[name] for name in names), words["pattern"], strict=True))
    if paid is not None:
        texts = paid["text"] + " " + paid["payer_name"]
        told += list(zip(*(paid[name] for name in names), texts, strict=True))
    for company, customer, text in told:
        for word in set(parts_of(str(text))):
            customers[str(company), word].add(str(customer))
    common: dict[str, set[str]] = defaultdict(lambda: set(policy.common_words))
    for (company, word), whose in customers.items():
        if len(whose) >= policy.common_customers:
            common[company].add(word)
    return {
        company: frozenset(common[company]) for company in {*common, *standing["company_id"].astype("str")}
    }


def _candidate(pattern: str, own: list[dict[str, Any]], seen: list[dict[str, Any]]) -> dict[str, Any]:
    newest = sorted(own, key=lambda one: (one["recorded_at"], one["decision_id"]), reverse=True)
    days = [one["receipt_date"] for one in own]
    return {
        **{name: own[0][name] for name in ("company_id", "kind", "customer_id")},
        "pattern": pattern,
        "valid_from": min(days),
        "valid_through": pd.NaT,
        "approved_by": "",
        "decided": len({one["decision_id"] for one in seen}),
        "confirmed": len({one["decision_id"] for one in own}),
        "last_date": max(days),
        "deciders": ", ".join(sorted({str(one["who"]) for one in own} - {""})),
        "decision_ids": ", ".join(list(dict.fromkeys(str(one["decision_id"])[:12] for one in newest))[:3]),
    }


def undone_decisions(applications: pd.DataFrame, reversals: pd.DataFrame) -> frozenset[str]:
    """Decisions of which any leg was reversed."""
    gone = applications[applications["application_id"].isin(set(reversals["application_id"]))]
    gone = gone[gone["rule"] == "decided"]
    told = (json.loads(text) if text else {} for text in gone["evidence"])
    return frozenset(str(one.get("decision_id", "")) for one in told)


def known_by(frame: pd.DataFrame, known_at: pd.Timestamp | None) -> pd.DataFrame:
    """The rows recorded by then; all without an instant."""
    return frame if known_at is None else frame[frame["recorded_at"] <= known_at]


def _standing(
    evidence: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    known_at: pd.Timestamp | None,
) -> pd.DataFrame:
    """Each word of evidence once, without decisions undone by then, in an order of its own."""
    undone = undone_decisions(applications, known_by(reversals, known_at))
    kept = known_by(evidence, known_at)
    kept = kept[~kept["decision_id"].isin(undone)].drop_duplicates(list(ALIAS_EVIDENCE.key))
    return kept.sort_values(["recorded_at", *ALIAS_EVIDENCE.key], ignore_index=True)


def _indexed(
    standing: pd.DataFrame,
) -> tuple[dict[tuple[str, Parts], list[dict[str, Any]]], dict[tuple[str, str], list[dict[str, Any]]]]:
    """Words of evidence under each of their words, relations under who paid."""
    by_word: dict[tuple[str, Parts], list[dict[str, Any]]] = defaultdict(list)
    by_payer: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in standing.to_dict("records"):
        company, pattern = str(one["company_id"]), str(one["pattern"])
        if one["kind"] == "customer":
            by_payer[company, pattern].append(one)
            continue
        parts = parts_of(pattern)
        for word in sorted(set(parts)):
            by_word[company, (word,)].append({**one, "parts": parts})
    return by_word, by_payer


def _met(
    words: Parts, company: str, by_word: Mapping[tuple[str, Parts], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """The evidence in whose receipt the words stand, as ``Aliases.meant_by`` looks for them."""
    return [one for one in by_word.get((company, words[:1]), ()) if stands_in(words, one["parts"])]


def _payer_of(receipt: dict[str, Any], parties: Parties) -> str:
    """The customer that the receipt itself tells: given, by tax id, account, code or whole name."""
    signs = Signs(
        str(receipt["company_id"]),
        receipt["receipt_date"].date(),
        *(str(receipt[name]) for name in ("customer_id", "text", "payer_name", "payer_tax_id",
                                          "payer_account")),
    )  # fmt: skip
    party = parties.identify(signs, frozenset())
    return party.customer_id if party.is_fact else ""


def _words_of(receipt: dict[str, Any]) -> dict[str, str]:
    """All parts of name and text, with their numbers: an alias must be counted where it would suggest."""
    found = {place: parts_of(str(receipt[column])) for place, column in (("name", "payer_name"),
                                                                         ("text", "text"))}  # fmt: skip
    return {place: " ".join(parts) for place, parts in found.items() if parts}


def _proposed(one: Mapping[str, Any], common: Mapping[str, frozenset[str]]) -> str:
    """What a person may approve of one row of evidence, '' where no word tells anything.

    A name as it is. Of a text, whose numbers are another's next time, the run of words with most letters;
    of equals the last, since banks write what was done before who did it.
    """
    pattern = str(one["pattern"])
    if one["kind"] == "customer":
        return pattern
    parts = parts_of(pattern)
    runs = [tuple(run) for is_word, run in groupby(parts, key=str.isalpha) if is_word]
    runs = [run for run in runs if _is_telling(run, common[str(one["company_id"])])]
    if one["found_in"] == "name":
        return pattern if runs else ""
    return " ".join(max(reversed(runs), key=_letters)) if runs else ""


def _letters(run: Iterable[str]) -> int:
    return sum(len(word) for word in run)


def _is_telling(parts: Iterable[str], common: frozenset[str]) -> bool:
    return any(part.isalpha() and len(part) >= SHORTEST_WORD and part not in common for part in parts)
