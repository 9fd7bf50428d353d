"""A difference keeps its name from month to month: made of what differs, not of why."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from .gaps import Gap


def identify(gaps: Sequence[Gap]) -> list[str]:
    """One id a gap: of its account, its document's number (without one: kind, day and amount) and its part.

    Several gaps of one number count in the order given, which the content of both lists decides.
    """
    seen: Counter[str] = Counter()
    ids = []
    for gap in gaps:
        said = json.dumps([*gap.account, *_thing(gap), gap.part], ensure_ascii=False)
        seen[said] += 1
        ids.append(hashlib.sha256(f"{said}#{seen[said]}".encode()).hexdigest()[:20])
    return ids


def _thing(gap: Gap) -> tuple[str, ...]:
    """The number, as either side may write it, so that it stays the same when the other side enters it."""
    lines = gap.our or gap.their
    for line in lines:
        if line.names:
            name = line.names[0]
            return ("number", "".join(name.letters), "/".join(name.digits))
    first = lines[0]
    return ("line", first.kind, str(first.day), str(first.amount))
