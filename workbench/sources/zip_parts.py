"""The parts of a packed file, unpacked within bounds: the directory is judged first and then not believed.

A directory that is too long is never read; what a part unpacks to is counted against what the directory says
of it, whatever the directory says. Source: TRUST, row "Hostile files".
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import FileRefusedError
from .limits import Limits

_CHUNK = 1 << 20
_PACKED_CHUNK = 1 << 16
#: Bytes that a part's entry in the directory may take on average; an honest one takes about a hundred.
_ENTRY = 1000
#: A file this small unpacked is no bomb, however well it packs.
_SMALL = 1 << 20


@dataclass(frozen=True)
class Part:
    """One part: where its packed bytes stand in the file, and what the directory says of it."""

    name: str
    start: int
    packed: int
    size: int
    crc: int
    is_deflated: bool


def list_parts(content: bytes, *, file: str, limits: Limits) -> list[Part]:
    """The parts by the directory; too many, too large, oddly named or encrypted refuses the file."""
    count, length = _directory_size(content, file)
    if count > limits.members or length > limits.members * _ENTRY:
        raise FileRefusedError("zip-bomb", file=file, members=count, bytes=length)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError, struct.error) as error:
        raise FileRefusedError("zip-damaged", file=file, reason=str(error)) from None
    stated = sum(member.file_size for member in members)
    if (
        len(members) > limits.members
        or stated > limits.unzipped_bytes
        or stated > max(_SMALL, limits.unzipped_ratio * len(content))
    ):
        raise FileRefusedError("zip-bomb", file=file, members=len(members), bytes=stated)
    names = [member.filename.replace("\\", "/") for member in members]
    if any(name.startswith("/") or ":" in name or ".." in name.split("/") for name in names):
        raise FileRefusedError("zip-damaged", file=file, reason="names")
    if len({name.casefold() for name in names}) < len(names):
        raise FileRefusedError("zip-damaged", file=file, reason="names")
    return [_part(member, content, file) for member in members if not member.is_dir()]


def _directory_size(content: bytes, file: str) -> tuple[int, int]:
    """Entries and bytes of the directory by the record at the end of the file."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 65_557))
    try:
        count, length = struct.unpack_from("<HI", content, end + 10)
        if content[end - 20 : end - 16] == b"PK\x06\x07":
            (place,) = struct.unpack_from("<Q", content, end - 12)
            if content[place : place + 4] == b"PK\x06\x06":
                count, length = struct.unpack_from("<QQ", content, place + 32)
    except struct.error:
        end = -1
    if end < 0:
        raise FileRefusedError("zip-damaged", file=file, reason="directory")
    return int(count), int(length)


def _part(member: zipfile.ZipInfo, content: bytes, file: str) -> Part:
    place = member.header_offset
    if member.flag_bits & 0x41:
        raise FileRefusedError("encrypted-or-ole", file=file)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileRefusedError("zip-damaged", file=file, reason=member.filename)
    if content[place : place + 4] != b"PK\x03\x04" or place + 30 > len(content):
        raise FileRefusedError("zip-damaged", file=file, reason=member.filename)
    name, extra = struct.unpack_from("<HH", content, place + 26)
    start = place + 30 + name + extra
    if start + member.compress_size > len(content):
        raise FileRefusedError("zip-damaged", file=file, reason=member.filename)
    return Part(
        member.filename,
        start,
        member.compress_size,
        member.file_size,
        member.CRC,
        member.compress_type == zipfile.ZIP_DEFLATED,
    )


def unpack(content: bytes, part: Part, *, file: str) -> Iterator[bytes]:
    """The part's bytes, a piece at a time; more of them than stated is a bomb, other ones are damage."""
    total = crc = 0
    for piece in _inflate(content, part, file) if part.is_deflated else _stored(content, part):
        total += len(piece)
        if total > part.size:
            raise FileRefusedError("zip-bomb", file=file, members=1, bytes=total)
        crc = zlib.crc32(piece, crc)
        yield piece
    if total != part.size or crc != part.crc:
        raise FileRefusedError("zip-damaged", file=file, reason=part.name)


def _stored(content: bytes, part: Part) -> Iterator[bytes]:
    for place in range(part.start, part.start + part.packed, _CHUNK):
        yield content[place : min(place + _CHUNK, part.start + part.packed)]


def _inflate(content: bytes, part: Part, file: str) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-15)
    end = part.start + part.packed
    try:
        for place in range(part.start, end, _PACKED_CHUNK):
            packed = content[place : min(place + _PACKED_CHUNK, end)]
            while packed and not inflater.eof:
                yield inflater.decompress(packed, _CHUNK)
                packed = inflater.unconsumed_tail
        rest = inflater.flush(_CHUNK)
    except zlib.error as error:
        raise FileRefusedError("zip-damaged", file=file, reason=str(error)) from None
    if rest:
        yield rest
    if not inflater.eof:
        raise FileRefusedError("zip-damaged", file=file, reason=part.name)
