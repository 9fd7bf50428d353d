"""What every rule of the state machine stands on: the book, the plain ledger beside it, and the invariants.

After every step TRUST's I1 to I9 hold, and an answer once given is given again.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import hypothesis.strategies as st
import postgres_server
from book_world import CUSTOMER, import_rows, ledger_hash, new_book
from faults.book_invariants import Answer, answer, check_invariants
from faults.machine_world import ASKED, DrawnFile
from faults.plain_ledger import PlainLedger
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from workbench.book import audit
from workbench.book.postings import close_through, reopen
from workbench.errors import FileRefusedError, PeriodClosedError, PostingRefusedError


class MachineBase(RuleBasedStateMachine):
    """A book of its own for each example."""

    database = "sqlite"
    #: What came of the steps of all runs, so that a test can tell work from idleness.
    tally: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.taken = postgres_server.taken()
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name)
        self.book = new_book(self.home, database=self.database)
        self.plain = PlainLedger()
        self.entries = audit.anchor(self.book).count
        self.answers: list[Answer] = []
        self.imports: list[tuple[str, tuple[Any, ...]]] = []
        self.files: dict[DrawnFile, bool] = {}  # whether every row of it was taken or known
        self.operations = 1

    @initialize()
    def name_the_customers(self) -> None:
        names = [{"company_id": one, "customer_id": two} for one in ("CO01", "CO02") for two in ("C1", "C2")]
        import_rows(self.book, "customers", CUSTOMER, *names)
        self._wrote(True)

    def teardown(self) -> None:
        self.book.close()
        postgres_server.give_back(self.taken)
        self.folder.cleanup()

    def _begin(self) -> None:
        """The number that the next action's facts will bear."""
        self.plain.at = self.entries + 1

    def _wrote(self, did: bool) -> None:
        self.entries += did
        self.plain.at = self.entries

    def _must_refuse(self, act: Any) -> None:
        before = ledger_hash(self.book)
        self.plain.at = self.entries
        try:
            act()
        except (PostingRefusedError, PeriodClosedError, FileRefusedError) as refused:
            self.tally[f"refused: {refused.cause}"] += 1
            assert ledger_hash(self.book) == before, "refused, and yet the book changed"
        else:
            raise AssertionError("the book took what the rules refuse")

    # Periods -------------------------------------------------------------------------------------------

    @rule(company=st.sampled_from(["", "CO01", "CO02"]), day=st.sampled_from(ASKED))
    def close_a_period(self, company: str, day: str) -> None:
        close_through(self.book, company, dt.date.fromisoformat(day), who="ana")
        is_new = self.plain.closed.get(company, "") < day
        self._wrote(is_new)
        if is_new:
            self.tally["closed"] += 1
            self.plain.closed[company] = day
            self._remember(day)

    @rule(which=st.integers(0, 9))
    def reopen_a_period(self, which: int) -> None:
        further = sorted(company for company, day in self.plain.closed.items() if day > ASKED[0])
        if further:
            company = further[which % len(further)]
            reopen(self.book, company, dt.date.fromisoformat(ASKED[0]), who="ana", reason="a late deposit")
            self.plain.closed[company] = ASKED[0]
            self.tally["reopened"] += 1
            self._wrote(True)

    @rule(day=st.sampled_from(ASKED))
    def remember_an_answer(self, day: str) -> None:
        self._remember(day)

    def _remember(self, day: str) -> None:
        self.answers.append(answer(self.book, self.plain, day))

    # After every step ----------------------------------------------------------------------------------

    def _is_counted(self, result: Any, rows: int, stored: int, rejected: int) -> None:
        """I5, and by the plain ledger's own count."""
        counts = (result.rows_in, result.rows_stored, result.rows_duplicate, result.rows_rejected)
        assert counts == (rows, stored, rows - stored - rejected, rejected)
        for name, count in (("stored", stored), ("duplicate", counts[2]), ("rejected", rejected)):
            self.tally[f"rows {name}"] += count

    @invariant()
    def everything_holds(self) -> None:
        assert audit.anchor(self.book).count == self.entries, "I7: one audit entry a change"
        check_invariants(self.book, self.plain, ASKED, ASKED[self.plain.at % len(ASKED)])

    @invariant()
    def an_answer_once_given_is_given_again(self) -> None:
        """The newest, and two more in turn."""
        turn = self.plain.at
        for place in {-1, turn % len(self.answers), turn // 3 % len(self.answers)} if self.answers else ():
            old = self.answers[place]
            assert answer(self.book, self.plain, old.as_of, old.known_at, old.at) == old
            self.tally["answers asked again"] += 1
