"""How strict a mapping is: what it asks of a file beyond its grammar, and what it does where that fails.

All of it is declared in the mapping's ``strict:`` section; what is left out is the lenient reading that suits
reports made for people. Source: ``badfiles/SPEC.md``, whose profiles are mappings like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from .yaml_shapes import Shape


@dataclass(frozen=True)
class StrictRule:
    """What a mapping insists on.

    ``on_conflict``: ``file`` refuses the whole file where a row contradicts what the book holds.
    ``content``: ``whole`` compares a known row's texts too, not its money and days only.
    ``key_includes_customer``: documents are numbered by customer. ``filled``: fields no row may leave empty.
    ``is_exact``: cells are taken sign by sign, with their blanks. ``has_unique_headings``: no heading twice,
    read or not. ``utf16_delimiters``: those of a file marked as UTF-16 (``None``: the usual ones; none at
    all: such a file is refused). ``posting_date``: ``as-of`` posts cash on the book's day, so that its own
    day may lie in a closed period. ``control``: how the mandatory last line with rows and sums begins.
    ``empty_amount``: the rule that an empty amount breaks. ``is_typed``: in a workbook money is a number.
    ``has_no_code``: a workbook with macros or links to others is refused.
    """

    on_conflict: str = "row"
    content: str = "money"
    key_includes_customer: bool = False
    filled: tuple[str, ...] = ()
    is_exact: bool = False
    has_unique_headings: bool = False
    utf16_delimiters: tuple[str, ...] | None = None
    posting_date: str = "own"
    control: str = ""
    empty_amount: str = "amount-missing"
    is_typed: bool = False
    has_no_code: bool = False


def read_strictness(part: Shape) -> StrictRule:
    """The ``strict:`` section; an unknown setting raises as everywhere in a mapping."""
    usual = StrictRule()
    has_utf16 = part.has("utf16_delimiters")
    rule = StrictRule(
        on_conflict=part.choice("on_conflict", ("row", "file"), usual.on_conflict),
        content=part.choice("content", ("money", "whole"), usual.content),
        key_includes_customer=part.truth_of("key_includes_customer", False),
        filled=part.texts_of("filled"),
        is_exact=part.choice("cells", ("trimmed", "exact"), "trimmed") == "exact",
        has_unique_headings=part.truth_of("unique_headings", False),
        utf16_delimiters=part.texts_of("utf16_delimiters") if has_utf16 else None,
        posting_date=part.choice("posting_date", ("own", "as-of"), usual.posting_date),
        control=part.text_of("control", ""),
        empty_amount=part.choice("empty_amount", ("amount-missing", "amount-format"), usual.empty_amount),
        is_typed=part.truth_of("typed_cells", False),
        has_no_code=part.truth_of("no_code", False),
    )
    part.nothing_else()
    if rule.utf16_delimiters and any(len(sign) != 1 for sign in rule.utf16_delimiters):
        part.wrong("utf16_delimiters", ", ".join(rule.utf16_delimiters))
    return rule
