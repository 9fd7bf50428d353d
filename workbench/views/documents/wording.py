"""A document's voice: words, numbers and days in the reader's language, and the second language's words."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from babel import Locale

from ...money import exponent
from ...words import LANGUAGES, Language, has_words, say
from ...words.formats import LOCALES, UNKNOWN, date_text, integer_text, money_text, percent_text
from .content import printed
from .shapes import Languages, Party, Said, Text

#: A text and what stands below it in the other language; "" where the document has one language.
Pair = tuple[str, str]
#: One cell: a text, or its pieces where a line may break inside it (long numbers have no blanks to break at).
Pieces = str | list[str]
#: Or the first language's text with a note after it, and the second language's below.
Cell = Pieces | dict[str, Pieces]

#: Where a customer reads Spanish; '' is at home. Elsewhere a document says everything in English too.
SPANISH = frozenset(["", *"AR BO CL CO CR CU DO EC ES GT HN MX NI PA PE PR PY SV UY VE".split()])

_MINUS = "\N{MINUS SIGN}"
#: A run without blanks that is long and has a digit: an id; or is longer than any word.
_LONG = re.compile(r"(?=\S*\d)\S{13,}|\S{25,}")
_RANGE = re.compile(r"d(\d+)_(\d+)|d(\d+)_plus")


class Voice:
    """Says the words of one document; figures are always written as the first language writes them."""

    def __init__(self, language: str, first: Language, currency: str) -> None:
        self.first: Language = first if language == "both" else ("en" if language == "en" else "es")
        others = [lang for lang in LANGUAGES if lang != self.first]
        self.second: Language | None = others[0] if language == "both" else None
        self.currency = currency
        self._decimals = exponent(currency)

    def pair(self, key: str, **values: object) -> Pair:
        """A label of the catalogue ``documents`` in both of the document's languages."""
        said = say(f"documents.{key}", self.first, **values)
        below = say(f"documents.{key}", self.second, **values) if self.second else ""
        return said, "" if below == said else below

    def word(self, key: str, **values: object) -> str:
        """A label in the first language alone."""
        return self.pair(key, **values)[0]

    def code(self, prefix: str, code: str) -> Pair:
        """A code of a closed list; one without words shows itself."""
        if not has_words(f"documents.{prefix}-{code}", self.first):
            return printed(code), ""
        return self.pair(f"{prefix}-{code}")

    def age_range(self, code: str) -> Pair:
        """An age range by its name in the policy: ``d31_60``, ``not_due``, ``d361_plus``."""
        if found := _RANGE.fullmatch(code):
            low, high, over = found.groups()
            if over:
                return self.pair("range-over", days=int(over) - 1)
            return self.pair("range-between", low=low, high=high)
        return self.code("range", code)

    def text(self, text: Text) -> Pair:
        """Free text: as it is, or in the document's languages where it has them."""
        if isinstance(text, str):
            return printed(text), ""
        said = {"es": printed(text.es or text.en), "en": printed(text.en or text.es)}
        below = said[self.second] if self.second else ""
        return said[self.first], "" if below == said[self.first] else below

    def money(self, amount: Decimal | None) -> str:
        """``1.234,50`` or ``−1,234.50``, with all the currency's decimals; unknown is ``–``."""
        return money_text(amount, self._decimals, self.first).replace("-", _MINUS)

    def share(self, part: Decimal, whole: Decimal) -> str:
        """Per cent of the whole, one decimal; ``–`` where there is no whole."""
        said = percent_text(part / whole if whole else None, self.first)
        return said.replace("-", _MINUS).replace(" ", "\N{NO-BREAK SPACE}")

    def date(self, day: dt.date | None) -> str:
        return date_text(day, self.first).replace(" ", "\N{NO-BREAK SPACE}")

    def days(self, number: int | None) -> str:
        return integer_text(number, self.first).replace("-", _MINUS)

    def instant(self, moment: dt.datetime | None) -> str:
        """A UTC instant to the second; ``–`` where all that is recorded counted."""
        if moment is None:
            return UNKNOWN
        moment = moment.astimezone(dt.UTC)
        return f"{self.date(moment.date())} {moment:%H:%M:%S} UTC"

    def country(self, country: str) -> str:
        """A country's name where its code is given (ISO 3166, two letters), else as it is."""
        return str(Locale.parse(LOCALES[self.first]).territories.get(country, printed(country)))

    def party(self, party: Party) -> dict[str, object]:
        """A head: the name and the lines below it."""
        tax_id = printed(party.tax_id)
        place = ", ".join(filter(None, (printed(party.city), self.country(party.country))))
        lines = [  # what an address lacks leaves no empty line
            f"{self.word(f'tax-id-{party.tax_id_kind}')} {tax_id}" if tax_id else "",
            printed(party.address),
            place,
            printed(party.contact),
        ]
        return {"name": breakable(printed(party.name)), "lines": [breakable(line) for line in lines if line]}


def languages_of(country: str) -> tuple[Languages, Language]:
    """In which languages a customer of a country is written to, and which comes first."""
    return ("es", "es") if country in SPANISH else ("both", "en")


def cell(text: Text, voice: Voice) -> Pieces:
    """Free text of a long table, in the first language."""
    return breakable(voice.text(text)[0])


def full_cell(said: Pair, voice: Voice, note: Text = "") -> Cell:
    """Text of a short table in all the document's languages, with a note."""
    first, second = voice.text(note)
    below = ". ".join(filter(None, (said[1], second if voice.second else "")))
    return {"first": breakable(said[0]), "note": breakable(first), "second": breakable(below)}


def breakable(text: str) -> Pieces:
    """The text, cut into letters where it is a run that no line could hold."""
    if not _LONG.search(text):
        return text
    pieces: list[str] = []
    at = 0
    for found in _LONG.finditer(text):
        pieces += [text[at : found.start()], *found.group()]
        at = found.end()
    return [piece for piece in (*pieces, text[at:]) if piece]


__all__ = ["Cell", "Pair", "Pieces", "Said", "Voice", "breakable", "cell", "full_cell", "languages_of"]
