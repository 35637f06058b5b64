"""What a file's bytes are like: one pass over all of them."""

import codecs
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from kpi_core.tabular.byte_source import Source

_LF, _CR, _DELETE = 10, 13, 127
_Truths = npt.NDArray[np.bool_]
_LOW = (b"\r", b"\t", b"\0")

LONG_LINE = 1 << 18
"""A line may have so many bytes without an issue; one twice as long has too many."""


@dataclass
class Survey:
    """Counts over the bytes of a file.

    `first_bad_byte` is where it stops to be UTF-8, None where it does not. `controls` counts
    control characters other than tabs and newlines; `pairs` are line feeds after a return.
    """

    hash: str = ""
    first_bad_byte: int | None = None
    controls: int = 0
    nuls: int = 0
    quotes: bool = False
    line_feeds: int = 0
    returns: int = 0
    pairs: int = 0
    blank_lines: bool = False
    marks: int = 0
    long_lines: bool = False

    @property
    def plain(self) -> bool:
        """UTF-8 of evenly ended lines, none of them blank, without control characters or marks.

        Within quotation marks lines may end otherwise.
        """
        return (
            self.first_bad_byte is None
            and not (self.controls or self.blank_lines or self.marks)
            and self.returns == self.pairs
            and (self.quotes or self.pairs in (0, self.line_feeds))
        )


def survey(source: Source, start: int = 0, file_hash: str = "") -> Survey:
    """Look at all bytes from `start` on. The hash, computed if unknown, is the whole file's."""
    found = Survey()
    hashed = sha256(b"" if file_hash else source.read(0, start))
    add_to_hash = (lambda _: None) if file_hash else hashed.update
    decoding, lines = _Decoding(start), _Lines()
    with ThreadPoolExecutor(1) as thread:
        for block in source.blocks(start):
            hashing = thread.submit(add_to_hash, block)
            decoding.add(block)
            lines.add(block, found)
            hashing.result()
    decoding.add(b"", final=True)
    found.first_bad_byte = decoding.first_bad_byte
    found.hash = file_hash or hashed.hexdigest()
    return found


class _Decoding:
    """Whether it is UTF-8, block by block."""

    def __init__(self, start: int) -> None:
        self.first_bad_byte: int | None = None
        self._at = start
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def add(self, block: bytes, *, final: bool = False) -> None:
        if self.first_bad_byte is not None:
            return
        waiting, _ = self._decoder.getstate()
        if final or waiting or not block.isascii():
            try:
                self._decoder.decode(block, final)
            except UnicodeDecodeError as error:
                self.first_bad_byte = self._at - len(waiting) + error.start
        self._at += len(block)


class _Lines:
    """Where lines end, block by block."""

    def __init__(self) -> None:
        self._before = _LF
        self._rooms: tuple[_Truths, _Truths] = (np.empty(0, dtype=bool), np.empty(0, dtype=bool))
        self._open = 0
        """Bytes since the last end of line."""

    def add(self, block: bytes, found: Survey) -> None:
        if not block:
            return
        signs = np.frombuffer(block, dtype=np.uint8)
        feeds, found_there = self._room(len(signs))
        np.equal(signs, _LF, out=feeds)
        line_feeds = int(np.count_nonzero(feeds))
        low = int(np.count_nonzero(np.less(signs, ord(" "), out=found_there)))
        returns, tabs, nuls = (0, 0, 0) if low == line_feeds else map(block.count, _LOW)
        deletes = block.count(_DELETE) if _DELETE in block else 0
        found.line_feeds += line_feeds
        found.returns += returns
        found.controls += low - line_feeds - returns - tabs + deletes
        found.nuls += nuls
        found.quotes = found.quotes or b'"' in block
        found.marks += 0 if block.isascii() else block.count(codecs.BOM_UTF8)
        found.pairs += self._before == _CR and block[0] == _LF
        ends = feeds
        if returns:
            is_return = np.equal(signs, _CR, out=found_there)
            found.pairs += int(np.count_nonzero(is_return[:-1] & feeds[1:]))
            ends = is_return | feeds
        blank = np.logical_and(feeds[:-1], ends[1:], out=found_there[:-1])
        found.blank_lines = (
            found.blank_lines
            or bool(blank.any())
            or (self._before == _LF and block[0] in (_LF, _CR))
        )
        found.long_lines = found.long_lines or self._is_long(block)
        self._before = block[-1]

    def _room(self, size: int) -> tuple[_Truths, _Truths]:
        """Two arrays for what is true of each byte: new ones each time double the cost."""
        if size > len(self._rooms[0]):
            self._rooms = (np.empty(size, dtype=bool), np.empty(size, dtype=bool))
        one, other = self._rooms
        return one[:size], other[:size]

    def _is_long(self, block: bytes) -> bool:
        """A stretch without an end of line: one of equal ones, or one that goes on from before."""
        last = block.rfind(b"\n")
        self._open = len(block) - 1 - last if last >= 0 else self._open + len(block)
        return self._open >= LONG_LINE or any(
            block.find(b"\n", at, at + LONG_LINE) < 0
            for at in range(0, len(block) - LONG_LINE + 1, LONG_LINE)
        )
