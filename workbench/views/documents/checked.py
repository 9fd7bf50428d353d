"""What must add up in a document before it is printed: a page that contradicts itself is not made."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ...errors import TieOutError
from ...money import exponent
from .content import amount_text
from .shapes import ActPage, Page, StatementPage


def check_sums(page: Page) -> None:
    """Every total of the page is the sum of what stands above it, to the cent; else ``TieOutError``."""
    sums = _statement_sums(page) if isinstance(page, StatementPage) else _act_sums(page)
    decimals = exponent(page.currency)
    for name, shown, reckoned in sums:
        if shown != reckoned:
            raise TieOutError(
                "document-sums-differ",
                document=page.statement_id if isinstance(page, StatementPage) else page.act_id,
                figure=name,
                shown_money=f"{amount_text(shown, decimals)} {page.currency}",
                sum_money=f"{amount_text(reckoned, decimals)} {page.currency}",
            )


def _statement_sums(page: StatementPage) -> Iterable[tuple[str, Decimal, Decimal]]:
    balance = page.opening
    for movement in page.movements:
        balance += movement.amount
        yield "balance", movement.balance, balance
    yield "closing", page.closing, balance
    yield "totals", page.closing, page.opening + _total(part.amount for part in page.totals)
    yield "open_items", page.closing, _total(item.open for item in page.open_items)
    yield "ageing", page.closing, _total(part.amount for part in page.ageing)


def _act_sums(page: ActPage) -> Iterable[tuple[str, Decimal, Decimal]]:
    yield "summary", page.our_balance, _total(part.amount for part in page.summary)
    yield "open_items", page.our_balance, _total(item.open for item in page.open_items)
    yield "ageing", page.our_balance, _total(part.amount for part in page.ageing)
    for difference in page.differences:
        ours, theirs = difference.ours or Decimal(0), difference.theirs or Decimal(0)
        if difference.ours is not None or difference.theirs is not None:
            yield "difference", difference.amount, ours - theirs
    if page.their_balance is not None:
        parts = _total(difference.amount for difference in page.differences)
        yield "differences", page.our_balance - page.their_balance, parts


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
