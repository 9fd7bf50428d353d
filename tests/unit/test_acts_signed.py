"""An act from its draft to its close with real digital signatures; what is wrongly signed never counts."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import signing_world as world
from acting_world import (
    ACTIONS,
    C1,
    CUT_OFF,
    DIFFERENCES,
    NO_HOLIDAYS,
    SCAN,
    bring,
    day,
    make_book,
    prepare,
)
from book_world import faults, import_items, made_once

from workbench import book as books
from workbench.acting import moving, reopening, signing
from workbench.acting.moving import KeptFile
from workbench.acting.signing import Signer
from workbench.cases import Brought
from workbench.errors import FileRefusedError, MoveRefusedError, RefusedError
from workbench.sources.signed_copies import Trust
from workbench.views.documents.signing import SignedBy, sign_pdf

PEDRO = Signer("Pedro Paz", "Tesorero", "CC 2", "Cali")
MARIO = Signer("Mario Duque", "Contralor", "CC 1", "Bogotá")


@cache
def people() -> dict[str, Any]:
    """Made once: an authority, our controller, the customer's treasurer, and a colleague of ours."""
    authority = world.Authority()
    return {
        "trust": Trust((world.pem(authority.root),)),
        "mario": authority.person("Mario Duque", "Comercializadora Ejemplo", "CC 1"),
        "pedro": authority.person("Pedro Paz", "Uno S.A.S.", "CC 2"),
        "colleague": authority.person("Luz Gil", "Comercializadora Ejemplo", "CC 3"),
        "stranger": world.stranger("Pedro Paz", "Uno S.A.S."),
    }


@made_once
def filled(folder: Path, database: str = "sqlite") -> books.Book:
    book = make_book(folder, database)
    prepare(book, customers=["C1"])
    return book


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return filled(tmp_path, database)


def sign_us(
    book: books.Book, *, by: str = "mario", signer: Signer = MARIO, on: int = 5, who: str = "contralor",
    **more: Any,
) -> str:  # fmt: skip
    given = {"at": world.NOW, "key": people()[by].signing_key, "trust": people()["trust"], **more}
    return signing.sign_for_us(book, C1, Brought(who, day(on)), signer=signer, **given)


def attach(
    book: books.Book, content: bytes | KeptFile, *, signer: Signer = PEDRO, on: int = 6, **more: Any
) -> str:
    file = content if isinstance(content, KeptFile) else KeptFile("firmada.pdf", "application/pdf", content)
    given = {"at": world.NOW + dt.timedelta(hours=1), "trust": people()["trust"], **more}
    return signing.attach_signed_copy(book, C1, Brought("ana", day(on)), file=file, signer=signer, **given)


def by_them(pdf: bytes, who: str = "pedro", name: str = "Pedro Paz") -> bytes:
    """What a customer's program does: sign the PDF that it was sent."""
    return sign_pdf(
        pdf,
        people()[who].signing_key,
        SignedBy("them", name, "Tesorero"),
        at=world.NOW + dt.timedelta(minutes=5),
    )


def signed_file(book: books.Book) -> bytes:
    return moving.act_file(book, C1).content


def refused(error: Any) -> str:
    return str(error.value.cause)


def test_from_draft_to_close_with_two_digital_signatures_and_reopened_by_a_late_credit_note(
    book: books.Book,
) -> None:
    moving.send_act(
        book, C1, Brought("ana", day(3)), sent_to="a@uno.co", channel="mail", working_days=NO_HOLIDAYS
    )
    moving.acknowledge_act(book, C1, Brought("ana", day(3)), acknowledged_by="Pedro Paz")
    moving.record_response(
        book, C1, Brought("ana", day(4)), answer="differs", answered_by="Pedro Paz", their_balance=140_00
    )
    moving.analyse(book, C1, Brought("ana", day(4)), differences=DIFFERENCES)
    moving.agree(book, C1, Brought("ana", day(5)), actions=ACTIONS)
    agreed = signed_file(book)
    with pytest.raises(MoveRefusedError) as own:
        sign_us(book, who="ana")
    assert refused(own) == "case-move-same-person"
    assert sign_us(book) == "signed_us"
    ours = signed_file(book)
    assert ours.startswith(agreed), "what was agreed is what was signed, byte by byte"
    assert attach(book, by_them(ours)) == "signed_both"
    assert moving.close_act(book, C1, Brought("ana", day(7))) == "closed"
    case = books.read.case(book, C1)
    for move, name in (("sign_us", "Mario Duque"), ("sign_both", "Pedro Paz")):
        event = case.last(move)
        assert event is not None
        assert (event.content["signer_name"], event.content["how"]) == (name, "digital")
        assert event.content["content_sha256"] == case.last("agree").content["content_sha256"]  # type: ignore[union-attr]  # there
    assert reopening.cover(book, as_of=CUT_OFF).customers["coverage"].tolist()[0] == "signed"
    assert faults(book) == []

    note = {"document_number": "NC9", "customer_id": "C1", "document_kind": "credit_note",
            "document_date": "2026-10-15", "original_amount": -10_00, "open_amount": -10_00}  # fmt: skip
    import_items(book, note, on=dt.date(2026, 11, 20))
    assert reopening.reopen_contradicted_acts(book, who="ana", on=day(21)).reopened == (C1,)
    assert reopening.cover(book, as_of=CUT_OFF).customers["coverage"].tolist()[0] == "in_progress"


def test_a_tampered_copy_is_refused_and_changes_nothing(book: books.Book) -> None:
    bring(book, "agreed")
    sign_us(book)
    ours = signed_file(book)
    theirs = by_them(ours)
    place = theirs.index(b"stream") + 40
    tampered = theirs[:place] + bytes([theirs[place] ^ 1]) + theirs[place + 1 :]
    before = len(books.read.case(book, C1).events)
    for content in (tampered, theirs + b"\n%% more\n1 0 obj\n<<>>\nendobj\n%%EOF\n", ours, b"%PDF-1.7 %%EOF"):
        with pytest.raises(RefusedError):
            attach(book, content)
    assert len(books.read.case(book, C1).events) == before
    assert attach(book, theirs) == "signed_both"


def test_the_pdf_of_another_agreement_is_refused_however_well_it_is_signed(book: books.Book) -> None:
    bring(book, "agreed")
    sign_us(book)
    other = dataclasses.replace(books.read.case(book, C1), case_id="otra-acta")
    from workbench.acting.pages import act_page
    from workbench.views.documents.pages import make_pdf

    foreign = make_pdf(act_page(other)).pdf
    both = by_them(
        sign_pdf(foreign, people()["mario"].signing_key, SignedBy("us", "Mario Duque"), at=world.NOW)
    )
    with pytest.raises(MoveRefusedError) as error:
        attach(book, both)
    assert refused(error) == "act-copy-of-something-else"


def test_a_copy_signed_by_us_alone_twice_or_without_us_is_refused(book: books.Book) -> None:
    bring(book, "agreed")
    agreed = signed_file(book)
    sign_us(book)
    ours = signed_file(book)
    with pytest.raises(MoveRefusedError) as twice:
        attach(book, by_them(ours, "mario", "Mario Duque"), signer=Signer())
    assert refused(twice) == "act-copy-without-theirs"
    with pytest.raises(MoveRefusedError) as colleague:
        attach(book, by_them(ours, "colleague", "Luz Gil"), signer=Signer(role="Analista", place="Bogotá"))
    assert refused(colleague) == "act-signed-twice-by-one-side"
    with pytest.raises(RefusedError) as without:
        attach(book, by_them(agreed))
    assert refused(without) == "act-copy-without-ours"


def test_a_name_that_is_not_the_certificates_and_a_certificate_of_nobody_known_are_refused(
    book: books.Book,
) -> None:
    bring(book, "agreed")
    sign_us(book)
    ours = signed_file(book)
    with pytest.raises(MoveRefusedError) as named:
        attach(book, by_them(ours), signer=Signer("Otra Persona", "Tesorera", "CC 9", "Cali"))
    assert refused(named) == "act-signer-differs"
    with pytest.raises(FileRefusedError) as stranger:
        attach(book, by_them(ours, "stranger"))
    assert refused(stranger) == "signature-untrusted"
    assert attach(book, by_them(ours), signer=Signer(role="Tesorero", place="Cali")) == "signed_both"


def test_our_own_signature_must_be_one_that_the_house_trusts(book: books.Book) -> None:
    bring(book, "agreed")
    with pytest.raises(FileRefusedError):
        sign_us(book, by="stranger")
    with pytest.raises(RefusedError) as neither:
        sign_us(book, key=None)
    assert refused(neither) == "act-sign-with-nothing"


def test_a_scan_counts_with_a_named_signer_of_the_other_side(book: books.Book) -> None:
    bring(book, "agreed")
    with pytest.raises(MoveRefusedError) as early:
        attach(book, SCAN)
    assert refused(early) in ("case-move-not-from-here", "act-not-agreed")
    assert sign_us(book, key=None, file=SCAN) == "signed_us"
    second = dataclasses.replace(SCAN, name="cliente.png", content=SCAN.content)
    with pytest.raises(MoveRefusedError) as nobody:
        attach(book, second, signer=Signer(role="Tesorero", place="Cali"))
    assert refused(nobody) == "case-move-lacks"
    with pytest.raises(MoveRefusedError) as same:
        attach(book, second, signer=MARIO)
    assert refused(same) == "act-signed-twice-by-one-side"
    assert attach(book, second) == "signed_both"
    event = books.read.case(book, C1).last("sign_both")
    assert event is not None
    assert (event.content["how"], event.content["signer_id"], event.who) == ("scan", "CC 2", "ana")
    kept = books.stored_files.read_file(book, event.file_sha256)
    assert kept.content == SCAN.content


def test_nothing_is_signed_that_the_book_no_longer_says(book: books.Book) -> None:
    bring(book, "agreed")
    import_items(book, {"document_number": "F9", "customer_id": "C1", "document_date": "2026-10-30"},
                 on=dt.date(2026, 11, 20))  # fmt: skip
    with pytest.raises(MoveRefusedError) as error:
        sign_us(book)
    assert refused(error) == "act-contradicted"
