"""Evidence as an analyst reads it, in both languages; a code that matching can emit never lacks words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench
from workbench import words
from workbench.policy import USUAL_DIFFERENCES, USUAL_HABITS
from workbench.words import evidence

ROOT = Path(workbench.__file__).parent
ROOMS_OF_WORDS = sorted(file.stem for file in (ROOT / "words" / "catalogues" / "es").glob("*.po"))
ROOMS = sorted(
    file
    for room in ("matching/**/*.py", "credit_notes*/**/*.py", "credit_notes*.py", "decisions/applied.py")
    for file in ROOT.glob(room)
)

SUM = {"amount": "1250000.00", "customer": "tax-id", "items": 3, "expected": "2.0e-04", "chance": "2.0e-05",
       "rivals": 0, "sets": 4560}  # fmt: skip
LESS = {"amount": "97434.00", "customer": "given", "items": 1, "expected": "2.1e-03", "chance": "3.3e-01",
        "rivals": 2, "references": ["FE1"], "code": "RICA", "rate": "bogota 9.66‰",
        "deductions": ["RFTE 1600.00 (compras 2.5%)", "RFTE 900.00 (compras 2.5%)",
                       "RICA 966.00 (bogota 9.66‰)"]}  # fmt: skip

GOLDEN = [
    (
        SUM, "few-documents", True,
        "El pago de 1.250.000,00 COP es exactamente la suma de 3 documentos. Cliente: por el NIT del "
        "pagador. Por azar se esperarían 0,0002 respuestas como esta entre 4.560 posibilidades; riesgo de "
        "estar mal: 1 en 50.000; no se halló otra explicación.",
        "The payment of 1,250,000.00 COP is exactly the sum of 3 documents. Customer: by the payer's tax id. "
        "By accident 0.0002 such answers would be expected among 4,560 possibilities; risk of being wrong: "
        "1 in 50,000; no other explanation was found.",
    ),
    (
        LESS, "withheld", False,
        "El texto del pago nombra FE1. El pago de 97.434,00 COP es exactamente el saldo de 1 documento menos "
        "las retenciones: retención en la fuente 2.500,00 COP (compras 2,5 %), retención de ICA 966,00 COP "
        "(bogota 9,66 ‰). Cliente: venía con el recaudo. Por azar se esperarían 0,0021 respuestas como esta; "
        "riesgo de estar mal: 33,0 %; hay otras 2 explicaciones del mismo valor. Esta parte no es efectivo: "
        "retención de ICA (bogota 9,66 ‰).",
        "The payment's text names FE1. The payment of 97,434.00 COP is exactly the balance of 1 document "
        "less withholdings: income withholding 2,500.00 COP (compras 2.5 %), municipal tax withholding "
        "966.00 COP (bogota 9.66 ‰). Customer: came with the receipt. By accident 0.0021 such answers would "
        "be expected; risk of being wrong: 33.0 %; there are 2 other explanations of the same amount. This "
        "part is not cash: municipal tax withholding (bogota 9.66 ‰).",
    ),
    (
        {"amount": "12.00", "references": ["FE1", "FE2"], "customer": "reference"}, "exact-references", True,
        "El texto del pago nombra FE1, FE2, y lo que se aplica es exactamente el pago de 12,00 COP. "
        "Cliente: por el documento que menciona.",
        "The payment's text names FE1, FE2, and what is applied is exactly the payment of 12.00 COP. "
        "Customer: by the document it names.",
    ),
    (
        {"amount": "12.00", "references": ["FE1"], "advice": "RA1", "by": "receipt"},
        "remittance-advice", False,
        "El soporte de pago RA1 (cita este recaudo) nombra FE1; el pago es de 12,00 COP.",
        "Remittance advice RA1 (it cites this receipt) names FE1; the payment is 12.00 COP.",
    ),
    (
        {"decision": "accept+on_account", "content": "a1b2", "decision_id": "c3", "rule": "window",
         "decided_reason": "llamada"}, "decided", True,
        "Lo decidió una persona: aceptar, a cuenta. La propuesta era: fechas seguidas. Motivo: llamada.",
        "A person decided it: accept, on account. The proposal was: a run of dates. Reason: llamada.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "rule", "is_applied", "spanish", "english"), GOLDEN)
def test_evidence_is_a_sentence_in_both_languages(facts, rule, is_applied, spanish, english) -> None:
    said = {
        lang: evidence.evidence_sentence(
            json.dumps(facts), rule=rule, currency="COP", is_applied=is_applied, lang=lang
        )
        for lang in words.LANGUAGES
    }
    assert said == {"es": spanish, "en": english}


@pytest.mark.parametrize(
    ("chance", "spanish"),
    [
        (0.5, "50,0 %"),
        (0.1, "10,0 %"),
        (0.0099, "1 en 100"),
        (2e-5, "1 en 50.000"),
        (1 / 3456, "1 en 3.500"),
        (1e-12, "menos de 1 en 1.000.000.000"),
    ],
)
def test_a_chance_is_told_as_one_in_so_many(chance: float, spanish: str) -> None:
    assert evidence.chance_text(chance, "es") == spanish


@pytest.mark.parametrize(
    ("number", "english"),
    [(1234.4, "1,234"), (3.44, "3.4"), (0.25, "0.25"), (0.2, "0.2"), (0.00021, "0.00021"),
     (1e-9, "less than 0.000001"), (0.0, "less than 0.000001")],
)  # fmt: skip
def test_an_expectation_shows_two_digits(number: float, english: str) -> None:
    assert evidence.number_text(number, "en") == english


def test_what_is_no_evidence_shows_itself_and_many_names_are_counted() -> None:
    assert evidence.evidence_sentence("seen by hand") == "seen by hand"
    assert evidence.names_text([f"FE{at}" for at in range(12)], "es").endswith("FE7 y 4 más")


def test_what_was_left_behind_is_told_with_how_likely_it_was() -> None:
    others = [
        {"rule": "window", "chance": "1.0e+00", "documents": ["1", "2"]},
        {"rule": "single-amount", "chance": "9.0e-01", "documents": ["3"]},
    ]
    said = evidence.evidence_sentence(json.dumps({"others": others}), lang="es")
    assert said == (
        "Se descartó: fechas seguidas, 2 documentos (posibilidad de ser la correcta: menos de 1 en 100); "
        "valor de un documento, 1 documento (posibilidad de ser la correcta: 10,0 %)."
    )


def test_no_sentence_shows_a_seal() -> None:
    facts = {"decision": "accept", "content": "5f70", "decision_id": "9e11"}
    said = evidence.evidence_sentence(json.dumps(facts), rule="decided", lang="es")
    assert not re.search("5f70|9e11", said)


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in ROOMS:
        yield file, ast.parse(file.read_text(encoding="utf-8"))


def _first_texts(names: set[str]) -> set[str]:
    """Constant first arguments of calls of these functions."""
    found = set()
    for _, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _called(node) in names:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_code(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", value) is not None


def _hyphened() -> set[str]:
    """Every kebab-case word that the rooms write: rules, reasons, kinds of evidence, findings."""
    return {
        node.value
        for _, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and _is_code(node.value)
    }


def _emitted_keys() -> set[str]:
    """Names of facts: keywords of ``.evidence(…)``, and keys of the dictionaries that become evidence."""
    found: set[str] = set()
    for file, tree in _trees():
        kept = {"facts", "evidence", "twins"} | ({"said"} if "matching" in file.parts else set())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) == "evidence":
                found |= {one.arg for one in node.keywords if one.arg}
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {target.id for target in targets if isinstance(target, ast.Name)}
                if names & kept and node.value is not None:
                    found |= set(_keys_of(node.value))
    return found


def _keys_of(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value


#: Kebab-case words that nobody is shown: the weight of a payment that is no exact sum.
_NOT_SHOWN = {"not-exact"}


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_code_that_matching_writes_has_words(lang: words.Language) -> None:
    said = {key for room in ROOMS_OF_WORDS for key in words.catalogue(room, lang)}
    ends = {key[place:] for key in said for place in range(len(key)) if place == 0 or key[place - 1] in "_-"}
    missing = _hyphened() - _NOT_SHOWN - ends
    assert missing == set()


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_rule_has_a_name_and_its_evidence_a_sentence(lang: words.Language) -> None:
    rules = _first_texts({"Answer", "Space", "_answer", "_settled", "_space"}) | set(USUAL_DIFFERENCES)
    rules |= set(USUAL_HABITS) - _NOT_SHOWN
    assert {"partial", "surplus", "charges", "window", "remittance-advice"} <= rules
    assert {rule for rule in rules if not words.has_words(f"matching.rule_{rule}", lang)} == set()
    facts = json.dumps({"amount": "1.00", "references": ["FE1"]})
    for rule in rules:
        said = evidence.evidence_sentence(facts, rule=rule, currency="COP", lang=lang)
        assert ("1,00" if lang == "es" else "1.00") in said, rule


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_fact_of_the_evidence_has_words(lang: words.Language) -> None:
    keys = _emitted_keys()
    assert {"references", "items", "expected", "chance", "rivals", "deductions", "code", "advice"} <= keys
    known = evidence.SAID | evidence.FOR_MACHINES
    missing = {key for key in keys - known if not words.has_words(f"matching.evidence_{key}", lang)}
    assert missing == set()


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_way_to_know_a_payer_has_words(lang: words.Language) -> None:
    from workbench.matching.parties import SCORES

    source = (ROOT / "matching" / "parties.py").read_text(encoding="utf-8")
    kinds = set(re.findall(r'\(\s*"([a-z-]+)",', source)) & set(re.findall(r'"([a-z-]+)"', source))
    kinds = (kinds | set(SCORES) | {"given", "reference", "likeness"}) - {"company_id"}
    for kind in kinds:
        assert words.has_words(f"matching.known-by_{kind}", lang), kind
        assert words.has_words(f"evidence.clue_{kind}", lang), kind


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_reason_says_what_to_do(lang: words.Language) -> None:
    reasons = {
        key.removeprefix("reason_") for key in words.catalogue("matching", lang) if key.startswith("reason_")
    }
    own = {reason for reason in reasons if not reason.startswith("credit-")}
    assert {reason for reason in own if not words.has_words(f"receipt.todo_{reason}", lang)} == set()


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_what_speaks_against_an_answer_has_words(lang: words.Language) -> None:
    source = (ROOT / "matching" / "rivals.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'"code": "([a-z-]+)"', source)) | {
        "over",
        "short",
        "first-over",
        "first-short",
        "first-likely",
        "first",
    }
    assert len(codes) >= 8
    for code in codes:
        said = evidence.against_sentence(json.dumps({"code": code, "difference": "1.00"}), lang=lang)
        assert said[0].isupper(), code
        assert said.endswith("."), code


def test_what_nobody_counted_is_not_told_as_expected_answers() -> None:
    facts = {"code": "rarer", "chance": 0.001, "first_chance": 0.997, "first_expected": 0.00011}
    said = evidence.against_sentence(json.dumps(facts), lang="es")
    assert "se esperarían" not in said
    assert "99,9 %" in said


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_reading_has_words(lang: words.Language) -> None:
    from workbench.matching.readings import FORMS

    assert [form for form in FORMS if not words.has_words(f"evidence.named_{form}", lang)] == []
