"""Lines that a person puts together, or takes apart what a rule had put together; either can be taken back.

One line of a side and one or several of the other, of one account, with equal sums. A match is a case: made,
undone, made again; the next reconciliation respects it (``bank.reconcile_bank``'s ``hand_matches``).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..cases import Case, Machine, Move
from ..errors import MoveRefusedError, PostingRefusedError
from ..money import to_text
from .results import ACCOUNT, HAND_MATCHES

KIND = "bank_match"


def case_id_of(group_id: str) -> str:
    """The case of a group of lines, whoever put them together."""
    return f"bank-match:{group_id}"


def match_machine() -> Machine:
    """made ⇄ undone, each with a reason; not where an approved report rests on it (``approved_in``)."""
    return Machine(
        KIND,
        "made",
        (
            Move("undo", frozenset({"made"}), "undone", needs=("reason",), guard=_check_reports),
            Move("make_again", frozenset({"undone"}), "made", needs=("reason",), guard=_check_reports),
        ),
    )


def _check_reports(case: Case, brought: Mapping[str, object]) -> None:
    if brought.get("approved_in"):
        raise MoveRefusedError(
            "bank-match-in-approved-report", case=case.case_id, report=str(brought["approved_in"])
        )


def check_lines(bank: pd.DataFrame, book: pd.DataFrame) -> None:
    """Whether these lines may be put together; raises :class:`PostingRefusedError` saying what is wrong.

    ``bank-match-one-sided``: a side without a line; ``bank-match-many-to-many``; ``bank-match-accounts``:
    lines of two accounts or currencies; ``bank-match-sums-differ``, with both sums.
    """
    if bank.empty or book.empty:
        raise PostingRefusedError("bank-match-one-sided", side="bank" if bank.empty else "book")
    if len(bank) > 1 and len(book) > 1:
        raise PostingRefusedError("bank-match-many-to-many", bank_count=len(bank), book_count=len(book))
    accounts = {tuple(map(str, row)) for frame in (bank, book) for row in frame[ACCOUNT].to_numpy()}
    if len(accounts) > 1:
        named = ", ".join(sorted({f"{account} {currency}" for _, account, currency in accounts}))
        raise PostingRefusedError("bank-match-accounts", accounts=named)
    sums = sum(bank["bank_amount"].tolist()), sum(book["book_amount"].tolist())
    if sums[0] != sums[1]:
        currency = str(bank["currency"].iat[0])
        raise PostingRefusedError(
            "bank-match-sums-differ", bank_money=f"{to_text(sums[0], currency)} {currency}",
            book_money=f"{to_text(sums[1], currency)} {currency}",
        )  # fmt: skip


def read_matches(cases: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """``results.HAND_MATCHES`` of the book's cases of this kind and the lines that they hold."""
    own = cases[cases["kind"] == KIND][["case_id", "subject_key", "state"]]
    held = items.merge(own, on="case_id", how="inner", validate="many_to_one")
    is_bank = held["item_kind"].eq("bank_line")
    return HAND_MATCHES.conform(
        pd.DataFrame({
            "group_id": held["subject_key"], "state": held["state"],
            "bank_line_key": held["item_key"].where(is_bank, -1),
            "book_line_key": held["item_key"].where(~is_bank, -1),
        })
    )  # fmt: skip
