"""What surrounds the entries of an ISO 20022 statement: account, balances, pages, control totals."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from ..errors import FileRefusedError
from ..money import to_major
from .bank_lines import Statement
from .camt_entries import Entry, read_day, signed_amount
from .mappings import Mapping
from .safe_xml import Node

#: Opening and closing, the best kind first; ITBD is where a page starts and ends.
_OPENING, _CLOSING, _PAGE = ("OPBD", "PRCD"), ("CLBD",), "ITBD"
_DECIMAL = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,17})?", re.ASCII)


@dataclass(frozen=True)
class _Balance:
    amount: int
    currency: str
    day: dt.date | None
    is_page: bool


def close_statement(
    node: Node, entries: list[Entry], mapping: Mapping, file: str
) -> tuple[Statement, bool, bool, bool] | None:
    """The statement, whether a page's balance opens and closes it, and whether it states anything to prove.

    ``None`` for a notification without an entry. Balances of other kinds (available, forward) are no proof
    and are not read. One currency: the account's, the balances' and every entry's, or the file is refused.
    """
    account = node.said("Acct/Id/IBAN") or node.said("Acct/Id/Othr/Id")
    if not account:
        raise FileRefusedError("camt-element", file=file, row=node.line, column="Acct/Id", value="")
    opening, closing = _balances(node, mapping, file)
    if mapping.bank.proof == "required" and (opening is None or closing is None):
        raise FileRefusedError("balance-missing", file=file, line=node.line, account=account)
    stated = [balance.currency for balance in (opening, closing) if balance]
    currencies = {*stated, *(entry.currency for entry in entries if entry.is_booked), node.said("Acct/Ccy")}
    currencies.discard("")
    if len(currencies) > 1:
        told = ", ".join(sorted(currencies))
        raise FileRefusedError("statement-currency", file=file, line=node.line, value=told)
    if not currencies:
        return None
    statement = Statement(
        account_id=account,
        currency=currencies.pop(),
        row=node.line,
        opening=opening.amount if opening else None,
        closing=closing.amount if closing else None,
        opening_date=opening.day if opening else None,
        closing_date=closing.day if closing else None,
    )
    is_controlled = node.find("TxsSummry") is not None or None not in (opening, closing)
    pages = (bool(opening and opening.is_page), bool(closing and closing.is_page))
    return statement, *pages, is_controlled


def continues(before: Statement, page: Statement) -> bool:
    """Whether ``page`` goes on where the page before it stopped."""
    return (before.account_id, before.currency, before.closing) == (
        page.account_id,
        page.currency,
        page.opening,
    )


def _balances(node: Node, mapping: Mapping, file: str) -> tuple[_Balance | None, _Balance | None]:
    by_kind: dict[str, list[Node]] = {}
    for balance in node.all("Bal"):
        by_kind.setdefault(balance.said("Tp/CdOrPrtry/Cd"), []).append(balance)
    opening = _one(_OPENING, by_kind, mapping, file)
    closing = _one(_CLOSING, by_kind, mapping, file)
    interim = by_kind.get(_PAGE, [])
    if opening is None and interim and (closing or len(interim) > 1):
        opening = _read_balance(interim.pop(0), mapping, file)
    if closing is None and interim:
        closing = _read_balance(interim[-1], mapping, file)
    return opening, closing


def _one(
    kinds: tuple[str, ...], by_kind: dict[str, list[Node]], mapping: Mapping, file: str
) -> _Balance | None:
    for kind in kinds:
        found = [_read_balance(node, mapping, file) for node in by_kind.get(kind, [])]
        if len({(balance.amount, balance.currency) for balance in found}) > 1:
            told = ", ".join(str(to_major(balance.amount, balance.currency)) for balance in found)
            line = by_kind[kind][0].line
            raise FileRefusedError("balance-ambiguous", file=file, line=line, name=kind, values=told)
        if found:
            return found[0]
    return None


def _read_balance(node: Node, mapping: Mapping, file: str) -> _Balance:
    amount, currency = signed_amount(node, mapping, node.line, file)
    kind = node.said("Tp/CdOrPrtry/Cd")
    is_page = kind == _PAGE or node.said("Tp/SubTp/Cd") == "INTM"
    return _Balance(
        amount, currency, read_day(node.find("Dt"), f"Bal/{kind}", mapping, node.line, file), is_page
    )


def check_totals(node: Node, entries: list[Entry], statement: Statement, file: str) -> None:
    """``TxsSummry``: numbers and sums, over the booked entries or over all; else ``control-total``."""
    summary = node.find("TxsSummry")
    if summary is None:
        return
    booked = [entry for entry in entries if entry.is_booked]
    wrong = _differences(summary, booked, statement.currency)
    if wrong and len(booked) < len(entries):
        wrong = _differences(summary, entries, statement.currency) and wrong
    if wrong:
        name, stated, found = wrong[0]
        raise FileRefusedError(
            "control-total", file=file, line=summary.line, name=name, stated=stated, found=found
        )


def _differences(summary: Node, entries: list[Entry], currency: str) -> list[tuple[str, str, str]]:
    """Name, stated and found of every control total that does not hold."""
    amounts = [entry.amount for entry in entries]
    wrong: list[tuple[str, str, str]] = []
    for name, kept in (
        ("TtlNtries", amounts),
        ("TtlCdtNtries", [amount for amount in amounts if amount > 0]),
        ("TtlDbtNtries", [amount for amount in amounts if amount < 0]),
    ):
        total = summary.find(name)
        if total is None:
            continue
        found = to_major(sum(abs(amount) for amount in kept), currency)
        checks = [
            ("NbOfNtries", total.said("NbOfNtries"), Decimal(len(kept))),
            ("Sum", total.said("Sum"), found),
        ]
        net = total.said("TtlNetNtryAmt") or total.said("TtlNetNtry/Amt")
        checks.append(("TtlNetNtry", net, abs(to_major(sum(kept), currency))))
        for part, stated, expected in checks:
            if stated and not (_DECIMAL.fullmatch(stated) and abs(Decimal(stated)) == expected):
                wrong.append((f"{name}/{part}", stated, str(expected)))
        side = total.said("CdtDbtInd") or total.said("TtlNetNtry/CdtDbtInd")
        if net and side and sum(kept) and side != ("CRDT" if sum(kept) > 0 else "DBIT"):
            wrong.append((f"{name}/CdtDbtInd", side, str(to_major(sum(kept), currency))))
    return wrong
