"""How far a run came, written after each event, so that the runner knows even when the kernel dies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .manifest import Json

#: What only says more of a run's own things: without those there is nothing to work on.
AROUND = frozenset(("applications", "reversals", "rates", "cases", "case_events", "case_items", "customers"))


@dataclass
class RunState:
    """What the manifest will say. ``path`` is ``None`` for a person's notebook: nothing is kept then."""

    path: Path | None = None
    inputs: list[Json] = field(default_factory=list)  # name, rows, totals, sha256
    outputs: list[Json] = field(default_factory=list)  # file, rows, totals
    tie_outs: list[Json] = field(default_factory=list)
    findings: list[Json] = field(default_factory=list)  # one for each rule
    posted: Json = field(default_factory=dict)
    policy: Json = field(default_factory=dict)
    as_of: str = ""
    known_at: str = ""
    told: list[str] = field(default_factory=list)  # texts that a parameter asked for, to be said at the end
    error: Json = field(default_factory=dict)  # name, rule, message, remedy
    is_without_input: bool = False  # nothing to work on: the step is done, and says so
    is_finished: bool = False

    def save(self) -> None:
        """The file holds this state or the one before, never half of one."""
        if self.path is None:
            return
        words = {name: value for name, value in vars(self).items() if name != "path"}
        scratch = self.path.with_suffix(".tmp")
        scratch.write_text(json.dumps(words, ensure_ascii=False, default=str), encoding="utf-8")
        scratch.replace(self.path)

    def has_nothing_to_work_on(self) -> bool:
        """Whether all that the run is about was read and is empty."""
        own = [read for read in self.inputs if read["name"] not in AROUND]
        return bool(own) and not any(read["rows"] for read in own)

    @classmethod
    def load(cls, path: Path) -> RunState:
        """An empty state where the notebook never came to its first event."""
        if not path.is_file():
            return cls(path)
        words: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8"))
        return cls(path, **words)  # type: ignore[arg-type]  # what save() wrote
