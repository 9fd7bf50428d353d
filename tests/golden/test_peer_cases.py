"""Every case of matching that another system's own tests hold: met, or differing as its mark says.

The cases live outside the repository. Each expectation a case may name has one check here, and a case with
an expectation that has none fails; so more cases of the kind need no more tests.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from peer_decided import BookDesk, Desk
from peer_world import Case, Outcome, World, read_case, varied

from workbench import credit_notes, ledger
from workbench.matching.differences import realised_differences
from workbench.money import RATE_SCALE

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("WORKBENCH_SHARED") or ROOT.parent / "shared") / "data" / "peer_cases"
PREFIXES = ("rec-", "pay-", "rule-", "mass-", "nm-")
#: Those of ``ar-`` are in ``test_peer_cases_ledger``; what differs has a test of its own below.
DIFFERENT = {"rule-cur-071"}
#: Currency and a factor for every amount; of each the rows in another order.
VARIANTS = [
    ("COP", "1"), ("COP", "7"), ("COP", "123457"), ("USD", "3"), ("JPY", "100"), ("JPY", "98700"),
    ("KWD", "0.1"), ("KWD", "11"), ("CLF", "0.01"), ("EUR", "999983"),
]  # fmt: skip
#: Of them, tried at the desk: with three decimals.
QUICK = (6,)


def _index() -> dict[str, str]:
    if not (FOLDER / "INDEX.csv").exists():
        return {}
    index = pd.read_csv(FOLDER / "INDEX.csv", dtype="str").set_index("id")["here"]
    return {name: mark for name, mark in index.items() if str(name).startswith(PREFIXES)}


def _given(name: Any) -> Case:
    return dict(read_case(FOLDER / f"{name}.yaml")["given"]) if isinstance(name, str) else {}


MARKS = _index()
ABSENT = pytest.param("absent", marks=pytest.mark.skip("the shared real inputs are not here"))
CASES = [name for name in MARKS if name not in DIFFERENT] or [ABSENT]


def test_every_case_has_its_file_and_every_difference_its_test(shared: Path) -> None:
    assert MARKS.keys() == {file.stem for file in FOLDER.glob("*.yaml") if file.stem.startswith(PREFIXES)}
    assert {name for name, mark in MARKS.items() if mark.startswith("differs")} == DIFFERENT
    for name in CASES:
        expected = read_case(FOLDER / f"{name}.yaml")["expect"]
        assert [key for key in expected if not _has_check(key)] == [], name


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_met_by_the_functions_and_the_command(name: str, tmp_path: Path) -> None:
    world = World(read_case(FOLDER / f"{name}.yaml"))
    meet(world, world.by_functions(), tmp_path)
    if world.given.get("payments") and not _needs_an_unusual_item(world):
        meet(world, world.by_command(tmp_path), tmp_path, once=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CASES if "steps" in _given(name)] or [ABSENT])
def test_a_persons_steps_are_met_in_a_book_by_the_workbook_that_comes_back(name: str, tmp_path: Path) -> None:
    world = World(read_case(FOLDER / f"{name}.yaml"))
    (tmp_path / "book").mkdir()
    for key, value in world.case["expect"].items():
        ELSEWHERE[key](world, tmp_path, value)


@pytest.mark.parametrize(
    ("currency", "factor"),
    [
        pytest.param(*one, marks=[] if place in QUICK else pytest.mark.slow)
        for place, one in enumerate(VARIANTS)
    ],
)
@pytest.mark.parametrize("name", CASES)
def test_a_case_is_met_in_other_amounts_currencies_and_orders_of_rows(
    name: str, currency: str, factor: str, tmp_path: Path
) -> None:
    case = varied(read_case(FOLDER / f"{name}.yaml"), Decimal(factor), seed=len(name) + len(factor))
    world = World(case, currency=currency)
    meet(world, world.by_functions(), tmp_path)


@pytest.mark.parametrize("name", [name for name in DIFFERENT if name in MARKS] or [ABSENT])
def test_differs_two_currencies_in_one_payment_are_two_receipts(name: str) -> None:
    case = read_case(FOLDER / f"{name}.yaml")
    whole = World(case).by_functions()
    assert {leg.item for leg in whole.applied} <= {
        item["id"] for item in case["given"]["items"] if item["currency"] == "GOL"
    }
    (line,) = case["given"]["payments"]
    parts = [
        {**line, "id": f"{line['id']}/{item['id']}", "amount": item["amount"], "currency": item["currency"]}
        for item in case["given"]["items"]
    ]
    split = World({**case, "given": {**case["given"], "payments": parts}}).by_functions()
    assert sorted((leg.payment, leg.item) for leg in split.applied) == [
        (part["id"], item["id"]) for part, item in zip(parts, case["given"]["items"], strict=True)
    ]


def test_a_credit_note_reduces_the_oldest_instalments_that_a_payment_left(shared: Path) -> None:
    world = World(read_case(shared / "data/peer_cases/ar-creditnote-005.yaml"))
    items = world.items()
    is_first = (items["document_id"] == "I1") & (items["item"] == "001")
    paid = world.minor(world.given["payments"][0]["amount"])
    items["open_amount"] -= is_first.astype("int64") * paid  # the payment was before
    matched = credit_notes.match_credit_notes(items, as_of=world.as_of)
    taken = items["document_key"].map(matched.applied.groupby("document_key")["applied_amount"].sum())
    left = items["open_amount"] - taken.fillna(0).astype("int64")
    rows = dict(zip(items["due_date"].dt.strftime("%Y-%m-%d"), left, strict=True))
    for row in world.case["expect"]["rows"]:
        assert rows[row["due"]] == world.minor(row["outstanding"])


def test_a_number_in_several_parts_is_read_without_its_prefix(shared: Path) -> None:
    case = read_case(shared / "data/peer_cases/rule-auto-065.yaml")
    case["given"]["payments"][0]["amount"] = case["given"]["items"][0]["amount"]
    assert [leg.rule for leg in World(case).by_functions().applied] == ["read-references"]


def meet(world: World, outcome: Outcome, folder: Path, *, once: bool = True) -> None:
    """Every expectation of the case; ``once``: also those that do not depend on the door."""
    for key, value in world.case["expect"].items():
        if check := OF_OUTCOME.get(key) or (_refused if key.endswith("_refused") else None):
            check(world, outcome, key, value)
        elif once:
            ELSEWHERE[key](world, folder, value)


def _has_check(key: str) -> bool:
    return key in OF_OUTCOME or key in ELSEWHERE or key.endswith("_refused")


def _needs_an_unusual_item(world: World) -> bool:
    """Files without a book know no other kinds than invoices and credit notes."""
    return any(row["document_kind"] == "other" for row in world.item_rows())


def _pairs(legs: list[Any]) -> list[tuple[str, str]]:
    return sorted({(leg.payment, leg.item) for leg in legs if leg.item})


def _matches(world: World, outcome: Outcome, key: str, expected: list[Case]) -> None:
    pairs = sorted((one["payment"], item) for one in expected for item in one.get("items") or [one["item"]])
    is_proposal = world.case["expect"].get("auto") is False
    assert _pairs(outcome.proposed if is_proposal else outcome.applied) == pairs
    if is_proposal:
        assert not outcome.applied
    if not expected:
        # Only cash that is not applied may be shown, and whole: no difference is written off in a proposal.
        assert not [leg for leg in outcome.proposed if leg.kind == "tolerance"]
    for one in expected:
        own = [leg for leg in outcome.applied if leg.payment == one["payment"]]
        if "amount" in one:
            assert sum(leg.amount for leg in own if leg.kind == "payment") == world.minor(
                one["amount"], world.given["payments"][0]
            )
        for name in ("difference", "write_off"):
            if name in one and not isinstance(one[name], bool):
                assert sum(leg.amount for leg in own if leg.kind == "tolerance") == world.minor(one[name])


def _auto(world: World, outcome: Outcome, key: str, expected: bool) -> None:
    assert bool(outcome.applied) == expected


def _unmatched(world: World, outcome: Outcome, key: str, expected: list[str]) -> None:
    assert sorted(outcome.left) == sorted(expected)


def _open_items(world: World, outcome: Outcome, key: str, expected: list[str]) -> None:
    taken: dict[str, int] = {}
    for leg in outcome.applied:
        taken[leg.item] = taken.get(leg.item, 0) + leg.amount
    left = {row["number"]: row["amount"] - taken.get(row["number"], 0) for row in world.item_rows()}
    assert sorted(name for name, amount in left.items() if amount) == sorted(expected)


def _proposed(world: World, outcome: Outcome, key: str, expected: dict[str, list[str]]) -> None:
    for payment, items in expected.items():
        assert [item for paid, item in _pairs(outcome.proposed) if paid == payment] == sorted(items)


def _refused(world: World, outcome: Outcome, key: str, expected: bool) -> None:
    payment = key.removesuffix("_refused")
    assert (not [leg for leg in outcome.applied + outcome.proposed if leg.payment == payment]) == expected
    assert outcome.left[payment][1] == "reference-already-settled"


def _allocated(world: World, outcome: Outcome, key: str, expected: Any) -> None:
    cash = sum(leg.amount for leg in outcome.applied + outcome.proposed if leg.kind != "tolerance")
    assert cash == world.minor(expected)


def _unallocated(world: World, outcome: Outcome, key: str, expected: Any) -> None:
    received = sum(row["amount"] for row in world.payment_rows())
    cash = sum(leg.amount for leg in outcome.applied + outcome.proposed if leg.kind != "tolerance")
    assert received - cash == world.minor(expected)


def _outstanding(world: World, outcome: Outcome, key: str, expected: Any) -> None:
    """Of the one item, after what is applied, or what is shown where nothing is."""
    legs = outcome.applied or outcome.proposed
    left = sum(row["amount"] for row in world.item_rows()) - sum(leg.amount for leg in legs)
    assert left == world.minor(expected, world.given["items"][0])


def _steps_final(world: World, folder: Path, expected: Case) -> None:
    """Two steps of a person over one receipt; the first one's expectations are checked on the way."""
    desk = BookDesk(world, folder, ROOT) if (folder / "book").exists() else Desk(world)
    steps = world.given["steps"]
    received = sum(desk.unapplied.values())
    for number, step in enumerate(steps, start=1):
        desk.take(step)
        for name, amount in world.case["expect"].get(f"after_step_{number}", {}).items():
            now = (
                sum(left for _, _, left in desk.advances().values())
                if name == "order_reserved"
                else desk.open[name]
            )
            assert now == world.minor(amount), name
        # What is proposed next never goes beyond what is reserved and still open.
        left = sum(left for _, _, left in desk.advances().values())
        best = desk.matched().suggested
        proposed = int(best.loc[best["proposal"] == 1, "applied_amount"].sum()) if len(best) else 0
        assert proposed <= left
    final = {name: amount for name, amount in expected.items() if name in desk.open}
    assert {name: desk.open[name] for name in final} == {
        name: world.minor(one) for name, one in final.items()
    }
    assert received - sum(desk.unapplied.values()) == world.minor(expected["allocated"])
    assert sum(desk.unapplied.values()) == world.minor(expected["unallocated"])
    over = desk.decide(next(iter(desk.unapplied)), {next(iter(final)): 1})
    assert not over, "what is settled takes no more"


def _steps_pairs(world: World, folder: Path, expected: list[list[Any]]) -> None:
    desk = BookDesk(world, folder, ROOT) if (folder / "book").exists() else Desk(world)
    residuals = world.case["expect"].get("residual_after", [])
    for step, (document, payment, amount), after in zip(
        world.given["steps"], expected, residuals, strict=True
    ):
        assert desk.take(step) == {document: world.minor(amount)}
        unapplied = {name: -left for name, left in desk.unapplied.items()}
        now = {**desk.open, **unapplied}
        assert {name: now[name] for name in after} == {name: world.minor(one) for name, one in after.items()}
        assert payment in unapplied
    cleared = not any(desk.open.values()) and not any(desk.unapplied.values())
    assert cleared == world.case["expect"].get("all_cleared", cleared)


def _set_off(world: World, *more: Case) -> tuple[pd.DataFrame, credit_notes.Matched]:
    items = world.items(*more)
    keys = dict(zip(items["document_id"], items["document_key"], strict=True))
    told = [
        {
            "credit_document_key": keys[a["frm"]],
            "document_key": keys[a["to"]],
            "amount": world.minor(a["amount"]),
        }
        for a in world.given.get("allocations", ())
    ]
    allocations = pd.DataFrame(told) if told else None
    return items, credit_notes.match_credit_notes(items, allocations, as_of=world.as_of)


def _left_of_credits(world: World, folder: Path, expected: Case) -> None:
    items, matched = _set_off(world)
    assert matched.applied["applied_amount"].sum() == 0, "both legs"
    taken = matched.applied.groupby("document_id")["applied_amount"].sum()
    left = items.set_index("document_id")["open_amount"].sub(taken, fill_value=0)
    assert left.astype("int64").to_dict() == {name: world.minor(one) for name, one in expected.items()}
    for name, status in world.case["expect"].get("status", {}).items():
        whole = items.set_index("document_id")["open_amount"][name]
        said = "paid" if not left[name] else "unpaid" if left[name] == whole else "partly paid"
        assert said == status


def _offered_later(world: World, folder: Path, expected: Case) -> None:
    """A credit of another party is never offered; one of the same party is, or is set off at once."""
    _, alone = _set_off(world)
    assert alone.applied.empty
    assert alone.suggested.empty
    _, then = _set_off(world, expected["item"])
    credits_ = {*then.suggested["credit_document_id"], *then.applied["document_id"]}
    assert expected["item"]["id"] in credits_
    customers = {*then.suggested["customer_id"], *then.applied["customer_id"]}
    assert customers == {expected["offered_for"]}


def _line(world: World) -> pd.DataFrame:
    item, payment = world.given["items"][0], world.given["payments"][0]
    known: Case = {
        "document_rate": int(item["rate"] * RATE_SCALE),
        "payment_rate": int(payment.get("rate", item["rate"]) * RATE_SCALE),
    }
    if "received_in_base" in payment:
        known["received_base"] = world.minor(payment["received_in_base"])
    line = {"document_key": 1, "receipt_key": 1, "currency": world.code(item)}
    return pd.DataFrame([{**line, "applied_amount": world.minor(payment["amount"], payment), **known}])


def _realised(world: World) -> pd.Series:
    realised = realised_differences(_line(world), base_currency=world.currency).iloc[0]
    parts = realised["realised_difference"] + realised["bank_difference"]
    assert realised["received_base"] == realised["document_base"] + parts
    return realised


def _exchange(world: World, folder: Path, expected: Any) -> None:
    assert _realised(world)["realised_difference"] == world.minor(expected)


def _base_applied(world: World, folder: Path, expected: Any) -> None:
    assert _realised(world)["document_base"] == world.minor(expected)


def _base_difference(world: World, folder: Path, expected: Any) -> None:
    realised = _realised(world)
    assert realised["document_base"] - realised["received_base"] == world.minor(expected)
    assert realised["code"] == ("DIFC" if expected else "")


def _shown(rows: str) -> Callable[[World, Path, int], None]:
    def check(world: World, folder: Path, expected: int) -> None:
        smallest, largest = (Decimal(str(bound)) for bound in world.settings[f"{rows}_between"])
        frame = world.items() if rows == "items" else pd.DataFrame(
            [{"open_amount": row["amount"], "currency": row["currency"]} for row in world.payment_rows()]
        )  # fmt: skip
        shown = ledger.select_by_amount(frame, "open_amount", smallest=smallest, largest=largest)
        assert len(shown) == expected

    return check


def _checked_beside(world: World, folder: Path, expected: Any) -> None:
    """Part of another expectation of the same case."""


OF_OUTCOME: dict[str, Callable[[World, Outcome, str, Any], None]] = {
    "matches": _matches,
    "auto": _auto,
    "unmatched": _unmatched,
    "open_items": _open_items,
    "open_payments": _unmatched,
    "proposed": _proposed,
    "total_allocated": _allocated,
    "unallocated": _unallocated,
    "item_outstanding": _outstanding,
}
ELSEWHERE: dict[str, Callable[[World, Path, Any], None]] = {
    "final": _steps_final,
    "partials": _steps_pairs,
    "residual_after": _checked_beside,
    "all_cleared": _checked_beside,
    "outstanding": _left_of_credits,
    "status": _checked_beside,
    "then_add": _offered_later,
    "exchange_difference": _exchange,
    "base_value_applied": _base_applied,
    "difference": _base_difference,
    "items_shown": _shown("items"),
    "payments_shown": _shown("payments"),
    **{f"after_step_{number}": _checked_beside for number in range(1, 10)},
}
