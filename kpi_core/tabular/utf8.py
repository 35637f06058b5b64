"""Text in UTF-8, whatever it was saved in. No character is ever replaced."""

import codecs
from collections.abc import Iterator

from kpi_core.tabular.byte_source import BLOCK, Source, written


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
