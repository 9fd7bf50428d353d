"""The anchors of the audit chain that lie outside the book, in the manifests of its runs.

Whoever can write to the book can cut its chain's tail or write all of it anew; what a manifest noted of the
chain when a run ended, and a signed copy of it still shows, he must change too. Source: TRUST, fact 10.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ..book import Book, audit
from .folders import MANIFEST, PARTIAL


def verify(book: Book, out: Path) -> list[audit.Check]:
    """Every check of the book, its chain against the manifests under ``out`` and the state of those."""
    found, unreadable = anchors_in(out)
    own = audit.anchor(book)
    checks = audit.verify(book, anchors=[one for one in found if one.is_of(own)])
    first_fault = unreadable[0] if unreadable else ""
    return [*checks, audit.Check("manifests", len(found) + len(unreadable), not unreadable, first_fault)]


def anchors_in(out: Path) -> tuple[list[audit.Anchor], list[str]]:
    """The anchors noted under ``out``, of whatever book, and the manifests that could not be read."""
    found: list[audit.Anchor] = []
    unreadable: list[str] = []
    for path in _manifests(out):
        try:
            noted = json.loads(path.read_text(encoding="utf-8"))["run"]["audit_anchor"]
            whose = (str(noted.get(name, "")) for name in ("first", "place"))
            found.append(audit.Anchor(int(noted["count"]), str(noted["head"]), *whose))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            unreadable.append(path.relative_to(out).as_posix())
    return found, unreadable


def _manifests(out: Path) -> Iterator[Path]:
    """Of finished runs: ``<period>/<company>/<notebook>/<run id>/manifest.json``."""
    for path in sorted(out.glob(f"*/*/*/*/{MANIFEST}")):
        if not path.parent.name.endswith(PARTIAL):
            yield path
