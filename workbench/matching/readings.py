"""References as people write them: no prefix, zeros before, lists, ranges, a digit mistyped.

What is read so is no fact until the amount bears it out: the documents read are one customer's, each number
means one of them, and together they are the receipt to the cent. Anything less is shown as a suggestion.
Source: DOMAIN, section 3, steps 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..references import SHORTEST_NUMBER
from .parties import Party
from .pool import Pool
from .results import Answer, Verdict
from .rules import Case, doubt_about, exact_references, living, oldest_that_make
from .written import Element, Written, numbers_in, ways_to_read

#: Ways to write references that may be read: digits without their letters or with other zeros, numbers whose
#: first digits are left out, ranges, one digit mistyped.
FORMS = ("bare", "list", "range", "near")
#: Numbers of a range that are looked up; a longer one is no list of documents.
MOST_IN_RANGE = 500
#: Customers for whom a text is read when nobody knows who paid, and readings that are shown.
MOST_CUSTOMERS, MOST_SHOWN = 20, 3
#: Without a known payer fewer digits are too easily some other number.
SHORTEST_ALONE = 5
#: Verdicts of the exact names that a fuller reading may overrule: more was named than they found.
_INCOMPLETE = frozenset({"amount-differs-from-references", "reference-ambiguous"})
#: Verdicts after which the name may be the mistake: what it says cannot be paid by this payer.
_IMPOSSIBLE = frozenset(
    {
        "reference-of-another-customer",
        "reference-already-settled",
        "reference-too-late",
        "reference-blocked",
        "reference-in-another-currency",
    }
)
#: Why a receipt whose text names a document that nobody knows is left: its amount alone proves nothing.
UNKNOWN = "reference-unknown"


@dataclass(frozen=True)
class Reading:
    """Items that a text may name, of one customer; ``is_whole``: every number it names means one document."""

    positions: tuple[int, ...]
    form: str
    is_whole: bool


def named_documents(case: Case, pool: Pool, *, forms: Sequence[str] = FORMS) -> Verdict | None:
    """What the text names, exactly or as it may be read; ``None`` when it names nothing."""
    exact = exact_references(case, pool)
    if exact is not None and (exact.applied or exact.reason not in _INCOMPLETE):
        mistyped = _instead_of_named(case, pool, forms) if exact.reason in _IMPOSSIBLE else None
        return mistyped or exact
    read = read_references(case, pool, forms=forms) if forms else None
    if read is None and exact is None and _names_unknown(case, pool):
        return Verdict(reason=UNKNOWN)
    if read is None or exact is None:
        return read or exact
    if read.applied:
        return read
    return Verdict(reason=exact.reason, proposals=(*exact.proposals, *read.proposals))


def read_references(case: Case, pool: Pool, *, forms: Sequence[str] = FORMS) -> Verdict | None:
    """The one reading that the amount bears out is applied; what it does not bear out is suggested."""
    numbers = numbers_in(case.text)
    if not numbers:
        return None
    readings = list(dict.fromkeys(_readings(numbers, case, pool, forms)))
    exact: dict[tuple[int, ...], Reading] = {}
    for reading in readings:
        paid = _as_paid(reading.positions, case.amount, pool)
        if paid is not None:
            exact.setdefault(paid, reading)
    sure = [
        _answer(paid, reading.form, "read-references", case, pool)
        for paid, reading in exact.items()
        if reading.is_whole and _holds_what_is_named(paid, case, pool)
    ]
    if len(sure) == 1 and len(exact) == 1 and not doubt_about(sure[0].positions, case, pool):
        return Verdict(applied=sure[0])
    if not exact and "near" in forms and not case.mentions:
        mistyped = _near_references(numbers, case, pool)
        if mistyped is not None:
            return mistyped
    shown = [(paid, reading.form) for paid, reading in exact.items()]
    shown = shown or [(reading.positions, reading.form) for reading in readings if reading.positions]
    if not shown:
        return None
    answers = [_answer(positions, form, "read-references", case, pool) for positions, form in shown]
    reason = "reference-ambiguous" if len(exact) > 1 else "reading-not-proven"
    return Verdict(reason=reason, proposals=tuple(answers[:MOST_SHOWN]))


def _readings(numbers: Sequence[Written], case: Case, pool: Pool, forms: Sequence[str]) -> Iterator[Reading]:
    ways = ways_to_read(numbers, forms=forms)
    own = case.allowed_customers
    if own:
        yield from _of_customers(ways, own, case, pool, forms)
        return
    # Nobody knows who paid: each customer that has one of the numbers, while they are few.
    named = {
        element.digits: {
            position
            for _, position in pool.references(case.company).with_digits(_stripped(element.digits))
            if _is_usable(position, case, pool)
        }
        for way in ways
        for element in way
    }
    seen = {pool.customer[position] for positions in named.values() for position in positions}
    long = set().union(
        *(found for digits, found in named.items() if len("".join(_stripped(digits))) >= SHORTEST_ALONE)
    )
    for customer in sorted(seen) if len(seen) <= MOST_CUSTOMERS else ():
        for reading in _of_customers(ways, frozenset((customer,)), case, pool, forms):
            if len(pool.by_document(reading.positions)) > 1 or long & set(reading.positions):
                yield reading


def _of_customers(
    ways: Sequence[Sequence[Element]], customers: frozenset[str], case: Case, pool: Pool, forms: Sequence[str]
) -> Iterator[Reading]:
    for way in ways:
        taken: dict[int, None] = {}
        form, is_whole, has_base = "bare", True, False
        for element in way:
            items, state = _items_of(element, customers, case, pool)
            if state == "nothing" and not (element.is_short or element.last):
                has_base = False
                continue  # some other number: a date, an operation of the bank
            if state != "one":
                is_whole = is_whole and state == "nothing" and not has_base
                continue
            has_base = True
            form = "range" if element.last else "list" if element.is_short else form
            taken.update(dict.fromkeys(items))
        is_allowed = form in forms
        if taken and is_allowed:
            yield Reading(tuple(sorted(taken)), form, is_whole)


def _items_of(
    element: Element, customers: frozenset[str], case: Case, pool: Pool
) -> tuple[tuple[int, ...], str]:
    """Living items of the one document that a number means, or of all in a range; else why there are none.

    The state is "one", "nothing" (no document of theirs has these digits), or "doubt".
    """
    if not element.last:
        return _one(element.letters, element.digits, customers, case, pool)
    numbers = _range(element)
    if not numbers:
        return (), "nothing"
    items: dict[int, None] = {}
    for number in numbers:
        found, state = _one(element.letters, (str(number),), customers, case, pool)
        # Between the ends are other customers' documents and settled ones; the ends are named.
        if state != "one" and number in (numbers[0], numbers[-1]):
            return (), "nothing" if number == numbers[0] else "doubt"
        if state == "doubt":
            return (), "doubt"
        items.update(dict.fromkeys(found))
    return tuple(items), "one"


def _one(
    letters: str, digits: tuple[str, ...], customers: frozenset[str], case: Case, pool: Pool
) -> tuple[tuple[int, ...], str]:
    named = [
        (before, position)
        for before, position in pool.references(case.company).with_digits(_stripped(digits))
        if pool.customer[position] in customers and pool.currency[position] == case.currency
    ]
    if not named:
        return (), "nothing"
    same = {position for before, position in named if before == letters and letters}
    alive = [position for position in same if pool.is_alive(position)]
    alive = alive or [position for _, position in named if not same and pool.is_alive(position)]
    documents = pool.by_document(list(dict.fromkeys(alive)))
    if len(documents) == 1:
        return next(iter(documents.values())), "one"
    return (), "doubt"


def _instead_of_named(case: Case, pool: Pool, forms: Sequence[str]) -> Verdict | None:
    """The document of exactly the amount, one digit from a number that this payer cannot have meant.

    Applied only where other facts know the payer and what the number names is of another amount: two facts
    against one digit. Equal amounts may be the same invoice paid twice, or paid for somebody else.
    """
    if "near" not in forms or not case.allowed_customers or case.party.known_by == "reference":
        return None
    if case.is_name_contrary:
        return None
    named = [position for mention in case.mentions for position in mention.positions]
    if any(case.amount in (pool.original[position], pool.open[position]) for position in named):
        return None
    mistyped = _near_references(numbers_in(case.text), case, pool, is_named=True)
    return mistyped if mistyped and mistyped.applied else None


def payer_despite_name(case: Case, pool: Pool) -> Case:
    """The case as the payer's whom every fact but the name tells, where the name is one digit mistaken."""
    told = {clue.customer_id: clue.kind for clue in case.party.rivals if clue.kind != "reference"}
    if len(told) != 1:
        return case
    ((customer, kind),) = told.items()
    known = replace(case, party=Party(customer, kind))
    return known if _instead_of_named(known, pool, FORMS) else case


def _names_unknown(case: Case, pool: Pool) -> bool:
    index = pool.references(case.company)
    return any(index.is_ours(one.letters, one.digits) for one in numbers_in(case.text))


def _near_references(
    numbers: Sequence[Written], case: Case, pool: Pool, *, is_named: bool = False
) -> Verdict | None:
    """A number one digit away from the one document of exactly this amount.

    ``is_named``: the number is another document's own, which this payer cannot have meant.
    """
    customers = case.allowed_customers
    index = pool.references(case.company)
    shortest = SHORTEST_NUMBER if customers else SHORTEST_ALONE + 1
    near: dict[int, set[int]] = {}
    for one in numbers:
        if len(one.digits) < shortest:
            continue
        own_number = [position for _, position in index.with_digits(_stripped((one.digits,)))]
        if not is_named and any(
            not customers or pool.customer[position] in customers or _is_usable(position, case, pool)
            for position in own_number
        ):
            return None  # it is a document's own number, of whomever
        for _, position in index.with_any_digits(_one_digit_away(one.digits)):
            if _is_usable(position, case, pool) and (not customers or pool.customer[position] in customers):
                near.setdefault(pool.document[position], set()).add(position)
    documents = [tuple(sorted(items)) for items in near.values()]
    equal = [paid for items in documents if (paid := _as_paid(items, case.amount, pool)) is not None]
    if not customers:  # of nobody known one whole item has to be the amount
        equal = [paid for paid in equal if any(pool.open[position] == case.amount for position in paid)]
    if not equal:
        return None
    answers = [_answer(paid, "near", "near-reference", case, pool) for paid in sorted(equal)]
    is_one = len(equal) == 1 if customers else len(documents) == 1
    if is_one and not doubt_about(equal[0], case, pool):
        return Verdict(applied=answers[0])
    return Verdict(reason="reading-not-proven", proposals=tuple(answers[:MOST_SHOWN]))


def lookups(text: str) -> Iterator[tuple[str, ...]]:
    """All digits by which documents may be looked up for a text, whoever paid; without zeros before them."""
    numbers = numbers_in(text)
    for way in ways_to_read(numbers, forms=FORMS):
        for element in way:
            yield _stripped(element.digits)
            for number in _range(element) if element.last else ():
                yield (str(number),)
    for one in numbers:
        yield _stripped((one.digits,))
        if len(one.digits) > SHORTEST_ALONE:
            yield from (_stripped((digits,)) for digits in _one_digit_away(one.digits))


def _range(element: Element) -> range:
    """The numbers of a range; of one too long to be a list of documents, none."""
    first, last = int(element.digits[-1]), int(element.last)
    is_list = len(element.digits) == 1 and 0 < last - first <= MOST_IN_RANGE
    return range(first, last + 1) if is_list else range(0)


def _one_digit_away(digits: str) -> Iterator[str]:
    """Numbers with one digit changed, added or left out."""
    for at in range(len(digits) + 1):
        before, after = digits[:at], digits[at:]
        yield from (f"{before}{digit}{after}" for digit in "0123456789")
        if after:
            yield before + after[1:]
            yield from (f"{before}{digit}{after[1:]}" for digit in "0123456789" if digit != after[0])


def _holds_what_is_named(positions: tuple[int, ...], case: Case, pool: Pool) -> bool:
    """Every name that was found exactly is among them: a reading adds to the facts, it replaces none."""
    held = {pool.document[position] for position in positions}
    return all(
        held & {pool.document[position] for position in living(mention.positions, case, pool)}
        for mention in case.mentions
    )


def _as_paid(positions: tuple[int, ...], amount: int, pool: Pool) -> tuple[int, ...] | None:
    """The items that are exactly the amount: all, or the oldest instalments of one document."""
    if positions and pool.total(positions) == amount:
        return positions
    documents = list(pool.by_document(positions).values())
    return oldest_that_make(documents[0], amount, pool) if len(documents) == 1 else None


def _answer(positions: tuple[int, ...], form: str, rule: str, case: Case, pool: Pool) -> Answer:
    read = list(dict.fromkeys(pool.document_id[position] for position in positions))
    facts: dict[str, object] = {"reading": form, "references": read, "items": len(positions)}
    if not case.party.known_by:
        facts["customer"] = "reference"
    return Answer(rule, positions, case.evidence(**facts))


def _is_usable(position: int, case: Case, pool: Pool) -> bool:
    return pool.is_alive(position) and pool.currency[position] == case.currency


def _stripped(digits: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.lstrip("0") or part for part in digits)
