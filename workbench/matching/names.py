"""Company names compared as people mean them: without legal forms, punctuation and the order of words.

A whole name found is a fact while one customer alone has it; a likeness is a number from 0 to 100
(rapidfuzz, token set ratio) and is never more than a reason to suggest. Source: DOMAIN, section 2 (6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..references import fold

#: Legal forms, as their letters stand once dots are gone.
LEGAL_FORMS = frozenset(
    "SAS SA LTDA LIMITADA CIA COMPANIA ESP BIC EU SCA SCS SENC INC INCORPORATED CORP CORPORATION LLC LLP"
    " LTD LIMITED PLC CO COMPANY GMBH AG BV NV SRL SL SPA CV SAPI PTY OY AB".split()
)
#: Words that tell no company from another.
_FILLERS = frozenset("DE DEL LA LAS EL LOS Y E EN AND OF THE".split())
_WORD = re.compile(r"[A-Z0-9]+")
_INITIALS = re.compile(r"\b(?:[A-Z][. ]\s?)+[A-Z]\b")
#: A best name counts as known from here, when the second is so much less like it.
NEAR, GAP = 90, 8
#: Names compared for one payer, and how like a word must be to one of theirs (letters, of a hundred).
MOST_COMPARED, _WORD_LIKE = 1_000, 84
#: Less alike than this is no candidate.
_FAINTEST = 50
_SHORTEST_WORD = 4


def name_words(name: str) -> tuple[str, ...]:
    """``"Compañía El Sol S. A. S."`` → ``("SOL",)``; all its words where nothing else would be left."""
    folded = _INITIALS.sub(lambda found: re.sub(r"[^A-Z]", "", found.group()), fold(name))
    words = _WORD.findall(folded)
    telling = tuple(word for word in words if word not in LEGAL_FORMS and word not in _FILLERS)
    return telling or tuple(words)


class Names:
    """The names of one company's customers."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self._of: dict[frozenset[str], set[str]] = {}
        for customer, name in named:
            words = frozenset(name_words(name))
            if any(word.isalpha() for word in words):
                self._of.setdefault(words, set()).add(customer)
        self._joined = {words: " ".join(sorted(words)) for words in self._of}
        self._holding: dict[str, list[frozenset[str]]] = {}
        for words in sorted(self._of, key=sorted):
            for word in words:
                self._holding.setdefault(word, []).append(words)
        #: Each name under its rarest word, so that a text is asked only for words it has.
        self._under: dict[str, list[frozenset[str]]] = {}
        for words in self._of:
            rarest = min(words, key=lambda word: (len(self._holding[word]), word))
            self._under.setdefault(rarest, []).append(words)
        self._like: dict[str, tuple[str, ...]] = {}

    def exactly(self, name: str) -> frozenset[str]:
        """The customers of exactly this name; a name of one word alone tells nobody."""
        words = frozenset(name_words(name))
        return frozenset(self._of.get(words, ())) if len(words) > 1 else frozenset()

    def within(self, text: str) -> frozenset[str]:
        """The customers whose whole name, of two words or more, stands in a text in any order.

        A name that is part of a longer one found there is not meant.
        """
        words = frozenset(name_words(text))
        found = {
            name for word in words for name in self._under.get(word, ()) if len(name) > 1 and name <= words
        }
        longest = [name for name in found if not any(name < other for other in found)]
        return frozenset(customer for name in longest for customer in self._of[name])

    def nearest(self, name: str, *, most: int = 5) -> list[tuple[int, str]]:
        """(likeness, customer) of the customers whose name is most like it, the best first."""
        from rapidfuzz import fuzz, process

        words = sorted(set(name_words(name)))
        compared = {other: self._joined[other] for other in self._alike(words)}
        found = process.extract(
            " ".join(words), compared, scorer=fuzz.token_set_ratio, limit=None, score_cutoff=_FAINTEST
        )
        best: dict[str, int] = {}
        for _, likeness, other in found:
            for customer in self._of[other]:
                best[customer] = max(best.get(customer, 0), int(likeness))
        ranked = sorted(((likeness, customer) for customer, likeness in best.items()), key=_surest_first)
        return ranked[:most]

    def _alike(self, words: Iterable[str]) -> Iterator[frozenset[str]]:
        """Names that share a word, or one much like it; those of the rarest words first, while few."""
        meant = {like for word in words for like in self._words_like(word)}
        seen: set[frozenset[str]] = set()
        for word in sorted(meant, key=lambda word: (len(self._holding[word]), word)):
            for name in self._holding[word]:
                if name not in seen and len(seen) < MOST_COMPARED:
                    seen.add(name)
                    yield name

    def _words_like(self, word: str) -> tuple[str, ...]:
        from rapidfuzz import fuzz, process

        if word not in self._like:
            like: list[str] = [word] if word in self._holding else []
            if len(word) >= _SHORTEST_WORD and word.isalpha():
                found = process.extract(
                    word, self._holding.keys(), scorer=fuzz.ratio, limit=20, score_cutoff=_WORD_LIKE
                )
                like += [other for other, _, _ in found if other != word]
            self._like[word] = tuple(like)
        return self._like[word]


def surest(ranked: list[tuple[int, str]]) -> str:
    """The customer that stands alone at the top: from ``NEAR``, the next ``GAP`` or more below; or ''."""
    if not ranked or ranked[0][0] < NEAR:
        return ""
    is_alone = len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= GAP
    return ranked[0][1] if is_alone else ""


def _surest_first(one: tuple[int, str]) -> tuple[int, str]:
    return -one[0], one[1]
