"""Groups of lines that are the same money: their ids, their frame, their rivals, and what people decided.

A group's id is made of the sources' own ids, days and amounts, so that a person can take the same group apart
in another run, on another machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import pandas as pd

from .months import ByHand, Rival
from .results import ACCOUNT, HAND_MATCHES, MATCHED, RIVALS
from .sides import Met

#: How the two sides' frames are called: key, id, day and amount.
COLUMNS = {
    "bank": ("bank_line_key", "line_id", "booking_date", "bank_amount"),
    "book": ("book_line_key", "line_id", "posting_date", "book_amount"),
}


def group_ids(met: Sequence[Met], bank: pd.DataFrame, book: pd.DataFrame) -> list[str]:
    """Of each group its id: twelve characters."""
    said = {side: lines_said(frame, side) for side, frame in (("bank", bank), ("book", book))}
    return [
        id_of([said["bank"][row] for row in one.bank], [said["book"][row] for row in one.book]) for one in met
    ]


def id_of(bank_said: Iterable[str], book_said: Iterable[str]) -> str:
    """The id of a group by what its lines say (``line_said``)."""
    whole = "\n".join(("bank", *sorted(bank_said), "book", *sorted(book_said)))
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def lines_said(frame: pd.DataFrame, side: str) -> list[str]:
    """What identifies each line outside the book: account, the source's id, day and amount."""
    _, line_id, day, amount = COLUMNS[side]
    days = frame[day].dt.strftime("%Y-%m-%d")
    columns = (*(frame[name] for name in ACCOUNT), frame[line_id], days, frame[amount].astype("str"))
    return ["\x1f".join(parts) for parts in zip(*columns, strict=True)]


def matched_frame(
    met: Sequence[Met], ids: Sequence[str], bank: pd.DataFrame, book: pd.DataFrame
) -> pd.DataFrame:
    """``results.MATCHED``, in the order of the bank's lines."""
    rows = sorted(
        (row, other, name, one.rule, len(one.bank) != 1)
        for one, name in zip(met, ids, strict=True)
        for row in one.bank or (-1,)
        for other in one.book or (-1,)
    )
    places = [row for row, *_ in rows], [other for _, other, *_ in rows]
    of_bank, of_book = (
        _rows_or_none(frame, side, own)
        for frame, side, own in zip((bank, book), COLUMNS, places, strict=True)
    )
    account = of_bank[ACCOUNT].where(of_bank["line_key"] >= 0, of_book[ACCOUNT])
    is_of_bank = pd.Series([one for *_, one in rows], dtype="bool") & (of_bank["line_key"] >= 0)
    return MATCHED.conform(
        account.assign(
            group_id=[name for _, _, name, _, _ in rows],
            bank_line_key=of_bank["line_key"],
            book_line_key=of_book["line_key"],
            bank_line_id=of_bank["line_id"],
            book_line_id=of_book["line_id"],
            booking_date=of_bank["line_date"],
            posting_date=of_book["line_date"],
            matched_amount=of_bank["amount"].where(is_of_bank, of_book["amount"]),
            rule=[rule for _, _, _, rule, _ in rows],
        )
    )


def _rows_or_none(frame: pd.DataFrame, side: str, places: Sequence[int]) -> pd.DataFrame:
    """These rows under one set of names; nothing, with the key -1, where a row is -1."""
    names = dict(zip(COLUMNS[side], ("line_key", "line_id", "line_date", "amount"), strict=True))
    own = frame[[*ACCOUNT, *names]].rename(columns=names).reindex(places).reset_index(drop=True)
    absent = {**dict.fromkeys([*ACCOUNT, "line_id"], ""), "line_key": -1, "amount": 0}
    return own.fillna(absent).astype({"line_key": "int64", "amount": "int64"})


def rivals_frame(rivals: Sequence[Rival], bank: pd.DataFrame, book: pd.DataFrame, most: int) -> pd.DataFrame:
    """``results.RIVALS``: of each line at most so many choices, each with its lines."""
    frames = {"bank": bank, "book": book}
    numbers: dict[tuple[str, int], int] = {}
    rows = []
    for side, row, answer, rule in rivals:
        choice = numbers[side, row] = numbers.get((side, row), 0) + 1
        if choice > most:
            continue
        other_side = "book" if side == "bank" else "bank"
        own, other = frames[side], frames[other_side]
        key, line_id, day, amount = (own.columns.get_loc(name) for name in COLUMNS[side])
        theirs = [other.columns.get_loc(name) for name in COLUMNS[other_side]]
        for part in answer:
            values = [other.iat[part, place] for place in theirs]
            rows.append({
                **{name: own.at[row, name] for name in ACCOUNT},
                "side": side, "line_key": own.iat[row, key], "line_id": own.iat[row, line_id],
                "line_date": own.iat[row, day], "line_amount": own.iat[row, amount], "choice": choice,
                **dict(zip(("rival_key", "rival_id", "rival_date", "rival_amount"), values, strict=True)),
                "rule": rule,
            })  # fmt: skip
    return RIVALS.conform(pd.DataFrame(rows, columns=list(RIVALS.columns)))


def read_hand_matches(
    hand_matches: pd.DataFrame | None, bank: pd.DataFrame, book: pd.DataFrame
) -> tuple[ByHand, list[str]]:
    """What people decided, as rows; ids of groups that do not hold as of this day.

    A group of which a line does not take part yet (it is dated later) keeps its other lines from the passes;
    one whose sums differ, or that has no line on a side, is broken and changes nothing.
    """
    if hand_matches is None or hand_matches.empty:
        return ByHand(), []
    given = HAND_MATCHES.conform(hand_matches)
    rows = {
        side: dict(zip(frame[f"{side}_line_key"].tolist(), range(len(frame)), strict=True))
        for side, frame in (("bank", bank), ("book", book))
    }
    together: list[Met] = []
    waiting: list[Met] = []
    apart = set()
    broken: list[str] = []
    taken: set[tuple[str, int]] = set()
    for name, own in given.groupby("group_id", sort=True):
        keys = {side: [k for k in own[f"{side}_line_key"].tolist() if k >= 0] for side in ("bank", "book")}
        found = {side: tuple(sorted(rows[side][k] for k in keys[side] if k in rows[side])) for side in keys}
        is_whole = all(len(found[side]) == len(keys[side]) > 0 for side in keys)
        if own["state"].iat[0] != "made":
            if is_whole:
                apart.add((found["bank"], found["book"]))
            continue
        lines = {(side, row) for side in found for row in found[side]}
        sums = (
            bank["bank_amount"].iloc[list(found["bank"])].sum(),
            book["book_amount"].iloc[list(found["book"])].sum(),
        )
        if not all(keys.values()) or lines & taken or (is_whole and sums[0] != sums[1]):
            broken.append(str(name))
            continue
        taken |= lines
        (together if is_whole else waiting).append(Met(found["bank"], found["book"], "by-hand"))
    return ByHand(tuple(together), tuple(waiting), frozenset(apart)), broken
