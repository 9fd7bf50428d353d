"""A short pay as a person decides it: partial payment, residual item, or a rest that is charged off."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from upper_trade_frames import open_items

from workbench import decisions
from workbench.decisions import WRITTEN
from workbench.errors import PolicyError
from workbench.policy import REASON_CODES, USUAL_REASONS, Reason, reasons_on
from workbench.sources.policy_file import read_policy
from workbench.words import LANGUAGES, evidence, has_words

#: A debt of 130.00, which R1 of 100.00 is proposed to pay; R2 of 40.00 has no proposal.
ITEMS = open_items(
    {"number": "A", "amount": 130_00}, {"number": "C", "amount": 30_00}, {"number": "N", "amount": -20_00}
)  # fmt: skip
R1, R2 = 0, 1
SHORT = {"decision": "residual", "decided_documents": "A", "decided_amounts": "30", "decided_reason": "PREC"}


def written(*said: tuple[int, dict[str, Any]]) -> pd.DataFrame:
    """What was offered, with this written into its rows by their place; row 8 is the first."""
    own = {"company_id": "CO01", "customer_id": "C1", "currency": "COP"}
    suggested = pd.DataFrame([{
        **own, "receipt_key": 1, "receipt_id": "R1", "kind": "payment", "rule": "partial", "evidence": "{}",
        "proposal": 1, "rank": 1, "document_key": 1, "document_id": "A", "applied_amount": 100_00,
    }])  # fmt: skip
    left = pd.DataFrame([
        {**own, "receipt_key": key, "receipt_id": f"R{key}", "receipt_date": pd.Timestamp("2026-03-02"),
         "unapplied_amount": amount, "reason": "ambiguous"} for key, amount in ((1, 100_00), (2, 40_00))
    ])  # fmt: skip
    frame = decisions.offer_decisions(suggested, left, ITEMS)
    frame = frame.assign(decision="", decided_documents="", decided_amounts="", decided_reason="")
    frame.insert(0, "row", range(8, len(frame) + 8))
    for place, words in said:
        for name, value in words.items():
            frame.loc[place, name] = value
    return WRITTEN.conform(frame)


def decide(*said: tuple[int, dict[str, Any]], **options: Any) -> decisions.Decided:
    receipts = pd.DataFrame({"receipt_key": [1, 2], "unapplied_amount": [100_00, 40_00]})
    made = decisions.apply_decisions(written(*said), receipts, ITEMS, **options)
    assert decisions.prove_conservation(made)["is_proved"].all()
    return made


def legs(made: decisions.Decided) -> list[tuple[str, str, str, int]]:
    columns = ["receipt_id", "document_id", "kind", "applied_amount"]
    return sorted(made.applied[columns].itertuples(index=False, name=None))


def rules(made: decisions.Decided) -> list[tuple[str, str]]:
    cells = [json.loads(text)["cell"] for text in made.findings["values"]]
    return list(zip(made.findings["rule"], cells, strict=True))


def told(made: decisions.Decided) -> list[dict[str, str]]:
    return [json.loads(text) for text in made.applied["evidence"]]


def test_a_partial_payment_leaves_the_rest_in_the_document_with_or_without_a_reason() -> None:
    for note, code in (("prec · Precio", "PREC"), ("paga el viernes", None), ("", None)):
        made = decide((R2, {**SHORT, "decision": "partial", "decided_reason": note}))
        assert legs(made) == [("R2", "A", "payment", 30_00)]
        (facts,) = told(made)
        assert (facts["rest"], facts["rest_amount"], facts.get("rest_code")) == ("partial", "100.00", code)
        assert "rest_effect" not in facts


def test_a_residual_item_says_its_reason_and_effect_and_takes_nothing_of_the_rest() -> None:
    made = decide((R2, SHORT))
    assert legs(made) == [("R2", "A", "payment", 30_00)]
    (facts,) = told(made)
    assert (facts["rest"], facts["rest_code"], facts["rest_effect"]) == ("residual", "PREC", "claim")
    assert facts["rest_amount"] == "100.00"


@pytest.mark.parametrize("code", [one.code for one in USUAL_REASONS if one.effect == "charge_off"])
def test_what_a_reason_charges_off_settles_the_rest_by_a_leg_of_its_own(code: str) -> None:
    made = decide((R2, {**SHORT, "decided_reason": code}))
    kind = reasons_on(USUAL_REASONS, dt.date(2026, 3, 2))[code].charged_to
    assert legs(made) == sorted([("R2", "A", "payment", 30_00), ("R2", "A", kind, 100_00)])
    assert made.applied["applied_amount"].sum() == 130_00  # all of the document, and no more
    assert made.decided["largest_amount"].tolist() == [130_00]  # approval is asked for the charge-off too
    assert made.decided["applied_amount"].tolist() == [30_00]  # the cash


def test_nothing_written_takes_the_proposal_short_of_what_it_leaves() -> None:
    made = decide((R1, {"decision": "residual", "decided_reason": "CANT"}))
    assert legs(made) == [("R1", "A", "payment", 100_00)]
    assert told(made)[0]["rest_amount"] == "30.00"


@pytest.mark.parametrize(
    ("said", "rule", "cell"),
    [
        ({**SHORT, "decided_reason": ""}, "decision-reason-unknown", "U9"),
        ({**SHORT, "decided_reason": "porque sí"}, "decision-reason-unknown", "U9"),
        ({**SHORT, "decided_reason": "PRECIO"}, "decision-reason-unknown", "U9"),
        ({**SHORT, "decided_amounts": "100"}, "decision-over-receipt", "I9"),
        ({**SHORT, "decided_documents": "C"}, "decision-nothing-left", "T9"),
        (
            {**SHORT, "decided_documents": "N; C", "decided_amounts": "-5; 20"},
            "decision-rest-not-of-cash",
            "R9",
        ),
        ({"decision": "residual", "decided_reason": "PREC"}, "decision-incomplete", "S9"),
    ],
)
def test_a_rest_that_cannot_be_is_refused_with_its_cell(said: dict[str, str], rule: str, cell: str) -> None:
    made = decide((R2, said))
    assert (rules(made), legs(made)) == ([(rule, cell)], [])


def test_a_refused_reason_names_those_that_are_in_force_on_the_day() -> None:
    ended = Reason("PREC", "claim", valid_through=dt.date(2026, 1, 31))
    made = decide((R2, SHORT), reasons=[ended, Reason("CANT", "open")])
    values = json.loads(made.findings["values"].iat[0])
    assert (values["codes"], values["day"], values["value"]) == ("CANT", "2026-03-02", "PREC")


def test_an_effect_changes_on_its_day_and_old_decisions_keep_theirs() -> None:
    dated = (Reason("PREC", "open", days=30, valid_from=dt.date(2026, 3, 1)), *USUAL_REASONS)
    assert reasons_on(dated, dt.date(2026, 2, 28))["PREC"].effect == "claim"
    (facts,) = told(decide((R2, SHORT), reasons=dated))
    assert (facts["rest_effect"], facts["rest_days"]) == ("open", 30)


def test_the_same_decision_with_another_reason_is_another_decision() -> None:
    ids = {decide((R2, {**SHORT, "decided_reason": code})).decided["decision_id"].iat[0]
           for code in ("PREC", "prec · Precio", "CANT")}  # fmt: skip
    assert len(ids) == 2


def test_every_reason_of_the_domain_has_words_and_an_effect_that_can_be_done() -> None:
    assert len(REASON_CODES) == len(set(REASON_CODES)) == 18
    for reason in USUAL_REASONS:
        assert bool(reason.charged_to) == (reason.effect == "charge_off"), reason.code
        for lang in LANGUAGES:
            assert has_words(f"matching.code_{reason.code}", lang)
            assert has_words(f"evidence.rest_{reason.effect}", lang)


def test_what_was_decided_of_a_rest_is_said_in_words() -> None:
    (facts,) = told(decide((R2, SHORT)))
    said = evidence.evidence_sentence(json.dumps(facts), rule="decided", currency="COP", lang="es")
    assert "Los 100,00 COP que faltan son una partida residual por precio, que se reclama." in said


def policy(folder: Path, entry: str) -> tuple[Reason, ...]:
    path = folder / "policy.yaml"
    path.write_text(f'version: "1"\nmatching:\n  differences:\n    reasons:\n      - {entry}\n')
    return read_policy(path).matching.differences.reasons


def test_the_policy_dates_a_reason_and_refuses_what_could_not_be_posted(tmp_path: Path) -> None:
    own = policy(tmp_path, "{code: PREC, effect: charge_off, charged_to: discount, valid_from: 2026-02-01}")
    assert reasons_on(own, dt.date(2026, 2, 1))["PREC"].charged_to == "discount"
    assert reasons_on(own, dt.date(2026, 1, 31))["PREC"].effect == "claim"
    for wrong in ("{code: XXXX, effect: open}", "{code: PREC, effect: gone}",
                  "{code: PREC, effect: charge_off}",
                  "{code: PREC, effect: open, charged_to: fee}",
                  "{code: DIFC, effect: charge_off, charged_to: exchange}",
                  "{code: PREC, effect: open, valid_from: 2026-02-01, valid_through: 2026-01-01}",
                  ):  # fmt: skip
        with pytest.raises(PolicyError):
            policy(tmp_path, wrong)


def test_two_words_on_one_document_contradict_each_other() -> None:
    twice = {**SHORT, "decided_documents": "A; A", "decided_amounts": "10; 5"}
    assert rules(decide((R2, twice))) == [("decision-contradictory", "R9")]


def test_two_receipts_cannot_both_charge_off_one_rest() -> None:
    made = decide((R1, {"decision": "residual", "decided_reason": "REDO"}), (R2, SHORT))
    assert legs(made) == [("R1", "A", "payment", 100_00), ("R1", "A", "tolerance", 30_00)]
    assert made.findings["rule"].tolist() == ["decision-over-document"]


def test_two_receipts_of_one_file_may_name_the_same_document() -> None:
    part = {"decision": "change", "decided_documents": "A", "decided_amounts": "10"}
    assert legs(decide((R1, part), (R2, part))) == [
        ("R1", "A", "payment", 10_00),
        ("R2", "A", "payment", 10_00),
    ]
