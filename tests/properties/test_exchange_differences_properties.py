"""Whatever is paid, taken back, cleared or seen in a foreign currency: each peso of difference is proved."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_frames import documents, facts, frame, rates, receipts
from tries import tries

from workbench import ledger
from workbench.calendar import Period
from workbench.exchange_differences import Facts, Measured, measure_differences, propose_entries
from workbench.exchange_differences.entries import REALISED, UNREALISED
from workbench.journal import balances_by_account, check_balanced
from workbench.policy import Accounts, ExchangePolicy
from workbench.tables import REVALUATIONS

CLOSES = ("2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31")
PERIODS = ("2026-01", "2026-02", "2026-03")
#: Until when facts count in each close; whatever its day, a fact may be known at the first or only later.
KNOWN = ("2026-02-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-04-02T00:00:00Z")
LEARNED = st.sampled_from([0, 0, 0, 1, 2])
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 31)).map(str)
ACCOUNTS = Accounts()


@st.composite
def months(draw: st.DrawFn) -> tuple[Facts, pd.DataFrame, pd.DataFrame]:
    """Debts and credits of two customers in three currencies over three months, with rates of every day."""
    rows: list[dict[str, Any]] = []
    applied: list[dict[str, Any]] = []
    undone: list[dict[str, Any]] = []
    cleared: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    cash = receipts(
        *({"receipt_key": n, "receipt_id": f"R{n}", "receipt_date": draw(DAYS)} for n in range(2))
    )
    for key in range(1, 1 + draw(st.integers(1, 5))):
        first = draw(LEARNED)
        amount = draw(st.integers(1, 3_000_00)) * draw(st.sampled_from([1, 1, -1]))
        sign = 1 if amount > 0 else -1
        rows.append(
            {
                "document_key": key,
                "recorded_at": KNOWN[first],
                "original_amount": amount,
                "currency": draw(st.sampled_from(["USD", "USD", "EUR", "JPY"])),
                "customer_id": draw(st.sampled_from(["0001", "0002"])),
                "document_date": draw(st.one_of(st.just("2025-11-15"), DAYS)),
                "document_kind": draw(st.sampled_from(["invoice", "payment"])),
            }
        )
        for _ in range(draw(st.integers(0, 3))):
            number, learned = f"A{len(applied):02d}", max(first, draw(LEARNED))
            applied.append(
                {
                    "recorded_at": KNOWN[learned],
                    "application_id": number,
                    "document_key": key,
                    "applied_amount": sign * draw(st.integers(1, abs(amount))),
                    "effective_date": draw(DAYS),
                    "erp_open_amount": amount,
                    "receipt_key": draw(st.integers(-1, 1)),
                    "kind": draw(st.sampled_from(["payment", "discount"])),
                }
            )
            if draw(st.integers(0, 3)) == 0:
                known = KNOWN[max(learned, draw(LEARNED))]
                undone.append({"application_id": number, "effective_date": draw(DAYS), "recorded_at": known})
        for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
            cleared.append(
                {
                    "document_key": key,
                    "recorded_at": KNOWN[max(first, draw(LEARNED))],
                    "clearing_date": draw(DAYS),
                    "clearing_document": draw(st.sampled_from(["", f"C{number}"])),
                    "cleared_amount": sign * draw(st.integers(1, abs(amount))),
                    "extract_date": "2026-03-31",
                }
            )
        for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
            seen.append(
                {
                    "document_key": key,
                    "recorded_at": KNOWN[max(first, draw(LEARNED))],
                    "observed_date": draw(DAYS),
                    "open_amount": sign * draw(st.integers(0, abs(amount))),
                }
            )
    made = facts(
        documents(*rows), observations=seen, clearings=cleared, applications=applied, reversals=undone
    )
    return Facts(*made), cash, _rates(draw)


def _rates(draw: st.DrawFn) -> pd.DataFrame:
    """The dollar in pesos and two currencies per euro, another rate every ten days or so."""
    days = ["2025-11-01", *sorted(set(draw(st.lists(DAYS, max_size=8))))]
    ends = [str(dt.date.fromisoformat(day) - dt.timedelta(days=1)) for day in days[1:]] + ["2026-12-31"]
    told = []
    for first, last in zip(days, ends, strict=True):
        told += [
            ("trm", "USD", "COP", first, last, draw(st.integers(3_000_00, 4_500_00)) * 10_000),
            ("ecb", "EUR", "USD", first, last, draw(st.integers(9_000, 13_000)) * 100),
            ("ecb", "EUR", "JPY", first, last, draw(st.integers(13_000, 18_000)) * 10_000),
        ]
    return rates(*told)


def _measured(
    world: tuple[Facts, pd.DataFrame, pd.DataFrame],
    before: str,
    as_of: str,
    known: str | None = None,
    issued: str | None = None,
) -> Measured:
    return measure_differences(
        *world,
        before=dt.date.fromisoformat(before),
        as_of=dt.date.fromisoformat(as_of),
        base_currency="COP",
        policy=ExchangePolicy(),
        known_at=dt.datetime.fromisoformat(known) if known else None,
        issued_at=dt.datetime.fromisoformat(issued) if issued else None,
    )


#: Each example measures four times.
@given(months())
@settings(max_examples=tries(6), deadline=None)
def test_three_months_prove_themselves_to_the_cent(world: tuple[Facts, pd.DataFrame, pd.DataFrame]) -> None:
    every = []
    carried: dict[int, int] = {}
    issued = None
    for (before, as_of), known in zip(pairwise(CLOSES), KNOWN, strict=True):
        told = _measured(world, before, as_of, known, issued)
        issued = known
        assert told.findings.empty
        every.append(told)
        for line in told.statement.to_dict("records"):
            movements = ("opening", "documents", "realised", "late", "reversed", "unrealised", "residue")
            total = sum(line[f"{name}_base"] for name in movements) - line["collected_base"]
            assert total == line["closing_base"]
        for line in told.compared.to_dict("records"):
            explained = line["permanent_base"] + line["temporary_change_base"] + line["tax_base"]
            assert line["accounting_base"] == explained
        opened = dict(zip(told.opening["document_key"], told.opening["carrying_base"], strict=True))
        standing = {key: amount for key, amount in opened.items() if amount}
        assert before == CLOSES[0] or standing == {key: amount for key, amount in carried.items() if amount}
        carried = dict(zip(told.closing["document_key"], told.closing["carrying_base"], strict=True))
        items = ledger.open_items_as_of(
            *world[0], as_of=dt.date.fromisoformat(as_of), known_at=dt.datetime.fromisoformat(known)
        )
        still_open = dict(zip(items["document_key"], items["open_amount"], strict=True))
        ours = dict(zip(told.closing["document_key"], told.closing["open_amount"], strict=True))
        assert {key: amount for key, amount in ours.items() if amount} == {
            key: amount for key, amount in still_open.items() if amount
        }
    whole = _measured(world, CLOSES[0], CLOSES[-1])
    _check_documents(every, whole)
    _check_ledger(every, whole)


def _check_documents(every: list[Measured], whole: Measured) -> None:
    """Over its life: initial + Σ realised + cents + unrealised − Σ paid = carrying."""
    settled = pd.concat([part for one in every for part in (one.settlements, one.late)])
    order = ["document_key", "settled_date", "settled_by", "settled_id"]
    money = ["settled_amount", "realised_base", "paid_base"]
    told, wanted = (frame.groupby(order)[money].sum() for frame in (settled, whole.settlements))
    # What is known late may take back what it was told as before: nothing of it is left.
    assert told[(told != 0).any(axis=1)].equals(wanted[(wanted != 0).any(axis=1)])
    for line in whole.closing.to_dict("records"):
        own = settled[settled["document_key"] == line["document_key"]]
        gain = own["realised_base"].sum() - line["residue_base"]
        carrying = line["initial_base"] + gain + line["unrealised_base"] - own["paid_base"].sum()
        assert carrying == line["carrying_base"]
        if line["open_amount"] == 0:
            assert line["carrying_base"] == 0
            assert gain == own["paid_base"].sum() - line["initial_base"]


@given(months(), st.randoms(use_true_random=False))
@settings(max_examples=tries(3), deadline=None)
def test_the_order_of_rows_changes_nothing(
    world: tuple[Facts, pd.DataFrame, pd.DataFrame], chance: Any
) -> None:
    told = _measured(world, CLOSES[1], CLOSES[2])
    shuffled = [part.sample(frac=1, random_state=chance.randrange(2**31)) for part in (*world[0], *world[1:])]
    again = _measured((Facts(*shuffled[:5]), shuffled[5], shuffled[6]), CLOSES[1], CLOSES[2])
    for name in ("settlements", "opening", "closing", "statement", "compared"):
        one, other = (getattr(each, name) for each in (told, again))
        keys = [key for key in ("document_key", "settled_date", "settled_by", "settled_id") if key in one]
        keys = keys or list(one.columns)[:3]
        pd.testing.assert_frame_equal(*(each.sort_values(keys, ignore_index=True) for each in (one, other)))


def _check_ledger(every: list[Measured], whole: Measured) -> None:
    """The entries of three months, reversals among them, move the ledger by the differences, to the cent."""
    posted = REVALUATIONS.empty()
    lines = []
    for period, as_of, told in zip(PERIODS, CLOSES[1:], every, strict=True):
        made = propose_entries(
            told, posted, accounts=ACCOUNTS, policy=ExchangePolicy(), period=Period.parse(period)
        )
        check_balanced(made.lines)
        is_same = told.opening.equals(told.restated)
        assert made.findings.empty or not is_same
        customers = balances_by_account(made.lines).set_index("account")["base_amount"]
        assert customers.get(ACCOUNTS.foreign_receivables, 0) == told.compared["accounting_base"].sum()
        days = made.lines.loc[made.lines["origin"] == UNREALISED, "posting_date"]
        assert set(days) <= {pd.Timestamp(as_of)}
        lines.append(made.lines)
        instant = pd.Timestamp(as_of, tz="UTC")
        kept = made.revaluations.assign(
            operation_id=period, step_key="", period=period, as_of_date=as_of, who="", recorded_at=instant
        )
        posted = REVALUATIONS.conform(pd.concat([posted, kept]))
    booked = balances_by_account(pd.concat(lines)).set_index("account")["base_amount"]
    first = every[0].opening
    opening = first["unrealised_base"].sum() - first["residue_base"].sum()
    closing = whole.closing["unrealised_base"].sum() - whole.closing["residue_base"].sum()
    result = whole.settlements["realised_base"].sum() + closing - opening
    assert booked.get(ACCOUNTS.foreign_receivables, 0) == result
    assert booked.get(ACCOUNTS.exchange_gain, 0) + booked.get(ACCOUNTS.exchange_loss, 0) == -result


def test_a_revaluation_that_was_posted_otherwise_is_taken_back_as_it_was_posted() -> None:
    made = facts(documents({"document_key": 1, "original_amount": 100, "currency": "USD"}))
    table = rates(("trm", "USD", "COP", "2026-01-01", "2026-12-31", 4_000_000_000))
    told = _measured((Facts(*made), receipts(), table), CLOSES[1], CLOSES[2])
    row = {
        "operation_id": "x", "company_id": "CO01", "period": "2026-01", "as_of_date": "2026-01-31",
        "document_key": 1, "customer_id": "0001", "currency": "USD", "open_amount": 100,
        "base_currency": "COP", "carried_amount": 400_000, "revalued_amount": 390_000,
    }  # fmt: skip
    entries = propose_entries(
        told,
        frame(REVALUATIONS, [row]),
        accounts=ACCOUNTS,
        policy=ExchangePolicy(posts_realised=False),
        period=Period.parse("2026-02"),
    )
    line = entries.lines[entries.lines["account"] == ACCOUNTS.exchange_loss].iloc[0]
    assert (line["base_amount"], str(line["posting_date"].date())) == (-10_000, "2026-02-01")
    assert entries.findings["rule"].tolist() == ["revaluation-changed"]
    assert not entries.lines["origin"].eq(REALISED).any()
