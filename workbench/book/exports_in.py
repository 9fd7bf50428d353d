"""What left for the ERP, noted in the book: a file, and which application went in which of its lines.

An application leaves once. The check is made again under the lock, and the unique key of the lines is what
holds where two exports run at the same time: one of them is refused whole.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ..errors import PostingRefusedError
from ..tables import DTYPES
from .canonical import canonical_json
from .lookups import existing
from .opened import Book
from .transactions import writing


def record_export(
    book: Book,
    lines: pd.DataFrame,
    *,
    company: str,
    period: str,
    layout: str,
    file: str,
    file_sha256: str,
    on: dt.date,
    who: str = "",
) -> int:
    """Note that these postings (``erp_postings.POSTING_LINES``) left in that file on that day; gives its key.

    Raises :class:`PostingRefusedError`, and notes nothing, where an application of them has left already in
    the attempt given, or is not in the book.
    """
    legs = lines[lines["application_id"] != ""]
    amounts = legs["applied_amount"].astype(DTYPES["money"])
    sums = amounts.groupby(legs["currency"]).sum()
    with writing(book, "export", who=who) as posting:
        ids = [str(one) for one in legs["application_id"]]
        known = {ids[row[0]] for row in existing(posting, "applications", ["application_id"],
                                                 [(one,) for one in ids], [])}  # fmt: skip
        if set(ids) - known:
            raise PostingRefusedError("export-of-unknown-application", application=min(set(ids) - known))
        keys = list(zip(ids, legs["posting"], legs["attempt"].astype(int).tolist(), strict=True))
        again = existing(
            posting, "erp_export_lines", ["application_id", "posting", "attempt"], keys, ["erp_document"]
        )
        if again:
            raise PostingRefusedError(
                "export-already-made", document=str(again[0][1]), application=keys[again[0][0]][0]
            )
        key = posting.insert(
            "erp_exports",
            ["company_id", "period", "layout", "file", "file_sha256", "posting_date", "documents", "lines",
             "sums", "who"],
            [(company, period, layout, file, file_sha256, on.isoformat(), lines["erp_document"].nunique(),
              len(lines), canonical_json({str(code): str(int(total)) for code, total in sums.items()}), who)],
        )[0]  # fmt: skip
        posting.insert(
            "erp_export_lines",
            ["export_key", "application_id", "posting", "attempt", "erp_document", "line", "exported_amount"],
            [
                (key, one, kind, attempt, str(document), int(line), int(amount))
                for (one, kind, attempt), document, line, amount in zip(
                    keys, legs["erp_document"], legs["line"], amounts, strict=True
                )
            ],
        )
        posting.subject.update(file=file, file_sha256=file_sha256, layout=layout, period=period)
    return int(key)
