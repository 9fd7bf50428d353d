"""Every public MT940 file: what is read of it, or why it is refused; values against another library's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mt940_peer import peer_balances, peer_lines

from workbench import words
from workbench.errors import FileRefusedError
from workbench.money import to_major
from workbench.sources import Mapping, load_mapping, read_file
from workbench.sources.swift_fields import read_messages
from workbench.sources.swift_lines import read_balance, read_movement

#: File → lines, minor units by currency, opening of its first statement and closing of its last one.
READ = {
    "oca__v10_test_files__test-ing-old.940": (8, {"EUR": -9788}, 66223, 56435),
    "oca__v10_test_files__test-ing.940": (8, {"EUR": -9788}, 66223, 56435),
    "oca__v10_test_files__test-rabo.swi": (2, {"EUR": 36539}, 443352, 479891),
    "wolph__ASNB__mt940_with_spaces_for_entry_date.txt": (8, {"EUR": 5694}, 44429, 50123),
    "wolph__betterplace__with_binary_character.sta": (4, {"EUR": -17906675}, 38011577, 13119319),
    "wolph__jejik__generic.sta": (2, {"EUR": -2000}, 10000, 8000),
    "wolph__jejik__rabobank-iban.sta": (4, {"EUR": -7000}, 100000, 93000),
    "wolph__jejik__sns.sta": (2, {"EUR": -2500}, 123456, 120956),
    "wolph__mBank__mt940.sta": (3, {"PLN": 3}, 40, 43),
    "wolph__self-provided__long_statement_number.sta": (0, {}, 0, 0),
    "wolph__self-provided__transaction_details_wrapped.sta": (1, {"EUR": -600}, 120000, 119400),
    "wolph__self-provided__wrapped_timestamp.sta": (1, {"EUR": -600}, 120000, 119400),
}
#: File → the rule that refuses it. Fragments of one field have no ``:20:``.
REFUSED = {
    "oca__v10_test_files__test-sns.940": "balance-missing",  # the last statement is cut off
    "wolph__betterplace__currency_in_25.sta": "mt940-no-statement",
    "wolph__betterplace__empty_entry_date.sta": "mt940-no-statement",
    "wolph__betterplace__missing_crlf_at_end.sta": "mt940-no-statement",
    "wolph__betterplace__sepa_snippet.sta": "balance-mismatch",  # amounts were changed by who published it
    "wolph__cmxl__account_balance_credit.sta": "mt940-no-statement",
    "wolph__cmxl__account_identification_iban.sta": "mt940-no-statement",
    "wolph__cmxl__available_balance.sta": "mt940-no-statement",
    "wolph__cmxl__mt940.sta": "key-conflict",  # //55555 is both 800 out and 3000 in
    "wolph__cmxl__statement_details.sta": "mt940-no-statement",
    "wolph__cmxl__statement_number.sta": "mt940-no-statement",
    "wolph__jejik__knab.sta": "balance-mismatch",  # 3058.98 − 7260 + 500 is not 798.98
    "wolph__mBank__with_newline_in_tnr.sta": "balance-mismatch",  # only two of its lines were published
    "wolph__self-provided__account_identification.sta": "balance-missing",
    "wolph__self-provided__empty_non_swift.sta": "mt940-no-statement",
    "wolph__self-provided__gv_codes.sta": "balance-missing",  # no closing balance
    "wolph__self-provided__mt942.sta": "type-mismatch",  # an interim report, with a mapping of its own
    "wolph__self-provided__overly_long_details.sta": "balance-mismatch",
    "wolph__self-provided__raphaelm.sta": "statement-currency",  # a balance without currency
}


@pytest.fixture(scope="module")
def mt940(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "mt940")


def files(shared: Path) -> list[Path]:
    return sorted(path for path in (shared / "data/statements/mt940").iterdir() if path.is_file())


def test_every_public_mt940_file_has_its_place_in_the_tables(shared: Path) -> None:
    names = {path.name for path in files(shared)}
    assert names == set(READ) | set(REFUSED)
    assert not set(READ) & set(REFUSED)


@pytest.mark.parametrize("name", sorted(READ))
def test_a_public_mt940_file_is_read_with_its_lines_and_balances(
    shared: Path, mt940: Mapping, name: str
) -> None:
    path = shared / "data/statements/mt940" / name
    parsed = read_file(path, mt940)
    count, sums, opening, closing = READ[name]
    assert (len(parsed.frame), parsed.sums, len(parsed.rejected)) == (count, sums, 0)
    assert parsed.balances["opening_amount"].iloc[0] == opening
    assert parsed.balances["closing_amount"].iloc[-1] == closing
    text = path.read_bytes().decode("latin-1")
    assert count == len(re.findall(r"(?m)^:61:", text))
    moved = parsed.balances["closing_amount"] - parsed.balances["opening_amount"]
    assert int(moved.sum()) == sum(sums.values())


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_public_mt940_file_that_proves_nothing_is_refused_with_its_reason(
    shared: Path, mt940: Mapping, name: str
) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        read_file(shared / "data/statements/mt940" / name, mt940)
    assert refusal.value.cause == REFUSED[name]
    for lang in words.LANGUAGES:
        assert "–" not in words.explain(refusal.value.cause, refusal.value.values, lang)


#: The library puts what it finds in ``:86:`` (``KREF+``) in place of the reference of ``:61:``; ours stays.
OTHER_REFERENCE = {
    "wolph__betterplace__sepa_snippet.sta",
    "wolph__cmxl__statement_details.sta",
}
#: The library reads the balance ``C020315105000,00``, which lacks its currency, as 0.00 in currency 105.
OTHER_BALANCE = {"wolph__self-provided__raphaelm.sta"}


def test_lines_and_balances_equal_what_another_library_made_of_the_file(shared: Path, mt940: Mapping) -> None:
    """Fragments too: they are read behind a made-up ``:20:``, and files that only their balance refuses."""
    compared = 0
    for peer in sorted((shared / "data/statements/mt940/expected_by_peer").glob("*.yml")):
        name = peer.name.removesuffix(".yml")
        content = (peer.parent.parent / name).read_bytes().translate(None, delete=b"\x01\x03")
        text = content.decode("utf-8")
        messages = read_messages(text if ":20:" in text else f":20:T\n:25:A\n{text}")
        ours = [read_movement(one, "EUR", mt940, name) for message in messages for one in message.movements]
        theirs = peer_lines(peer)
        assert len(ours) == len(theirs), name
        for line, expected in zip(ours, theirs, strict=True):
            assert to_major(line.amount, "EUR") == expected.amount, name
            assert line.value_date == expected.value_date, name
            assert line.booking_date == (expected.booking_date or expected.value_date), name
            assert line.bank_reference == expected.bank_reference, name
            if name not in OTHER_REFERENCE:
                assert line.reference == expected.reference.removeprefix("NONREF"), name
            compared += 1
        if name in OTHER_BALANCE:
            continue
        for kind, tag in (("final_opening_balance", "60F"), ("final_closing_balance", "62F")):
            expected_balance = peer_balances(peer).get(kind)
            field = messages[-1].first(tag)  # the library keeps the last statement's
            if expected_balance and field:
                balance = read_balance(field, mt940, name)
                assert to_major(balance.amount, balance.currency) == expected_balance.amount, name
                assert (balance.currency, balance.day) == (expected_balance.currency, expected_balance.day)
                compared += 1
    assert compared == 93


def test_the_public_interim_report_contradicts_its_own_total(root: Path, shared: Path) -> None:
    """``:90D:1EUR2,30`` beside a single debit of 0,42 and a floor limit of nothing."""
    with pytest.raises(FileRefusedError) as refusal:
        read_file(
            shared / "data/statements/mt940/wolph__self-provided__mt942.sta",
            load_mapping(root / "parameters", "mt942"),
        )
    assert refusal.value.cause == "control-total"
    assert refusal.value.values["stated"] == "1 / 2.30"


def test_a_thirtieth_of_february_is_said(shared: Path, mt940: Mapping) -> None:
    path = shared / "data/statements/mt940/wolph__self-provided__wrapped_timestamp.sta"
    parsed = read_file(path, mt940)
    assert "value-date-unreal" in parsed.findings["rule"].tolist()
    assert str(parsed.frame["value_date"].iloc[0].date()) == "2016-02-29"
    assert str(parsed.frame["booking_date"].iloc[0].date()) == "2016-03-01"
