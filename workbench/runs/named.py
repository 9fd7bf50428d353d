"""Names beside ids, for people: a customer's name, a document's own reference; machine files keep ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from ..decisions import CONTEXT, SET_OFF
from ..words import say
from ..words.evidence import names_text

#: Documents from which on an answer is told by how it differs from the first.
_MANY = 5
_DOCUMENT_ID = re.compile(r"\b[0-9A-Z-]+/[0-9]{4}/[0-9]{3}\b")
_CUSTOMER = ["company_id", "customer_id"]
_DOCUMENT = ["company_id", "document_id"]


class Names:
    """What a run has read that names things; :meth:`beside` puts the names next to the ids."""

    def __init__(self) -> None:
        self._customers: pd.Series | None = None
        self._references: pd.Series | None = None
        self._documents: pd.DataFrame | None = None
        self._receipts: pd.DataFrame | None = None

    def learn(self, name: str, frame: pd.DataFrame) -> None:
        """Keep the names of a frame of the book: ``customers``, ``documents`` and ``receipts`` have some."""
        if name == "customers":
            self._customers = _lookup(frame, _CUSTOMER, "customer_name")
        if name == "documents":
            self._references = _lookup(frame, _DOCUMENT, "reference")
            self._documents = frame[["document_key", "reference", "due_date"]]
        if name == "receipts":
            self._receipts = frame[["receipt_key", "text", "payer_name"]]

    def of_customer(self, company: str, customer: str) -> str:
        """``Lácteos del Norte (0000100001)``; the id alone where nobody has a name for it."""
        name = "" if self._customers is None else str(self._customers.get((company, customer), ""))
        return f"{name} ({customer})" if name else customer

    def of_document(self, company: str, document: str) -> str:
        """The document's own reference, else its id."""
        name = "" if self._references is None else str(self._references.get((company, document), ""))
        return name or document

    def in_text(self, company: str, text: str) -> str:
        """A text with the documents' own references for their ids, as a person knows them."""
        return _DOCUMENT_ID.sub(lambda found: self.of_document(company, found[0]), text)

    def beside(self, frame: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, list[str]]:
        """The frame and its columns to show, with ``customer_name`` and ``reference`` after their ids."""
        if "document_ids" in columns and "answer" in frame.columns:
            frame = frame.assign(document_ids=self._documents_of_answers(frame))
        if "evidence" in columns and "company_id" in frame.columns:
            pairs = zip(frame["company_id"], frame["evidence"], strict=True)
            frame = frame.assign(evidence=[self.in_text(company, text) for company, text in pairs])
        frame, columns = _joined(frame, columns, _CUSTOMER, "customer_name", self._customers)
        return _joined(frame, columns, _DOCUMENT, "reference", self._references)

    def beside_offered(self, offered: pd.DataFrame) -> pd.DataFrame:
        """What may be decided (``decisions.OFFERED``) with what a person decides by (``decisions.CONTEXT``).

        Of a credit note ``bank_text`` is its own reference: no bank says anything of it.
        """
        is_note = offered["kind"].eq(SET_OFF)
        pairs = pd.MultiIndex.from_frame(offered[_CUSTOMER])
        found: dict[str, pd.Series] = {name: pd.Series("", index=offered.index) for name in CONTEXT}
        if self._customers is not None:
            names = self._customers.reindex(pairs).fillna("").astype("str")
            found["customer_name"] = pd.Series(names.to_numpy(), index=offered.index)
        if self._documents is not None:
            documents = self._documents.drop_duplicates("document_key").set_index("document_key")
            found["reference"] = offered["document_key"].map(documents["reference"]).fillna("")
            found["due_date"] = offered["document_key"].map(documents["due_date"])
            own = offered["receipt_key"].map(documents["reference"]).fillna("")
            found["bank_text"] = own.where(is_note, "")
        if self._receipts is not None:
            receipts = self._receipts.drop_duplicates("receipt_key").set_index("receipt_key")
            for name, column in (("bank_text", "text"), ("payer_name", "payer_name")):
                said = offered["receipt_key"].map(receipts[column]).fillna("")
                found[name] = found[name].where(is_note, said)
        return offered.assign(**found)

    def _documents_of_answers(self, frame: pd.DataFrame) -> list[str]:
        """The documents of each answer by their references; of one much like the first, how it differs."""
        told: list[str] = []
        first: list[str] = []
        rows = zip(frame["company_id"], frame["answer"].tolist(), frame["document_ids"], strict=True)
        for company, answer, ids in rows:
            own = str(ids).split("; ")
            first = own if answer == 1 else first
            called = self._told_apart(company, own if answer == 1 else [*own, *first])
            told.append(
                names_text(_called(own, called)) if answer == 1 else _beside_first(own, first, called)
            )
        return told

    def _told_apart(self, company: str, ids: list[str]) -> dict[str, str]:
        """By id what each document is called; a note has its invoice's reference, so both show their ids."""
        called = {one: self.of_document(company, one) for one in ids}
        shared = Counter(called.values())
        return {one: f"{name} ({one})" if shared[name] > 1 else name for one, name in called.items()}


def _called(ids: list[str], called: Mapping[str, str]) -> list[str]:
    return [called[one] for one in ids]


def _beside_first(own: list[str], first: list[str], called: Mapping[str, str]) -> str:
    """``Como la 1, con NC2049 y sin FE12812``; answers that share little show all their documents."""
    more, less = ([one for one in a if one not in b] for a, b in ((own, first), (first, own)))
    if len(own) < _MANY or 2 * (len(more) + len(less)) > len(own):
        return names_text(_called(own, called))
    parts = [
        say(f"evidence.{key}", names=names_text(_called(ids, called)))
        for key, ids in (("with", more), ("without", less))
        if ids
    ]
    if not parts:
        return names_text(_called(own, called))
    return say("evidence.like_first", parts=f" {say('evidence.and')} ".join(parts))


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
