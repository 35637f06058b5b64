"""Which encoding a file's bytes are in: known for certain, or candidates to choose from."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from charset_normalizer import from_bytes

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.domain.question import Option
from kpi_core.tabular.byte_scan import Survey
from kpi_core.tabular.byte_source import BLOCK, Source, written
from kpi_core.tabular.japanese import improbable

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ESCAPE = re.compile(rb"\x1b\$[@B]|\x1b\(J")
"""Where Japanese begins in ISO-2022-JP, which is plain ASCII to look at."""
_LINE_END = re.compile(rb"[\r\n]")
_LOOKED_AT = 1 << 20
_PLACES = 8
_WIDE_NULS = 0.25
"""Of a text of ASCII letters two bytes wide half are NULs; of one with other letters, some less."""
_UTF8_LETTER = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True)
class Encoded:
    """How the bytes are to be read. `mark` is the length of the byte-order mark.

    Without an encoding there is either an issue that says why, or it has to be asked.
    """

    encoding: str | None = None
    mark: int = 0
    issues: tuple[Issue, ...] = ()
    refused: Issue | None = None


def encoding_of(source: Source, seen: Survey) -> Encoded:
    """By mark; as UTF-16 or 32 by the look; as UTF-8; as CP932. Nothing is guessed."""
    start = source.read(0, _LOOKED_AT)
    for mark, encoding in MARKS.items():
        if start.startswith(mark):
            return _marked(source, start, mark, encoding, seen)
    if _may_be_wide(seen, source.size) and (order := wide_order(start)):
        return Encoded(order)
    if seen.first_bad_byte is None:
        return Encoded() if _ESCAPE.search(start) else Encoded("utf-8")
    return _unmarked(source, seen.first_bad_byte)


def _marked(source: Source, start: bytes, mark: bytes, encoding: str, seen: Survey) -> Encoded:
    wrong = (about_file(Code.MARK_WRONG, value=encoding, severity=Severity.FLAGGED),)
    bad = seen.first_bad_byte
    if encoding == "utf-8" and bad is None:
        return Encoded("utf-8", len(mark))
    if encoding != "utf-8":
        body = start[len(mark) :]
        order = wide_order(body)
        if order == encoding or (order is None and b"\0" in body) or not body:
            return Encoded(encoding, len(mark))
        bad = bad_byte(source, "utf-8", len(mark))
        if order or bad is None:
            return Encoded(order or "utf-8", len(mark), wrong)
        if not _LINE_END.search(body):
            return Encoded(encoding, len(mark))
    found = _unmarked(source, bad or 0, len(mark))
    return Encoded(found.encoding, len(mark), wrong, found.refused)


def _unmarked(source: Source, first_bad_byte: int, start: int = 0) -> Encoded:
    """Not UTF-8: CP932 where all of it is, and looks it; a damaged file is refused."""
    sound_before = _has_letter(_until(source, start, first_bad_byte))
    if bad_byte(source, "cp932", start) is None and not improbable(samples(source)[start:]):
        return Encoded("cp932")
    if sound_before:
        return Encoded(refused=broken(source, "utf-8", first_bad_byte))
    return Encoded()


def _may_be_wide(seen: Survey, size: int) -> bool:
    """A wide text that is valid UTF-8 is one of ASCII, in which every other byte is a NUL.

    Otherwise a few stray NULs would make a text of single bytes wide.
    """
    return seen.nuls > 0 and (seen.first_bad_byte is not None or seen.nuls > _WIDE_NULS * size)


def wide_order(content: bytes) -> str | None:
    """UTF-16 or UTF-32 by where its ASCII letters stand; None where it is neither."""
    for size, orders in ((4, ("<u4", ">u4")), (2, ("<u2", ">u2"))):
        whole = content[: len(content) // size * size]
        counts = []
        for order in orders:
            units = np.frombuffer(whole, dtype=order)
            ascii_units = units[(units < 0x80) & (units > 0)]
            borders = np.isin(ascii_units, [ord(sign) for sign in "\t\n\r,;|"]).any()
            counts.append(len(ascii_units) if borders or len(ascii_units) > 10 else 0)
        most = max(counts)
        if most > 0.02 * (len(whole) // size) and most > 10 * min(counts):
            return f"utf-{8 * size}-{'le' if counts[0] == most else 'be'}"
    return None


def bad_byte(source: Source, encoding: str, start: int = 0) -> int | None:
    """The first byte that the encoding has no meaning for; None where all have one."""
    decoder = codecs.getincrementaldecoder(encoding)()
    at = start
    for block in chain(source.blocks(start), (b"",)):
        waiting = decoder.getstate()[0]
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return at - len(waiting) + error.start
        at += len(block)
    return None


def broken(source: Source, encoding: str, byte: int) -> Issue:
    """The issue about a byte that does not fit, with the number of its record."""
    record = sum(block.count(b"\n") for block in _until(source, 0, byte)) + 1
    return about_file(Code.ENCODING_BROKEN, line=record, column=encoding, value=str(byte))


def _until(source: Source, start: int, end: int) -> Iterator[bytes]:
    """The bytes from one to the other, a block at a time."""
    for block in source.blocks(start):
        yield block[: end - start]
        start += len(block)
        if start >= end:
            return


def _has_letter(blocks: Iterator[bytes]) -> bool:
    """Whether a letter beyond ASCII stands anywhere, as UTF-8 writes it."""
    rest = b""
    for block in blocks:
        text = rest + block
        if _UTF8_LETTER.search(text):
            return True
        rest = text[-3:]
    return False


def samples(source: Source) -> bytes:
    """The start of a file, and pieces of the rest, each of whole lines."""
    size = source.size
    if size <= _LOOKED_AT * 2:
        return source.read()
    pieces = [_whole_lines(source.read(0, _LOOKED_AT), first=True)]
    for place in range(1, _PLACES):
        piece = source.read(size * place // _PLACES, _LOOKED_AT // 4)
        pieces.append(_whole_lines(piece, first=False))
    return b"".join(pieces)


def _whole_lines(piece: bytes, *, first: bool) -> bytes:
    start = 0 if first else piece.find(b"\n") + 1
    return piece[start : piece.rfind(b"\n") + 1]


NAMES = {
    "utf-8": "UTF-8",
    "cp932": "Shift_JIS (CP932)",
    "euc_jp": "EUC-JP",
    "iso2022_jp_ext": "ISO-2022-JP (JIS)",
    "cp1252": "Windows-1252 (Latin-1)",
    "mac_roman": "Mac OS Roman",
}
_ELSEWHERE = ("cp1250", "cp1251", "cp1253", "gb18030", "euc_kr", "big5")
_MOST = 8
_EXAMPLES = 3
_LONGEST = 40
_GUESSED_FROM = 1 << 16
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_SIGN = r"[^\w\s.,;:'’\-–/&)(\"|]"
_BREAKS = re.compile(
    rf"(?<=[a-z])[A-ZÀ-ÞŠŒŽŸΑ-Ω]|(?<=[A-Za-z]){_SIGN}|{_SIGN}(?=[a-z])|[À-ÿ](?=[À-ÿ]{{2}})"
)
"""A capital or a sign within a word, accents in a row: what misread letters look like."""


def encoding_options(source: Source, delimiters: str, start: int = 0) -> tuple[Option, ...]:
    """The encodings in which all of the sample can be read, the most natural first.

    The text begins at byte `start`, after a mark that is wrong.
    """
    sample = samples(source)[start:]
    read: dict[str, str] = {}
    for encoding in _possible(sample):
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROLS.search(text.replace("\x1b", "")) and text not in read.values():
            read[encoding] = text
    likeliest = sorted(read, key=lambda encoding: _strange(encoding, read[encoding]))[:_MOST]
    examples = _differing([read[encoding] for encoding in likeliest], delimiters)
    return tuple(
        Option(encoding, NAMES.get(encoding, encoding.replace("_", "-").upper()), cells)
        for encoding, cells in zip(likeliest, examples, strict=True)
    )


def _possible(sample: bytes) -> Iterator[str]:
    yield from ("iso2022_jp_ext",) if b"\x1b" in sample else ()
    yield from ("cp932", "euc_jp", "cp1252", "mac_roman")
    high = b"\n".join(line for line in sample.splitlines() if not line.isascii())
    for match in from_bytes(high[:_GUESSED_FROM]):
        if match.encoding.startswith(("iso8859", "cp125", "koi8", "mac_", "gb", "big5", "euc_kr")):
            yield match.encoding
    yield from _ELSEWHERE
    if sample.isascii():
        yield "utf-8"


def _strange(encoding: str, text: str) -> float:
    """How little it looks like words: the share of foreign signs that break a word.

    CP932 is a candidate only where it gives improbable text.
    """
    foreign = len(_FOREIGN.findall(text)) or 1
    breaks = len(_BREAKS.findall(text)) + len(_HALF_WIDTH.findall(text)) + 9 * text.count("\x1b")
    return breaks / foreign + (0.5 if encoding == "cp932" else 0)


def _differing(texts: list[str], delimiters: str) -> list[tuple[str, ...]]:
    """A few cells per text: the same cells of each, where not all read the same."""
    found: list[list[str]] = [[] for _ in texts]
    for lines in zip(*(text.splitlines() for text in texts), strict=False):
        rows = [_cells(line, delimiters) for line in lines]
        if len({len(row) for row in rows}) > 1:
            rows = [[line] for line in lines]
        for cells in zip(*rows, strict=True):
            if len(set(cells)) > 1 or (len(texts) == 1 and _FOREIGN.search(cells[0])):
                for place, cell in zip(found, cells, strict=True):
                    place.append(_short(cell))
                if len(found[0]) == _EXAMPLES:
                    return [tuple(cells) for cells in found]
    return [tuple(cells) for cells in found]


def _cells(line: str, delimiters: str) -> list[str]:
    delimiter = max(delimiters, key=line.count)
    return next(csv.reader([line], delimiter=delimiter), [])


def _short(cell: str) -> str:
    foreign = _FOREIGN.search(cell)
    start = max(0, (foreign.start() if foreign else 0) - _LONGEST // 2)
    return cell.strip()[start : start + _LONGEST].strip()


def as_utf8(source: Source, encoding: str, mark: int) -> Source:
    """The text in UTF-8. UnicodeDecodeError where a byte has no meaning in the encoding."""
    if encoding == "utf-8" and (not mark or start_of_text(source)):
        return source
    if source.size <= BLOCK:
        return Source(source.read(mark).decode(encoding).encode())
    return written(_transcoded(source, encoding, mark))


def _transcoded(source: Source, encoding: str, mark: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for block in source.blocks(mark):
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def start_of_text(source: Source) -> int:
    """Where text begins after its byte-order marks; some files have two."""
    start = 0
    while source.read(start, 3) == codecs.BOM_UTF8:
        start += 3
    return start
