"""Everything that stops the workbench, as one tree.

::

    WorkbenchError                      exit 1: failed
    ├── RefusedError                    exit 2: input or parameter refused, nothing changed
    │   ├── FileRefusedError            a file that cannot be used as a whole
    │   │   └── MissingColumnsError     … because headings are missing
    │   ├── MappingError                a mapping in parameters/sources/ is wrong
    │   ├── ParameterRefusedError       a parameter is unknown, mistyped or impossible
    │   ├── PolicyError                 parameters/policy.yaml (or another one) is wrong
    │   ├── MissingBookError            there is no book where one is needed
    │   ├── PeriodClosedError           cash dated in a period that is closed
    │   └── PostingRefusedError         an application or reversal the book does not allow
    │       └── MoveRefusedError        … or a move that a case does not allow from where it stands
    ├── StoppedError                    exit 4: stopped at a gate or tie-out
    │   ├── StoppedAtGateError          a check before the work failed
    │   ├── TieOutError                 two figures that must agree do not
    │   └── MissingRateError            no exchange rate in force on the day asked for
    ├── RunningElsewhereError           exit 5: somebody else is at it
    │   ├── RunLockedError              the same company and period is being run
    │   └── BookBusyError               another process is writing to the book
    │       └── BookMovedOnError        somebody wrote between the look at the book and the lock: look again
    ├── AmountOverflowError             a total does not fit 64 bits
    ├── BookInterruptedError            the book's server or disk broke off in the middle of an action
    ├── TableShapeError                 a frame does not have the columns its table declares
    └── StepFailedError                 a notebook of the run failed

An error carries a stable ``rule`` and ``values``; the sentence a person reads is made from them by
``words`` in the reader's language, so ``str(error)`` is what to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar


class WorkbenchError(Exception):
    """The root. ``rule`` is kebab-case and documented in ``words``; ``values`` fill its sentence."""

    exit_code: ClassVar[int] = 1
    rule: ClassVar[str] = "workbench-error"
    #: Set by ``words`` when it is imported: makes the sentence out of rule and values.
    describe: ClassVar[Callable[[str, dict[str, object]], str] | None] = None

    def __init__(self, rule: str | None = None, **values: object) -> None:
        self.cause = rule or type(self).rule
        self.values = values
        super().__init__(self.cause, values)

    def __str__(self) -> str:
        describe = type(self).describe
        if describe is None:
            return ", ".join([self.cause, *(f"{name}={value}" for name, value in self.values.items())])
        return describe(self.cause, self.values)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.cause, self.values)

    def _render_traceback_(self) -> list[str]:
        """In a notebook an analyst sees the sentence, not the calls that led to it (IPython's hook)."""
        return [f"{type(self).__name__}: {self}"]


def _rebuild(kind: type[WorkbenchError], rule: str, values: dict[str, object]) -> WorkbenchError:
    return kind(rule, **values)


class RefusedError(WorkbenchError):
    exit_code = 2
    rule = "refused"


class FileRefusedError(RefusedError):
    rule = "file-refused"


class MissingColumnsError(FileRefusedError):
    rule = "columns-missing"


class MappingError(RefusedError):
    rule = "mapping-wrong"


class ParameterRefusedError(RefusedError):
    rule = "parameter-refused"


class PolicyError(RefusedError):
    rule = "policy-wrong"


class MissingBookError(RefusedError):
    rule = "book-missing"


class PeriodClosedError(RefusedError):
    rule = "period-closed"


class PostingRefusedError(RefusedError):
    rule = "posting-refused"


class MoveRefusedError(PostingRefusedError):
    rule = "case-move-refused"


class StoppedError(WorkbenchError):
    exit_code = 4
    rule = "stopped"


class StoppedAtGateError(StoppedError):
    rule = "stopped-at-gate"


class TieOutError(StoppedError):
    rule = "tie-out-broken"


class MissingRateError(StoppedError):
    rule = "rate-missing"


class RunningElsewhereError(WorkbenchError):
    exit_code = 5
    rule = "running-elsewhere"


class RunLockedError(RunningElsewhereError):
    rule = "run-locked"


class BookBusyError(RunningElsewhereError):
    rule = "book-busy"


class BookMovedOnError(BookBusyError):
    rule = "ledger-moved-on"


class AmountOverflowError(WorkbenchError):
    rule = "amount-overflow"


class BookInterruptedError(WorkbenchError):
    rule = "book-connection-lost"


class TableShapeError(WorkbenchError):
    rule = "table-shape"


class StepFailedError(WorkbenchError):
    rule = "step-failed"


def every_error(root: type[WorkbenchError] = WorkbenchError) -> Iterator[type[WorkbenchError]]:
    """The whole tree, root first; a runner finds the class of a name that crossed a process."""
    yield root
    for child in root.__subclasses__():
        yield from every_error(child)


def error_named(name: str) -> type[WorkbenchError] | None:
    """The class of that name, or ``None`` when it is none of ours."""
    return next((kind for kind in every_error() if kind.__name__ == name), None)
