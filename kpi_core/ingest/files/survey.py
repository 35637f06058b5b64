"""What a file's bytes are like: one pass over all of them."""

import codecs
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from kpi_core.ingest.files.source import Source

_LF, _CR, _TAB, _DELETE = 10, 13, 9, 127


@dataclass
class Survey:
    """Counts over the bytes of a file.

    `first_bad_byte` is where it stops to be UTF-8, None where it does not. `controls` counts
    control characters other than tabs and newlines; `pairs` are line feeds after a return.
    `longest_line` is in bytes.
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
    longest_line: int = 0

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


def survey(source: Source, start: int = 0) -> Survey:
    """Look at all bytes from `start` on; the hash is that of the whole file."""
    found = Survey()
    hashed = sha256(source.read(0, start))
    decoding, lines = _Decoding(start), _Lines()
    with ThreadPoolExecutor(1) as thread:
        for block in source.blocks(start):
            hashing = thread.submit(hashed.update, block)
            decoding.add(block)
            lines.add(block, found)
            hashing.result()
    decoding.add(b"", final=True)
    found.first_bad_byte = decoding.first_bad_byte
    found.longest_line = max(found.longest_line, lines.at - lines.last_newline)
    found.hash = hashed.hexdigest()
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
        self.at = 0
        self.last_newline = -1
        self._before = _LF

    def add(self, block: bytes, found: Survey) -> None:
        signs = np.frombuffer(block, dtype=np.uint8)
        low = np.flatnonzero(signs < ord(" "))
        values = signs[low]
        feeds = low[values == _LF]
        returns = int(np.count_nonzero(values == _CR))
        tabs = int(np.count_nonzero(values == _TAB))
        found.line_feeds += len(feeds)
        found.returns += returns
        found.controls += len(low) - len(feeds) - returns - tabs + block.count(_DELETE)
        found.nuls += int(np.count_nonzero(values == 0))
        found.quotes = found.quotes or b'"' in block
        found.marks += 0 if block.isascii() else block.count(codecs.BOM_UTF8)
        if returns:
            found.pairs += int(np.count_nonzero(signs[feeds[feeds > 0] - 1] == _CR))
        found.pairs += self._before == _CR and len(signs) > 0 and int(signs[0]) == _LF
        following = feeds + 1
        inner = signs[following[following < len(signs)]]
        found.blank_lines = (
            found.blank_lines
            or bool(((inner == _LF) | (inner == _CR)).any())
            or (self._before == _LF and len(signs) > 0 and signs[0] in (_LF, _CR))
        )
        if len(feeds):
            gaps = np.diff(feeds, prepend=self.last_newline - self.at)
            found.longest_line = max(found.longest_line, int(gaps.max()))
            self.last_newline = self.at + int(feeds[-1])
        self.at += len(signs)
        self._before = int(signs[-1])
