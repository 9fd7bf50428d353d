"""Documents for any texts and amounts, signed copies for any bytes: said whole, or refused in our words."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random
import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from documents_world import CUSTOMER, act, ages, statement
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from signing_world import NOW, Authority, pem
from tries import tries

from workbench.errors import FileRefusedError, TieOutError
from workbench.sources.signed_copies import Trust, check_signed_copy
from workbench.views.documents.checked import check_sums
from workbench.views.documents.content import content_bytes, content_sha256, printed
from workbench.views.documents.pages import make_pdf
from workbench.views.documents.shapes import Amount, StatementPage
from workbench.views.documents.signing import SignedBy, sign_pdf
from workbench.views.documents.wording import breakable

#: Letters as they come, halves of letters and controls among them, and much of what Typst reads as markup.
TEXTS = st.text(st.characters() | st.sampled_from('#*_$@<>\\[]{}()`~/"=-+'), max_size=120)
CENTS = st.integers(-(10**13), 10**13)


@settings(max_examples=tries(8), deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
@example("", "", "", "0\u0591")  # a digit under a mark that no font has: named together, replaced apart
def test_any_text_is_printed_and_lies_inside_as_it_prints(
    name: str, city: str, number: str, note: str
) -> None:
    page = statement(
        2, 2, customer=replace(CUSTOMER, name=name, city=city), notes=(note,), statement_id=number
    )
    first = make_pdf(page)
    assert make_pdf(page).pdf == first.pdf
    names = PdfFileReader(io.BytesIO(first.pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
    inside = bytes(names[1]["/EF"]["/F"].data)
    assert inside == content_bytes(page)
    assert hashlib.sha256(inside).hexdigest() == first.content_sha256


@settings(max_examples=tries(100), deadline=None)
@given(TEXTS)
def test_a_text_prints_the_same_twice_and_is_never_shortened_to_break(text: str) -> None:
    once = printed(text)
    assert printed(once) == once
    assert not any(letter < " " for letter in once)
    pieces = breakable(once)
    assert (pieces if isinstance(pieces, str) else "".join(pieces)) == once


def _page(cents: list[int]) -> StatementPage:
    """A statement of these movements whose sums hold; its one open item is the closing balance."""
    page = statement(1, 0)
    opening, balance = Decimal("1234.56"), Decimal("1234.56")
    movements = []
    for place, amount in enumerate(cents):
        balance += (moved := Decimal(amount).scaleb(-2))
        kind = ("invoice", "payment", "credit_note")[place % 3]
        movements.append(replace(statement(1, 1).movements[0], kind=kind, amount=moved, balance=balance))
    items = (replace(page.open_items[0], open=balance),)
    totals = [
        Amount(kind, sum((one.amount for one in movements if one.kind == kind), Decimal(0)))
        for kind in ("invoice", "payment", "credit_note")
    ]
    return replace(
        page,
        opening=opening,
        movements=tuple(movements),
        totals=tuple(totals),
        closing=balance,
        open_items=items,
        ageing=ages(items),
    )


@settings(max_examples=tries(25), deadline=None)
@given(st.lists(CENTS, min_size=1, max_size=12), st.data())
def test_a_statement_that_adds_up_is_taken_and_a_cent_off_anywhere_is_not(
    cents: list[int], data: st.DataObject
) -> None:
    page = _page(cents)
    check_sums(page)
    cent = Decimal("0.01")
    at = data.draw(st.integers(0, len(cents) - 1))
    line = page.movements[at]

    def with_line(**changes: Decimal) -> StatementPage:
        moved = replace(line, **changes)  # type: ignore[arg-type]  # both fields are amounts
        return replace(page, movements=(*page.movements[:at], moved, *page.movements[at + 1 :]))

    for wrong in (
        replace(page, opening=page.opening + cent),
        replace(page, closing=page.closing - cent),
        with_line(amount=line.amount + cent),
        with_line(balance=line.balance - cent),
        replace(
            page, totals=(replace(page.totals[0], amount=page.totals[0].amount + cent), *page.totals[1:])
        ),
        replace(page, open_items=(*page.open_items, replace(page.open_items[0], open=cent))),
        replace(page, ageing=(*page.ageing, Amount("unapplied", -cent))),
    ):
        with pytest.raises(TieOutError):
            check_sums(wrong)


@settings(max_examples=tries(25), deadline=None)
@given(st.lists(CENTS, min_size=1, max_size=6), st.lists(CENTS, min_size=1, max_size=6))
def test_pages_that_say_different_things_have_different_hashes(some: list[int], others: list[int]) -> None:
    assert (content_sha256(_page(some)) == content_sha256(_page(others))) == (some == others)


@cache
def _signed() -> tuple[bytes, bytes, Trust]:
    authority = Authority()
    issued = make_pdf(act(2)).pdf
    person = authority.person("Luis Fernando Mora", "Distribuciones")
    signed = sign_pdf(issued, person.signing_key, SignedBy("them", "Luis"), at=NOW)
    return issued, signed, Trust((pem(authority.root),))


@settings(max_examples=tries(50), deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["flip", "cut", "insert", "swap", "repeat"]))
def test_whatever_becomes_of_the_bytes_no_changed_file_is_taken_for_signed(seed: int, how: str) -> None:
    issued, signed, trust = _signed()
    chance = random.Random(seed)
    content = bytearray(signed)
    start = chance.randrange(len(content))
    length = chance.choice((1, 3, 40, 2000))
    if how == "flip":
        content[start] ^= 1 << chance.randrange(8)
    elif how == "cut":
        del content[start : start + length]
    elif how == "insert":
        content[start:start] = chance.randbytes(length)
    elif how == "repeat":
        content[start:start] = content[start : start + length]
    else:
        other = chance.randrange(len(content))
        content[start], content[other] = content[other], content[start]
    try:
        copy = check_signed_copy(bytes(content), trust, file="x.pdf", at=NOW + dt.timedelta(1), issued=issued)
    except FileRefusedError:
        return
    # Taken as signed only where not one signed byte differs; else at most a scan that a person must look at.
    assert copy.kind == "scan" or _only_its_own_room_differs(bytes(content), signed)


def _only_its_own_room_differs(content: bytes, signed: bytes) -> bool:
    """A signature covers every byte but its own room, whose container may be written in several ways."""
    found = re.findall(rb"/ByteRange *\[0 (\d+) (\d+) ", signed)
    start, end = map(int, found[-1])
    return content[:start] == signed[:start] and content[end:].rstrip() == signed[end:].rstrip()
