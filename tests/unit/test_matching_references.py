"""A reference found in free text is a document's own number, not a likeness."""

from __future__ import annotations

import pytest

from workbench.matching.payer_ids import check_digit
from workbench.references import ReferenceIndex


def index(*names: str) -> ReferenceIndex:
    return ReferenceIndex([(0, name, place, place) for place, name in enumerate(names)])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FE-1234", "pago FE1234"),
        ("FE1234", "pago fe 1234."),
        ("FE-1234", "fé-1234"),
        ("1800001234", "FACTURA:1800001234;"),
        ("0001234", "abono 1234"),
        ("1234", "abono 0001234"),
        ("1800001234/2026/001", "1800001234/2026/001"),
        ("RF12 3456", "Communication: RF12 3456"),
        ("1234", "N°1234"),
    ],
)
def test_a_name_is_found_however_it_is_punctuated(name: str, text: str) -> None:
    assert [mention.positions for mention in index(name).find(text)] == [(0,)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("1234", "12345"),
        ("1234", "91234"),
        ("1234", "12 34"),
        ("1234", "FV1234"),
        ("FE1234", "FE 12 34"),
        ("12", "pago 12 cajas"),
        ("PAGO", "pago"),
        ("FE-0123", "FE-123"),
    ],
)
def test_a_likeness_is_not_a_reference(name: str, text: str) -> None:
    assert index(name).find(text) == []


def test_leading_zeros_matter_when_two_documents_differ_only_by_them() -> None:
    both = index("01234", "1234")
    assert [mention.positions for mention in both.find("1234 y 01234")] == [(1,), (0,)]
    assert both.find("001234") == []


def test_the_longest_name_wins_and_a_name_written_twice_counts_once() -> None:
    known = ReferenceIndex([(0, "1234/2026", 0, 0), (0, "1234", 1, 1), (0, "2026", 2, 2)])
    assert [mention.positions for mention in known.find("1234/2026, otra vez 1234-2026")] == [(0,)]


def test_a_documents_own_number_answers_before_what_others_refer_to() -> None:
    known = ReferenceIndex([(0, "1234", 0, 0), (1, "1234", 1, 1), (1, "X-77", 1, 1)])
    assert known.find("1234")[0].positions == (0,)
    assert known.find("x 77")[0].positions == (1,)


@pytest.mark.parametrize(
    ("nit", "digit"), [("800197268", 4), ("860002964", 4), ("899999034", 1), ("890903938", 8)]
)
def test_the_check_digit_is_the_dians(nit: str, digit: int) -> None:
    assert check_digit(nit) == digit
