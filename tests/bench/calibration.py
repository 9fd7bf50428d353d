"""Whether chances of being wrong are what they say: wrongs expected beside wrongs seen, by band and rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

#: Upper ends of the bands; what rests on what the payer wrote has no chance and stands in the first.
BANDS = (0.0, 1e-8, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1.0)


@dataclass(frozen=True)
class Judged:
    """One receipt that was applied: by which rule, how surely, and whether it was wrong."""

    rule: str
    chance: float
    is_wrong: bool


def show_calibration(judged: Iterable[Judged]) -> None:
    """``expected`` is the sum of the chances: where they are honest it is no less than ``wrong``."""
    bands: dict[str, list[Judged]] = {f"up to {high:g}": [] for high in BANDS}
    rules: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        high = next(high for high in BANDS if one.chance <= high)
        bands[f"up to {high:g}"].append(one)
        rules[one.rule].append(one)
    print(f"  {'chance of being wrong':<24}{'applied':>9}{'expected':>10}{'wrong':>7}")
    for name, those in [*bands.items(), *sorted(rules.items())]:
        expected, wrong = sum(one.chance for one in those), sum(one.is_wrong for one in those)
        print(f"  {name:<24}{len(those):>9,}{expected:>10.3f}{wrong:>7,}")
