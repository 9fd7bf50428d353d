"""Documents as people call them: where two are called alike, their ids keep them apart."""

from __future__ import annotations

import pandas as pd

from workbench.runs.named import Names

COLUMNS = ["company_id", "document_id", "document_key", "reference", "due_date"]


def shown(*answers: str) -> list[str]:
    names = Names()
    rows = [("CO01", "18/2026/001", 1, "EX5115", None), ("CO01", "17/2026/001", 2, "EX5115", None),
            ("CO01", "19/2026/001", 3, "EX5116", None)]  # fmt: skip
    names.learn("documents", pd.DataFrame(rows, columns=COLUMNS))
    frame = pd.DataFrame(
        {"company_id": "CO01", "answer": range(1, len(answers) + 1), "document_ids": answers}
    )
    return names.beside(frame, ["document_ids"])[0]["document_ids"].tolist()


def test_an_invoice_and_the_note_that_names_it_are_two_in_one_answer() -> None:
    assert shown("18/2026/001; 17/2026/001; 19/2026/001") == [
        "EX5115 (18/2026/001), EX5115 (17/2026/001), EX5116"
    ]


def test_a_document_called_as_one_of_the_first_answer_is_told_from_it() -> None:
    assert shown("18/2026/001", "17/2026/001; 19/2026/001") == ["EX5115", "EX5115 (17/2026/001), EX5116"]
