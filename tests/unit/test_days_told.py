"""Days and counts in findings, as the reader writes them."""

from __future__ import annotations

import re

import pytest

from workbench import words

SAID = {
    "wire-not-legalised": (
        {"on_day": "2026-10-15", "deadline_day": "2027-04-15"},
        ["15/10/2026", "15/04/2027"],
    ),
    "wire-without-receipt": ({"on_day": "2026-10-15"}, ["15/10/2026"]),
    "provision-tax-before-year-end": ({"as_of_day": "2026-10-31"}, ["31/10/2026"]),
    "provision-exception-expired": ({"valid_through_day": "2026-09-30"}, ["30/09/2026"]),
    "provision-insurance-lapsed": ({"valid_through_day": "2026-09-30"}, ["30/09/2026"]),
}


@pytest.mark.parametrize("rule", sorted(SAID))
def test_a_finding_says_its_days_in_the_readers_form(rule: str) -> None:
    values, days = SAID[rule]
    said = words.sentence(rule, dict(values), "es")
    assert [day for day in days if day not in said] == []


def test_no_day_of_a_wire_or_a_provision_is_told_as_it_is_kept() -> None:
    kept = ("{on}", "{deadline}", "{valid_through}", "{as_of}")
    texts = {
        rule: text
        for rule, text in words.catalogue("rules", "es").items()
        if rule.startswith(("wire-", "provision-"))
    }
    assert [rule for rule, text in texts.items() if any(one in text for one in kept)] == []


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_no_sentence_leaves_its_number_open(lang: words.Language) -> None:
    texts = words.catalogue("rules", lang)
    assert [rule for rule, text in texts.items() if re.search(r"\w\((s|es)\)", text)] == []


def test_one_is_said_as_one() -> None:
    values: dict[str, object] = {"account": "A", "period": "2026-10"}
    assert words.sentence("bank-report-unplanned", values | {"count": 1}, "es").startswith("1 partida de A")
    assert words.sentence("bank-report-unplanned", values | {"count": 3}, "es").startswith("3 partidas de A")
    for rule in ("wire-not-legalised", "rates-gap", "rates-overlap"):
        for lang, one, two in (("es", "1 día", "2 días"), ("en", "1 day", "2 days")):
            said = [words.sentence(rule, {"days": days}, lang) for days in (1, 2)]
            assert [one in said[0], f"{one}s" in said[0], two in said[1]] == [True, False, True]
