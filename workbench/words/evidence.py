"""Why matching believed an answer, as one paragraph: what it pays, who paid and how sure that is.

The trade modules keep evidence as JSON with codes (``rule``, ``customer``, ``expected``, ``chance``, …), so
that the same facts are the same text; here they become sentences of ``evidence.po``, in numbers as the
reader writes them. A test holds that every code and key that matching can emit has words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from . import Language, formats, has_words, language, say

#: Keys for machines: seals and ids that a person finds nothing in.
FOR_MACHINES = frozenset(("content", "decision_id"))
#: Keys that the sentences below say; any other key needs an entry ``matching.evidence_<key>``.
SAID = frozenset(
    "amount advice by chance code customer decided_reason decision deductions equal_documents expected items"
    " others rate reading reference references rivals rule sets order centre text rest"
    " rest_amount rest_code rest_days rest_effect promised promised_by promised_day".split()
)
#: Rules by which the documents are what the payer or a person named, so that their sum may be another.
_NAMED = frozenset(
    (
        "exact-references",
        "read-references",
        "near-reference",
        "remittance-advice",
        "order-advance",
        "oldest-first",
    )
)
_MOST_NAMES = 8
_MOST_SETS = 10**12
_DEDUCTION = re.compile(r"(\w+) (-?[0-9.]+)(?: \((.*)\))?")
_PLACE = re.compile(r"\{(\w+)\}")
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([%‰])(?:/([0-9]+))?")
#: A concept that is called by its rate says it once: ``Bogotá 4.14 4.14‰``.
_TWICE = re.compile(r"\b([0-9]+(?:\.[0-9]+)?) (?=\1 ?[%‰])")

Facts = Mapping[str, Any]


@lru_cache(maxsize=65_536)
def _told(given: str, rule: str, currency: str, is_applied: bool, lang: Language) -> str:
    facts = facts_of(given)
    if facts is None:
        return given
    said = [
        _main(facts, rule or str(facts.get("rule", "")), currency, is_applied, lang),
        _payer(facts, lang),
        _twins(facts, lang),
        _proof(facts, rule, lang),
        _left_behind(facts, lang),
        _leg(facts, lang),
        _rest(facts, currency, lang),
        _clues(facts, lang),
        _promised(facts, lang),
        *_others(facts, rule, lang),
    ]
    return " ".join(part for part in said if part)


def evidence_sentence(
    given: object,
    *,
    rule: str = "",
    currency: str = "",
    is_applied: bool = True,
    lang: Language | None = None,
) -> str:
    """The sentences of one piece of evidence; a text that is no evidence shows itself.

    ``given``: canonical JSON as matching writes it. ``rule``: of the answer it belongs to. ``is_applied``:
    the answer was applied, so the documents are the amount; of a proposal that rests on names this is not
    said. ``currency`` stands behind amounts.
    """
    return _told(str(given), rule, currency, is_applied, lang or language())


def facts_of(given: object) -> dict[str, Any] | None:
    """Evidence as a dictionary; ``None`` where the text is none."""
    try:
        facts = json.loads(str(given))
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None


def amount_text(text: object, currency: str, lang: Language | None = None) -> str:
    """``1250000.00`` as ``1.250.000,00 COP``."""
    return formats.money_of_text(f"{text} {currency}".strip(), lang)


def chance_text(chance: float, lang: Language | None = None) -> str:
    """A chance as a person weighs it: ``1 en 50.000``; from one in ten on, ``35,0 %``."""
    if chance >= 0.1:
        return formats.percent_text(min(chance, 1.0), lang)
    if chance < 1e-9:
        return say("evidence.less_than_one_in", lang, count=formats.integer_text(10**9, lang))
    count = 1 / chance
    digits = len(str(int(count))) - 2
    return say("evidence.one_in", lang, count=formats.integer_text(int(round(count, -max(digits, 0))), lang))


def likely_text(chance: float, lang: Language | None = None) -> str:
    """How likely an answer is that is wrong with this chance: ``35,0 %``, or less than one in a hundred."""
    if 1 - chance < 0.01:
        return say("evidence.less_than_one_in", lang, count=100)
    return formats.percent_text(1 - chance, lang)


def number_text(number: float, lang: Language | None = None) -> str:
    """An expectation with two digits that count: ``0,0002``; what is next to nothing is said so."""
    if number >= 10:
        return formats.integer_text(round(number), lang)
    if number < 1e-6:
        return say("evidence.next_to_none", lang, number=formats.money_text(Decimal("0.000001"), 6, lang))
    decimals = 1 if number >= 1 else _decimals(number)
    return formats.money_text(Decimal(f"{number:.{decimals}f}"), decimals, lang)


def rate_text(text: str, lang: Language | None = None) -> str:
    """``compras 2.5%`` as ``compras 2,5 %``, ``2%/10`` as ``2 % a 10 días``, ``SHA`` in words; one whose
    source nobody has confirmed ends in ``?``."""
    if has_words(f"evidence.bearer_{text}", lang):
        return say(f"evidence.bearer_{text}", lang)

    def spoken(found: re.Match[str]) -> str:
        decimals = len(found[1].partition(".")[2])
        share = f"{formats.money_text(Decimal(found[1]), decimals, lang)} {found[2]}"
        return say("evidence.within_days", lang, share=share, days=found[3]) if found[3] else share

    is_doubtful = text.endswith("?")
    said = _RATE.sub(spoken, _TWICE.sub("", text.removesuffix("?")))
    return say("evidence.rate_to_review", lang, rate=said) if is_doubtful else said


def documents_text(count: int, lang: Language | None = None) -> str:
    """``1 documento``, ``3 documentos``."""
    key = "evidence.documents_one" if count == 1 else "evidence.documents_many"
    return say(key, lang, count=formats.integer_text(count, lang))


def rule_text(rule: str, lang: Language | None = None) -> str:
    """What a rule is called."""
    key = f"matching.rule_{rule}"
    return say(key, lang) if has_words(key, lang) else rule


def lowered(text: str) -> str:
    """A text within a sentence: a capital that begins it goes, an abbreviation (``NIT``) stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def names_text(names: object, lang: Language | None = None) -> str:
    """``FE1, FE2 y 12 más``: the first of many."""
    every = [str(name) for name in names] if isinstance(names, list) else [str(names)]
    shown = ", ".join(every[:_MOST_NAMES])
    if len(every) <= _MOST_NAMES:
        return shown
    more = formats.integer_text(len(every) - _MOST_NAMES, lang)
    return say("evidence.and_more", lang, names=shown, count=more)


def _decimals(number: float) -> int:
    """Decimals that show two digits of a number below one, without a zero at the end."""
    mantissa, _, power = f"{number:.1e}".partition("e")
    return -int(power) + (0 if mantissa.endswith("0") else 1)


def _main(facts: Facts, rule: str, currency: str, is_applied: bool, lang: Language) -> str:
    if "decision" in facts:
        return _decided(facts, lang)
    amount = amount_text(facts["amount"], currency, lang) if "amount" in facts else ""
    values = {
        **{name: str(value) for name, value in facts.items() if isinstance(value, str | int)},
        "amount": amount or formats.UNKNOWN,
        "documents": documents_text(int(facts["items"]), lang) if "items" in facts else _no_count(lang),
        "deductions": _deductions(facts, currency, lang),
        "reference": str(facts.get("reference", "")),
    }
    named = _named(facts, lang)
    if rule in _NAMED:
        key = "evidence.named_exactly" if is_applied else "evidence.named_amount"
        return say(key, lang, named=named, amount=values["amount"]) if amount else f"{named}."
    key = _sentence_of(rule, bool(values["deductions"]), lang)
    if key == "evidence.why_other":
        values["rule"] = rule_text(rule, lang)
    if not amount:
        return f"{named}." if named else ""
    return " ".join(part for part in (f"{named}." if named else "", say(key, lang, **values)) if part)


def _sentence_of(rule: str, is_reduced: bool, lang: Language) -> str:
    """The key of a rule's own sentence, which may be another where something is deducted."""
    keys = [*([f"evidence.why_{rule}_less"] if is_reduced else []), f"evidence.why_{rule}"]
    return next((key for key in keys if has_words(key, lang)), "evidence.why_other")


def _no_count(lang: Language) -> str:
    return say("evidence.documents_named", lang)


def _named(facts: Facts, lang: Language) -> str:
    """What the payer named, and where; without the full stop."""
    if "references" not in facts:
        return ""
    names = names_text(facts["references"], lang)
    if "advice" in facts:
        by = f"evidence.advice_{facts.get('by', '')}"
        how = say(by, lang) if has_words(by, lang) else ""
        return say("evidence.named_advice", lang, advice=facts["advice"], names=names, how=how)
    if "reading" in facts:
        return say(f"evidence.named_{facts['reading']}", lang, names=names)
    return say("evidence.named_text", lang, names=names)


def _deductions(facts: Facts, currency: str, lang: Language) -> str:
    """``retención en la fuente 12.500,00 COP (compras 2,5 %)``; of several documents summed."""
    sums: dict[tuple[str, str], Decimal] = {}
    for line in facts.get("deductions", ()):
        found = _DEDUCTION.fullmatch(str(line))
        if found is None:
            return names_text(facts["deductions"], lang)
        key = (found[1], found[3] or "")
        sums[key] = sums.get(key, Decimal(0)) + Decimal(found[2])
    said = []
    for (code, detail), amount in sums.items():
        text = f"{lowered(code_text(code, lang))} {amount_text(amount, currency, lang)}"
        said.append(f"{text} ({rate_text(detail, lang)})" if detail else text)
    return ", ".join(said)


def code_text(code: str, lang: Language | None = None) -> str:
    """A reason code (RFTE, DPP, …) in words."""
    key = f"matching.code_{code}"
    return say(key, lang) if has_words(key, lang) else code


def _decided(facts: Facts, lang: Language) -> str:
    words = [lowered(say(f"matching.decision_{one}", lang)) for one in str(facts["decision"]).split("+")]
    said = say("evidence.decided", lang, decision=", ".join(words))
    if facts.get("rule"):
        said += " " + say("evidence.decided_rule", lang, rule=lowered(rule_text(str(facts["rule"]), lang)))
    if facts.get("decided_reason"):
        said += " " + say("evidence.decided_reason", lang, reason=facts["decided_reason"])
    return said


def _payer(facts: Facts, lang: Language) -> str:
    how = str(facts.get("customer", ""))
    if not how:
        return ""
    if how == "amount":
        return say("evidence.payer_amount_only", lang)
    return say("evidence.payer", lang, how=lowered(say(f"matching.known-by_{how}", lang)))


def _twins(facts: Facts, lang: Language) -> str:
    """Of equal documents the first due is taken, or the one that a run of dates or a group says."""
    if "equal_documents" not in facts:
        return ""
    by = "_by_dates" if facts["equal_documents"] == "by its dates" else ""
    return say(f"evidence.equal_documents{by}", lang)


def _proof(facts: Facts, rule: str, lang: Language) -> str:
    """How many such answers accident would give, how likely this one is wrong, and what else there is."""
    parts = []
    if "expected" in facts:
        expected = number_text(float(facts["expected"]), lang)
        sets = int(facts.get("sets", 0))
        if sets >= _MOST_SETS:
            parts.append(say("evidence.expected_of_many", lang, expected=expected))
        elif sets:
            among = formats.integer_text(sets, lang)
            one = "_one" if sets == 1 else ""
            parts.append(say(f"evidence.expected_of{one}", lang, expected=expected, sets=among))
        else:
            parts.append(say("evidence.expected", lang, expected=expected))
    if "chance" in facts:
        parts.append(say("evidence.chance", lang, chance=chance_text(float(facts["chance"]), lang)))
    if "rivals" in facts:
        parts.append(_rivals(int(facts["rivals"]), rule, lang))
    text = "; ".join(filter(None, parts))
    return text[:1].upper() + text[1:] + "." if text else ""


def _rivals(count: int, rule: str, lang: Language) -> str:
    kind = "candidates" if rule.startswith("credit-") else "rivals"
    how_many = "none" if count == 0 else "one" if count == 1 else "many"
    return say(f"evidence.{kind}_{how_many}", lang, count=formats.integer_text(count, lang))


def _left_behind(facts: Facts, lang: Language) -> str:
    """The answers that an applied one left behind, each with how likely it was."""
    said = [
        say(
            "evidence.other", lang,
            rule=lowered(rule_text(str(one.get("rule", "")), lang)),
            documents=documents_text(len(one.get("documents", ())), lang),
            likely=likely_text(float(one.get("chance", 1)), lang),
        )
        for one in facts.get("others", ())
    ]  # fmt: skip
    return say("evidence.others", lang, others="; ".join(said)) if said else ""


def _leg(facts: Facts, lang: Language) -> str:
    """Of a leg that is not cash: what it is."""
    if "code" not in facts:
        return ""
    code = lowered(code_text(str(facts["code"]), lang))
    rate = facts.get("rate")
    return say("evidence.leg", lang, code=f"{code} ({rate_text(str(rate), lang)})" if rate else code)


def _rest(facts: Facts, currency: str, lang: Language) -> str:
    """What becomes of what a person left unpaid of the document."""
    if "rest" not in facts:
        return ""
    code = str(facts.get("rest_code", ""))
    how = str(facts.get("rest_effect", "")) or ("partial_coded" if code else "partial")
    amount = amount_text(facts["rest_amount"], currency, lang)
    return say(f"evidence.rest_{how}", lang, amount=amount, code=lowered(code_text(code, lang)))


def _clues(facts: Facts, lang: Language) -> str:
    """What points at a customer of whom nobody is sure."""
    clues = [
        say("evidence.clue", lang, kind=say(f"evidence.clue_{name[6:]}", lang), score=value)
        for name, value in facts.items()
        if name.startswith("payer_")
    ]
    return say("evidence.clues", lang, clues=", ".join(clues)) if clues else ""


def _promised(facts: Facts, lang: Language) -> str:
    """Who decided that a credit leaves otherwise, and when."""
    if "promised" not in facts:
        return ""
    who, day = str(facts.get("promised_by", "")), str(facts.get("promised_day", ""))
    key = f"evidence.promised_{facts['promised']}"
    return say(key, lang, who=who or formats.UNKNOWN, day=formats.date_of_text(day, lang))


def _others(facts: Facts, rule: str, lang: Language) -> list[str]:
    """What other rooms put beside these facts, each by an entry of its own, where no sentence has it yet."""
    in_sentence = set(_PLACE.findall(say(_sentence_of(rule, False, lang), lang)))
    said = []
    for name, value in facts.items():
        if name in SAID | in_sentence | FOR_MACHINES or name.startswith("payer_"):
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        key = f"matching.evidence_{name}"
        line = say(key, lang, value=text) if has_words(key, lang) else f"{name} {text}"
        said.append(f"{line[:1].upper()}{line[1:]}.")
    return said


def against_sentence(given: object, *, currency: str = "", lang: Language | None = None) -> str:
    """What speaks against an answer beside the first, or makes it the first (``matching.RIVALS.against``)."""
    facts = facts_of(given)
    if not facts:
        return "" if facts == {} else str(given)
    values: dict[str, str] = {}
    for name in ("chance", "first_chance"):
        values[name] = likely_text(float(facts[name]), lang) if name in facts else formats.UNKNOWN
    for name in ("expected", "first_expected"):
        values[name] = number_text(float(facts[name]), lang) if name in facts else formats.UNKNOWN
    for name in ("rule", "first_rule"):
        values[name] = lowered(rule_text(str(facts.get(name, "")), lang))
    if "difference" in facts:
        values["difference"] = amount_text(facts["difference"], currency, lang)
    code = str(facts.get("code", ""))
    if code == "rarer" and (
        not {"expected", "first_expected"} <= set(facts) or facts["expected"] == facts["first_expected"]
    ):
        code = "less-likely"
    return say(f"evidence.against_{code}", lang, **values)
