"""BAI2: totals, counts and balances prove the file; amounts are minor units of the account's currency."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from workbench import words
from workbench.errors import FileRefusedError
from workbench.sources import Mapping, Parsed, load_mapping, read_content

OURS = load_mapping(Path(__file__).resolve().parents[2] / "parameters", "bai2")
#: Type, minor units, reference, text.
Detail = tuple[str, int, str, str]
DETAILS: list[Detail] = [
    ("195", 150_050, "R1", "WIRE FV-981, NIT 900"),
    ("698", 2_000, "R2", "FEES"),
    ("555", 500, "R3", "X"),
]


def account(
    details: list[Detail] = DETAILS, name: str = "A1", currency: str = "COP", opening: int = 100
) -> list[str]:
    signed = [amount if code < "400" else -amount for code, amount, *_ in details]
    closing = opening + sum(signed)
    lines = [f"03,{name},{currency},010,{opening},,,015,{closing},,/"]
    for code, amount, reference, text in details:
        lines += [f"16,{code},{amount},,{reference},C{reference},{text[:6]}/", f"88,{text[6:]}/"]
    total = opening + closing + sum(amount for _, amount, *_ in details)
    return [*lines, f"49,{total},{len(lines) + 1}/"]


def made(*accounts: list[str], day: str = "261003", status: str = "1", currency: str = "") -> list[str]:
    accounts = accounts or (account(),)
    total = sum(int(lines[-1].split(",")[1]) for lines in accounts)
    inner = [line for lines in accounts for line in lines]
    return [
        "01,BANK,US,261004,0600,1,,,2/",
        f"02,US,BANK,{status},{day},2400,{currency},2/",
        *inner,
        f"98,{total},{len(accounts)},{len(inner) + 2}/",
        f"99,{total},1,{len(inner) + 4}/",
    ]


@pytest.fixture(scope="module")
def bai2(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "bai2")


def read(lines: list[str], mapping: Mapping, ends: str = "\n") -> Parsed:
    parsed = read_content(ends.join(lines).encode(), mapping, file="given")
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    return parsed


def refusal(lines: list[str], mapping: Mapping) -> str:
    with pytest.raises(FileRefusedError) as caught:
        read(lines, mapping)
    for lang in words.LANGUAGES:
        assert caught.value.cause not in words.explain(caught.value.cause, caught.value.values, lang)
    return caught.value.cause


def test_details_have_their_side_by_type_and_the_balance_is_proved(bai2: Mapping) -> None:
    parsed = read(made(), bai2)
    lines = parsed.frame
    assert lines["bank_amount"].tolist() == [150_050, -2_000, -500]
    assert lines["line_kind"].tolist() == ["deposit", "fee", "returned_cheque"]
    assert lines["line_id"].tolist() == ["R1", "R2", "R3"]
    assert lines["reference"].tolist() == ["CR1", "CR2", "CR3"]
    assert lines["text"].tolist() == ["WIRE F V-981, NIT 900", "FEES", "X"]
    assert set(lines["booking_date"].dt.date) == {dt.date(2026, 10, 3)}
    (balance,) = parsed.balances.to_dict("records")
    assert (balance["opening_amount"], balance["closing_amount"]) == (100, 147_650)
    assert parsed.findings.empty


def test_records_may_share_a_line_or_be_wrapped(bai2: Mapping) -> None:
    expected = read(made(), bai2).frame.drop(columns="row")
    for ends in ("\r\n", " ", "   ", "\n\n"):
        assert read(made(), bai2, ends).frame.drop(columns="row").equals(expected)
    bare = [line.removesuffix("/") for line in made()]
    assert read(bare, bai2).frame.drop(columns="row").equals(expected)
    wrapped = [line.replace("NIT", "\nNIT") for line in made()]
    assert read(wrapped, bai2).frame["text"].tolist()[0] == "WIRE F V-981, NIT 900"


@pytest.mark.parametrize(
    ("of_account", "of_group", "currency", "money"),
    [
        ("COP", "", "COP", 150_050),
        ("", "EUR", "EUR", 150_050),
        ("", "", "USD", 150_050),
        ("JPY", "EUR", "JPY", 150_050),
    ],
)
def test_the_currency_is_the_accounts_else_the_groups_else_dollars(
    bai2: Mapping, of_account: str, of_group: str, currency: str, money: int
) -> None:
    parsed = read(made(account(currency=of_account), currency=of_group), bai2)
    assert set(parsed.frame["currency"]) == {currency}
    assert parsed.frame["bank_amount"].iloc[0] == money


@pytest.mark.parametrize(
    ("funds", "value_day"),
    [
        ("", "2026-10-03"),
        ("Z", "2026-10-03"),
        ("V,261005,0000", "2026-10-05"),
        ("S,1,2,3", "2026-10-03"),
        ("D,2,0,1,1,2", "2026-10-03"),
    ],
)
def test_fields_of_a_funds_type_are_no_references(bai2: Mapping, funds: str, value_day: str) -> None:
    lines = [line.replace("16,195,150050,,", f"16,195,150050,{funds},") for line in made()]
    first = read(lines, bai2).frame.iloc[0]
    assert (first["line_id"], first["reference"], str(first["value_date"].date())) == ("R1", "CR1", value_day)


def changed(old: str, new: str) -> list[str]:
    text = "\n".join(made())
    assert old in text
    return text.replace(old, new).split("\n")


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (changed("16,195,150050", "16,195,150051"), "bai2-account-total"),
        (changed("\n88,/", ""), "bai2-account-records"),
        (changed("98,300", "98,301"), "bai2-group-total"),
        (changed("99,300", "99,301"), "bai2-file-total"),
        (changed(",1,10/", ",2,10/"), "bai2-group-accounts"),
        (changed(",1,10/", ",1,11/"), "bai2-group-records"),
        (changed(",1,12/", ",2,12/"), "bai2-file-groups"),
        (changed(",1,12/", ",1,13/"), "bai2-file-records"),
        (changed("16,698", "16,198"), "balance-mismatch"),
        (changed("16,698", "16,920"), "bai2-type-unknown"),
        (changed("150050", "1500.50"), "amount-format"),
        (changed("150050", "-150050"), "bai2-account-total"),
        (changed("16,195,150050", "16,195,"), "bai2-account-total"),
        (changed("261003", "261303"), "date-invalid"),
        (changed("03,A1", "03,"), "bai2-no-account"),
        (changed("COP", "PESO"), "statement-currency"),
        (made(status="2"), "bai2-group-status"),
        (made(status="4"), "bai2-group-status"),
        (made()[:-1], "bai2-incomplete"),
        (made()[:5], "bai2-incomplete"),
        (made()[1:], "bai2-order"),
        ([*made()[:4], *made()[6:]], "bai2-account-total"),
        ([*made()[:2], *made()[3:]], "bai2-order"),
        (made() + made(), "bai2-glued"),
        (["88,x/"], "bai2-order"),
        (["Fecha;Valor"], "bai2-record-unknown"),
        (changed("16,555", "17,555"), "bai2-record-unknown"),
        (made(account([("195", 1, "R1", "a"), ("195", 2, "R1", "b")])), "key-conflict"),
    ],
)
def test_what_does_not_hold_refuses_the_file(bai2: Mapping, lines: list[str], rule: str) -> None:
    assert refusal(lines, bai2) == rule


def test_blank_totals_and_quiet_accounts_are_told_not_refused(bai2: Mapping) -> None:
    quiet = ["03,12345,/", "49,,2/"]
    lines = made(account([], "A2"), account())
    lines = [*lines[:2], *quiet, *lines[2:]]
    lines[-2] = f"98,{lines[-2].split(',')[1]},3,{len(lines) - 2}/"
    lines[-1] = f"99,{lines[-1].split(',')[1]},1,{len(lines)}/"
    parsed = read(lines, bai2)
    assert parsed.balances["account_id"].tolist() == ["A2", "A1"]
    assert sorted(parsed.findings["rule"]) == ["bai2-total-blank", "balance-not-stated"]


def test_text_without_money_is_no_line(bai2: Mapping) -> None:
    lines = made()
    lines[-3] = lines[-3].replace(",8/", ",9/")
    lines[-2], lines[-1] = lines[-2].replace(",10/", ",11/"), lines[-1].replace(",12/", ",13/")
    lines.insert(-3, "16,890,,,,,JUST WORDS/")
    parsed = read(lines, bai2)
    assert len(parsed.frame) == 3
    assert parsed.findings["rule"].tolist() == ["bai2-without-money"]


details = st.lists(
    st.tuples(
        st.sampled_from(["195", "142", "451", "698"]),
        st.integers(0, 10**12),
        st.just(""),
        st.text("ABC xyz,.-123", min_size=1, max_size=20),
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=tries(25))
@given(st.lists(details, min_size=1, max_size=3), st.data())
def test_one_changed_digit_of_money_is_always_found(
    given_details: list[list[Detail]], data: st.DataObject
) -> None:
    mapping = OURS
    accounts = [account([*lines], f"A{number}") for number, lines in enumerate(given_details)]
    lines = made(*accounts)
    parsed = read(lines, mapping)
    said = [amount if code < "400" else -amount for one in given_details for code, amount, *_ in one]
    assert parsed.frame["bank_amount"].tolist() == said
    at = data.draw(
        st.sampled_from([at for at, line in enumerate(lines) if line[:2] in ("16", "49", "98", "99")])
    )
    field = 2 if lines[at][:2] == "16" else 1
    cells = lines[at].split(",")
    place = data.draw(st.integers(0, len(cells[field]) - 1))
    digit = cells[field][place]
    if digit == "-":
        return
    other = data.draw(st.sampled_from([one for one in "0123456789" if one != digit]))
    cells[field] = cells[field][:place] + other + cells[field][place + 1 :]
    lines[at] = ",".join(cells)
    assert refusal(lines, mapping).startswith("bai2-")


def test_a_comma_too_many_before_a_continuation_loses_no_balance(bai2: Mapping) -> None:
    """Banks end a line of balances with a comma and begin the next one with a type code."""
    lines = made(
        ["03,A1,COP,010,100,,,015,350,,,/", "88,040,70,,,100,250,1,/", "16,195,250,,R1,C1,X/", "49,1020,4/"]
    )
    parsed = read(lines, bai2)
    assert parsed.frame["bank_amount"].tolist() == [250]
    assert parsed.balances[["opening_amount", "closing_amount"]].to_numpy().tolist() == [[100, 350]]


@pytest.mark.parametrize(
    ("group", "counted"),
    [
        (",500,,,", 500),  # an amount without its type, which looks like one
        (",50000,,,", 50_000),
        (",500,,Z,", 500),
        (",500,2,V,261005,0000,", 500),
        (",500,3,S,1,2,3,", 500),
        (",,,,", 0),  # left out whole, in all its places
        (",,,Z,", 0),
        (",", 0),
    ],
)
def test_a_balance_without_its_type_loses_not_the_one_behind_it(
    bai2: Mapping, group: str, counted: int
) -> None:
    """The control totals sum every amount (BAI2), so one that nobody can name is still proved."""
    total = 700 + counted
    lines = made([f"03,A1,COP,010,100,,,{group}015,350,,/", "16,195,250,,R1,C1,X/", f"49,{total},3/"])
    parsed = read(lines, bai2)
    assert parsed.balances[["opening_amount", "closing_amount"]].to_numpy().tolist() == [[100, 350]]
