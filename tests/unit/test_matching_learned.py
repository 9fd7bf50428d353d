"""Matching with what was learned: demoted rules, counted aliases, and a file of aliases without a book."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from learned_frames import applications, clearings, decisions, documents, receipts, reversals
from matched import match, reasons
from upper_trade_frames import open_items as items_of
from upper_trade_frames import receipts as cash_of

from workbench import matching, replays
from workbench.errors import PolicyError
from workbench.matching import Learned
from workbench.policy import MatchingPolicy
from workbench.sources.policy_file import read_policy
from workbench.tables import ALIAS_EVIDENCE, ALIASES

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
ITEMS = items_of({"number": "FV1001", "amount": 300_00}, {"number": "FV1002", "amount": 123_45})


def learned(undone: int) -> Learned:
    made = applications(*range(60), rule="exact-references")
    gone = reversals(*({"application_id": f"a{n}"} for n in range(undone)))
    return matching.learn(
        documents(), clearings(), made, gone, receipts(), ALIASES.empty(), ALIAS_EVIDENCE.empty(),
        decisions(), policy=MatchingPolicy(), known_at=NOW,
    )  # fmt: skip


def test_a_demoted_rule_suggests_what_it_would_have_applied_and_says_so() -> None:
    cash = cash_of({"id": "R1", "amount": 300_00, "text": "PAGO FV1001"})
    assert len(match(cash, ITEMS, learned=learned(1)).applied) == 1
    demoted = match(cash, ITEMS, learned=learned(4))
    assert demoted.applied.empty
    assert reasons(demoted) == {"R1": "rule-demoted"}
    assert demoted.suggested["document_id"].tolist()[0] == "FV1001"


def test_an_alias_applies_by_the_counts_that_were_learned_and_the_policys_figures() -> None:
    alias = {"company_id": "CO01", "kind": "text", "pattern": "PAGOS NORTE", "customer_id": "C1",
             "valid_from": pd.NaT, "valid_through": pd.NaT, "approved_by": "Beatriz", "decided": 5,
             "confirmed": 5, "recorded_at": pd.Timestamp("2026-01-01", tz="UTC")}  # fmt: skip
    known = replace(Learned.nothing(), aliases=ALIASES.conform(pd.DataFrame([alias])))
    cash = cash_of({"id": "R1", "amount": 123_45, "payer_name": "PAGOS NORTE"})
    assert reasons(match(cash, ITEMS, learned=known)) == {"R1": "payer-not-proven"}
    usual = MatchingPolicy()
    easy = replace(usual, learning=replace(usual.learning, decisions=5))
    assert len(match(cash, ITEMS, learned=known, policy=easy).applied) == 1


def test_match_takes_aliases_from_a_file_and_their_words_only_suggest(tmp_path: Path) -> None:
    (tmp_path / "open.csv").write_text(
        "customer_id,document_id,document_date,due_date,currency,amount\n"
        "C1,FV1001,2026-01-01,2026-02-01,COP,300.00\nC2,FV1002,2026-01-01,2026-02-01,COP,123.45\n"
    )
    (tmp_path / "receipts.csv").write_text(
        "receipt_id,receipt_date,currency,amount,customer_id,text,payer_name\n"
        "R1,2026-03-02,COP,300.00,,,Pagos del Norte\nR2,2026-03-02,COP,123.45,C9,PAGO FV1002,\n"
    )
    aliases = tmp_path / "aliases.csv"
    aliases.write_text(
        "kind,pattern,customer_id,approved_by\n"
        "text,pagos del norte,C1,Ana\ncustomer,C9,C2,Ana\ntext,otro,C1,\n"
    )
    files = (tmp_path / "open.csv", tmp_path / "receipts.csv")
    plain = replays.match_files(*files, policy=MatchingPolicy(), out=tmp_path / "o1")
    assert plain.matched.applied.empty
    done = replays.match_files(*files, None, aliases, policy=MatchingPolicy(), out=tmp_path / "o2")
    assert done.matched.applied["document_id"].tolist() == ["FV1002"]  # C9 pays for C2
    assert reasons(done.matched) == {"R1": "payer-not-proven"}
    assert done.rejected["rule"].tolist() == ["alias-not-approved"]


def test_a_habit_set_by_a_person_needs_who_when_and_why(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    word = "company_id: CO01, customer_id: C1, habit: window, permille: 900, who: Ana, on: 2026-02-01"
    file.write_text(f'version: "1"\nmatching:\n  learning:\n    habits: [{{{word}, why: lo dijo}}]\n')
    (override,) = read_policy(file).matching.learning.overrides
    assert (override.habit, override.permille, override.on) == ("window", 900, dt.date(2026, 2, 1))
    for broken in (word, word.replace("window", "windows") + ", why: x", word + ', why: " "'):
        file.write_text(f'version: "1"\nmatching:\n  learning:\n    habits: [{{{broken}}}]\n')
        with pytest.raises(PolicyError):
            read_policy(file)
