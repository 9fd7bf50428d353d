"""Every public camt.053 and camt.054 file: what is read of it, or why it is refused."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from workbench import words
from workbench.errors import FileRefusedError
from workbench.sources import Context, Parsed, load_mapping, read_file

#: File → lines, minor units by currency, opening of its first statement and closing of its last one.
READ: dict[str, tuple[int, dict[str, int], int | None, int | None]] = {
    "genkgo__data__camt053.v2.multi.statement.xml": (2, {"EUR": 185}, 1815, 2000),
    "genkgo__data__camt054.v2.xml": (1, {"SEK": -20000000}, None, None),
    "genkgo__data__camt054.v8-with-UETR.xml": (0, {}, None, None),  # its entry has no day: a row kept aside
    "genkgo__data__camt054.v8.xml": (1, {"SEK": -20000000}, None, None),
    "oca__test_files__test-camt053-no-ntry.xml": (0, {}, 152076, 152076),
    "oca__test_files__test-camt054.xml": (1, {"EUR": 500}, None, None),
    "sebastienrousseau__gold_master__business_sample_camt.053.001.04.xml": (
        3, {"SEK": -6432150}, 50000000, 43567850,
    ),
    "sebastienrousseau__golden__camt053_no_namespace.xml": (1, {"GBP": 25000}, 10000, 35000),
    "sebastienrousseau__test_data__camt.053.001.02.xml": (3, {"SEK": -6432150}, 50000000, 43567850),
    "viafintech__053__valid_example.xml": (5, {"EUR": -1000}, 3306, 2306),
    "viafintech__054__valid_example.xml": (5, {"CHF": 5903}, None, None),
}  # fmt: skip
#: File → the rule that refuses it.
REFUSED = {
    # 1.01 (OPBD) + 8.85 is not 4.04 (CLBD): one balance of each kind, for a parser's own test
    "genkgo__data__camt053.v2.all-balance-types.xml": "balance-mismatch",
    # they open in EUR and close in SEK
    "genkgo__data__camt053.v2.minimal.ultimate.xml": "statement-currency",
    "genkgo__data__camt053.v2.with-party-ids.xml": "statement-currency",
    "genkgo__data__camt053.v3.xml": "statement-currency",
    "genkgo__data__camt053.v8.xml": "statement-currency",
    "oca__v13_test_files__test-camt053-bookgdt-dttm.xml": "balance-mismatch",  # one of several entries left
    "sebastienrousseau__golden__camt053_garbled_amount.xml": "amount-format",  # 12..34
    "viafintech__053__valid_example_v8.xml": "statement-currency",  # an entry in EUR on an account in CHF
    "viafintech__053__valid_example_with_datetime.xml": "camt-version",  # camt.053.001.10
    "viafintech__053__valid_example_with_instdamt.xml": "balance-mismatch",  # 100 + 4500 is not 4500
}


def read(root: Path, shared: Path, name: str, context: Context | None = None) -> Parsed:
    mapping = load_mapping(root / "parameters", "camt054" if "054" in name else "camt053")
    return read_file(shared / "data/statements/camt" / name, mapping, context=context)


def test_every_public_camt_file_has_its_place_in_the_tables(shared: Path) -> None:
    files = {path.name for path in (shared / "data/statements/camt").iterdir() if path.is_file()}
    assert files == set(READ) | set(REFUSED)
    assert not set(READ) & set(REFUSED)


@pytest.mark.parametrize("name", sorted(READ))
def test_a_public_camt_file_is_read_with_its_lines_and_balances(root: Path, shared: Path, name: str) -> None:
    parsed = read(root, shared, name)
    count, sums, opening, closing = READ[name]
    assert (len(parsed.frame), parsed.sums) == (count, sums)
    assert parsed.rows_in == count + len(parsed.rejected)
    if opening is None:
        assert parsed.balances.empty
        return
    assert parsed.balances["opening_amount"].iloc[0] == opening
    assert parsed.balances["closing_amount"].iloc[-1] == closing
    assert closing == opening + sum(sums.values())


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_public_camt_file_that_proves_nothing_is_refused_with_its_reason(
    root: Path, shared: Path, name: str
) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        read(root, shared, name)
    assert refusal.value.cause == REFUSED[name]
    for lang in words.LANGUAGES:
        assert "–" not in words.explain(refusal.value.cause, refusal.value.values, lang)


@pytest.mark.parametrize("name", sorted(set(READ) - {"genkgo__data__camt054.v8-with-UETR.xml"}))
def test_sums_equal_the_entries_that_a_plain_reader_finds(root: Path, shared: Path, name: str) -> None:
    tree = ET.parse(shared / "data/statements/camt" / name)  # a file of the shared inputs
    total = 0
    for entry in tree.iter():
        if entry.tag.rpartition("}")[2] == "Ntry":
            parts = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in entry}
            whole, _, cents = parts["Amt"].partition(".")
            minor = int(whole) * 100 + int((cents + "00")[:2])
            total += minor if parts["CdtDbtInd"] == "CRDT" else -minor
    assert sum(read(root, shared, name).sums.values()) == total


@pytest.mark.parametrize("name", ["oca__test_files__test-camt054.xml"])
def test_a_notification_equals_what_another_library_made_of_it(root: Path, shared: Path, name: str) -> None:
    peer = shared / f"data/statements/camt/expected_by_peer/{name}.pydata"
    currency, account, (statement,) = ast.literal_eval(peer.read_text(encoding="utf-8"))
    (line,) = read(root, shared, name).frame.to_dict("records")
    (expected,) = statement["transactions"]
    assert (line["currency"], line["account_id"]) == (currency, account)
    assert line["bank_amount"] == round(expected["amount"] * 100)
    assert str(line["booking_date"].date()) == expected["date"]
    assert line["reference"] == expected["ref"]
    assert line["payer_name"] == expected["partner_name"]
    assert line["payer_account"] == expected["account_number"]
    assert line["line_id"] == "98888208N8"  # the entry's own; the library shows the detail's in its notes


def test_a_statement_without_entries_equals_the_other_librarys_nothing(root: Path, shared: Path) -> None:
    name = "oca__test_files__test-camt053-no-ntry.xml"
    peer = shared / f"data/statements/camt/expected_by_peer/{name}.pydata"
    assert ast.literal_eval(peer.read_text(encoding="utf-8")) == (None, None, [])
    assert len(read(root, shared, name).frame) == 0


def test_the_payments_of_a_batch_are_lines_of_their_own(root: Path, shared: Path) -> None:
    lines = read(root, shared, "viafintech__054__valid_example.xml").frame
    batch = lines[lines["row"] == 1]
    assert batch["bank_amount"].tolist() == [1500, 900]
    assert batch["payer_name"].tolist() == ["Rutschmann Pia", "Bernasconi Maria"]
    assert batch["line_id"].str[-2:].tolist() == ["/1", "/2"]
    taken_back = lines[lines["row"] == 3].iloc[0]
    assert (taken_back["bank_amount"], taken_back["payer_name"]) == (-600, "Bernasconi Maria")


def test_what_a_file_leaves_open_is_said(root: Path, shared: Path) -> None:
    rules = {name: read(root, shared, name).findings["rule"].tolist() for name in READ}
    assert "namespace-missing" in rules["sebastienrousseau__golden__camt053_no_namespace.xml"]
    assert "batch-not-split" in rules["sebastienrousseau__test_data__camt.053.001.02.xml"]
    assert "line-without-reference" in rules["genkgo__data__camt053.v2.multi.statement.xml"]
    undated = read(root, shared, "genkgo__data__camt054.v8-with-UETR.xml").rejected
    assert undated["rule"].tolist() == ["date-missing"]
    assert undated["raw"].iloc[0].startswith("<Ntry>")
    assert undated["raw"].iloc[0].endswith("</Ntry>")


#: The badfiles' statements under the shipped mapping with the context of their contract.
VERDICTS = {
    "c_ok_reversal_ind.xml": ("", 2, 0), "c_ok_summary.xml": ("", 1, 50000),
    "c_row_pending.xml": ("", 1, 50000), "c_bad_balance.xml": ("balance-mismatch", 0, 0),
    "c_bad_ctrlsum.xml": ("control-total", 0, 0), "c_bad_xxe.xml": ("xml-dtd", 0, 0),
    "c_bad_external_dtd.xml": ("xml-dtd", 0, 0), "c_bad_pain001.xml": ("type-mismatch", 0, 0),
    "c_bad_dup_ref.xml": ("duplicate-in-file", 0, 0), "c_bad_truncated.xml": ("xml-syntax", 0, 0),
    "c_bad_depth.xml": ("xml-depth", 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_the_bad_files_get_the_verdict_of_their_contract(root: Path, shared: Path, name: str) -> None:
    mapping = load_mapping(root / "parameters", "camt053")
    ours = Context(accounts={"DE89370400440532013000": ("CO01", "COP")})
    rule, count, total = VERDICTS[name]
    if rule:
        with pytest.raises(FileRefusedError) as refusal:
            read_file(shared / "badfiles/files" / name, mapping, context=ours)
        assert refusal.value.cause == rule
        return
    parsed = read_file(shared / "badfiles/files" / name, mapping, context=ours)
    assert (len(parsed.frame), sum(parsed.sums.values())) == (count, total)
    assert parsed.rejected["row"].tolist() == ([2] if name == "c_row_pending.xml" else [])
    assert isinstance(parsed.frame["booking_date"].iloc[0], pd.Timestamp)
