"""One line of the bank that is several in the books, one of the books that is several in the bank."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from upper_trade_frames import bank_balances, bank_lines, book_lines

from workbench import reconciliation
from workbench.calendar import Period
from workbench.policy import ReconciliationPolicy
from workbench.reconciliation.bank_reports import earlier_periods
from workbench.tables import BANK_BALANCES

AS_OF = dt.date(2026, 10, 31)
#: Amounts as people pay them: odd to the cent, so that sums are hardly ever accidents.
PARTS = (1_234_567_89, 987_654_31, 45_678_907)


def reconcile(bank: list[Any], book: list[Any], **options: Any) -> reconciliation.Reconciled:
    lines = bank_lines(*bank)
    closing = 1000 + int(lines["bank_amount"].sum())
    balances = bank_balances(("2026-10-01", 1000, "2026-10-31", closing))
    options = {"as_of": AS_OF, "policy": ReconciliationPolicy(), **options}
    return reconciliation.reconcile_bank(lines, balances, book_lines(*book), **options)


def rules(result: reconciliation.Reconciled) -> list[str]:
    return sorted(set(result.matched["rule"]))


def on(day: int, *amounts: int, **more: Any) -> list[dict[str, Any]]:
    return [{"date": f"2026-10-{day:02d}", "amount": amount, **more} for amount in amounts]


def test_a_deposit_of_three_receipts_is_one_bank_line_with_their_sum() -> None:
    result = reconcile(on(15, sum(PARTS)), [*on(15, *PARTS), *on(15, 77_777_77)])
    assert rules(result) == ["grouped-deposit-sum"]
    assert result.matched["matched_amount"].tolist() == list(PARTS)
    assert result.matched["bank_line_key"].nunique() == result.matched["group_id"].nunique() == 1
    assert result.outstanding_book["book_amount"].tolist() == [77_777_77]
    assert result.proof["difference"].tolist() == [0]


def test_a_payment_in_three_parts_is_one_book_line_with_their_sum() -> None:
    result = reconcile(on(15, *(-part for part in PARTS)), on(15, -sum(PARTS)))
    assert rules(result) == ["split-payment-sum"]
    assert result.matched["book_line_key"].tolist() == [1, 1, 1]
    assert result.matched["matched_amount"].sum() == -sum(PARTS)
    assert result.outstanding_bank.empty


def test_two_sums_that_would_do_leave_all_outstanding_and_tell_both() -> None:
    book = on(15, 100_01, 200_02, 120_01, 180_02)
    result = reconcile(on(15, 300_03), book)
    assert result.matched.empty
    rivals = result.rivals.groupby("choice")["rival_amount"].sum()
    assert rivals.tolist() == [300_03, 300_03]
    assert "bank-match-ambiguous" in result.findings["rule"].tolist()


def test_equal_lines_that_could_stand_for_each_other_are_no_single_answer() -> None:
    result = reconcile(on(15, sum(PARTS[:2])), [*on(15, *PARTS[:2]), *on(15, PARTS[0])])
    assert result.matched.empty
    assert result.rivals["choice"].max() == 2


def test_two_deposits_of_one_amount_do_not_share_the_receipts_of_one() -> None:
    result = reconcile(on(15, sum(PARTS), sum(PARTS)), on(15, *PARTS))
    assert result.matched.empty
    assert set(result.rivals["line_key"]) == {1, 2}


def test_a_slip_that_both_sides_name_settles_what_sums_alone_could_not() -> None:
    slip = on(15, 100_01, 200_02, reference="SLIP-9")
    result = reconcile(on(15, 300_03, reference="slip 9"), [*slip, *on(15, 120_01, 180_02)])
    assert rules(result) == ["grouped-deposit-named"]
    assert sorted(result.matched["matched_amount"]) == [100_01, 200_02]


def test_lines_of_one_slip_of_the_books_are_a_deposit_though_the_bank_names_none() -> None:
    slip = on(14, 100_01, 200_02, reference="RC-55")
    result = reconcile(on(15, 300_03), [*slip, *on(15, 120_01, 180_02)])
    assert rules(result) == ["grouped-deposit-slip"]


@pytest.mark.parametrize(("day", "meets"), [(11, False), (12, True), (18, True), (19, False)])
def test_parts_lie_within_the_days_of_the_policy(day: int, meets: bool) -> None:
    result = reconcile(on(15, sum(PARTS)), on(day, *PARTS))
    assert (not result.matched.empty) == meets


def test_sums_never_mix_signs_or_accounts() -> None:
    crossed = [*on(15, sum(PARTS) + 500), *on(15, -500)]
    assert reconcile(on(15, sum(PARTS)), crossed).matched.empty
    other = [*on(15, *PARTS[:2]), *on(15, PARTS[2], account_id="B2")]
    assert reconcile(on(15, sum(PARTS)), other).matched.empty


def test_round_amounts_prove_nothing_by_their_sum() -> None:
    """Among multiples of fifty thousand a sum of three is an accident as often as not, though it is the only
    one; the same lines with odd cents prove it."""
    numbers = [3, 5, 11, 23, 41, 83, 160]

    def met(step: int) -> bool:
        book = [line for place, n in enumerate(numbers) for line in on(13 + place % 5, n * step)]
        return not reconcile(on(15, (3 + 11 + 41) * step), book).matched.empty

    assert not met(50_000_00)
    odd = [n * 50_000_00 + 7_919 * (n * n + 13) for n in numbers]
    book = [line for place, amount in enumerate(odd) for line in on(13 + place % 5, amount)]
    assert not reconcile(on(15, odd[0] + odd[2] + odd[4]), book).matched.empty


def test_a_whole_day_of_many_receipts_is_the_deposit_of_that_day() -> None:
    day = [1_000_003_17 + 7_919_113 * place * place for place in range(40)]
    result = reconcile(on(16, sum(day)), [*on(15, *day), *on(16, *(one + 11 for one in day))])
    assert rules(result) == ["grouped-deposit-sum"]
    assert len(result.matched) == 40


def test_groups_keep_their_id_whatever_else_there_is() -> None:
    one = reconcile(on(15, sum(PARTS)), on(15, *PARTS))
    other = reconcile([*on(15, sum(PARTS)), *on(20, 5)], [*on(15, *PARTS), *on(20, 5)])
    ids = set(one.matched["group_id"])
    assert len(ids) == 1
    assert ids < set(other.matched["group_id"])


def test_a_cheque_is_cashed_weeks_later_by_its_number() -> None:
    book = [{"date": "2026-08-20", "amount": -90_000, "reference": "CH400123", "text": "Pago proveedor"}]
    bank = [{"date": "2026-10-09", "amount": -90_000, "text": "PAGO CHEQUE 400123"}]
    lines, booked = bank_lines(*bank), book_lines(*book)
    result = reconciliation.reconcile_bank(
        lines, BANK_BALANCES.empty(), booked, as_of=AS_OF, policy=ReconciliationPolicy()
    )
    assert rules(result) == ["cheque-number"]
    other = booked.assign(reference="CH400124")
    apart = reconciliation.reconcile_bank(
        lines, BANK_BALANCES.empty(), other, as_of=AS_OF, policy=ReconciliationPolicy()
    )
    assert apart.matched.empty
    assert apart.outstanding_book[["category", "detail"]].values.tolist() == [
        ["payment_not_cashed", "cheque"]
    ]


def test_a_number_in_the_text_is_a_reference_where_each_is_the_others_only_one() -> None:
    bank = on(15, 500_00, text="PAGO FACT FE10234") + on(15, 500_00, text="PAGO FACT FE10235")
    book = on(16, 500_00, text="Recaudo FE-10235") + on(16, 500_00, reference="FE-10234")
    result = reconcile(bank, book)
    assert rules(result) == ["text-amount-date"]
    assert result.matched[["bank_line_key", "book_line_key"]].values.tolist() == [[1, 2], [2, 1]]


def test_what_met_at_a_months_end_stays_met_though_a_later_line_would_do_as_well() -> None:
    bank = [{"date": "2026-09-30", "amount": 500}]
    book = [{"date": "2026-09-30", "amount": 500}, {"date": "2026-10-01", "amount": 500}]
    lines, booked = bank_lines(*bank), book_lines(*book)
    for day in (dt.date(2026, 9, 30), AS_OF):
        result = reconciliation.reconcile_bank(
            lines, BANK_BALANCES.empty(), booked, as_of=day, policy=ReconciliationPolicy()
        )
        assert result.matched["book_line_key"].tolist() == [1], day


def test_carried_items_are_solved_by_what_is_booked_later() -> None:
    bank = [
        {"date": "2026-09-28", "amount": -77_15, "line_kind": "fee", "text": "COMISION RECAUDO"},
        {"date": "2026-09-29", "amount": 600_00, "reference": "FE77001"},
    ]
    book = [
        {"date": "2026-10-09", "amount": -77_15, "text": "Comisiones bancarias septiembre"},
        {"date": "2026-10-12", "amount": 600_00, "reference": "FE77001"},
        {"date": "2026-10-30", "amount": 5_00},
    ]
    lines, booked = bank_lines(*bank), book_lines(*book)
    result = reconciliation.reconcile_bank(
        lines, BANK_BALANCES.empty(), booked, as_of=AS_OF, policy=ReconciliationPolicy()
    )
    assert rules(result) == ["note-amount-later", "reference-amount-later"]
    assert result.solved["line_id"].tolist() == ["L1", "L2"]
    assert result.solved["first_seen"].dt.date.tolist() == [dt.date(2026, 9, 30)] * 2
    assert result.solved["solved_date"].dt.date.tolist() == [dt.date(2026, 10, 9), dt.date(2026, 10, 12)]
    carried = result.carried.set_index("side")
    assert carried.loc["bank", ["opening_amount", "new_amount", "solved_amount", "amount"]].tolist() == [
        600_00 - 77_15, 0, 600_00 - 77_15, 0,
    ]  # fmt: skip
    assert carried.loc["book", ["opening_amount", "new_amount", "amount"]].tolist() == [0, 5_00, 5_00]


def test_within_a_month_the_window_stays_strict_even_for_references() -> None:
    result = reconcile(on(5, 500_00, reference="A1"), on(19, 500_00, reference="A1"))
    assert result.matched.empty
    assert result.outstanding_bank["detail"].tolist() == ["other_date"]


def test_what_people_put_together_comes_first_and_what_they_took_apart_is_not_made_again() -> None:
    bank, book = on(15, 500_00) + on(3, 500_00), on(15, 500_00) + on(25, 500_00)
    plain = reconcile(bank, book)
    assert plain.matched[["bank_line_key", "book_line_key"]].values.tolist() == [[1, 1]]
    group = plain.matched["group_id"].iat[0]
    apart = pd.DataFrame(
        {"group_id": [group] * 2, "state": "undone", "bank_line_key": [1, -1], "book_line_key": [-1, 1]}
    )
    assert reconcile(bank, book, hand_matches=apart).matched.empty
    made = pd.DataFrame(
        {"group_id": ["H"] * 2, "state": "made", "bank_line_key": [2, -1], "book_line_key": [-1, 2]}
    )
    both = reconcile(bank, book, hand_matches=pd.concat([apart, made]))
    assert both.matched[["bank_line_key", "book_line_key", "rule"]].values.tolist() == [[2, 2, "by-hand"]]


def test_a_match_by_hand_that_does_not_add_up_changes_nothing_and_is_told() -> None:
    made = pd.DataFrame(
        {"group_id": ["H"] * 2, "state": "made", "bank_line_key": [1, -1], "book_line_key": [-1, 1]}
    )
    result = reconcile(on(15, 500_00), on(25, 400_00), hand_matches=made)
    assert result.matched.empty
    assert "bank-hand-match-broken" in result.findings["rule"].tolist()
    assert result.proof["difference"].tolist() == [0]


def test_a_match_by_hand_with_a_line_of_next_month_keeps_its_line_from_the_rules() -> None:
    bank = [{"date": "2026-10-30", "amount": 500_00}]
    book = [{"date": "2026-10-30", "amount": 500_00}, {"date": "2026-11-09", "amount": 500_00}]
    made = pd.DataFrame(
        {"group_id": ["H"] * 2, "state": "made", "bank_line_key": [1, -1], "book_line_key": [-1, 2]}
    )
    assert reconcile(bank, book, hand_matches=made).matched.empty
    later = reconcile(bank, book, hand_matches=made, as_of=dt.date(2026, 11, 30))
    assert later.matched["rule"].tolist() == ["by-hand"]


def test_a_posting_and_its_reversal_take_each_other_back() -> None:
    book = [*on(5, 500_00, reference="A1"), *on(20, -500_00, reference="A1")]
    result = reconcile(on(15, 70_00), book)
    assert result.matched[["bank_line_key", "matched_amount", "rule"]].values.tolist() == [
        [-1, 500_00, "reversed-in-books"], [-1, -500_00, "reversed-in-books"],
    ]  # fmt: skip
    assert result.outstanding_book.empty
    assert result.proof["difference"].tolist() == [0]
    three = reconcile(on(15, 70_00), [*book, *on(22, 500_00, reference="A1")])
    assert three.matched.empty


def test_a_wrong_sign_put_right_next_month_is_solved_whole() -> None:
    bank = [{"date": "2026-09-10", "amount": -550_00, "text": "OWN TRANSFER TR20675"}]
    book = [
        {"date": "2026-09-10", "amount": 550_00, "reference": "TR20675"},
        {"date": "2026-10-09", "amount": -550_00, "reference": "TR20675"},
        {"date": "2026-10-09", "amount": -550_00, "reference": "TR20675"},
    ]
    result = reconciliation.reconcile_bank(
        bank_lines(*bank),
        BANK_BALANCES.empty(),
        book_lines(*book),
        as_of=AS_OF,
        policy=ReconciliationPolicy(),
    )
    assert rules(result) == ["reference-amount-later", "reversed-in-books"]
    assert result.outstanding_book.empty
    assert result.outstanding_bank.empty


def test_an_opening_dated_on_the_last_day_of_the_month_before_asks_for_no_report_of_it() -> None:
    october = Period.parse("2026-10")
    for day in ("2026-07-31", "2026-08-01"):
        assert earlier_periods(pd.Timestamp(day), october) == ["2026-08", "2026-09"]
    assert earlier_periods(pd.Timestamp("2026-08-01"), october, "2026-09") == ["2026-09"]
    assert earlier_periods(pd.NaT, october) == []
