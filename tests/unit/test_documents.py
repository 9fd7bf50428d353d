"""Statements and acts as PDF: the same bytes, nothing read as markup, sums that hold, all that was given."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from documents_world import CUSTOMER, act, poppler, statement, text_of
from pyhanko.pdf_utils.reader import PdfFileReader

from workbench import words
from workbench.errors import ParameterRefusedError, TieOutError
from workbench.policy import customer_reconciliation
from workbench.views.documents import shapes
from workbench.views.documents.act import act_data
from workbench.views.documents.content import content_bytes, content_sha256, printed
from workbench.views.documents.pages import make_pdf, signature_boxes
from workbench.views.documents.shapes import Amount, Page, Signatory

HOSTILE = "#let x = 1 *b* _i_ $a^2$ @ref <lab> \\ [c] // d /* e */ `raw` ~ \"q\" 'r' {y} =h -l +n"


def pages_of(pdf: bytes) -> int:
    return int(PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Count"])


def attached(pdf: bytes) -> bytes:
    names = PdfFileReader(io.BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert names[0] == "content.json"
    return bytes(names[1]["/EF"]["/F"].data)


@pytest.mark.parametrize("page", [statement(), act(language="both")], ids=["statement", "act"])
def test_the_same_page_is_the_same_bytes(page: Page) -> None:
    assert make_pdf(page).pdf == make_pdf(page).pdf


@pytest.mark.parametrize("page", [statement(), act(language="both")], ids=["statement", "act"])
def test_the_hash_in_the_footer_is_of_the_content_inside(page: Page) -> None:
    made = make_pdf(page)
    assert made.content_sha256 == content_sha256(page) == hashlib.sha256(attached(made.pdf)).hexdigest()
    assert made.file_sha256 == hashlib.sha256(made.pdf).hexdigest()
    said = text_of(made.pdf)
    for asked in (made.content_sha256, page.proof.anchor, "31/10/2026", "03/11/2026 14:05:09 UTC"):
        assert asked in said


def test_every_figure_is_written_as_its_reader_writes() -> None:
    page = statement(language="es")
    assert "22.601.239,72" in text_of(make_pdf(page).pdf)
    assert "22,601,239.72" in text_of(make_pdf(replace(page, language="en")).pdf)
    assert "−3.054.344,80" in text_of(make_pdf(page).pdf)


def test_the_customers_language_comes_first_and_the_other_below() -> None:
    page = act(language="both", first_language="en")
    said = text_of(make_pdf(page).pdf)
    assert said.index("Balance reconciliation act") < said.index("Acta de conciliación de saldos")
    spanish = text_of(make_pdf(replace(page, language="es")).pdf)
    assert "Acta de conciliación" in spanish
    assert "Balance reconciliation" not in spanish
    assert "Enviar el soporte del pago CE-88121" in said  # what was agreed is said to both
    assert "Send the proof of payment CE-88121" in said


def test_marks_of_typst_in_a_text_print_as_themselves() -> None:
    page = statement()
    first, *rest = page.movements
    page = replace(
        page,
        customer=replace(CUSTOMER, name=HOSTILE),
        notes=(HOSTILE, "#panic()", '#read("content.json")'),
        movements=(replace(first, reference=HOSTILE, document="#import"), *rest),
    )
    said = text_of(make_pdf(page).pdf)
    for word in (
        "#let x = 1 *b* _i_ $a^2$ @ref <lab> \\",
        "/* e */ `raw` ~",
        "#panic()",
        '#read("content.json")',
    ):
        assert word in said


def test_letters_without_a_font_are_told_and_stand_in_the_content() -> None:
    page = statement(customer=replace(CUSTOMER, name="中文公司 😀 ñ שלום Ωμέγα"))
    made = make_pdf(page)
    assert made.missing == "中文公司😀"
    assert "ñ" in text_of(made.pdf)
    assert json.loads(attached(made.pdf))["customer"]["name"] == "中文公司 😀 ñ שלום Ωμέγα"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\u202eb\u2066c\u200b", "abc"),  # nothing turns or hides what follows
        ("a\x00b\x07", "a\ufffdb\ufffd"),
        ("line\r\nnext\u2028end", "line  next end"),
        ("n\u0303\ud800", "ñ\ufffd"),
        ("NIT 900.123", "NIT 900.123"),
    ],
)
def test_a_text_prints_as_one_line_of_letters(given: str, shown: str) -> None:
    assert printed(given) == shown


def test_a_text_of_any_sign_makes_a_document() -> None:
    signs = "".join(map(chr, (*range(0x180), 0x202E, 0xD800, 0xFFFE, 0xFEFF, 0x1F600)))
    page = statement(2, 2, customer=replace(CUSTOMER, name=signs, address=signs * 3), notes=(signs,))
    assert pages_of(make_pdf(page).pdf) >= 1


def test_long_ids_break_and_are_copied_out_whole() -> None:
    number = "FV-" + "0123456789" * 6
    page = statement()
    page = replace(page, open_items=(replace(page.open_items[0], document=number), *page.open_items[1:]))
    told = poppler("pdftotext", "-raw", "-", "-", pdf=make_pdf(page).pdf)
    assert number in told.replace("\n", "")


def test_nothing_runs_out_of_its_page_or_over_its_neighbour() -> None:
    page = statement(3, 3, customer_id="C" * 80, statement_id="EC-" + "9" * 120)
    first = replace(page.movements[0], document="DOC-" + "7" * 70, reference="R" * 90)
    head = replace(CUSTOMER, address="X" * 150, name="Ñ" * 90)
    page = replace(page, customer=head, company=head, movements=(first, *page.movements[1:]))
    boxes = poppler("pdftotext", "-bbox", "-", "-", pdf=make_pdf(page).pdf)
    words = re.findall(r'xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">([^<]+)<', boxes)
    assert len(words) > 50
    for left, right, word in words:
        assert 45 < float(left) < float(right) < 612 - 45, word
    long = [float(right) for _, right, word in words if word.startswith(("7777", "RRRR"))]
    assert len(long) >= 4, "long ids go over several lines"
    assert max(right for right in long) < 470, "and stay left of the amounts"


def test_three_hundred_items_repeat_their_heads_and_keep_their_total() -> None:
    made = make_pdf(statement(300, 40))
    pages = pages_of(made.pdf)
    assert 6 <= pages <= 10
    said = text_of(made.pdf)
    assert f"Página {pages} de {pages}" in said
    # "Vencimiento" heads the open list on each of its pages, in small caps
    assert said.lower().count("vencimiento") >= pages - 1
    assert "NC-4399" in said


def test_a_page_that_contradicts_itself_is_not_made() -> None:
    page = statement()
    for wrong, figure in (
        (replace(page, closing=page.closing + 1), "closing"),
        (replace(page, totals=page.totals[1:]), "totals"),
        (replace(page, open_items=page.open_items[1:]), "open_items"),
        (replace(page, ageing=(*page.ageing, Amount("unapplied", Decimal("0.01")))), "ageing"),
        (replace(page, movements=page.movements[1:]), "balance"),
    ):
        with pytest.raises(TieOutError) as caught:
            make_pdf(wrong)
        assert caught.value.values["figure"] == figure


def test_differences_that_do_not_explain_the_difference_are_refused() -> None:
    page = act()
    with pytest.raises(TieOutError) as caught:
        make_pdf(replace(page, differences=page.differences[:-1]))
    assert caught.value.values["figure"] == "differences"
    assert "0,36 COP" not in str(caught.value)
    assert "COP" in str(caught.value)


def test_amounts_that_would_be_rounded_are_refused() -> None:
    for wrong in (Decimal("0.001"), Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(ParameterRefusedError):
            content_sha256(statement(closing=wrong))


def test_the_hash_tells_what_is_said_not_how_it_is_typed() -> None:
    page = act()
    same = replace(page, our_balance=page.our_balance.quantize(Decimal("0.0000")), paper="a4")
    assert content_sha256(same) == content_sha256(page)
    for changed in (
        replace(page, our_balance=page.our_balance + Decimal("0.01")),
        replace(page, cut_off=page.cut_off - dt.timedelta(1)),
        replace(page, language="both"),
        replace(page, signatories=page.signatories[:1]),
    ):
        assert content_sha256(changed) != content_sha256(page)
    assert (
        content_bytes(page)
        == json.dumps(
            json.loads(content_bytes(page)), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    )


def test_a_silent_customer_is_not_said_to_agree() -> None:
    said = text_of(make_pdf(act(differences=False, their_balance=None)).pdf)
    assert "no vale como confirmación" in said
    assert "No hay diferencias" not in said
    agreed = text_of(make_pdf(act(differences=False)).pdf)
    assert "registran el mismo saldo" in agreed
    assert "No hay diferencias" in agreed


def test_what_is_signed_stands_above_the_signatures() -> None:
    page = act(differences=False)
    said = " ".join(text_of(make_pdf(page).pdf).split())
    assert re.search(r"Saldo al \S+ según la empresa: [0-9.,]+ COP\.", said)
    differs = " ".join(text_of(make_pdf(act()).pdf).split())
    assert re.search(r"según la empresa: [0-9.,]+ COP; según el cliente: [0-9.,]+ COP\.", differs)
    silent = text_of(make_pdf(act(differences=False, their_balance=None)).pdf)
    assert "todavía no ha respondido esta acta" in " ".join(silent.split())


def test_a_document_that_is_not_due_shows_no_days() -> None:
    page = act(3, differences=False)
    assert any((item.days_overdue or 0) < 0 for item in page.open_items)
    rows = act_data(page, "0" * 64)["open-items"]["rows"]  # type: ignore[index]  # a table's rows
    late = [row[4] for row in rows]
    expected = [str(item.days_overdue) if (item.days_overdue or 0) > 0 else "–" for item in page.open_items]
    assert late == expected


def test_signature_blocks_stay_whole_and_tell_their_place() -> None:
    for items in range(24):
        page = act(
            items, differences=False, signatories=(Signatory("us"), Signatory("them"), Signatory("us"))
        )
        boxes = signature_boxes(page)
        assert [box.key for box in boxes] == ["us-0", "them-1", "us-2"]
        assert boxes[0].page == boxes[1].page
        for box in boxes:
            assert 60 < box.bottom < box.top < 740  # between head and foot of its page
            assert 40 < box.left < box.right < 570


def test_both_sides_sign_on_one_line_however_long_a_name_is() -> None:
    page = act(differences=False, signatories=(Signatory("us"), Signatory("them")))
    long = "Compañía Distribuidora Internacional de Materiales Eléctricos y Ferreteros del Oriente S.A.S."
    page = replace(page, customer=replace(page.customer, name=long))
    ours, theirs = signature_boxes(page)
    assert (ours.top, ours.bottom) == (theirs.top, theirs.bottom)


def test_paper_is_the_companys() -> None:
    for paper, size in (("letter", (612, 792)), ("a4", (595, 842))):
        pdf = make_pdf(statement(2, 2, paper=paper)).pdf
        box = PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"][0]["/MediaBox"]
        assert (round(float(box[2])), round(float(box[3]))) == size


def test_only_typsts_own_fonts_are_embedded() -> None:
    rows = poppler("pdffonts", "-", pdf=make_pdf(act()).pdf).splitlines()[2:]
    assert rows
    assert all("Libertinus" in row and " yes " in row for row in rows)


def test_every_code_that_the_trade_gives_has_words_in_both_languages() -> None:
    said = {
        "kind": (*shapes.KINDS, "opening", "closing"),
        "difference": customer_reconciliation.CAUSES,
        "owner": customer_reconciliation.OWNERS,
        "range": ("not_due", "unapplied", "between", "over"),
    }
    missing = [
        f"{prefix}-{code} {lang}"
        for prefix, codes in said.items()
        for code in codes
        for lang in words.LANGUAGES
        if not words.has_words(f"documents.{prefix}-{code}", lang)
    ]
    assert missing == []


def test_who_clears_a_difference_is_said_in_words() -> None:
    page = act()
    page = replace(
        page,
        differences=tuple(replace(one, owner="billing") for one in page.differences),
        actions=tuple(replace(one, owner="treasury") for one in page.actions),
    )
    said = text_of(make_pdf(page).pdf)
    assert said.count("Facturación") == 4
    assert said.count("Tesorería") == 2
    assert "billing" not in said


def test_what_became_known_later_is_told_beside_the_period() -> None:
    page = statement(3, 3)
    first, *rest = page.movements
    late = replace(first, is_late=True, date=dt.date(2026, 9, 15))
    totals = (Amount("late", first.amount), *(part for part in page.totals if part.code != first.kind))
    same_kind = sum((one.amount for one in rest if one.kind == first.kind), Decimal(0))
    page = replace(page, movements=(late, *rest), totals=(*totals, Amount(first.kind, same_kind)))
    said = text_of(make_pdf(page).pdf)
    assert "15/09/2026 Factura†" in said
    assert "De días anteriores al período" in said
    assert "conocido después" in said.lower()


def test_a_total_is_never_alone_on_a_page() -> None:
    breaks = 0
    for items in range(6, 16):
        told = poppler("pdftotext", "-layout", "-", "-", pdf=make_pdf(statement(items, 12)).pdf)
        for page in told.split("\f")[1:-1]:
            rows = [row.split() for row in page.splitlines() if row.strip()][1:]  # below the running head
            if [word.lower() for word in rows[0][:1]] == ["documento"]:
                breaks += 1
                assert rows[1][0] != "Total", items
    assert breaks >= 2, "no list went over a page: the test says nothing"
