"""Work that looks at the book first and writes then: done again where somebody else wrote in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..errors import BookMovedOnError, WorkbenchError

Done = TypeVar("Done")
_ATTEMPTS = 3
#: What a writer says under its lock where the book is no longer what was looked at.
_MOVED_ON = (BookMovedOnError.rule, "decision-content-changed")


def look_again(look_and_write: Callable[[], Done]) -> Done:
    """What it gives, on a new look where the book moved on meanwhile; the third time that is told."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return look_and_write()
        except WorkbenchError as refusal:
            if refusal.cause not in _MOVED_ON:
                raise
    return look_and_write()
