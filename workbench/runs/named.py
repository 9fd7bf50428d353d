"""Names beside ids, for people: a customer's name, a document's own reference; machine files keep ids."""

from __future__ import annotations

import pandas as pd

_CUSTOMER = ["company_id", "customer_id"]
_DOCUMENT = ["company_id", "document_id"]


class Names:
    """What a run has read that names things; :meth:`beside` puts the names next to the ids."""

    def __init__(self) -> None:
        self._customers: pd.Series | None = None
        self._references: pd.Series | None = None

    def learn(self, name: str, frame: pd.DataFrame) -> None:
        """Keep the names of a frame of the book: ``customers`` and ``documents`` have some."""
        if name == "customers":
            self._customers = _lookup(frame, _CUSTOMER, "customer_name")
        if name == "documents":
            self._references = _lookup(frame, _DOCUMENT, "reference")

    def beside(self, frame: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, list[str]]:
        """The frame and its columns to show, with ``customer_name`` and ``reference`` after their ids."""
        frame, columns = _joined(frame, columns, _CUSTOMER, "customer_name", self._customers)
        return _joined(frame, columns, _DOCUMENT, "reference", self._references)


def _lookup(frame: pd.DataFrame, keys: list[str], value: str) -> pd.Series:
    named: pd.Series = frame.drop_duplicates(keys).set_index(keys)[value].fillna("").astype("str")
    return named


def _joined(
    frame: pd.DataFrame, columns: list[str], keys: list[str], value: str, known: pd.Series | None
) -> tuple[pd.DataFrame, list[str]]:
    id_column = keys[-1]
    if known is None or id_column not in columns or keys[0] not in frame.columns or not len(frame):
        return frame, columns
    others = [name for name in columns if name != value]
    place = others.index(id_column) + 1
    if value not in frame.columns:
        wanted = pd.MultiIndex.from_frame(frame[keys])
        found = known.reindex(wanted).fillna("").astype("str")
        frame = frame.assign(**{value: found.to_numpy()})
    return frame, [*others[:place], value, *others[place:]]
