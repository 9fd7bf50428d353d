"""What comes back signed: two sides on one file are believed, everything else is refused with its reason."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from documents_world import act
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer
from signing_world import NOW, Authority, Person, pem, stranger

from workbench.errors import FileRefusedError, ParameterRefusedError, RefusedError
from workbench.sources.signed_copies import SignedCopy, Trust, check_signed_copy, read_signed_copy, read_trust
from workbench.views.documents.pages import make_pdf, signature_boxes
from workbench.views.documents.signing import SignedBy, SigningKey, sign_pdf
from workbench.words import explain

LATER = NOW + dt.timedelta(2)


@dataclass(frozen=True, repr=False)
class World:
    authority: Authority
    ana: Person  # ours
    luis: Person  # theirs
    trust: Trust
    issued: bytes
    ours: bytes  # signed by us, with a place for them
    both: bytes


@pytest.fixture(scope="module")
def world() -> World:
    authority = Authority()
    ana = authority.person("Ana María Ruiz Peña", "Comercial Andina de Ejemplo S.A.S.", "CC52123456")
    luis = authority.person("Luis Fernando Mora", "Distribuciones Ñuñez & Hijos Ltda.", "CC71987654")
    page = act(language="both")
    issued = make_pdf(page).pdf
    us, them = signature_boxes(page)
    by_us = SignedBy("us", "Ana María Ruiz Peña", "Jefe de cartera", "Acta de conciliación", "Bogotá D.C.")
    ours = sign_pdf(issued, ana.signing_key, by_us, at=NOW, box=us, empty_boxes=[them])
    return World(
        authority, ana, luis, Trust((pem(authority.root),)), issued, ours, by_them(ours, luis, box=them)
    )


def by_them(pdf: bytes, person: Person, **how: object) -> bytes:
    by = SignedBy("them", "Luis Fernando Mora", "Contador", "Acta de conciliación", "Medellín")
    return sign_pdf(pdf, person.signing_key, by, at=NOW + dt.timedelta(1), **how)  # type: ignore[arg-type]  # the test's to know


def check(world: World, content: bytes, *, at: dt.datetime = LATER, trust: Trust | None = None) -> SignedCopy:
    return check_signed_copy(content, trust or world.trust, file="acta.pdf", at=at, issued=world.issued)


def refusal(world: World, content: bytes, **how: object) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        check(world, content, **how)  # type: ignore[arg-type]  # the test's to know
    for lang in ("es", "en"):
        said = explain(caught.value.cause, caught.value.values, lang)
        assert "acta.pdf" in said, "the sentence names the file"
        assert "{" not in said
        assert "–" not in said, "a value is missing"
    return caught.value


def incremental(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def annotate(writer: IncrementalPdfFileWriter) -> None:
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 200, 50))),
            generic.pdf_name("/Contents"): generic.pdf_string("Saldo: 0 COP"),
        }
    )
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[generic.pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def add_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    first = pages["/Kids"].raw_get(0)
    pages["/Kids"].append(writer.add_object(generic.DictionaryObject(first.get_object())))
    pages[generic.pdf_name("/Count")] = generic.NumberObject(len(pages["/Kids"]))
    writer.update_container(pages["/Kids"])
    writer.update_container(pages)


def add_form(writer: IncrementalPdfFileWriter) -> None:
    """A form that brings a content of its own, which some readers show instead of the pages."""
    form = generic.DictionaryObject(
        {
            generic.pdf_name("/Fields"): generic.ArrayObject(),
            generic.pdf_name("/XFA"): generic.pdf_string("<template/>"),
        }
    )
    writer.root[generic.pdf_name("/AcroForm")] = writer.add_object(form)
    writer.update_root()


def test_two_sides_on_one_file_are_both_verified(world: World) -> None:
    assert world.both.startswith(world.ours)
    assert world.ours.startswith(world.issued)
    copy = check(world, world.both)
    assert (copy.kind, copy.origin, copy.media_type, copy.signers) == (
        "digital",
        "issued",
        "application/pdf",
        2,
    )
    ours, theirs = copy.signatures
    assert (ours.signer, ours.signer_id, ours.place) == ("Ana María Ruiz Peña", "CC52123456", "Bogotá D.C.")
    assert (theirs.signer, theirs.organisation) == (
        "Luis Fernando Mora",
        "Distribuciones Ñuñez & Hijos Ltda.",
    )
    assert (ours.signed_at, theirs.signed_at) == (NOW, NOW + dt.timedelta(1))
    assert (ours.covers_whole_file, theirs.covers_whole_file) == (False, True)
    assert not ours.is_time_stamped


def test_one_person_twice_is_one_signer(world: World) -> None:
    copy = check(world, by_them(world.ours, world.ana))
    assert len(copy.signatures) == 2
    assert copy.signers == 1


def test_every_signed_byte_counts(world: World) -> None:
    room = world.both.rindex(b"0" * 60) + 30  # left over behind the signature itself, which cannot cover it
    for at in (*range(7, len(world.both), len(world.both) // 20), room):
        changed = bytearray(world.both)
        changed[at] ^= 0x01
        with pytest.raises(FileRefusedError):
            check(world, bytes(changed))
    page = world.both.index(b"/MediaBox")  # a readable place: the file still opens, the hash says no
    changed = bytearray(world.both)
    changed[page + 12] = ord("1") if changed[page + 12] != ord("1") else ord("2")
    assert refusal(world, bytes(changed)).cause in ("signature-broken", "signed-copy-damaged")


def test_bytes_that_nobody_signed_are_refused(world: World) -> None:
    assert refusal(world, world.both + b"\n% free %%EOF\n").cause == "signature-not-whole"
    assert check(world, world.both + b"\r\n").signers == 2  # a mail gateway's line end is no content


@pytest.mark.parametrize("change", [annotate, add_page])
def test_a_change_after_signing_is_refused(
    world: World, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    assert refusal(world, incremental(world.both, change)).cause == "signature-changed-after"
    between = by_them(incremental(world.ours, change), world.luis)
    assert refusal(world, between).cause == "signature-changed-after"


@pytest.mark.parametrize("change", [annotate, add_page, add_form])
def test_a_change_before_the_first_signature_is_refused(
    world: World, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    changed = incremental(world.issued, change)
    assert refusal(world, by_them(changed, world.luis)).cause == "signed-copy-changed"
    # Drawn on and not signed digitally: a scan, of which a person must say who signed it.
    copy = check(world, changed)
    assert (copy.kind, copy.origin, copy.signatures) == ("scan", "drawn_on", ())


def test_the_document_as_it_was_sent_is_signed_by_nobody(world: World) -> None:
    assert refusal(world, world.issued).cause == "signed-copy-unsigned"
    assert refusal(world, world.issued + b"\n").cause == "signed-copy-unsigned"


def test_a_stranger_is_refused(world: World) -> None:
    alone = stranger("Luis Fernando Mora", "Distribuciones Ñuñez & Hijos Ltda.")
    assert refusal(world, by_them(world.ours, alone)).cause == "signature-untrusted"
    other = Authority("Otra certificadora").person("Luis Fernando Mora", "Distribuciones")
    told = refusal(world, by_them(world.ours, other))
    assert told.cause == "signature-untrusted"
    assert "Otra certificadora" in str(told.values["issuer"])
    assert refusal(world, world.both, trust=Trust()).cause == "signature-untrusted"


def test_a_certificate_counts_only_while_it_holds(world: World) -> None:
    told = refusal(world, world.both, at=NOW + dt.timedelta(400))
    assert told.cause == "signature-expired"
    assert told.values["at_day"] == "2027-12-10"
    early = refusal(world, world.both, at=NOW - dt.timedelta(40))
    assert early.cause == "signature-expired"


def test_a_revoked_certificate_is_refused_though_it_names_no_list(world: World) -> None:
    def trust(*revoked: Person, must: bool = False) -> Trust:
        lists = (world.authority.revocation_list(*revoked),)
        return replace(world.trust, revocation_lists=lists, must_know_revocation=must)

    told = refusal(world, world.both, trust=trust(world.luis))
    assert told.cause == "signature-revoked"
    assert told.values["signer"] == "Luis Fernando Mora"
    assert told.values["revoked_day"] == "2026-11-03"
    assert check(world, world.both, trust=trust()).signers == 2
    assert check(world, world.both, trust=trust(must=True)).signers == 2
    must_know = replace(world.trust, must_know_revocation=True)
    assert refusal(world, world.both, trust=must_know).cause == "signature-chain-refused"


def test_a_certificate_of_a_server_signs_no_act(world: World) -> None:
    server = world.authority.person("portal.example", "Distribuciones", may_sign=False)
    assert refusal(world, by_them(world.ours, server)).cause == "signature-not-for-signing"


def test_a_resaved_copy_is_told_from_the_one_that_was_sent(world: World) -> None:
    output = io.BytesIO()
    copy_into_new_writer(PdfFileReader(io.BytesIO(world.issued))).write(output)
    copy = check(world, by_them(output.getvalue(), world.luis))
    assert (copy.kind, copy.origin, copy.signers) == ("digital", "resaved", 1)


def test_another_document_is_other_and_unasked_is_said(world: World) -> None:
    other = make_pdf(act(3, differences=False)).pdf
    assert check(world, by_them(other, world.luis)).origin == "other"
    told = check_signed_copy(world.both, world.trust, file="acta.pdf", at=LATER)
    assert told.origin == "not_asked"


def test_an_encrypted_file_is_refused(world: World) -> None:
    writer: PdfFileWriter = copy_into_new_writer(PdfFileReader(io.BytesIO(world.issued)))
    writer.encrypt(owner_pass="a", user_pass="b")
    output = io.BytesIO()
    writer.write(output)
    assert refusal(world, output.getvalue()).cause == "signed-copy-encrypted"


def _tiff(order: str) -> bytes:
    start = (8).to_bytes(4, "little" if order == "II" else "big")
    return order.encode() + (b"*\x00" if order == "II" else b"\x00*") + start + b"\x00" * 32


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40 + b"\x00\x00\x00\x00IEND\xaeB`\x82",
            "image/png",
        ),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40 + b"\xff\xd9", "image/jpeg"),
        (_tiff("II"), "image/tiff"),
        (_tiff("MM"), "image/tiff"),
    ],
)
def test_a_scan_is_kept_by_its_hash_whatever_its_name(world: World, content: bytes, media_type: str) -> None:
    copy = check(world, content)
    assert (copy.kind, copy.media_type, copy.signatures, copy.origin) == ("scan", media_type, (), "other")
    assert len(copy.sha256) == 64
    cut = content[:20] if media_type != "image/tiff" else content[:9]
    assert refusal(world, cut).cause == "signed-copy-damaged"


@pytest.mark.parametrize(
    "content", [b"hello", b"PK\x03\x04" + b"x" * 90, b"<html></html>", b"MZ" + b"\x00" * 60]
)
def test_what_is_no_document_is_refused(world: World, content: bytes) -> None:
    assert refusal(world, content).cause == "signed-copy-type"


def test_a_cut_or_garbled_pdf_is_refused(world: World) -> None:
    for content in (
        world.both[: len(world.both) // 3],
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.7\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\n" + b"[" * 5000 + b"\nstartxref\n9\n%%EOF",
    ):
        assert refusal(world, content).cause == "signed-copy-damaged"


def test_limits_are_kept_before_anything_is_read(world: World) -> None:
    with pytest.raises(FileRefusedError) as caught:
        check_signed_copy(world.both, world.trust, file="acta.pdf", at=LATER, largest=1000)
    assert caught.value.cause == "file-too-large"


def test_files_and_folders_are_read_from_disk(world: World, tmp_path: Path) -> None:
    (tmp_path / "trust").mkdir()
    with pytest.raises(ParameterRefusedError):
        read_trust(tmp_path / "trust")
    (tmp_path / "trust" / "raiz.pem").write_bytes(pem(world.authority.root))
    (tmp_path / "trust" / "lista.crl").write_bytes(world.authority.revocation_list(world.luis))
    (tmp_path / "acta.pdf").write_bytes(world.both)
    trust = read_trust(tmp_path / "trust")
    with pytest.raises(FileRefusedError) as caught:
        read_signed_copy(tmp_path / "acta.pdf", trust, at=LATER, issued=world.issued)
    assert caught.value.cause == "signature-revoked"
    with pytest.raises(FileRefusedError):
        read_signed_copy(tmp_path / "none.pdf", trust, at=LATER)


def test_it_works_where_an_event_loop_runs_as_in_a_notebook(world: World) -> None:
    async def in_a_loop() -> int:
        return check(world, by_them(world.ours, world.luis)).signers

    assert asyncio.run(in_a_loop()) == 2


def test_a_pkcs12_signs_and_a_wrong_password_is_refused_without_a_word_of_it(world: World) -> None:
    key = SigningKey(pkcs12=world.luis.pkcs12("clave"), passphrase="clave")
    by = SignedBy("them", "Luis Fernando Mora")
    assert check(world, sign_pdf(world.ours, key, by, at=NOW)).signers == 2
    for wrong in (
        replace(key, passphrase="otra"),
        SigningKey(pkcs12=b"x"),
        SigningKey(key=b"x", certificate=b"y"),
    ):
        with pytest.raises(RefusedError) as caught:
            sign_pdf(world.ours, wrong, by, at=NOW)
        assert caught.value.cause == "signing-key-refused"
        assert "otra" not in str(caught.value)
    assert "clave" not in repr(key)


def test_what_is_no_pdf_cannot_be_signed(world: World) -> None:
    with pytest.raises(RefusedError) as caught:
        sign_pdf(b"hello", world.ana.signing_key, SignedBy("us", "Ana"), at=NOW)
    assert caught.value.cause == "signing-refused"


def test_a_signature_that_anybody_could_forge_is_refused(world: World) -> None:
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.signers.pdf_cms import SimpleSigner

    signer = SimpleSigner.load_pkcs12_data(world.luis.pkcs12("x"), [], b"x")
    meta = PdfSignatureMetadata(field_name="them-9", md_algorithm="sha1")
    weak = PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(world.ours)))
    assert refusal(world, weak.getvalue()).cause == "signature-weak"


def test_a_signature_taken_out_does_not_make_a_scan_of_the_file(world: World) -> None:
    without = world.both.replace(b"/FT /Sig", b"/FT /Btn").replace(b"/FT/Sig", b"/FT/Btn")
    assert without != world.both
    assert refusal(world, without).cause == "signature-lost"
