"""A thousand spoilt files: no crash, no hang, every row and every cent accounted for, no amount bent.

pytest -m slow -s tests/faults/test_mutations.py        (WORKBENCH_MUTATIONS=1000, the default there)
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pytest
import yaml
from badfiles_world import AS_OF, PROFILES, World
from mutated_files import KINDS, Kind, mutated
from plain_readers import camt_amounts, csv_lines, line_of, mt940_amounts, xlsx_lines

from workbench.book import read
from workbench.judging import check_file
from workbench.money import to_major

SECONDS = 5


class _Hang(BaseException):
    """Not an exception that anybody would catch."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Where the system has an alarm, and only in the main thread: elsewhere there is no bound."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*told: object) -> None:
        raise _Hang(f"over {seconds} s")

    old = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds * int(os.environ.get("WORKBENCH_SLOWNESS", "4")))  # a busy machine is no hang
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)


def spoil(kind: Kind, seed: int, world: World) -> tuple[str, str]:
    """One mutation, judged and held against the plain readers; how it was spoilt and what came of it."""
    way, content = mutated(kind, seed)
    path = world.write(f"{kind.profile}{seed}{kind.suffix}", content)
    try:
        if kind.profile == "close_params":
            with within(SECONDS):
                told = check_file(path, "close_params", parameters=PROFILES, today=AS_OF)
            if told.status == "accepted":
                _hold_parameters(content)
            return way, told.status
        with world.book() as book:
            with within(SECONDS):
                judged = world.judge(path, kind.profile, book=book)
            assert judged.rows_in == judged.stored + judged.duplicate + judged.rejected
            if judged.status in ("rejected", "duplicate") and judged.rejected == 0:
                assert judged.ledger_after == judged.ledger_before
            if judged.stored or judged.rejected:
                good = kind.make(random.Random(f"{kind.profile} {seed}"))
                stored, kept = _stored(book, kind.profile), read.rejected_rows(book)
                _hold(kind, content, good, judged.rows_in, stored, kept)
        Path(str(book.url).removeprefix("sqlite:///")).unlink()
        return way, judged.status
    finally:
        path.unlink()


def _stored(book: Any, profile: str) -> list[tuple[str, str, Decimal]]:
    """What the book holds, named as the plain readers name it."""
    if profile == "oi_us":
        with book.reading() as connection:
            found = connection.exec_driver_sql(
                "SELECT d.customer_id || '/' || d.document_number, d.currency, o.open_amount"
                " FROM documents d JOIN observations o USING (document_key)"
            ).all()
        return [(name, currency, to_major(amount, currency)) for name, currency, amount in found]
    if profile in ("mt940", "camt053"):
        lines = read.bank_lines(book)
        pairs = zip(lines["currency"], lines["bank_amount"], strict=True)
        return [("", currency, to_major(amount, currency)) for currency, amount in pairs]
    receipts = read.receipts(book)
    rows = zip(receipts["receipt_id"], receipts["currency"], receipts["received_amount"], strict=True)
    return [(name, currency, to_major(amount, currency)) for name, currency, amount in rows]


def _hold(
    kind: Kind,
    content: bytes,
    good: bytes,
    rows_in: int,
    stored: list[tuple[str, str, Decimal]],
    kept: Any,
) -> None:
    """Every stored amount is the file's own; stored and rejected rows are all of its rows, and its money."""
    if kind.profile in ("mt940", "camt053"):
        plain = mt940_amounts(content) if kind.profile == "mt940" else camt_amounts(content)
        assert Counter(amount for _, _, amount in stored) == Counter(plain)
        return
    if kind.profile == "pay_xlsx":
        try:
            lines = xlsx_lines(content)
        except (KeyError, IndexError, ValueError, ParseError):  # a part is gone that only openpyxl wants
            lines = xlsx_lines(good)
        for name, currency, amount in stored:
            mine = [one for n, c, one in lines if (n, c) == (name, currency) and one is not None]
            assert any(abs(amount - one) <= abs(one) * Decimal("1e-9") for one in mine), (name, amount, mine)
        return
    header, rows = csv_lines(content, kind.profile)
    if kind.profile == "pay_us_trailer":
        rows = rows[:-1]
    assert rows_in == len(rows)
    plain_lines = [line_of(header, row, kind.profile) for row in rows]
    for line in stored:
        assert line in plain_lines, (line, plain_lines)
    raw_sign = "\t" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else kind.sign
    refused = _raw_lines(kept["raw"].tolist(), raw_sign, header, kind.profile)
    assert _sums([*stored, *refused]) == _sums(plain_lines)


def _raw_lines(
    raws: list[str], sign: str, header: list[str], profile: str
) -> list[tuple[str, str, Decimal | None]]:
    import csv
    import io

    found = []
    for raw in raws:
        rows = [row for row in csv.reader(io.StringIO(raw, newline=""), delimiter=sign) if any(row)]
        found += [line_of(header, row, profile) for row in rows]
    return found


def _sums(lines: Any) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for _, currency, amount in lines:
        if amount is not None:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return {currency: total for currency, total in sums.items() if total}


def _hold_parameters(content: bytes) -> None:
    said = yaml.safe_load(content.decode("utf-8-sig"))
    assert isinstance(said["tolerance"], str)
    assert Decimal(said["tolerance"]) >= 0
    assert str(said["as_of"])[:7] == said["period"]


def run(count: int, world: World) -> Counter[tuple[str, str, str]]:
    met: Counter[tuple[str, str, str]] = Counter()
    failures = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        try:
            way, status = spoil(kind, number, world)
        except (Exception, _Hang) as error:  # noqa: BLE001  # whatever it is, it is a failure of this seed
            failures.append(f"{kind.profile} seed {number}: {type(error).__name__}: {str(error)[:300]}")
            continue
        met[kind.profile, way, status] += 1
    assert failures == [], "\n".join(failures)
    return met


def test_spoilt_files_neither_crash_nor_bend_an_amount(tmp_path: Path) -> None:
    met = run(36, World(tmp_path))
    assert {status for _, _, status in met} >= {"accepted", "partial", "rejected"}


@pytest.mark.slow
def test_a_thousand_spoilt_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count = int(os.environ.get("WORKBENCH_MUTATIONS", "1000"))
    met = run(count, World(tmp_path))
    with capsys.disabled():
        print(f"\n{count} mutations")
        for profile in dict.fromkeys(name for name, _, _ in met):
            said: Counter[str] = Counter()
            for (name, _, status), times in met.items():
                said[status] += times if name == profile else 0
            print(f"  {profile:16}", dict(+said))
    assert sum(met.values()) == count
    statuses = {status for _, _, status in met}
    assert statuses >= {"accepted", "partial", "rejected"}, "the mutations were all of one kind"


def test_the_plain_readers_read_what_is_good() -> None:
    """A file that was not spoilt, read by both: else the comparison above would compare nothing."""
    for kind in KINDS[:5]:
        header, rows = csv_lines(kind.make(random.Random(1)), kind.profile)
        lines = [line_of(header, row, kind.profile) for row in rows]
        assert sum(amount is not None for _, _, amount in lines) >= 3, kind.profile
    assert all(amount is not None for _, _, amount in xlsx_lines(KINDS[5].make(random.Random(1))))
    assert len(mt940_amounts(KINDS[6].make(random.Random(1)))) >= 2
    with pytest.raises(ParseError):
        camt_amounts(b"<a>")
