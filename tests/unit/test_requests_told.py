"""What waits for a second person is told with all that person needs, and is answered by a short number."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from deciding_world import TODAY, bring_back, fill, make_book, write_sheet

from workbench import deciding, deciding_notes, words
from workbench.errors import PostingRefusedError


def test_a_request_says_receipt_customer_documents_and_reason_and_is_named_by_its_first_characters(
    tmp_path: Path, root: Path
) -> None:
    parameters = tmp_path / "parameters"
    shutil.copytree(root / "parameters", parameters)
    file = parameters / "policy.yaml"
    file.write_text(file.read_text().replace("approval: {}", 'approval: {COP: "50"}'))
    book = make_book(tmp_path)
    said = {"decision": "Dividir", "decided_documents": "1800002; 1800004", "decided_amounts": "60; -20",
            "decided_reason": "acordado"}  # fmt: skip
    result = bring_back(book, fill(write_sheet(book, tmp_path / "s.xlsx"), {3: said}), root,
                        parameters=parameters)  # fmt: skip
    finding = result.findings.iloc[0]
    sentence = words.sentence(finding["rule"], json.loads(finding["values"]), "es")
    # 60.00 of debits need the second person, although only 40.00 came in.
    assert sentence.startswith("El recaudo R2 aplica 40,00 COP de lo recibido y sus cargos suman 60,00 COP")
    (waiting,) = deciding_notes.requests_to_json(book)
    assert (waiting["customer_id"], waiting["reason"]) == ("C1", "acordado")
    assert waiting["documents"] == "1800002/2026/001, 1800004/2026/001"
    number = str(waiting["request"])
    assert number[:8] in sentence
    for short, cause in ((number[:7], "approval-unknown"), ("x" * 8, "approval-unknown")):
        with pytest.raises(PostingRefusedError) as error:
            deciding_notes.answer_request(book, short, approved=True, who="luis", today=TODAY)
        assert error.value.cause == cause
    answered = deciding_notes.answer_request(book, number[:8], approved=True, who="luis", today=TODAY)
    assert (answered.request_id, answered.applications) == (number, 2)


def test_a_number_of_two_requests_is_refused_with_both(tmp_path: Path) -> None:
    known = pd.DataFrame({"decision_id": ["abcdef0011", "abcdef0022"], "decision": ["request"] * 2})
    with pytest.raises(PostingRefusedError) as error:
        deciding.find_request(known, "abcdef00")
    assert error.value.cause == "approval-ambiguous"
    assert deciding.find_request(known, "abcdef002") == "abcdef0022"
