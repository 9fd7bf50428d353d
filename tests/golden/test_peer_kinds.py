"""More of the kinds that peers' tests hold, made up here: edges to the minor unit, currencies, orders.

Each case has the shape of theirs and goes through the same reader and the same checks.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from peer_decided import Desk
from peer_world import Case, Outcome, World

from workbench.money import to_major

#: The desk tries one; without decimals, with three and with four, the long tests.
CURRENCIES = ("COP", *(pytest.param(code, marks=pytest.mark.slow) for code in ("JPY", "KWD", "CLF")))


def unit(currency: str) -> Decimal:
    """One minor unit."""
    return to_major(1, currency)


def case(items: list[Case], payments: list[Case], **given: Any) -> Case:
    made = [{"kind": "invoice" if Decimal(str(item["amount"])) > 0 else "credit_note", "party": "A", **item}
            for item in items]  # fmt: skip
    paid = [{"party": "A", **payment} for payment in payments]
    return {"given": {"items": made, "payments": paid, "as_of": "2024-06-30", **given}, "expect": {}}


def item(name: str, amount: object, **more: Any) -> Case:
    return {"id": name, "amount": amount, **more}


def both(world: World, folder: Path) -> list[Outcome]:
    """By the functions, and by the command."""
    return [world.by_functions(), world.by_command(folder)]


def legs(outcome: Outcome) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for leg in outcome.applied:
        found[leg.item, leg.kind] = found.get((leg.item, leg.kind), 0) + leg.amount
    return found


def proposed(outcome: Outcome) -> dict[str, int]:
    return {leg.item: leg.amount for leg in outcome.proposed}


# Tolerances: the limit itself is inside, one minor unit more is not


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(
    ("settings", "limit"),
    [
        ({"tolerance_percent": 10}, 20),
        ({"tolerance_percent": 0.5}, 1),
        ({"write_off_limit": 5}, 5),
        ({"tolerance_percent": 10, "write_off_limit": 5}, 5),
        ({"tolerance_percent": 2.5, "write_off_limit": 50}, 5),
    ],
)
@pytest.mark.parametrize(
    ("how", "side"),
    [  # at the desk each way and each side once
        ("label", 1),
        ("applied_to", -1),
        pytest.param("label", -1, marks=pytest.mark.slow),
        pytest.param("applied_to", 1, marks=pytest.mark.slow),
    ],
)
def test_the_limit_of_a_tolerance_is_inside_and_the_next_unit_is_not(
    currency: str, side: int, settings: Case, limit: int, how: str
) -> None:
    for over in (0, 1):
        paid = 200 + side * (limit + over * unit(currency))
        told = {"label": "pago INV/2019/09/0001"} if how == "label" else {"applied_to": "I1"}
        world = World(
            case([item("I1", 200, number="INV/2019/09/0001"), item("I2", 50_000)],
                 [{"id": "P1", "amount": paid, **told}], settings=settings),
            currency=currency,
        )  # fmt: skip
        outcome = world.by_functions()
        expected = {("I1", "payment"): world.minor(paid), ("I1", "tolerance"): -side * world.minor(limit)}
        assert legs(outcome) == ({} if over else expected)
        assert bool(outcome.left) == bool(over)


@pytest.mark.parametrize("amounts", [(100, 200, 300), (300, 100, 200), ("0.01", "0.02", "5")])
def test_a_tolerance_never_joins_a_search_for_several_documents(amounts: tuple[Any, ...]) -> None:
    total = sum(Decimal(str(one)) for one in amounts) - Decimal("0.01")
    items = [item(f"I{place}", amount) for place, amount in enumerate(amounts)]
    world = World(case(items, [{"id": "P1", "amount": total}], settings={"tolerance_percent": 1}))
    assert not [leg for leg in world.by_functions().applied if leg.kind == "tolerance"]


# Payments and what they leave


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("surplus", ["10", "unit", "99900"])
def test_an_overpayment_stays_on_account_as_far_as_the_policy_lets_it(
    currency: str, surplus: str, tmp_path: Path
) -> None:
    more = unit(currency) if surplus == "unit" else Decimal(surplus)
    given = case([item("I1", 100)], [{"id": "P1", "amount": 100 + more, "applied_to": "I1"}])
    for outcome in both(World(given, currency), tmp_path):
        assert not outcome.applied
        assert proposed(outcome) == {"I1": World(given, currency).minor(100)}
    world = World(given, currency, {"surplus": "apply"})
    assert legs(world.by_functions()) == {
        ("I1", "payment"): world.minor(100), ("", "on_account"): world.minor(more)
    }  # fmt: skip


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("part", ["40", "unit", "all but one"])
def test_a_part_that_an_advice_tells_leaves_the_rest_open(currency: str, part: str, tmp_path: Path) -> None:
    paid = {"unit": unit(currency), "all but one": 100 - unit(currency)}.get(part) or Decimal(part)
    given = case([item("I1", 100), item("I2", 70)], [{"id": "P1", "amount": paid, "applied_to": "I1"}])
    for outcome in both(World(given, currency), tmp_path):
        assert not outcome.applied
        assert proposed(outcome) == {"I1": World(given, currency).minor(paid)}
    world = World(given, currency, {"partial": "apply"})
    for outcome in both(world, tmp_path):
        assert legs(outcome) == {("I1", "payment"): world.minor(paid)}


def test_parts_of_several_documents_are_taken_as_told_not_oldest_first(tmp_path: Path) -> None:
    told = [{"frm": "P1", "to": name, "amount": amount} for name, amount in (("I1", 10), ("I3", 90))]
    given = case([item(f"I{n}", 100, order=n) for n in (1, 2, 3)], [{"id": "P1", "amount": 100}],
                 allocations=told)  # fmt: skip
    for outcome in both(World(given), tmp_path):
        assert proposed(outcome) == {"I1": 10_00, "I3": 90_00}
    for outcome in both(World(given, differences={"partial": "apply"}), tmp_path):
        assert legs(outcome) == {("I1", "payment"): 10_00, ("I3", "payment"): 90_00}


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(("credit", "paid"), [(-40, 60), (-40, 1000), (-100, 60), (-99, 1)])
def test_a_payment_with_a_part_return_takes_both_legs(
    currency: str, credit: int, paid: int, tmp_path: Path
) -> None:
    given = case(
        [item("I1", 100), item("C1", credit, against="I1")],
        [{"id": "P1", "amount": paid}],
        allocations=[{"frm": "P1", "to": "I1", "amount": 100}, {"frm": "P1", "to": "C1", "amount": credit}],
    )
    world = World(given, currency)
    for outcome in both(world, tmp_path):
        found = outcome.applied or outcome.proposed
        amounts = {leg.item: leg.amount for leg in found}
        assert amounts == {"I1": world.minor(100), "C1": world.minor(credit)}
        assert bool(outcome.applied) == (100 + credit == paid)
        assert {leg.item: leg.kind for leg in found} == {"I1": "payment", "C1": "credit_note"}


@pytest.mark.parametrize("how", ["applied_to", "label"])
@pytest.mark.parametrize("second", [100, 40, 250])
def test_a_second_payment_of_a_paid_document_is_refused_whatever_its_amount(
    how: str, second: int, tmp_path: Path
) -> None:
    name = {"applied_to": "INV-2001"} if how == "applied_to" else {"label": "pago INV-2001"}
    payments = [
        {"id": "P2", "amount": second, "date": "2024-06-20", **name},
        {"id": "P1", "amount": 100, "date": "2024-06-10", **name},
    ]
    for outcome in both(World(case([item("INV-2001", 100)], payments)), tmp_path):
        assert [(leg.payment, leg.item) for leg in outcome.applied] == [("P1", "INV-2001")]
        assert outcome.left == {"P2": (second * 100, "reference-already-settled")}
        assert not outcome.proposed


@pytest.mark.parametrize("count", [2, 3, 5])
def test_of_equal_payments_the_oldest_take_the_items_and_the_rest_stay(count: int, tmp_path: Path) -> None:
    payments = [{"id": f"P{n}", "amount": 50, "date": f"2024-06-{n:02}"} for n in range(count, 0, -1)]
    for outcome in both(World(case([item("I1", 50)], payments)), tmp_path):
        assert [(leg.payment, leg.item) for leg in outcome.applied] == [("P1", "I1")]
        assert sorted(outcome.left) == [f"P{n}" for n in range(2, count + 1)]


# Who paid


@pytest.mark.parametrize(
    "label",
    [
        "1234//HADDOCK-Archibald", "haddock archibald", "PAGO DE ARCHIBALD   HADDOCK REF 99",
        "TRANSF:archibald.haddock/0001", "ARCHIBALD-HADDOCK", "Hāddock  Archibáld", "Haddock,Archibald",
        "abono (haddock) archibald", "Archibald_Haddock", "archibald\thaddock",
    ],
)  # fmt: skip
def test_a_payers_name_is_read_in_any_order_case_and_punctuation(label: str, tmp_path: Path) -> None:
    items = [item("I1", 100, party="Archibald Haddock"), item("I2", 100, party="Bianca Castafiore")]
    given = case(items, [{"id": "P1", "amount": 100, "party": None, "label": label}])
    for outcome in both(World(given), tmp_path):
        assert [(leg.payment, leg.item) for leg in outcome.applied] == [("P1", "I1")]


@pytest.mark.parametrize("label", ["Haddock", "1234//HADDOCK-Nestor", "Archi Haddo", "xxxxx", ""])
def test_a_part_of_a_name_is_no_proof_of_who_paid(label: str) -> None:
    items = [item("I1", 100, party="Archibald Haddock"), item("I2", 100, party="Bianca Castafiore")]
    given = case(items, [{"id": "P1", "amount": 100, "party": None, "label": label}])
    assert not World(given).by_functions().applied


# Oldest first, where the policy asks for it


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        (250, {"I1": 100, "I2": 150}),
        (99, {"I1": 99}),
        (301, {"I1": 100, "I2": 200, "I3": 1}),
        (700, {"I1": 100, "I2": 200, "I3": 300}),
    ],
)
def test_no_more_items_than_needed_are_proposed_oldest_first(
    currency: str, paid: int, expected: dict[str, int], tmp_path: Path
) -> None:
    items = [item(f"I{n}", 100 * n, order=n) for n in (3, 1, 2)]
    given = case(items, [{"id": "P1", "amount": paid, "label": "xxxxx"}], settings={"amount_check": False})
    world = World(given, currency)
    for outcome in both(world, tmp_path):
        assert not outcome.applied
        assert proposed(outcome) == {name: world.minor(amount) for name, amount in expected.items()}
    plain = World({**given, "given": {**given["given"], "settings": {}}}, currency)
    assert not plain.by_functions().proposed, "without the policy nothing is guessed"


# Orders


ORDER = [item("I1", 1000, order=1, order_id="PO-4711"), item("I2", 500, order=2, order_id="PO-4711"),
         item("I3", 800, order=0, order_id="PO-9999"), item("I4", 333, order=0)]  # fmt: skip


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(
    ("label", "paid", "expected"),
    [
        ("anticipo pedido PO-4711", 1200, {"I1": 1000, "I2": 200}),
        ("PO 4711", 300, {"I1": 300}),
        ("OC PO4711 anticipo", 1000, {"I1": 1000}),
        ("anticipo po-4711", 2000, {"I1": 1000, "I2": 500}),
        ("PO-4711 y PO-9999", 900, {"I3": 800, "I1": 100}),
    ],
)
def test_an_advance_of_an_order_is_spread_over_its_documents_oldest_first(
    currency: str, label: str, paid: int, expected: dict[str, int], tmp_path: Path
) -> None:
    world = World(case(ORDER, [{"id": "P1", "amount": paid, "label": label}]), currency)
    for outcome in both(world, tmp_path):
        found = outcome.applied or outcome.proposed
        assert {leg.item: leg.amount for leg in found} == {
            name: world.minor(amount) for name, amount in expected.items()
        }


@pytest.mark.parametrize("currency", CURRENCIES)
def test_an_order_named_with_all_it_owes_is_paid(currency: str, tmp_path: Path) -> None:
    world = World(case(ORDER, [{"id": "P1", "amount": 1500, "label": "PO-4711", "party": None}]), currency)
    for outcome in both(world, tmp_path):
        assert legs(outcome) == {("I1", "payment"): world.minor(1000), ("I2", "payment"): world.minor(500)}
        assert {leg.rule for leg in outcome.applied} == {"whole-order"}


def test_a_document_of_another_order_is_not_taken_by_its_amount_alone(tmp_path: Path) -> None:
    for outcome in both(World(case(ORDER, [{"id": "P1", "amount": 800, "label": "PO-4711"}])), tmp_path):
        assert not outcome.applied
        assert outcome.left["P1"][1] == "order-disagrees"


@pytest.mark.parametrize("label", ["4711", "ref 4711 de junio", "el 4711"])
def test_a_short_number_alone_names_no_order(label: str) -> None:
    items = [item("I1", 1000, order_id="4711"), item("I2", 500, order_id="4711")]
    assert not World(case(items, [{"id": "P1", "amount": 1200, "label": label}])).by_functions().proposed
    told = World(case(items, [{"id": "P1", "amount": 1200, "label": f"pedido No. {label[-4:]}"}]))
    assert bool(told.by_functions().proposed) == label.endswith("4711")


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(
    ("reserved", "invoices", "steps"),
    [
        (2000, [1000, 1000], [["I1 100", "I2 1000"], ["I1 900"]]),
        (2000, [1500, 1500], [["I1 1500"], ["I2 500"]]),
        (1, [3000], [["I1 1"]]),
        (2500, [700, 700, 700, 700], [["I1 700", "I2 700"], ["I3 700"], ["I4 400"]]),
    ],
)
def test_what_is_reserved_for_an_order_is_never_proposed_twice(
    currency: str, reserved: int, invoices: list[int], steps: list[list[str]]
) -> None:
    items = [item(f"I{n}", amount, order=n) for n, amount in enumerate(invoices, start=1)]
    world = World(case(items, [{"id": "P1", "amount": 3000, "reserved_for_order": reserved}]), currency)
    desk = Desk(world)
    used = 0
    for step in steps:
        left = min(reserved, sum(invoices)) - used
        best = desk.matched().suggested.query("proposal == 1")
        assert best["applied_amount"].sum() == world.minor(left)
        used += int(to_major(sum(desk.take(step).values()), currency))
        amounts = tuple(map(world.minor, (reserved, used, reserved - used)))
        assert desk.advances() == {"ORDER-1": amounts}
    assert desk.unapplied == {"P1": world.minor(3000 - reserved)}
    assert not len(desk.matched().suggested.query("rule == 'remittance-advice'"))


# Step by step


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("seed", range(3))
def test_n_debts_and_m_payments_clear_in_any_order_of_steps(currency: str, seed: int) -> None:
    amounts = {"D1": 1000 + seed, "D2": 200, "D3": 7}
    paid = {"P1": 300, "P2": 400, "P3": 507 + seed}
    world = World(
        case([item(name, amount) for name, amount in amounts.items()],
             [{"id": name, "amount": amount} for name, amount in paid.items()]),
        currency,
    )  # fmt: skip
    desk = Desk(world)
    debts, payments = list(amounts), list(paid)
    while any(desk.unapplied.values()):
        payment = next(name for name in payments[seed:] + payments[:seed] if desk.unapplied[name])
        document = next(name for name in debts[seed:] + debts[:seed] if desk.open[name])
        before = desk.open[document], desk.unapplied[payment]
        (amount,) = desk.take(f"{document}-{payment}").values()
        assert amount == min(before)
    assert not any(desk.open.values())


@pytest.mark.parametrize("over", ["document", "payment"])
def test_a_step_never_takes_more_than_is_open_or_came_in(over: str) -> None:
    world = World(case([item("D1", 100), item("D2", 500)], [{"id": "P1", "amount": 300}]))
    desk = Desk(world)
    assert not desk.decide("P1", {"D1": 100_01} if over == "document" else {"D2": 300_01})
    assert (desk.open, desk.unapplied) == ({"D1": 100_00, "D2": 500_00}, {"P1": 300_00})
