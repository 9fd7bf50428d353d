"""Which lines of a list name which of our documents: the same number, written as either side does.

Letters may be left out by one side (``FE-10234`` is their ``10234``); where both write other letters, or a
number is short, the amount must bear it out. A number that may be two documents is no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .lines import Account, Name, Ours, Theirs, name_of

#: Digits that a number needs to be somebody's without its letters.
SHORTEST = 4
#: How well letters agree: the same; one side leaves some out; they contradict each other.
SAME, PARTLY, OTHER = range(3)


class NumberIndex:
    """Our documents by account and number; documents printed with the same number are one ``node``."""

    def __init__(self, ours: Sequence[Ours]) -> None:
        self.nodes: list[list[int]] = []
        self._node: dict[tuple[Account, Name], int] = {}
        self._by_digits: dict[tuple[Account, tuple[str, ...]], dict[tuple[int, Name], int]] = {}
        self._amount: list[int] = []
        for line in ours:
            if not line.names:
                continue
            own = self._node.setdefault((line.account, line.names[0]), len(self.nodes))
            if own == len(self.nodes):
                self.nodes.append([])
                self._amount.append(0)
            self.nodes[own].append(line.place)
            self._amount[own] += line.amount
            for rank, name in enumerate(line.names):
                named = self._by_digits.setdefault((line.account, name.digits), {})
                named.setdefault((min(rank, 1), name), own)

    def node_of(self, account: Account, text: str) -> int | None:
        """The documents that a reference of ours names: printed so, or by the ERP's number."""
        name = name_of(text)
        if name is None:
            return None
        named = self._by_digits.get((account, name.digits), {})
        nodes = {node for (_, own), node in named.items() if own == name}
        return nodes.pop() if len(nodes) == 1 else None

    def find(self, line: Theirs) -> set[int]:
        """The documents (nodes) that a line of theirs may name: one is an answer."""
        for name in line.names:
            known = self._by_digits.get((line.account, name.digits))
            if not known:
                continue
            best: dict[tuple[int, int], set[int]] = {}
            for (rank, own), node in known.items():
                level = agreement(name, own)
                is_weak = level == OTHER or (level == PARTLY and _is_short(name))
                if is_weak and self._amount[node] != line.amount:
                    continue
                best.setdefault((level, rank), set()).add(node)
            if best:
                return best[min(best)]
        return set()


def agreement(one: Name, other: Name) -> int:
    """How well the letters of two names with the same digits agree."""
    if one.letters == other.letters:
        return SAME
    mine, theirs = set(one.letters), set(other.letters)
    return PARTLY if mine <= theirs or theirs <= mine else OTHER


def _is_short(name: Name) -> bool:
    return sum(map(len, name.digits)) < SHORTEST


def without_repeats(amounts: Iterable[tuple[int, int]], target: int) -> list[int] | None:
    """Places to leave out so that the rest is the target: repeats of an amount, the last first.

    ``amounts``: (place, amount). ``None`` where no repeats, or no way to leave them out, explain it.
    """
    seen: set[int] = set()
    repeats: list[tuple[int, int]] = []
    total = 0
    for place, amount in amounts:
        total += amount
        if amount in seen:
            repeats.append((place, amount))
        seen.add(amount)
    left_out: list[int] = []
    while total != target and repeats:
        place, amount = repeats.pop()
        total -= amount
        left_out.append(place)
    return left_out if left_out and total == target else None
