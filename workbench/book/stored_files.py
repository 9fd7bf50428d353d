"""Files kept in the book by their hash: documents issued, and the signed copies that came back.

They lie in the book itself, so that a backup holds them, the roles protect them and ``verify`` covers them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from ..errors import PostingRefusedError
from .opened import Book
from .schema import stored_files, stored_parts
from .transactions import Posting, writing

#: A signed copy or a scan; what is larger belongs into an archive.
LARGEST_FILE = 20 * 2**20
#: Bytes of one part; three to four characters of text, without a rest.
_PART = 3 * 2**17


@dataclass(frozen=True)
class StoredFile:
    """A kept file: the name it came under, what it is, and its bytes."""

    file_sha256: str
    file: str
    media_type: str
    content: bytes


def store_file(book: Book, name: str, media_type: str, content: bytes, *, who: str = "") -> str:
    """Keep a file and give its SHA-256; the same bytes again, under whatever name, change nothing.

    Raises :class:`PostingRefusedError` for an empty file, or one larger than ``LARGEST_FILE``.
    """
    with writing(book, "store-file", who=who) as posting:
        return enter_file(posting, name, media_type, content)


def enter_file(posting: Posting, name: str, media_type: str, content: bytes) -> str:
    """:func:`store_file` inside a transaction that does more."""
    if not 0 < len(content) <= LARGEST_FILE:
        raise PostingRefusedError("file-size-refused", file=name, bytes=len(content), limit=LARGEST_FILE)
    sha256 = hashlib.sha256(content).hexdigest()
    if posting.rows(select(stored_files.c.file_sha256).where(stored_files.c.file_sha256 == sha256)):
        return sha256
    posting.insert(
        "stored_files",
        ["file_sha256", "file", "media_type", "size_bytes", "who"],
        [(sha256, name, media_type, len(content), posting.who)],
    )
    parts = [content[start : start + _PART] for start in range(0, len(content), _PART)]
    posting.insert(
        "stored_parts",
        ["file_sha256", "number", "base64"],
        [(sha256, number, base64.b64encode(part).decode()) for number, part in enumerate(parts, start=1)],
    )
    return sha256


def read_file(book: Book, file_sha256: str) -> StoredFile:
    """A kept file; its bytes are hashed again, so what was damaged is refused (``stored-file-damaged``).

    Raises :class:`PostingRefusedError` where the book keeps no file of that hash.
    """
    parts = select(stored_parts.c.base64).where(stored_parts.c.file_sha256 == file_sha256)
    named = select(stored_files.c.file, stored_files.c.media_type)
    with book.reading() as connection:
        found = connection.execute(named.where(stored_files.c.file_sha256 == file_sha256)).first()
        texts = connection.execute(parts.order_by(stored_parts.c.number)).scalars().all()
    if found is None:
        raise PostingRefusedError("stored-file-unknown", sha256=file_sha256)
    content = b"".join(base64.b64decode(text) for text in texts)
    if hashlib.sha256(content).hexdigest() != file_sha256:
        raise PostingRefusedError("stored-file-damaged", sha256=file_sha256, file=str(found[0]))
    return StoredFile(file_sha256, str(found[0]), str(found[1]), content)
