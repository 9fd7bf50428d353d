"""Both sides sign the PDF that was agreed: with a certificate, or by hand on a copy that is scanned.

A digital signature is verified before it counts, and the file must begin with the very bytes that were
issued, nothing but signatures behind them: one written anew could show other figures. A scan proves nothing
by itself: a person says who signed it, and is on record for that.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from .. import book as books
from ..acts import guards
from ..cases import Brought, Case
from ..errors import MoveRefusedError, ParameterRefusedError
from ..sources.signed_copies import Signature, SignedCopy, Trust, check_signed_copy
from ..views.documents.pages import signature_boxes
from ..views.documents.signing import SignedBy, SigningKey, sign_pdf
from .ledger_now import LedgerNow
from .moving import PDF, KeptFile, move_act, with_ledger
from .pages import act_page


@dataclass(frozen=True)
class Signer:
    """Who signs: name, role in the company, identity document (``CC 79.123.456``) and place.

    Of a digital signature name and document are the certificate's; a name given must be the same.
    """

    name: str = ""
    role: str = ""
    person_id: str = ""
    place: str = ""


def sign_for_us(
    book: books.Book,
    case_id: str,
    brought: Brought,
    *,
    signer: Signer,
    at: dt.datetime,
    key: SigningKey | None = None,
    file: KeptFile | None = None,
    trust: Trust | None = None,
    ledger: LedgerNow | None = None,
) -> str:
    """Sign what was agreed: with ``key``, or by the ``file`` signed elsewhere (digitally or by hand).

    ``at``: the instant of signing, UTC. Who prepared the act does not sign it. Our own certificate must lead
    to an authority of ``trust`` too, since the customer must be able to believe it.
    """
    if key is None and file is None:
        raise ParameterRefusedError("act-sign-with-nothing", name="key", value="")
    if key is not None and file is not None:
        raise ParameterRefusedError("act-sign-with-what", name="key", value="")

    def act(case: Case, now_known: LedgerNow) -> str:
        agreed = _file_of(book, case, "agree")
        signed = file or _signed_with(key or SigningKey(), case, agreed, signer, at)
        copy = check_signed_copy(
            signed.content, trust or Trust(), file=signed.name, at=at, issued=agreed.content
        )
        content = _content(case, copy, copy.signatures, signer)
        return move_act(book, case, "sign_us", brought.adding(**content), file=signed, ledger=now_known)

    return with_ledger(book, case_id, ledger, act)


def attach_signed_copy(
    book: books.Book,
    case_id: str,
    brought: Brought,
    *,
    file: KeptFile,
    signer: Signer,
    at: dt.datetime,
    trust: Trust | None = None,
    ledger: LedgerNow | None = None,
) -> str:
    """The copy that the customer signed, kept by its hash with who signed, when and how.

    ``at``: when it was received, UTC; every signature in it must hold then. A digital copy carries our own
    signature where that was digital, and one of another certificate. A changed file, one of another document
    and one that only we signed are refused; so is an act that the book contradicts by now.
    """

    def act(case: Case, now_known: LedgerNow) -> str:
        ours = case.last("sign_us")
        if ours is None:  # the machine says what can be done from here
            return move_act(book, case, "sign_both", brought)
        issued = _file_of(book, case, "sign_us")
        copy = check_signed_copy(
            file.content, trust or Trust(), file=file.name, at=at,
            issued=issued.content if issued.media_type == PDF else None,
        )  # fmt: skip
        our_certificate = str(ours.content.get("certificate_sha256", ""))
        certificates = {one.certificate_sha256 for one in copy.signatures}
        if our_certificate and certificates and our_certificate not in certificates:
            raise MoveRefusedError("act-copy-without-ours", case=case.case_id, file=file.name)
        theirs = tuple(one for one in copy.signatures if one.certificate_sha256 != our_certificate)
        if copy.signatures and not theirs:
            raise MoveRefusedError("act-copy-without-theirs", case=case.case_id, file=file.name)
        content = _content(case, copy, theirs, signer)
        return move_act(book, case, "sign_both", brought.adding(**content), file=file, ledger=now_known)

    return with_ledger(book, case_id, ledger, act)


def _content(
    case: Case, copy: SignedCopy, signatures: tuple[Signature, ...], signer: Signer
) -> dict[str, Any]:
    """What the move keeps of a signature; a digital one is of the document that was issued, or refused."""
    agreed = case.last("agree")
    content: dict[str, Any] = {
        "signer_name": signer.name, "signer_role": signer.role, "signer_id": signer.person_id,
        "place": signer.place, "how": guards.SCAN, "origin": copy.origin, "file": copy.file,
        "content_sha256": str(agreed.content["content_sha256"]) if agreed is not None else "",
    }  # fmt: skip
    if not signatures:
        return content
    if copy.origin != "issued":
        raise MoveRefusedError("act-copy-of-something-else", case=case.case_id, file=copy.file)
    last = signatures[-1]
    if signer.name and signer.name.casefold().split() != last.signer.casefold().split():
        raise MoveRefusedError("act-signer-differs", case=case.case_id, named=signer.name, signer=last.signer)
    return {
        **content,
        "how": guards.DIGITAL,
        "signer_name": last.signer,
        "signer_id": last.signer_id or signer.person_id,
        "place": last.place or signer.place,
        "signer_organisation": last.organisation,
        "certificate_sha256": last.certificate_sha256,
        "issuer": last.issuer,
        "signed_at": last.signed_at.isoformat() if last.signed_at else "",
        "is_time_stamped": int(last.is_time_stamped),
        "field": last.field,
    }


def _signed_with(key: SigningKey, case: Case, agreed: KeptFile, signer: Signer, at: dt.datetime) -> KeptFile:
    """The agreed PDF with our visible signature, and an empty field where the customer clicks to sign."""
    boxes = {box.key.partition("-")[0]: box for box in reversed(signature_boxes(act_page(case)))}
    by = SignedBy("us", signer.name, signer.role, place=signer.place)
    theirs = [boxes["them"]] if "them" in boxes else []
    pdf = sign_pdf(agreed.content, key, by, at=at, box=boxes.get("us"), empty_boxes=theirs)
    return KeptFile(agreed.name, PDF, pdf)


def _file_of(book: books.Book, case: Case, move: str) -> KeptFile:
    event = case.last(move)
    if event is None:
        raise MoveRefusedError("act-not-agreed", case=case.case_id)
    kept = books.stored_files.read_file(book, event.file_sha256)
    return KeptFile(kept.file, kept.media_type, kept.content)
