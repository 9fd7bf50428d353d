"""The digital signatures of a PDF, each verified with pyHanko; nothing is ever fetched from a network."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import io
import logging
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import FileRefusedError
from .signed_copies import Origin, Signature, Trust

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import EmbeddedPdfSignature, PdfSignatureStatus

#: The name under which an issued document carries what it says.
CONTENT = "content.json"
#: A certificate may be for one of these; one of a server is for neither.
_SIGNING = {"non_repudiation", "digital_signature"}
#: What a stranger's bytes make of a parser, beside its own errors.
_BROKEN = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    struct.error,
    zlib.error,
)


def verified_signatures(
    content: bytes, trust: Trust, *, file: str, at: dt.datetime, issued: bytes | None
) -> tuple[tuple[Signature, ...], Origin]:
    """Every signature of the PDF in the order made, and whose file it is; the first that fails is refused.

    No signature at all: an empty tuple, the file is a scan.
    """
    # A thread of its own: pyHanko runs an event loop, and a notebook already has one.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(_verified, content, trust, file, at, issued).result()


def _verified(
    content: bytes, trust: Trust, file: str, at: dt.datetime, issued: bytes | None
) -> tuple[tuple[Signature, ...], Origin]:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import enumerate_sig_fields

    with _quiet(), _readable(file):
        reader = PdfFileReader(io.BytesIO(content))
        if reader.encrypted:
            raise FileRefusedError("signed-copy-encrypted", file=file)
        filled = [name for name, value, _ in enumerate_sig_fields(reader, filled_status=True)]
        found = list(reader.embedded_signatures)
        unknown = set(filled) - {one.field_name for one in found}
        if unknown:  # pyHanko passes over kinds it does not know; what is not verified is not signed
            raise FileRefusedError("signature-kind-unknown", file=file, field=min(unknown))
        if not found and b"/ByteRange" in content:  # a signature was here; its file is no scan for that
            raise FileRefusedError("signature-lost", file=file)
        regular = [one for one in found if str(one.sig_object_type) == "/Sig"]
        signatures = tuple(
            asyncio.run(_signature(one, trust, file, at, is_last=one is regular[-1])) for one in regular
        )
        origin = _origin(reader, content, issued, file, is_signed=bool(regular))
    return signatures, origin


async def _signature(
    embedded: EmbeddedPdfSignature, trust: Trust, file: str, at: dt.datetime, *, is_last: bool
) -> Signature:
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko.sign.validation.errors import DisallowedAlgorithmError, SignatureValidationError
    from pyhanko.sign.validation.settings import KeyUsageConstraints

    try:
        status = await async_validate_pdf_signature(
            embedded,
            signer_validation_context=_context(trust, embedded.signer_cert, at),
            key_usage_settings=KeyUsageConstraints(key_usage=_SIGNING),
        )
    except DisallowedAlgorithmError as error:
        signer = _common_name(embedded.signer_cert)
        raise FileRefusedError("signature-weak", file=file, signer=signer) from error
    except SignatureValidationError as error:
        raise FileRefusedError(
            "signature-refused", file=file, field=embedded.field_name, problem=error.failure_message
        ) from error
    _check_bytes(status, embedded, file, is_last=is_last)
    _check_certificate(status, file, at)
    return _told(embedded, status)


def _context(trust: Trust, certificate: Any, at: dt.datetime) -> Any:
    """Whom to trust at the day asked about; what a given list can tell of a certificate must be told by it.

    pyHanko's usual modes look into a list only where the certificate names one: a revoked signer whose
    certificate names none would pass with the list at hand.
    """
    from asn1crypto.crl import CertificateList
    from asn1crypto.pem import unarmor
    from pyhanko.keys.pemder import load_certs_from_pemder_data
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.policy_decl import (
        CertRevTrustPolicy,
        RevocationCheckingPolicy,
        RevocationCheckingRule,
    )

    roots = [one for part in trust.roots for one in load_certs_from_pemder_data(part)]
    lists = [
        CertificateList.load(unarmor(part)[2] if part.lstrip().startswith(b"-----") else part)
        for part in trust.revocation_lists
    ]
    told = {one.issuer.hashable for one in lists}
    needed, none = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.NO_CHECK
    of_signer = trust.must_know_revocation or certificate.issuer.hashable in told
    of_authorities = any(root.subject.hashable in told for root in roots)
    return ValidationContext(
        trust_roots=roots,
        other_certs=[one for part in trust.intermediates for one in load_certs_from_pemder_data(part)],
        crls=lists,
        moment=at,
        allow_fetching=False,
        revinfo_policy=CertRevTrustPolicy(
            RevocationCheckingPolicy(needed if of_signer else none, needed if of_authorities else none),
            # A list of today tells who had been revoked by the day asked about, however long ago that is.
            retroactive_revinfo=True,
        ),
    )


def _check_bytes(
    status: PdfSignatureStatus, embedded: EmbeddedPdfSignature, file: str, *, is_last: bool
) -> None:
    """The signed bytes are whole, cover the file, and nothing but signatures came after."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import SignatureCoverageLevel

    values: dict[str, object] = {
        "file": file,
        "field": embedded.field_name,
        "signer": _common_name(status.signing_cert),
    }
    if not (status.intact and status.valid):
        raise FileRefusedError("signature-broken", **values)
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        raise FileRefusedError("signature-not-whole", **values)
    is_covered = status.coverage is SignatureCoverageLevel.ENTIRE_FILE or not _is_newest(embedded)
    if not is_covered or _holds_more(embedded):
        raise FileRefusedError("signature-not-whole", **values)
    most = ModificationLevel.LTA_UPDATES if is_last else ModificationLevel.FORM_FILLING
    if status.modification_level is None or status.modification_level > most or not status.docmdp_ok:
        raise FileRefusedError("signature-changed-after", **values)


def _is_newest(embedded: EmbeddedPdfSignature) -> bool:
    """Whether nothing that a PDF reader knows of came after: then bytes behind it belong to nobody."""
    if embedded.signed_revision < embedded.reader.xrefs.total_revisions - 1:
        return False
    _, _, start, length = embedded.byte_range
    embedded.reader.stream.seek(start + length)
    return bool(embedded.reader.stream.read().strip())


def _holds_more(embedded: EmbeddedPdfSignature) -> bool:
    """Whether the room left for the signature, the one part it cannot cover, holds anything beside it."""
    from asn1crypto.cms import ContentInfo

    kept = embedded.pkcs7_content
    return bool(kept[len(ContentInfo.load(kept).dump()) :].strip(b"\x00"))


def _check_certificate(status: PdfSignatureStatus, file: str, at: dt.datetime) -> None:
    """The certificate leads to a trusted authority, is valid at ``at``, not revoked, and made for signing."""
    from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate

    certificate = status.signing_cert
    values: dict[str, object] = {
        "file": file,
        "signer": _common_name(certificate),
        "issuer": _common_name_of(certificate.issuer),
        "from_day": certificate.not_valid_before.date().isoformat(),
        "until_day": certificate.not_valid_after.date().isoformat(),
        "at_day": at.date().isoformat(),
    }
    if status.revocation_details is not None or status.trust_problem_indic is AdESFailure.REVOKED:
        revoked = status.revocation_details
        day = revoked.revocation_date.date().isoformat() if revoked else ""
        raise FileRefusedError("signature-revoked", **values, revoked_day=day)
    if not certificate.not_valid_before <= at <= certificate.not_valid_after:
        raise FileRefusedError("signature-expired", **values)
    if status.trusted:
        return
    if status.trust_problem_indic in (
        AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE,
        AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
    ):
        raise FileRefusedError("signature-weak", **values)
    usages = set(certificate.key_usage_value.native) if certificate.key_usage_value else _SIGNING
    if not usages & _SIGNING:
        raise FileRefusedError("signature-not-for-signing", **values)
    unknown = (AdESIndeterminate.TRY_LATER, AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE)
    if status.trust_problem_indic in unknown:
        raise FileRefusedError("signature-chain-refused", **values)
    raise FileRefusedError("signature-untrusted", **values)


def _told(embedded: EmbeddedPdfSignature, status: PdfSignatureStatus) -> Signature:
    from pyhanko.sign.validation import SignatureCoverageLevel

    certificate = status.signing_cert
    subject = certificate.subject.native
    stamp = status.timestamp_validity
    is_stamped = stamp is not None and stamp.valid and stamp.trusted
    moment = stamp.timestamp if stamp is not None and is_stamped else status.signer_reported_dt
    return Signature(
        field=embedded.field_name,
        signer=_common_name(certificate),
        organisation=_part(subject, "organization_name"),
        signer_id=_part(subject, "serial_number"),
        issuer=_common_name_of(certificate.issuer),
        certificate_sha256=hashlib.sha256(certificate.dump()).hexdigest(),
        signed_at=None if moment is None else moment.astimezone(dt.UTC),
        is_time_stamped=is_stamped,
        reason=str(embedded.sig_object.get("/Reason", "")),
        place=str(embedded.sig_object.get("/Location", "")),
        covers_whole_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
    )


def _common_name(certificate: Any) -> str:
    return _common_name_of(certificate.subject)


def _common_name_of(name: Any) -> str:
    return _part(name.native, "common_name") or str(name.human_friendly)


def _part(subject: dict[str, object], name: str) -> str:
    value = subject.get(name, "")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _origin(
    reader: PdfFileReader, content: bytes, issued: bytes | None, file: str, *, is_signed: bool
) -> Origin:
    """Whose file it is; our own with anything but signatures behind it is no signed copy of ours."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    from .signed_changes import is_only_signed

    if issued is None:
        return "not_asked"
    sent = PdfFileReader(io.BytesIO(issued))
    if not content.startswith(issued):
        ours = _attached(sent)
        return "resaved" if ours is not None and _attached(reader) == ours else "other"
    revisions = sent.xrefs.total_revisions
    if not is_signed:
        if reader.xrefs.total_revisions == revisions:
            raise FileRefusedError("signed-copy-unsigned", file=file)
        return "drawn_on"
    if not is_only_signed(reader, revisions):
        raise FileRefusedError("signed-copy-changed", file=file)
    return "issued"


def _attached(reader: PdfFileReader) -> bytes | None:
    """The content that an issued document carries; None where there is none."""
    names = reader.root.get("/Names", {}).get("/EmbeddedFiles", {}).get("/Names", [])
    parts = list(names)  # pyHanko's own list cannot be sliced
    for name, spec in zip(parts[::2], parts[1::2], strict=False):
        if str(name) == CONTENT:
            return bytes(spec.get_object()["/EF"]["/F"].data)
    return None


@contextmanager
def _readable(file: str) -> Iterator[None]:
    """What pyHanko cannot read is a damaged file, said in the house's words."""
    from pyhanko.pdf_utils.misc import PdfError

    try:
        yield
    except FileRefusedError:
        raise
    except (PdfError, *_BROKEN) as error:
        raise FileRefusedError("signed-copy-damaged", file=file) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """pyHanko logs the calls behind every refusal; the refusal itself says what matters."""
    loggers = [logging.getLogger(name) for name in ("pyhanko", "pyhanko_certvalidator")]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
