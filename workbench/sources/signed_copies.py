"""What comes back signed: a PDF with digital signatures, every one verified, or a scan kept by its hash.

A signature is taken only where the bytes it signed are whole, it covers the file as it was then, nothing but
further signatures came after it, and its certificate leads to an authority the house trusts, valid on the day
asked about. What fails is refused with the reason; a file without signatures is a scan, and says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from ..errors import FileRefusedError, ParameterRefusedError
from .text_files import read_bytes

#: What a signed copy is at most; the book keeps no larger file either.
LARGEST = 20 * 2**20

#: How the file relates to the one that was issued. ``issued``: it begins with its very bytes, and nothing but
#: signatures came after. ``drawn_on``: it begins with them, and something that is no digital signature came
#: after (a drawn one): a person must look. ``resaved``: another program wrote it anew, but it carries our
#: content. ``other``: nothing in it says that it is ours (a scan never does).
Origin = Literal["issued", "drawn_on", "resaved", "other", "not_asked"]


@dataclass(frozen=True)
class Trust:
    """Whom the house trusts: certificates of authorities, and revocation lists (PEM or DER).

    A list of a signer's authority is always obeyed. ``must_know_revocation``: without one that tells that the
    signer's certificate still held, the signature does not count.
    """

    roots: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    revocation_lists: tuple[bytes, ...] = ()
    must_know_revocation: bool = False


@dataclass(frozen=True)
class Signature:
    """One verified signature, in the order in which they were made."""

    field: str
    signer: str  # common name of the certificate
    organisation: str
    signer_id: str  # the certificate's serialNumber attribute: CC or NIT, where the authority writes it
    issuer: str
    certificate_sha256: str
    signed_at: dt.datetime | None  # UTC; what the signer's own clock said unless ``is_time_stamped``
    is_time_stamped: bool
    reason: str
    place: str
    covers_whole_file: bool  # False: further signatures came after it


@dataclass(frozen=True)
class SignedCopy:
    """A signed copy that was accepted. ``kind``: ``digital``, or ``scan`` (a person says who signed it)."""

    file: str
    media_type: str
    kind: Literal["digital", "scan"]
    sha256: str
    bytes: int
    signatures: tuple[Signature, ...]
    origin: Origin

    @property
    def signers(self) -> int:
        """How many different certificates signed: two sides need two."""
        return len({one.certificate_sha256 for one in self.signatures})


def read_signed_copy(
    path: Path, trust: Trust, *, at: dt.datetime, issued: bytes | None = None, largest: int = LARGEST
) -> SignedCopy:
    """The signed copy at ``path``, verified as of ``at`` (UTC: when it was received).

    ``issued``: the bytes we sent; then the copy must not be just those, and what was changed in them before
    the first signature is refused. Everything wrong raises :class:`FileRefusedError` with its rule.
    """
    path = Path(path)
    return check_signed_copy(read_bytes(path, most=largest), trust, file=path.name, at=at, issued=issued)


def check_signed_copy(
    content: bytes,
    trust: Trust,
    *,
    file: str,
    at: dt.datetime,
    issued: bytes | None = None,
    largest: int = LARGEST,
) -> SignedCopy:
    """The same for bytes already at hand; ``file`` names them in errors."""
    if len(content) > largest:
        raise FileRefusedError("file-too-large", file=file, bytes=len(content), limit=largest)
    media_type = _media_type(content, file)
    signatures: tuple[Signature, ...] = ()
    origin: Origin = "not_asked" if issued is None else "other"
    if media_type == "application/pdf":
        if find_spec("pyhanko") is None:
            raise ParameterRefusedError("sign-extra-missing")
        from .signatures import verified_signatures

        signatures, origin = verified_signatures(content, trust, file=file, at=at, issued=issued)
    return SignedCopy(
        file=file,
        media_type=media_type,
        kind="digital" if signatures else "scan",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        signatures=signatures,
        origin=origin,
    )


def read_trust(
    folder: Path, *, revocation_lists: Sequence[bytes] = (), must_know_revocation: bool = False
) -> Trust:
    """The authorities of a folder: ``*.pem``, ``*.crt``, ``*.cer`` are roots, ``*.crl`` revocation lists."""
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    roots = [path.read_bytes() for path in files if path.suffix.lower() in (".pem", ".crt", ".cer")]
    lists = [path.read_bytes() for path in files if path.suffix.lower() == ".crl"]
    if not roots:
        raise ParameterRefusedError("trust-empty", folder=str(folder))
    return Trust(tuple(roots), (), (*lists, *revocation_lists), must_know_revocation)


def _media_type(content: bytes, file: str) -> str:
    """What the bytes are, whatever the name says; a picture must have its end."""
    head, tail = content[:1024], content[-2048:]
    if b"%PDF-" in head:
        if b"%%EOF" not in tail:
            raise FileRefusedError("signed-copy-damaged", file=file)
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return _whole(b"IEND\xaeB`\x82" in tail, "image/png", file)
    if content.startswith(b"\xff\xd8\xff"):
        return _whole(b"\xff\xd9" in tail, "image/jpeg", file)
    if content[:4] in (b"II*\x00", b"MM\x00*"):
        order: Literal["little", "big"] = "little" if content[:2] == b"II" else "big"
        start = int.from_bytes(content[4:8], order)
        return _whole(8 <= start < len(content) - 2, "image/tiff", file)
    raise FileRefusedError("signed-copy-type", file=file)


def _whole(is_whole: bool, media_type: str, file: str) -> str:
    if not is_whole:
        raise FileRefusedError("signed-copy-damaged", file=file)
    return media_type
