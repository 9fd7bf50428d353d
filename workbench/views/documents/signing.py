"""Our digital signature on a document: an incremental update that pyHanko writes behind the issued bytes.

The issued file stays a prefix of the signed one, so whoever has it can see that nothing else was changed. The
other side signs the same file after us, in any program; ``sources.signed_copies`` verifies what comes back.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ParameterRefusedError, RefusedError
from ...words import Language, say
from ...words.formats import date_text
from ..theme import LIGHT
from .content import printed
from .pages import SignatureBox, typeset
from .wording import breakable

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko.stamp import StaticStampStyle


@dataclass(frozen=True, repr=False)
class SigningKey:
    """Who can sign: a key and its certificates, kept in memory only and never printed.

    ``pkcs12``: the bytes of a ``.p12`` or ``.pfx`` file; or ``key``, ``certificate``, ``chain`` (PEM, DER).
    """

    pkcs12: bytes = b""
    key: bytes = b""
    certificate: bytes = b""
    chain: tuple[bytes, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True)
class SignedBy:
    """What the signature says beside the certificate: shown by every reader, and in a visible field."""

    side: str  # us, them: with the place of the block it names the field
    name: str
    role: str = ""
    reason: str = ""
    place: str = ""
    contact: str = ""


def sign_pdf(
    pdf: bytes,
    key: SigningKey,
    by: SignedBy,
    *,
    at: dt.datetime,
    box: SignatureBox | None = None,
    empty_boxes: Sequence[SignatureBox] = (),
    lang: Language = "es",
) -> bytes:
    """The signed PDF: the given bytes and behind them the signature, dated ``at`` (an instant with its zone).

    ``box``: where the signature shows (``pages.signature_boxes``); without one it is invisible.
    ``empty_boxes``: places for whoever signs next; their program offers them to click on. What is signed
    already stays signed. A key that cannot be opened, a file that is no PDF and a missing extra ``sign`` are
    refused.
    """
    if find_spec("pyhanko") is None:
        raise ParameterRefusedError("sign-extra-missing")
    # A thread of its own: pyHanko runs an event loop, and a notebook already has one.
    with ThreadPoolExecutor(1) as apart, tempfile.TemporaryDirectory() as folder:
        return apart.submit(_signed, pdf, key, by, at, box, empty_boxes, lang, folder).result()


def _signed(
    pdf: bytes,
    key: SigningKey,
    by: SignedBy,
    at: dt.datetime,
    box: SignatureBox | None,
    empty_boxes: Sequence[SignatureBox],
    lang: Language,
    folder: str,
) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign import fields, signers
    from pyhanko.sign.general import SigningError

    signer = _signer(key)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        there = {name for name, _, _ in fields.enumerate_sig_fields(writer)}
        for other in empty_boxes:
            if other.key not in there:
                fields.append_signature_field(writer, _field(other))
        name = box.key if box is not None else _free_name(by.side, there)
        meta = signers.PdfSignatureMetadata(
            field_name=name,
            md_algorithm="sha256",
            name=printed(by.name) or None,
            reason=printed(by.reason) or None,
            location=printed(by.place) or None,
            contact_info=printed(by.contact) or None,
            subfilter=fields.SigSeedSubFilter.PADES,
        )
        pdf_signer = signers.PdfSigner(
            meta,
            signer,
            stamp_style=_seal(by, box, at, lang, folder) if box is not None else None,
            new_field_spec=None if name in there else _field(box) if box is not None else _unseen(name),
        )
        return asyncio.run(_write(pdf_signer, writer, at))
    except (PdfError, SigningError) as error:
        raise RefusedError("signing-refused", problem=str(error)) from error


async def _write(pdf_signer: Any, writer: IncrementalPdfFileWriter, at: dt.datetime) -> bytes:
    """pyHanko's own sequence, but with the caller's instant for its clock's."""
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    session = pdf_signer.init_signing_session(writer)
    session.system_time = at
    info = await session.perform_presign_validation(writer)
    reserved = await session.estimate_signature_container_size(info)
    prepared = session.prepare_tbs_document(validation_info=info, bytes_reserved=reserved)
    digest, output = prepared.digest_tbs_document()
    done = await prepared.perform_signature(
        document_digest=digest.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at),
    )
    await done.post_signature_processing(output)
    return bytes(output.getvalue())


def _signer(key: SigningKey) -> SimpleSigner:
    """The key opened; what cannot be opened is refused without a word of what is in it."""
    from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    passphrase = key.passphrase.encode() or None
    try:
        if key.pkcs12:
            opened: SimpleSigner = SimpleSigner.load_pkcs12_data(key.pkcs12, [], passphrase)
            return opened
        others = SimpleCertificateStore()
        for part in key.chain:
            others.register_multiple(load_certs_from_pemder_data(part))
        return SimpleSigner(
            signing_cert=next(iter(load_certs_from_pemder_data(key.certificate))),
            signing_key=load_private_key_from_pemder_data(key.key, passphrase=passphrase),
            cert_registry=others,
        )
    except (ValueError, TypeError, AttributeError, StopIteration):
        raise RefusedError("signing-key-refused") from None


def _free_name(side: str, there: set[str]) -> str:
    number = 0
    while f"{side}-{number}" in there:
        number += 1
    return f"{side}-{number}"


def _field(box: SignatureBox) -> SigFieldSpec:
    from pyhanko.sign.fields import SigFieldSpec

    corners: Any = tuple(round(at) for at in (box.left, box.bottom, box.right, box.top))
    return SigFieldSpec(box.key, on_page=box.page, box=corners)


def _unseen(name: str) -> SigFieldSpec:
    from pyhanko.sign.fields import SigFieldSpec

    return SigFieldSpec(name)


def _seal(by: SignedBy, box: SignatureBox, at: dt.datetime, lang: Language, folder: str) -> StaticStampStyle:
    """The visible field, set by Typst with its own fonts: a reader's stock font lacks letters, and PDF/A."""
    from pyhanko.pdf_utils.content import ImportedPdfPage
    from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    when = f"{date_text(at.date(), lang)} {at:%H:%M:%S %z}"
    lines = [printed(line) for line in (by.role, by.reason, by.place, when)]
    data = {
        "look": {"text": LIGHT.text, "secondary": LIGHT.secondary},
        "width": round(box.right) - round(box.left),
        "height": round(box.top) - round(box.bottom),
        "lang": lang,
        "heading": say("documents.signed-digitally", lang),
        "name": breakable(printed(by.name)),
        "lines": [breakable(line) for line in lines if line],
    }
    page = Path(folder) / "seal.pdf"
    page.write_bytes(typeset("seal.typ", data, at))
    middle = AxisAlignment.ALIGN_MID
    return StaticStampStyle(
        background=ImportedPdfPage(str(page)),
        background_layout=SimpleBoxLayoutRule(x_align=middle, y_align=middle, margins=Margins.uniform(0)),
        border_width=0,
    )
