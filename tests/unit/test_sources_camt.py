"""ISO 20022 statements: versions, pages, batches, days and ids; what does not prove is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from camt_files import Made, Movement, Payment, camt

from workbench import words
from workbench.errors import FileRefusedError, MappingError
from workbench.sources import Context, Mapping, Parsed, load_mapping, read_content
from workbench.sources.mappings import read_mapping

PAID = Made([Movement(50000, "R1"), Movement(-2000, "R2", words="COMISION")])


@pytest.fixture(scope="module")
def camt053(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "camt053")


@pytest.fixture(scope="module")
def camt054(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "camt054")


def read(text: str | bytes, mapping: Mapping, context: Context | None = None) -> Parsed:
    content = text.encode() if isinstance(text, str) else text
    parsed = read_content(content, mapping, file="given.xml", context=context)
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    return parsed


def refusal(text: str | bytes, mapping: Mapping, context: Context | None = None) -> str:
    with pytest.raises(FileRefusedError) as caught:
        read(text, mapping, context)
    for lang in words.LANGUAGES:
        assert "–" not in words.explain(caught.value.cause, caught.value.values, lang)
    return caught.value.cause


@pytest.mark.parametrize("version", range(2, 9))
def test_every_version_gives_the_same_lines(camt053: Mapping, version: int) -> None:
    payments = [Payment(30000, "ANDINOS", "FV-1", "900123456", "CO11"), Payment(20000, "CARIBE", "FV-2")]
    made = Made([Movement(50000, "R1", payments=payments), Movement(-2000, "R2", words="COMISION")])
    lines = read(camt(made, version=version), camt053).frame
    assert lines["line_id"].tolist() == ["R1/1", "R1/2", "R2"]
    assert lines["bank_amount"].tolist() == [30000, 20000, -2000]
    assert lines["payer_name"].tolist() == ["ANDINOS", "CARIBE", ""]
    assert lines["payer_tax_id"].tolist() == ["900123456", "", ""]
    assert lines["payer_account"].tolist() == ["CO11", "", ""]
    assert lines["line_kind"].tolist() == ["deposit", "deposit", "fee"]
    assert lines["row"].tolist() == [1, 1, 2]


@pytest.mark.parametrize("version", [1, 9, 13])
def test_another_version_is_refused_by_its_name(camt053: Mapping, version: int) -> None:
    assert refusal(camt(PAID, version=version), camt053) == "camt-version"


@pytest.mark.parametrize(
    "namespace",
    [
        "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03",
        "urn:iso:std:iso:20022:tech:xsd:camt.052.001.02",
        "x:y",
    ],
)
def test_another_message_is_no_statement(camt053: Mapping, namespace: str) -> None:
    assert refusal(camt(PAID, namespace=namespace), camt053) == "type-mismatch"


def test_a_notification_is_no_statement_and_a_statement_no_notification(
    camt053: Mapping, camt054: Mapping
) -> None:
    assert refusal(camt(PAID, message="054"), camt053) == "type-mismatch"
    assert refusal(camt(PAID), camt054) == "type-mismatch"
    assert refusal("<html><body>Su sesión expiró</body></html>", camt053) == "type-mismatch"
    assert refusal("Fecha;Valor\n2026-10-01;1\n", camt053) == "type-mismatch"


def test_prefixes_envelopes_newlines_and_encodings_change_nothing(camt053: Mapping) -> None:
    plain = read(camt(PAID), camt053).frame
    text = camt(Made([Movement(50000, "R1", words="PAGÓ"), Movement(-2000, "R2", words="COMISION")]))
    prefixed = text.replace("<", "<n:").replace("<n:/", "</n:").replace("<n:?", "<?")
    prefixed = prefixed.replace("xmlns=", "xmlns:n=")
    head, _, body = text.partition("\n")
    enveloped = f"{head}\n<Envelope xmlns='urn:x'><AppHdr>ok</AppHdr>{body}</Envelope>"
    declared = text.replace('"UTF-8"', '"ISO-8859-1"')
    variants = [
        prefixed.encode(),
        enveloped.encode(),
        text.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.replace('"UTF-8"', '"UTF-16"').encode("utf-16"),
        b"\xfe\xff" + text.replace('"UTF-8"', '"UTF-16"').encode("utf-16-be"),
        declared.encode("latin-1"),
        text.replace('"UTF-8"', '"windows-1252"').encode("cp1252"),
    ]
    for content in variants:
        lines = read(content, camt053).frame
        assert lines.drop(columns="text").equals(plain.drop(columns="text"))
        assert lines["text"].tolist() == ["PAGÓ", "COMISION"]


def test_a_file_without_namespace_is_read_by_its_structure_and_it_is_said(camt053: Mapping) -> None:
    parsed = read(camt(PAID, namespace=""), camt053)
    assert len(parsed.frame) == 2
    assert parsed.findings["rule"].tolist() == ["namespace-missing"]


def test_several_accounts_prove_themselves_each(camt053: Mapping) -> None:
    other = Made([Movement(700, "X")], account="US-1", currency="USD", opening=0)
    parsed = read(camt(PAID, other), camt053)
    assert parsed.sums == {"COP": 48000, "USD": 700}
    assert parsed.balances["account_id"].tolist() == ["CO-BOG-001", "US-1"]
    wrong = Made(other.movements, account="US-1", currency="USD", opening=0, closing=701)
    assert refusal(camt(PAID, wrong), camt053) == "balance-mismatch"


def test_pages_of_one_statement_are_one_balance(camt053: Mapping) -> None:
    first = Made([Movement(500, "A")], opening=0, last="ITBD", last_day="2026-10-03")
    second = Made([Movement(300, "B")], opening=500, first="ITBD", first_day="2026-10-03")
    parsed = read(camt(first, second), camt053)
    (balance,) = parsed.balances.to_dict("records")
    assert (balance["opening_amount"], balance["closing_amount"]) == (0, 800)
    assert parsed.frame["bank_amount"].tolist() == [500, 300]
    assert read(camt(Made([Movement(5, "A")], first="PRCD")), camt053).sums == {"COP": 5}
    lone = camt(Made([Movement(5, "A")], first="ITBD"))
    assert read(lone, camt053).sums == {"COP": 5}


def test_pending_entries_are_kept_aside_and_count_for_nothing(camt053: Mapping) -> None:
    for version in (2, 8):
        made = [Movement(500, "A"), Movement(900, "B", status="PDNG"), Movement(1, "C", status="INFO")]
        parsed = read(camt(Made(made), version=version), camt053)
        assert parsed.frame["line_id"].tolist() == ["A"]
        assert parsed.rejected["row"].tolist() == [2, 3]
        assert set(parsed.rejected["rule"]) == {"not-booked"}
        assert parsed.rejected["raw"].iloc[0].startswith("<Ntry>")
        assert parsed.rejected["raw"].iloc[0].endswith("</Ntry>")
        assert "PDNG" in parsed.rejected["raw"].iloc[0]
        assert parsed.findings["amount"].tolist() == [900, 1]


@pytest.mark.parametrize(
    ("payments", "ids"),
    [
        ([Payment(300), Payment(200)], ["R/1", "R/2"]),
        ([Payment(300), Payment(201)], ["R"]),  # they do not add up
        ([Payment(500), Payment(0)], ["R"]),
        ([Payment(500)], ["R"]),
        ([], ["R"]),
    ],
)
def test_a_batch_is_split_where_its_payments_are_it(
    camt053: Mapping, payments: list[Payment], ids: list[str]
) -> None:
    parsed = read(camt(Made([Movement(500, "R", payments=payments)])), camt053)
    assert parsed.frame["line_id"].tolist() == ids
    assert parsed.sums == {"COP": 500}
    whole_batch = len(payments) > 1 and ids == ["R"]
    assert parsed.findings["rule"].tolist() == (["batch-not-split"] if whole_batch else [])


def test_a_batch_that_says_how_many_it_holds_must_hold_them(camt053: Mapping) -> None:
    made = Made([Movement(500, "R", payments=[Payment(300), Payment(200)])])
    text = camt(made).replace("<NtryDtls>", "<NtryDtls><Btch><NbOfTxs>3</NbOfTxs></Btch>")
    assert read(text, camt053).frame["line_id"].tolist() == ["R"]
    assert len(read(text.replace(">3<", ">2<"), camt053).frame) == 2
    foreign = camt(made).replace('<Amt Ccy="COP">3.00', '<Amt Ccy="USD">3.00')
    assert read(foreign, camt053).frame["line_id"].tolist() == ["R"]


def test_a_reversal_is_the_side_that_the_bank_says_and_keeps_its_payer(camt053: Mapping) -> None:
    back = Movement(-500, "B", is_reversal=True, payments=[Payment(500, "ANDINOS")])
    lines = read(camt(Made([Movement(500, "A"), back])), camt053).frame
    assert lines["bank_amount"].tolist() == [500, -500]
    assert lines["payer_name"].tolist() == ["", "ANDINOS"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-10-03", "2026-10-03"),
        ("2026-10-03-05:00", "2026-10-03"),
        ("2026-10-03T23:30:00", "2026-10-03"),
        ("2026-10-03T23:30:00-05:00", "2026-10-03"),
        ("2026-10-04T00:30:00+02:00", "2026-10-04"),  # the bank's own day, as written
        ("2026-10-04T03:30:00Z", "2026-10-03"),  # an instant: half past ten at night in Bogotá
        ("2026-10-04T03:30:00.123+00:00", "2026-10-03"),
        ("2026-10-04T00:00:00Z", "2026-10-04"),  # a bare day
    ],
)
def test_the_day_of_an_entry(camt053: Mapping, written: str, day: str) -> None:
    text = camt(Made([Movement(5, "A", day=written)]))
    assert str(read(text, camt053).frame["booking_date"].iloc[0].date()) == day


def test_ids_fall_back_to_the_entrys_reference_and_then_to_content(camt053: Mapping) -> None:
    text = camt(Made([Movement(5, "A"), Movement(5, "B"), Movement(5, "")]))
    text = text.replace("<AcctSvcrRef>B</AcctSvcrRef>", "").replace(
        "<Ntry>", "<Ntry><NtryRef>N1</NtryRef>", 2
    )
    ids = read(text, camt053).frame["line_id"].tolist()
    assert ids[:2] == ["A", "N1@2026-10-03"]
    assert ids[2].startswith("2026-10-03|5|COP|")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (">500.00<", ">500,00<", "amount-format"),
        (">500.00<", ">-500.00<", "amount-format"),
        (">500.00<", ">5e2<", "amount-format"),
        (">500.00<", ">٥٠٠.00<", "amount-format"),
        (">500.00<", "><", "amount-format"),
        (">500.00<", ">500.001<", "amount-precision"),
        (">500.00<", ">9999999999999999.00<", "amount-too-large"),
        ("<CdtDbtInd>DBIT", "<CdtDbtInd>DEBE", "camt-element"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "", "camt-element"),
        ("<Dt>2026-10-03</Dt>", "<Dt>2026-02-30</Dt>", "date-invalid"),
        ("<Dt>2026-10-03</Dt>", "<Dt>03/10/2026</Dt>", "date-invalid"),
        ("R2", "R1", "key-conflict"),
        ("OPBD", "OPAV", "balance-missing"),
        ("CLBD", "CLAV", "balance-missing"),
        ("<Othr><Id>CO-BOG-001</Id></Othr>", "", "camt-element"),
        ("<Ccy>COP</Ccy>", "<Ccy>USD</Ccy>", "statement-currency"),
        ('<Amt Ccy="COP">500.00', '<Amt Ccy="cop">500.00', "currency"),
        ('<Amt Ccy="COP">500.00</Amt>', "", "amount-format"),
    ],
)
def test_a_statement_that_cannot_be_proved_is_refused(
    camt053: Mapping, old: str, new: str, rule: str
) -> None:
    text = camt(PAID)
    assert old in text
    assert refusal(text.replace(old, new), camt053) == rule


def test_zeros_behind_the_currencys_decimals_are_no_decimals(camt053: Mapping) -> None:
    assert read(camt(PAID).replace(">500.00<", ">500.00000<"), camt053).sums == {"COP": 48000}
    yen = Made([Movement(500, "A")], currency="JPY", opening=0)
    assert read(camt(yen).replace(">500<", ">500.0<"), camt053).sums == {"JPY": 500}
    assert refusal(camt(yen).replace(">500<", ">500.5<"), camt053) == "amount-precision"


SUMMARY = (
    "<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries><Sum>{sum}</Sum>{net}</TtlNtries>"
    "<TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>{credit}</Sum></TtlCdtNtries></TxsSummry>"
)


@pytest.mark.parametrize(
    ("changed", "is_right"),
    [
        ({}, True),
        ({"count": 3}, False),
        ({"sum": "520.01"}, False),
        ({"credit": "499"}, False),
        ({"sum": "dos"}, False),
        ({"net": "<TtlNetNtryAmt>480.00</TtlNetNtryAmt><CdtDbtInd>CRDT</CdtDbtInd>"}, True),
        ({"net": "<TtlNetNtry><Amt>480.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry>"}, True),
        ({"net": "<TtlNetNtryAmt>480.00</TtlNetNtryAmt><CdtDbtInd>DBIT</CdtDbtInd>"}, False),
        ({"net": "<TtlNetNtryAmt>481.00</TtlNetNtryAmt>"}, False),
    ],
)
def test_control_totals_are_held(camt053: Mapping, changed: dict[str, object], is_right: bool) -> None:
    told = {"count": 2, "sum": "520.00", "credit": "500.00", "net": "", **changed}
    text = camt(Made(PAID.movements, summary=SUMMARY.format(**told)))
    if is_right:
        assert read(text, camt053).sums == {"COP": 48000}
    else:
        assert refusal(text, camt053) == "control-total"


def test_control_totals_may_count_the_pending_entries(camt053: Mapping) -> None:
    summary = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>"
    made = Made([Movement(5, "A"), Movement(5, "B", status="PDNG")], summary=summary)
    assert read(camt(made), camt053).sums == {"COP": 5}


def test_a_notification_keeps_a_bad_entry_aside(camt054: Mapping) -> None:
    text = camt(PAID, message="054").replace(">500.00<", ">500,00<")
    parsed = read(text, camt054)
    assert parsed.frame["line_id"].tolist() == ["R2"]
    assert parsed.rejected[["row", "rule"]].to_numpy().tolist() == [[1, "amount-format"]]
    assert parsed.findings["level"].tolist() == ["error", "note"]
    total = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>"
    assert refusal(text.replace("<Ntry>", total + "<Ntry>", 1), camt054) == "amount-format"


def test_what_the_payer_ordered_in_another_currency_is_kept_as_words(camt053: Mapping) -> None:
    made = Made([Movement(500, "A", words="", payments=[Payment(500, "ANDINOS", "FV-9", reference="RF18")])])
    ordered = (
        '<AmtDtls><InstdAmt><Amt Ccy="USD">1.25</Amt></InstdAmt><TxAmt><CcyXchg><XchgRate>4</XchgRate>'
        '</CcyXchg></TxAmt></AmtDtls><Chrgs><TtlChrgsAndTaxAmt Ccy="COP">0.70</TtlChrgsAndTaxAmt></Chrgs>'
        "<RltdPties>"
    )
    (line,) = read(camt(made).replace("<RltdPties>", ordered), camt053).frame.to_dict("records")
    assert (line["bank_amount"], line["reference"]) == (500, "RF18")
    assert line["text"] == "FV-9 RF18 InstdAmt USD 1.25 @ 4 Chrgs COP 0.70"


def test_a_customer_who_writes_of_fees_still_pays(camt053: Mapping) -> None:
    made = Made([Movement(500, "A", words="Consulting fee + IVA"), Movement(-100, "B", words="FEE")])
    assert read(camt(made), camt053).frame["line_kind"].tolist() == ["deposit", "fee"]


def test_a_strict_mapping_refuses_strangers_currencies_and_the_future(tmp_path: Path) -> None:
    (tmp_path / "strict.yaml").write_text(
        "kind: bank_statement\nformat: camt053\nchecks: {date-future: reject}\n"
        "bank: {unknown_account: reject}\n",
        encoding="utf-8",
    )
    strict = read_mapping(tmp_path / "strict.yaml")
    ours = {"CO-BOG-001": ("CO01", "COP")}
    day = dt.date(2026, 10, 31)
    assert len(read(camt(PAID), strict, Context(accounts=ours, as_of=day, currencies={"COP"})).frame) == 2
    assert refusal(camt(PAID), strict, Context(accounts={"X": ("CO01", "COP")})) == "unknown-account"
    assert refusal(camt(PAID), strict, Context(accounts=ours, as_of=dt.date(2026, 10, 2))) == "date-future"
    assert refusal(camt(PAID), strict, Context(currencies={"USD"})) == "currency"


def test_the_limits_and_the_time_zone_of_a_mapping_hold(tmp_path: Path) -> None:
    settings = "kind: bank_statement\nformat: camt053\n"
    (tmp_path / "small.yaml").write_text(settings + "limits: {rows: 1, field_chars: 50}\n", encoding="utf-8")
    small = read_mapping(tmp_path / "small.yaml")
    assert len(read(camt(Made([Movement(5, "A")])), small).frame) == 1
    assert refusal(camt(PAID), small) == "too-many-rows"
    assert refusal(camt(Made([Movement(5, "A", words="x" * 51)])), small) == "field-too-long"
    (tmp_path / "zone.yaml").write_text(settings + "dates: {time_zone: America/Macondo}\n", encoding="utf-8")
    with pytest.raises(MappingError):
        read(camt(PAID), read_mapping(tmp_path / "zone.yaml"))
