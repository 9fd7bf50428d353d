"""Whatever happened: what is learned does not depend on order or repetition, nor on what came later, and no
habit makes an answer surer."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from learned_frames import DAY, applications, clearings, decisions, documents, receipts, reversals
from tries import tries

from workbench import matching
from workbench.applications import APPLIED
from workbench.matching.aliases import Aliases
from workbench.matching.habits import Habits
from workbench.matching.hypotheses import Account, spaces_of
from workbench.matching.learned_aliases import alias_candidates, counted_aliases, taught_by_decisions
from workbench.matching.proof import weigh
from workbench.policy import USUAL_HABITS, MatchingPolicy
from workbench.tables import ALIAS_EVIDENCE, ALIASES, APPLICATIONS, RECEIPTS, REVERSALS

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
POLICY = MatchingPolicy()
DOCUMENTS = documents(
    *({"document_key": key, "customer_id": f"C{key % 2}", "due_date": pd.Timestamp("2026-02-01")
       + pd.Timedelta(days=key), "original_amount": 100_00 if key % 5 else -30_00,
       "document_kind": "invoice" if key % 5 else "credit_note"} for key in range(1, 13))
)  # fmt: skip
KEYS = st.integers(1, 12)
HOURS = st.integers(0, 24 * 200)


def _at(hours: int) -> pd.Timestamp:
    return DAY + pd.Timedelta(hours=hours)


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("cleared"), KEYS, st.integers(1, 4), HOURS),
        st.tuples(st.just("applied"), KEYS, st.sampled_from(["window", "decided"]), HOURS),
        st.tuples(st.just("undone"), st.integers(0, 11), st.just(""), HOURS),
        st.tuples(st.just("taught"), KEYS, st.sampled_from(["PAGOS NORTE", "OTRO"]), HOURS),
        st.tuples(st.just("chosen"), KEYS, st.sampled_from(["accept", "reject"]), HOURS),
    ),
    max_size=25,
)


def frames(events: list[tuple[str, int, object, int]]) -> list[pd.DataFrame]:
    """The book that these events make, each row as it was recorded."""
    made: dict[str, list[dict[str, object]]] = {name: [] for name in ("c", "r", "t", "d")}
    applied = [applications()]
    for number, (what, key, how, hours) in enumerate(events):
        at = _at(hours)
        if what == "cleared":
            amount = 100_00 if key % 5 else -30_00
            made["c"].append({"document_key": key, "clearing_document": f"P{how}", "cleared_amount": amount,
                              "clearing_date": at.tz_convert(None).floor("D"),
                              "recorded_at": at})  # fmt: skip
        elif what == "applied":
            told = json.dumps({"decision_id": f"d{number}"})
            applied.append(applications(number, owner=key, rule=how, recorded_at=at, evidence=told))
        elif what == "undone":
            made["r"].append({"application_id": f"a{key}", "recorded_at": at})
        elif what == "taught":
            made["t"].append({
                "decision_id": f"d{number}", "receipt_key": 1, "company_id": "CO01", "kind": "text",
                "pattern": how, "customer_id": f"C{key % 2}", "found_in": "name", "who": "ana",
                "receipt_date": pd.Timestamp("2026-03-01"), "recorded_at": at,
            })  # fmt: skip
        else:
            offered = {"rule": "oldest-first", "customer": f"C{key % 2}", "proposals": 1, "accepted": 1}
            evidence = json.dumps({"decision": how, "offered": offered})
            made["d"].append({"decision_id": f"d{number}", "decision": how, "evidence": evidence,
                              "recorded_at": at})  # fmt: skip
    evidence_frame = ALIAS_EVIDENCE.conform(pd.DataFrame(made["t"], columns=list(ALIAS_EVIDENCE.columns)))
    alias = {"company_id": "CO01", "kind": "text", "pattern": "NORTE", "customer_id": "C1", "decided": 0,
             "valid_from": pd.NaT, "valid_through": pd.NaT, "approved_by": "ana", "confirmed": 0,
             "recorded_at": DAY}  # fmt: skip
    return [DOCUMENTS, clearings(*made["c"]), pd.concat(applied, ignore_index=True), reversals(*made["r"]),
            receipts({"receipt_key": 1}), ALIASES.conform(pd.DataFrame([alias])), evidence_frame,
            decisions(*made["d"])]  # fmt: skip


def learned(given: list[pd.DataFrame], known_at: dt.datetime = NOW) -> list[str]:
    told = matching.learn(*given, policy=POLICY, known_at=known_at)
    return [frame.to_json(date_format="iso") for frame, _ in told.tables.values()]


@settings(deadline=None, max_examples=tries(25))
@given(EVENTS, st.randoms(use_true_random=False))
def test_learning_does_not_depend_on_order_and_twice_is_once(
    events: list[tuple[str, int, object, int]], chance: object
) -> None:
    book = frames(events)
    seed = chance.randrange(1000)  # type: ignore[attr-defined]  # hypothesis gives random.Random
    shuffled = [frame.sample(frac=1, random_state=seed) for frame in book]
    assert learned(shuffled) == learned(book)
    aliases = 5  # of which the book's reader gives each once
    twice = [frame if place == aliases else pd.concat([frame, frame]) for place, frame in enumerate(book)]
    assert learned(twice) == learned(book)


@settings(deadline=None, max_examples=tries(25))
@given(EVENTS, HOURS)
def test_what_is_recorded_later_teaches_nothing(
    events: list[tuple[str, int, object, int]], hours: int
) -> None:
    instant = _at(hours)
    book = frames(events)
    before = [frame[frame["recorded_at"] <= instant] if place in (1, 2, 3, 6, 7) else frame
              for place, frame in enumerate(book)]  # fmt: skip
    assert learned(book, instant.to_pydatetime()) == learned(before, instant.to_pydatetime())


@settings(deadline=None, max_examples=tries(50))
@given(
    st.lists(st.sampled_from([10_00, 20_00, 30_00, 50_00, 70_00, -20_00]), min_size=1, max_size=8),
    st.sampled_from([30_00, 50_00, 70_00, 100_00]),
    st.dictionaries(st.sampled_from(sorted(USUAL_HABITS)), st.integers(0, 1000)),
)
def test_no_habit_makes_an_answer_surer(amounts: list[int], paid: int, habits: dict[str, int]) -> None:
    rows = [{**dict.fromkeys(matching.HABITS.columns, 0), "company_id": "CO01", "customer_id": "C1",
             "habit": habit, "permille": permille, "set_by": "", "set_on": pd.NaT, "why": ""}
            for habit, permille in habits.items()]  # fmt: skip
    known = Habits(matching.HABITS.conform(pd.DataFrame(rows, columns=list(matching.HABITS.columns))), POLICY)
    money = np.array(amounts, dtype=np.int64)
    days = np.arange(len(money), dtype=np.int64)
    account = Account(money, days, days, ())

    def chances(weights: dict[str, int]) -> dict[tuple[int, ...], float]:
        found = weigh(spaces_of(account, paid, 100), money, weights=weights, coincidence=1e-4)
        return {one.positions: one.chance for one in found}

    usual = chances(dict(POLICY.habits))
    careful = chances(known.proof_weights("CO01", "C1", POLICY.habits))
    assert careful.keys() == usual.keys()
    assert all(careful[one] >= usual[one] - 1e-12 for one in usual)


WORDS = st.lists(st.sampled_from(["PAGO", "Acmé", "999", "PSE", "77-X", "SAS", "pago999"]), max_size=5)


def _taught(texts: list[tuple[str, str, str]]) -> pd.DataFrame:
    """What people's decisions on receipts of these names and texts teach, each of one customer."""
    usual = {"company_id": "CO01", "receipt_date": pd.Timestamp("2026-03-01"), "customer_id": "",
             "account_id": "", "currency": "COP", "received_amount": 1, "payer_tax_id": "",
             "payer_account": "", "recorded_at": DAY}  # fmt: skip
    cash = [{**usual, "receipt_key": key, "receipt_id": f"R{key}", "payer_name": name, "text": text}
            for key, (name, text, _) in enumerate(texts)]  # fmt: skip
    legs = [{**dict.fromkeys(APPLIED.columns, ""), "operation": f"decision:d{key}", "receipt_key": key,
             "document_key": 5, "customer_id": customer, "applied_amount": 1, "erp_open_amount": 0,
             "effective_date": pd.Timestamp("2026-03-01")}
            for key, (_, _, customer) in enumerate(texts)]  # fmt: skip
    taught = taught_by_decisions(pd.DataFrame(legs), RECEIPTS.conform(pd.DataFrame(cash)))
    return ALIAS_EVIDENCE.conform(taught.assign(who="ana", recorded_at=DAY))


@settings(deadline=None, max_examples=tries(50))
@given(
    st.lists(st.tuples(WORDS.map(" ".join), WORDS.map("/".join), st.sampled_from(["C1", "C2"])),
             min_size=1, max_size=4),
    WORDS.filter(bool).map(" ".join),
)  # fmt: skip
def test_a_decision_counts_for_an_alias_just_where_the_alias_would_suggest(
    texts: list[tuple[str, str, str]], pattern: str
) -> None:
    evidence, nothing = _taught(texts), (APPLICATIONS.empty(), REVERSALS.empty())
    offered = alias_candidates(evidence, ALIASES.empty(), *nothing)
    approved = [("C1", pattern), *zip(offered["customer_id"], offered["pattern"], strict=True)]
    aliases = ALIASES.conform(pd.DataFrame([
        {"company_id": "CO01", "kind": "text", "pattern": words, "customer_id": customer, "decided": 0,
         "valid_from": pd.NaT, "valid_through": pd.NaT, "approved_by": "ana", "confirmed": 0,
         "recorded_at": DAY} for customer, words in approved
    ]))  # fmt: skip
    counted = counted_aliases(aliases, evidence, *nothing)
    for place, (customer, _) in enumerate(approved):
        alone = Aliases(aliases.iloc[[place]])
        day = dt.date(2026, 3, 1)
        met = [whose for name, text, whose in texts if alone.meant_by("CO01", (name, text), day)]
        found = (int(counted["decided"].iloc[place]), int(counted["confirmed"].iloc[place]))
        assert found == (len(met), met.count(customer))
    for name in ("decided", "confirmed"):  # a candidate shows what it will count
        assert counted[name].tolist()[1:] == offered[name].tolist()
        assert all(offered[name] > 0)
