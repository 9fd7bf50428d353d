"""Both lists of an account held together: by number, then by amount; what is left are its gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...policy import CustomerReconciliationPolicy
from .amounts import Met, pair_amounts
from .gaps import Gap, say_names
from .lines import Account, Ours, Theirs, by_account
from .numbers import NumberIndex, without_repeats


@dataclass
class Compared:
    """``met``: what is the same; ``gaps``: everything that is not, by account."""

    met: list[Met] = field(default_factory=list)
    gaps: dict[Account, list[Gap]] = field(default_factory=dict)

    def add(self, gap: Gap) -> None:
        if gap.amount:
            self.gaps.setdefault(gap.account, []).append(gap)


def compare_lines(
    ours: Sequence[Ours], theirs: Sequence[Theirs], policy: CustomerReconciliationPolicy
) -> Compared:
    """All accounts. Σ gaps of an account is Σ ours − Σ theirs, whatever met."""
    compared = Compared()
    index = NumberIndex(ours)
    named: dict[int, list[int]] = {}
    doubtful: dict[int, set[int]] = {}
    rest: list[Theirs] = []
    for line in theirs:
        found = index.find(line)
        if len(found) == 1:
            named.setdefault(next(iter(found)), []).append(line.place)
        else:
            rest.append(line)
            if found:
                doubtful[line.place] = found
    taken = {place for node in named for place in index.nodes[node]}
    credits_of = _credits_by_node(ours, index, taken)
    for node, places in named.items():
        own, their = [ours[p] for p in index.nodes[node]], [theirs[p] for p in places]
        credits = [ours[p] for p in credits_of.get(node, ())]
        if credits and sum(line.amount for line in (*own, *credits)) == sum(line.amount for line in their):
            taken.update(line.place for line in credits)
            own += credits
        _compare_node(own, their, compared)
    our_rest = by_account([line for line in ours if line.place not in taken])
    their_rest = by_account(rest)
    for account in sorted({*our_rest, *their_rest}):
        own = [ours[place] for place in our_rest.get(account, ())]
        their = [theirs[place] for place in their_rest.get(account, ())]
        _compare_rest(account, own, their, index, doubtful, ours, theirs, policy, compared)
    return compared


def _credits_by_node(ours: Sequence[Ours], index: NumberIndex, taken: set[int]) -> dict[int, list[int]]:
    """Credits of ours that say for which document they are, and that no line of theirs names."""
    found: dict[int, list[int]] = {}
    for line in ours:
        if line.amount < 0 and line.refers_to and line.place not in taken:
            node = index.node_of(line.account, line.refers_to)
            if node is not None and line.place not in index.nodes[node]:
                found.setdefault(node, []).append(line.place)
    return found


def _compare_node(own: list[Ours], their: list[Theirs], compared: Compared) -> None:
    """Documents of one number and the lines that say it."""
    account = own[0].account
    ours, theirs = sum(line.amount for line in own), sum(line.amount for line in their)
    mine, places = tuple(line.place for line in own), tuple(line.place for line in their)
    rule = "number" if len(own) == len(their) == 1 else "number-net"
    if ours == theirs:
        compared.met.append((mine, places, rule))
        return
    their_repeats = without_repeats(((line.place, line.amount) for line in their), ours)
    our_repeats = without_repeats(((line.place, line.amount) for line in own), theirs)
    if their_repeats is not None:
        compared.met.append((mine, tuple(place for place in places if place not in their_repeats), rule))
        for line in their:
            if line.place in their_repeats:
                gap = Gap(account, "theirs", (), (line,), -line.amount)
                compared.add(gap.named("duplicate", number=line.number))
        return
    if our_repeats is not None:
        compared.met.append((tuple(place for place in mine if place not in our_repeats), places, rule))
        for one in own:
            if one.place in our_repeats:
                gap = Gap(account, "ours", (one,), (), one.amount)
                compared.add(gap.named("duplicate", number=one.reference))
        return
    compared.add(Gap(account, "both", tuple(own), tuple(their), ours - theirs))


def _compare_rest(
    account: Account,
    own: list[Ours],
    their: list[Theirs],
    index: NumberIndex,
    doubtful: dict[int, set[int]],
    ours: Sequence[Ours],
    theirs: Sequence[Theirs],
    policy: CustomerReconciliationPolicy,
    compared: Compared,
) -> None:
    """What no number joins: amounts; a line whose number may be two documents is left alone."""
    claimed = {
        place for line in their for node in doubtful.get(line.place, ()) for place in index.nodes[node]
    }
    free_ours = [line for line in own if line.place not in claimed]
    free_theirs = [line for line in their if line.place not in doubtful]
    pairs = pair_amounts(free_ours, free_theirs, policy)
    compared.met.extend(pairs.met)
    our_met = {place for mine, _, _ in pairs.met for place in mine}
    their_met = {place for _, places, _ in pairs.met for place in places}

    def rivals(places: Iterable[int], lines: Sequence[Ours] | Sequence[Theirs]) -> tuple[str, ...]:
        told = [lines[place] for place in dict.fromkeys(places)]
        return say_names(told)[: policy.rivals]  # type: ignore[arg-type]  # all of one side

    for line in own:
        if line.place not in our_met:
            said = rivals(pairs.our_rivals.get(line.place, ()), theirs)
            compared.add(Gap(account, "ours", (line,), (), line.amount, rivals=said))
    for one in their:
        if one.place not in their_met:
            nodes = doubtful.get(one.place, ())
            places = [place for node in sorted(nodes) for place in index.nodes[node]]
            said = rivals(places or pairs.their_rivals.get(one.place, ()), ours)
            compared.add(Gap(account, "theirs", (), (one,), -one.amount, rivals=said))
