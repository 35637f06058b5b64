"""Files within files: gz and zip, unpacked no further than the limits allow."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import PurePosixPath

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.tabular.byte_source import BLOCK, Source, written
from kpi_core.tabular.limits import MAX_EXPANDED, MAX_MEMBERS

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_ASIDE = ("__MACOSX/", ".DS_Store", "Thumbs.db")


UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
)
"""What Python raises at a damaged zip file."""


class TooLarge(Exception):
    """Unpacking was stopped: it goes beyond the limit."""


class Damaged(Exception):
    """It cannot be unpacked."""


class Allowance:
    """How many bytes may still be unpacked from one file, whatever is packed within it."""

    def __init__(self, left: int = MAX_EXPANDED) -> None:
        self._left = left

    def take(self, count: int) -> None:
        """So many more. TooLarge beyond the limit."""
        self._left -= count
        if self._left < 0:
            raise TooLarge


def archive(source: Source) -> zipfile.ZipFile:
    """The zip file. Damaged where it is none."""
    place = source.place
    try:
        return zipfile.ZipFile(BytesIO(place) if isinstance(place, bytes) else place)
    except UNREADABLE as error:
        raise Damaged from error


def members(zipped: zipfile.ZipFile) -> list[tuple[str, zipfile.ZipInfo]] | Issue:
    """The files in a zip by their names, or why they are not unpacked."""
    infos = [
        info
        for info in zipped.infolist()
        if not info.is_dir() and not any(aside in info.filename for aside in _ASIDE)
    ]
    named = [(_name(info), info) for info in infos]
    expanded = sum(info.file_size for info in infos)
    if len(infos) > MAX_MEMBERS:
        return about_file(Code.TOO_MANY_FILES, value=f"{len(infos):,} > {MAX_MEMBERS:,}")
    if expanded > MAX_EXPANDED:
        return about_file(Code.EXPANDS_TOO_FAR, value=f"{expanded:,} > {MAX_EXPANDED:,}")
    for name, info in named:
        if not _safe(name):
            return about_file(Code.UNSAFE_NAME, value=name)
        if info.flag_bits & _ENCRYPTED:
            return about_file(Code.PROTECTED, value="zip")
    return named


def _name(info: zipfile.ZipInfo) -> str:
    """As the one who zipped it wrote it: Windows in Japan does so in CP932."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp932")
    except UnicodeError:
        return info.filename


def _safe(name: str) -> bool:
    """The name stays below the folder it would be unpacked to."""
    path = PurePosixPath(name.replace("\\", "/"))
    return not (path.is_absolute() or ".." in path.parts or ":" in name[:2])


def member(zipped: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance) -> Source:
    """One file of a zip."""
    return _unpacked(_zip_blocks(zipped, info), allowance)


def unzipped(source: Source, allowance: Allowance) -> Source:
    """What is in a gz file, all of its parts."""
    return _unpacked(_gz_blocks(source), allowance)


def _gz_blocks(source: Source) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for block in source.blocks():
            packed = block
            while packed:
                if unpacker.eof:
                    if not packed.startswith(b"\x1f"):
                        return  # padding
                    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield unpacker.decompress(packed, BLOCK)
                packed = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error as error:
        raise Damaged from error
    if not unpacker.eof:
        raise Damaged


def _zip_blocks(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with zipped.open(info) as packed:
            while block := packed.read(BLOCK):
                yield block
    except UNREADABLE as error:
        raise Damaged from error


def _unpacked(blocks: Iterator[bytes], allowance: Allowance) -> Source:
    """In memory while it is small, then in a temporary file."""
    allowed = _allowed(blocks, allowance)
    first: list[bytes] = []
    size = 0
    for block in allowed:
        first.append(block)
        size += len(block)
        if size > BLOCK:
            return written(chain(first, allowed))
    return Source(b"".join(first))


def _allowed(blocks: Iterator[bytes], allowance: Allowance) -> Iterator[bytes]:
    for block in blocks:
        allowance.take(len(block))
        yield block
