"""No text lacks a language, and each says the same values in both."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from workbench import words
from workbench.errors import WorkbenchError, every_error
from workbench.words import formats

CATALOGUES = Path(words.__file__).parent / "catalogues"
ROOMS = sorted({file.stem for file in CATALOGUES.glob("*/*.po")})
#: Texts that are the same word in both languages, or have no words in them.
PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_stands_in_both_languages(room: str) -> None:
    spanish, english = (words.catalogue(room, lang) for lang in words.LANGUAGES)
    assert set(spanish) == set(english)
    assert all(spanish.values()), "an empty Spanish text"
    assert all(english.values()), "an empty English text"


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_say_the_same_values(room: str) -> None:
    for key, spanish in words.catalogue(room, "es").items():
        english = words.catalogue(room, "en")[key]
        assert set(PLACEHOLDER.findall(spanish)) == set(PLACEHOLDER.findall(english)), key


@pytest.mark.parametrize(
    "file", sorted(CATALOGUES.glob("*/*.po")), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_no_key_stands_twice(file: Path) -> None:
    keys = re.findall(r'^msgid "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)), sorted({key for key in keys if keys.count(key) > 1})


@pytest.mark.parametrize("error", list(every_error()), ids=lambda error: error.__name__)
def test_every_error_has_words(error: type[WorkbenchError]) -> None:
    for lang in words.LANGUAGES:
        assert words.has_words(f"rules.{error.rule}", lang), error.rule


def _rules_in_code() -> set[str]:
    """Kebab-case literals handed to an error or written as a finding's rule."""
    found: set[str] = set()
    for file in Path(words.__file__).parent.parent.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r"Error\(\s*\"([a-z0-9]+(?:-[a-z0-9]+)+)\"", text))
        found |= set(re.findall(r"\brule=\"([a-z0-9]+(?:-[a-z0-9]+)+)\"", text))
    return found


def test_every_rule_written_in_code_has_words() -> None:
    missing = {rule for rule in _rules_in_code() if not words.has_words(f"rules.{rule}", "es")}
    assert missing == set()


def test_a_value_not_given_shows_as_a_dash() -> None:
    assert words.sentence("period-wrong", {"value": "x"}, "en") == (
        "The parameter – says “x”, which is not a period."
    )


def test_an_error_speaks_the_language_chosen() -> None:
    words.choose_language("en")
    assert str(every_error().__next__()()) == "Something failed in the workbench."
    words.choose_language("es")
    assert str(WorkbenchError()) == "Algo falló en el banco de trabajo."


def test_one_of_a_thing_is_said_in_the_singular() -> None:
    said = [words.say("cli.answered_approve", "es", receipt="R1", count=count) for count in (1, 2)]
    assert said == ["Recaudo R1 aprobado: 1 aplicación.", "Recaudo R1 aprobado: 2 aplicaciones."]


def test_codes_are_said_in_the_words_of_their_reader() -> None:
    unknown = words.sentence("undo-unknown", {"name": "receipt", "value": "R9"}, "es")
    assert unknown == "El libro no tiene el recaudo R9."
    told = words.sentence(
        "credit-decision-unknown", {"value": "on_account", "cell": "M12", "key": "N1"}, "es"
    )
    assert "on_account" not in told
    assert words.say("matching.decision_on_account", "es") in told
    rate = words.sentence(
        "withholding-rate-to-review", {"count": 2, "concept_rate": "Bogotá 4.14 4.14‰"}, "es"
    )
    assert "retención Bogotá 4,14 ‰," in rate


def test_nothing_of_a_negative_whole_is_told_without_a_sign() -> None:
    assert formats.percent_text(Decimal(0) / Decimal(-230), "es") == "0,0 %"
    assert formats.percent_text(Decimal("-0.0004"), "en") == "0.0 %"
    assert formats.percent_text(Decimal("-0.0006"), "en") == "-0.1 %"
