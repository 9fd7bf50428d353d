"""MT940 and MT942 as banks really write them: envelopes, wrapped lines, structures, years that turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import words
from workbench.errors import FileRefusedError
from workbench.sources import Context, Mapping, Parsed, load_mapping, read_content
from workbench.sources.mappings import read_mapping

HEAD = ":20:S\n:25:CO-BOG-001\n:28C:00001/001\n:60F:C261231COP1000,00\n"


@pytest.fixture(scope="module")
def mt940(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "mt940")


@pytest.fixture(scope="module")
def mt942(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "mt942")


def read(text: str, mapping: Mapping, context: Context | None = None) -> Parsed:
    parsed = read_content(text.encode(), mapping, file="given.sta", context=context)
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    return parsed


def refusal(text: str, mapping: Mapping) -> str:
    with pytest.raises(FileRefusedError) as caught:
        read(text, mapping)
    for lang in words.LANGUAGES:
        assert "–" not in words.explain(caught.value.cause, caught.value.values, lang)
    return caught.value.cause


def one(line: str, mt940: Mapping, closing: str = "1500,00") -> dict[str, object]:
    """The one movement of a statement that opens at 1,000.00."""
    parsed = read(f"{HEAD}{line}\n:62F:C270105COP{closing}\n-\n", mt940)
    (found,) = parsed.frame.to_dict("records")
    return {str(name): value for name, value in found.items()}


@pytest.mark.parametrize(
    ("line", "closing", "amount"),
    [
        (":61:2701030103C500,00NTRFX//R", "1500,00", 50000),
        (":61:2701030103D500,00NTRFX//R", "500,00", -50000),
        (":61:2701030103RC500,00NTRFX//R", "500,00", -50000),  # a credit taken back
        (":61:2701030103RD500,00NTRFX//R", "1500,00", 50000),
        (":61:2701030103CP500,00NTRFX//R", "1500,00", 50000),  # funds code: third letter of the currency
        (":61:2701030103RCP500,NTRFX//R", "500,00", -50000),
        (":61:2701030103C500NTRFX//R", "1500,00", 50000),
        (":61:270103C0000000000000500,0NTRFX//R", "1500,00", 50000),
        (":61:270103    C500,00NTRFX//R", "1500,00", 50000),
        (":61:2701030103C\n500,00NTRFX//R", "1500,00", 50000),
    ],
)
def test_the_sides_and_spellings_of_an_amount(mt940: Mapping, line: str, closing: str, amount: int) -> None:
    found = one(line, mt940, closing)
    assert (found["bank_amount"], found["line_id"], found["reference"]) == (amount, "R", "X")


@pytest.mark.parametrize(
    ("days", "value", "booked"),
    [
        ("2612311231", "2026-12-31", "2026-12-31"),
        ("2612310102", "2026-12-31", "2027-01-02"),
        ("2701021231", "2027-01-02", "2026-12-31"),
        ("2802290301", "2028-02-29", "2028-03-01"),
        ("2701020229", "2027-01-02", "2028-02-29"),  # the one 29 February within a year
        ("2702300301", "2027-02-28", "2027-03-01"),  # a bank of months with thirty days
        ("991231    ", "1999-12-31", "1999-12-31"),
    ],
)
def test_the_entry_date_lies_in_the_year_next_to_the_value_date(
    mt940: Mapping, days: str, value: str, booked: str
) -> None:
    found = one(f":61:{days}C500,00NTRFX//R", mt940)
    assert (str(found["value_date"])[:10], str(found["booking_date"])[:10]) == (value, booked)


@pytest.mark.parametrize("days", ["270230", "270230    ", "2704310401", "2701010230", "2701011301"])
def test_a_day_that_does_not_exist_is_refused(mt940: Mapping, days: str) -> None:
    text = f"{HEAD}:61:{days}C500,00NTRFX//R\n:62F:C270105COP1500,00\n"
    assert refusal(text, mt940) == "date-invalid"


def test_a_thirtieth_of_february_is_said_with_what_was_taken(mt940: Mapping) -> None:
    text = f"{HEAD}:61:2702300301C500,00NTRFX//R\n:62F:C270305COP1500,00\n"
    findings = read(text, mt940).findings
    assert findings["rule"].tolist() == ["value-date-unreal"]
    assert findings["key"].tolist() == ["R"]


@pytest.mark.parametrize(
    ("details", "text", "name", "account"),
    [
        ("PAGO FV-981\nANDINOS", "PAGO FV-981 ANDINOS", "", ""),
        ("/NAME/ANDINOS SA/REMI/FV-981", "/NAME/ANDINOS SA/REMI/FV-981", "ANDINOS SA", ""),
        (
            "166?00GUTSCHRIFT?100399?20EREF+E1?21SVWZ+FV-9?2281?30DRESDEFF"
            "?31DE1450880\n0500?32ANDI\nNOS?33 SA",
            "EREF+E1SVWZ+FV-981 GUTSCHRIFT",
            "ANDINOS SA",
            "DE14508800500",
        ),
        ("020~00Wyplata~20FV-981~32HUTA", "FV-981 Wyplata", "HUTA", ""),
        ("/CNTP/" + "X" * 59 + "\nYZ/REMI/FV", "/CNTP/" + "X" * 59 + "YZ/REMI/FV", "", ""),
        ("pagado a las T13\n:12:11 FV", "pagado a las T13 :12:11 FV", "", ""),
        ("pagado a las T13\n:20:11 FV", "pagado a las T13 :20:11 FV", "", ""),
        ("pagado a las T13\n:25:11 FV", "pagado a las T13 :25:11 FV", "", ""),
        ("MARF/MND\n-\nEV01", "MARF/MND - EV01", "", ""),
        ("TASA 5\n-}", "TASA 5 -}", "", ""),
    ],
)
def test_what_the_bank_tells_of_a_line(
    mt940: Mapping, details: str, text: str, name: str, account: str
) -> None:
    found = one(f":61:2701030103C500,00NTRFX//R\n:86:{details}", mt940)
    assert (found["text"], found["payer_name"], found["payer_account"]) == (text, name, account)


def test_the_banks_own_fields_and_the_supplement_are_words_too(mt940: Mapping) -> None:
    line = ":61:2701030103C500,00NTRFX//R\nPSE 77\n:86:PAGO\n:NS:01FV-981\n15ANDINOS\n191000"
    found = one(line, mt940)
    assert (found["text"], found["payer_name"]) == ("PAGO FV-981 ANDINOS PSE 77", "ANDINOS")


@pytest.mark.parametrize(
    "wrap",
    [
        "{text}",
        "{text}-}}",
        "{{1:F01BANKCOBBAXXX0000000000}}{{2:I940BANKCOBBXXXXN}}{{4:\n{text}-}}{{5:{{CHK:1}}}}\n",
        "0000 01BANK\n940 00\n{text}-XXX\n",
        "\x01\n{text}-\x03",
        ":940:\n{text}",
        "\n\n{text}\n\n-\n\n",
    ],
)
def test_an_envelope_changes_nothing(mt940: Mapping, wrap: str) -> None:
    lines = ":61:2701030103C500,00NTRFX//R\n:86:PAGO\n:62F:C270105COP1500,00\n:64:C270105COP1500,00\n"
    plain = read(HEAD + lines, mt940).frame.drop(columns="row")
    for newline in ("\n", "\r\n", "\r"):
        wrapped = wrap.format(text=HEAD + lines).replace("\n", newline)
        assert read(wrapped, mt940).frame.drop(columns="row").equals(plain)
    twice = (
        wrap.format(text=HEAD + lines)
        + "\n"
        + wrap.format(
            text=HEAD.replace("1000,00", "1500,00") + lines.replace("//R", "//S").replace("P1500", "P2000")
        )
    )
    assert read(twice, mt940).sums == {"COP": 100000}


def test_a_currency_behind_the_account_is_none_of_its_number(mt940: Mapping) -> None:
    lines = ":61:2701030103C500,00NTRFX//R\n:62F:C270105COP1500,00\n"
    for written in ("12345COP", "12345 COP", "12345"):
        text = HEAD.replace("CO-BOG-001", written) + lines
        assert read(text, mt940).frame["account_id"].tolist() == ["12345"]
    ours = Context(accounts={"CAJACOP": ("CO01", "COP")})
    named = HEAD.replace("CO-BOG-001", "CAJACOP") + lines
    assert read(named, mt940, ours).frame["account_id"].tolist() == ["CAJACOP"]
    assert read(named, mt940).frame["account_id"].tolist() == ["CAJACOP"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("C500,00", "C1.500,00", "amount-format"),
        ("C500,00", "C500.00", "amount-format"),
        ("C500,00", "C٥٠٠,00", "amount-format"),
        ("C500,00", "C5,00,00", "amount-format"),
        ("C500,00", "C,50", "amount-format"),
        ("C500,00", "C500,001", "amount-precision"),
        ("C500,00", "C9999999999999999,", "amount-format"),
        ("C500,00", "EC500,00", "mt940-line"),
        ("C500,00", "c500,00", "mt940-line"),
        ("COP1500,00", "COP1500.00", "amount-format"),
        ("COP1500,00", "cop1500,00", "statement-currency"),
        ("C270105", "X270105", "mt940-syntax"),
        ("C270105", "C270135", "date-invalid"),
        (":61:", ":16:", "amount-format"),  # its words fall to the balance before it
        (":62F:", ":26F:", "balance-missing"),
    ],
)
def test_what_the_standard_does_not_know_is_refused(mt940: Mapping, old: str, new: str, rule: str) -> None:
    text = f"{HEAD}:61:2701030103C500,00NTRFX//R\n:62F:C270105COP1500,00\n"
    assert refusal(text.replace(old, new), mt940) == rule


INTERIM = """:20:I
:25:CO-BOG-001
:28C:1/1
:34F:COP0,
:13D:2610031200-0500
:61:2610031003C500,NTRFNONREF//Q1
:86:PAGO FV-3
:61:2610031003D20,NCHGNONREF//Q2
:86:COMISION
:61:2610031003EC7,NTRFNONREF//Q3
:90D:1COP20,
:90C:2COP507,
:86:resumen
-
"""


def test_an_interim_report_is_proved_and_kept_aside(mt942: Mapping) -> None:
    parsed = read(INTERIM, mt942)
    assert len(parsed.frame) == 0
    assert parsed.rejected["rule"].unique().tolist() == ["not-booked"]
    assert parsed.rejected["row"].tolist() == [6, 8, 10]
    assert parsed.rejected["raw"].iloc[0] == ":61:2610031003C500,NTRFNONREF//Q1\n:86:PAGO FV-3"
    assert parsed.findings["amount"].tolist() == [50000, -2000, 700, 0]
    assert parsed.sums == {}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("1COP20,", "1COP21,", "control-total"),
        ("2COP507,", "3COP507,", "control-total"),
        ("2COP507,", "2USD507,", "statement-currency"),
        ("2COP507,", "dos", "mt940-syntax"),
        (":34F:COP0,", ":34F:nada", "mt940-syntax"),
        (":34F:COP0,\n", ":34F:COP0,\n:60F:C261001COP1,\n", "type-mismatch"),
        ("C500,", "C500.", "amount-format"),
        (":25:CO-BOG-001\n", "", "mt940-no-account"),
    ],
)
def test_an_interim_report_that_does_not_hold_is_refused(
    mt942: Mapping, old: str, new: str, rule: str
) -> None:
    assert old in INTERIM
    assert refusal(INTERIM.replace(old, new), mt942) == rule


def test_below_its_floor_limit_an_interim_report_may_count_more_than_it_shows(mt942: Mapping) -> None:
    floored = INTERIM.replace(":34F:COP0,", ":34F:COPD0,\n:34F:COPC100,").replace("2COP507,", "9COP600,")
    assert len(read(floored, mt942).rejected) == 3
    assert refusal(floored.replace("9COP600,", "1COP600,"), mt942) == "control-total"
    assert refusal(floored.replace("1COP20,", "2COP20,"), mt942) == "control-total"


def test_a_mapping_may_take_interim_lines_by_their_reference(tmp_path: Path) -> None:
    (tmp_path / "early.yaml").write_text(
        "kind: bank_statement\nformat: mt942\nbank: {proof: when-stated, interim: accept}\n", encoding="utf-8"
    )
    early = read_mapping(tmp_path / "early.yaml")
    parsed = read(INTERIM.replace("//Q2", ""), early)
    assert parsed.frame["line_id"].tolist() == ["Q1"]
    assert parsed.rejected["row"].tolist() == [8, 10]  # without a reference, and only expected


def test_a_statement_is_no_interim_report_and_the_other_way_round(mt940: Mapping, mt942: Mapping) -> None:
    assert refusal(INTERIM, mt940) == "type-mismatch"
    assert refusal(HEAD + ":62F:C270105COP1000,00\n", mt942) == "type-mismatch"


@pytest.mark.parametrize("damaged", [":2O:T", "20:T", ":20T"])
def test_a_damaged_head_never_loses_the_statement_behind_it(mt940: Mapping, damaged: str) -> None:
    lines = ":61:2701030103C500,00NTRFX//{id}\n:62F:C270105COP{end},00\n-\n"
    first = HEAD + lines.format(id="R", end=1500)
    second = HEAD.replace("1000,00", "1500,00") + lines.format(id="S", end=2000)
    assert len(read(first + second, mt940).frame) == 2
    assert refusal(first + second.replace(":20:S", damaged), mt940) == "mt940-lines-lost"
    assert refusal(second.replace(":20:S", damaged) + first, mt940) == "mt940-lines-lost"


def test_the_limits_of_a_mapping_hold(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(
        "kind: bank_statement\nformat: mt940\nlimits: {rows: 1, field_chars: 200}\n", encoding="utf-8"
    )
    small = read_mapping(tmp_path / "small.yaml")
    line = ":61:2701030103C500,00NTRFX//{id}\n"
    text = HEAD + line.format(id="R") + ":86:PAGO\n:62F:C270105COP1500,00\n"
    assert len(read(text, small).frame) == 1
    assert refusal(text.replace("PAGO", "PAGO " * 50), small) == "field-too-long"
    assert refusal(text.replace(":62F", line.format(id="S") + ":62F"), small) == "too-many-rows"


def test_one_statement_twice_in_a_file_is_refused_though_its_lines_have_no_reference(mt940: Mapping) -> None:
    line = ":61:2701030103C500,00NTRFNONREF\n:86:abono\n"
    once = f"{HEAD}{line}:62F:C270105COP1500,00\n-\n"
    assert refusal(once + once, mt940) == "duplicate-in-file"
    next_page = once.replace("C261231COP1000,00", "C270105COP1500,00").replace(
        "COP1500,00\n-", "COP2000,00\n-"
    )
    assert len(read(once + next_page, mt940).frame) == 2  # the same line, but another statement


@pytest.mark.parametrize("end", ["\x1a", "\r\n\x1a", "\x1a\r\n"])
def test_the_end_sign_of_old_systems_is_none_of_the_statement(mt940: Mapping, end: str) -> None:
    text = f"{HEAD}:61:2612311231C500,00NTRFA//R1\n:62F:C261231COP1500,00\n-{end}"
    assert read(text, mt940).frame["bank_amount"].tolist() == [50_000]


def test_a_reference_on_two_movements_says_how_to_read_such_a_bank(
    mt940: Mapping, tmp_path: Path, root: Path
) -> None:
    lines = ":61:2612311231C500,00NTRFA//R1\n:61:2612311231C1,00NTRFA//R1\n:62F:C261231COP1501,00\n-"
    with pytest.raises(FileRefusedError) as caught:
        read(HEAD + lines, mt940)
    assert caught.value.cause == "key-conflict"
    assert "identity: content" in words.explain(caught.value.cause, caught.value.values, "es")
    text = (root / "parameters" / "sources" / "mt940.yaml").read_text(encoding="utf-8")
    (tmp_path / "other.yaml").write_text(text.replace("identity: reference", "identity: content"), "utf-8")
    parsed = read(HEAD + lines, read_mapping(tmp_path / "other.yaml"))
    assert parsed.frame["bank_amount"].tolist() == [50_000, 100]
