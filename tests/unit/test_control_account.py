"""The sub-ledger against the control account of the ledger: to the cent, and why not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from upper_trade_frames import open_items

from workbench import words
from workbench.erp_postings import POSTING_STATES, compare_control_account
from workbench.erp_postings.control_account import PENDING
from workbench.tables import CONTROL_BALANCES, OBSERVATIONS
from workbench.views import columns

AS_OF = dt.date(2026, 3, 31)


def balances(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {"company_id": "CO01", "account_id": "130505", "balance_date": "2026-03-31", "currency": "COP",
            "recorded_at": "2026-04-01T00:00:00Z"}  # fmt: skip
    return CONTROL_BALANCES.conform(
        pd.DataFrame([{**base, **row} for row in rows], columns=list(CONTROL_BALANCES.columns))
    )


def sights(*rows: tuple[int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [{"document_key": key, "observed_date": day, "open_amount": 0, "is_absent": False,
          "payment_block": "", "dunning_level": "", "recorded_at": "2026-04-01T00:00:00Z"}
         for key, day in rows],
        columns=list(OBSERVATIONS.columns),
    )  # fmt: skip
    return OBSERVATIONS.conform(frame)


ITEMS = open_items(
    {"number": "1", "amount": 300},
    {"number": "2", "amount": 200},
    {"number": "3", "amount": -50, "special_gl": "A"},
)
KEYS = ITEMS["document_key"].tolist()


@pytest.mark.parametrize(
    ("balance", "difference", "reason"),
    [(450, 0, "agrees"), (500, 50, "special-ledger"), (250, -200, "not-seen-since"), (451, 1, "unknown")],
)
def test_a_difference_is_named_only_where_one_cause_is_all_of_it(
    balance: int, difference: int, reason: str
) -> None:
    seen = sights((KEYS[0], "2026-03-31"), (KEYS[1], "2026-02-28"), (KEYS[2], "2026-03-31"))
    scale = int(abs(ITEMS["erp_open_amount"].iloc[0])) // 300
    compared, found = compare_control_account(
        ITEMS, seen, balances({"balance_amount": balance * scale}), as_of=AS_OF
    )
    assert compared["difference"].tolist() == [difference * scale]
    assert compared["reason"].tolist() == [reason]
    assert found["rule"].tolist() == ([] if difference == 0 else [f"control-account-{reason}"])


def states(*rows: tuple[str, int, bool]) -> pd.DataFrame:
    """State, amount, and whether it has left."""
    return POSTING_STATES.conform(
        pd.DataFrame(
            [
                {
                    **dict.fromkeys(POSTING_STATES.columns, ""), "company_id": "CO01", "currency": "COP",
                    "document_key": 1, "application_id": str(number), "posting": "application",
                    "state": state,
                    "effective_date": "2026-03-20", "posted_amount": amount, "difference": 0,
                    "answered_amount": amount if state == "confirmed" else 0, "clearing_date": None,
                    "seen_date": None, "export_date": "2026-03-25" if has_left else None,
                }
                for number, (state, amount, has_left) in enumerate(rows)
            ],
            columns=list(POSTING_STATES.columns),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "reason"),
    [(70, "sent-not-confirmed"), (30, "applied-not-sent"), (100, "applied-not-confirmed"), (99, "unknown"),
     (-70, "unknown"), (170, "unknown")],
)  # fmt: skip
def test_what_is_not_confirmed_yet_is_named_where_it_is_all_of_the_difference(
    missing: int, reason: str
) -> None:
    given = balances({"balance_amount": int(ITEMS["erp_open_amount"].sum()) - missing})
    applied = states(("pending", 70, True), ("pending", 30, False), ("confirmed", 70, True))
    compared, found = compare_control_account(ITEMS, sights(), given, as_of=AS_OF, states=applied)
    assert compared["reason"].tolist() == [reason]
    assert found["rule"].tolist() == [f"control-account-{reason}"]


def test_a_difference_is_told_with_money_and_day_as_a_person_writes_them() -> None:
    import json

    given = balances({"balance_amount": int(ITEMS["erp_open_amount"].sum()) - 1234567})
    _, found = compare_control_account(
        ITEMS, sights(), given, as_of=AS_OF, states=states(("pending", 1234567, True))
    )
    said = words.sentence(found["rule"][0], json.loads(found["values"][0]), "es")
    assert "31/03/2026" in said
    assert "lo enviado al ERP y aún sin confirmar (12.345,67 COP)" in said
    assert "2026-03-31" not in said
    assert columns.findings_in_words(found, "es")["source"].tolist() == ["Saldos de la cuenta de control"]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_reason_speaks_in_the_finding_and_in_the_table(lang: words.Language) -> None:
    for reason in (*PENDING, "special-ledger", "not-seen-since", "unknown"):
        assert words.has_words(f"rules.control-account-{reason}.remedy", lang), reason
        assert words.has_words(f"erp.reason_{reason}", lang), reason


def test_all_accounts_of_a_company_and_currency_are_its_balance_together() -> None:
    scale = int(abs(ITEMS["erp_open_amount"].iloc[0])) // 300
    given = balances(
        {"balance_amount": 500 * scale}, {"account_id": "280505", "balance_amount": -50 * scale},
        {"account_id": "999", "balance_date": "2026-02-28", "balance_amount": 7},
    )  # fmt: skip
    compared, found = compare_control_account(ITEMS, sights(), given, as_of=AS_OF)
    assert compared["accounts"].tolist() == ["130505, 280505"]
    assert found.empty


def test_without_a_balance_of_that_day_nothing_is_compared() -> None:
    compared, found = compare_control_account(ITEMS, sights(), balances(), as_of=AS_OF)
    assert compared.empty
    assert found.empty


def test_a_balance_of_a_company_without_items_is_a_difference() -> None:
    compared, found = compare_control_account(
        ITEMS, sights(), balances({"company_id": "CO09", "balance_amount": 12}), as_of=AS_OF
    )
    assert compared["difference"].tolist() == [12]
    assert found["rule"].tolist() == ["control-account-unknown"]
