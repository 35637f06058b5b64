"""Encodings that a file's text may be in, with the cells that read differently under each."""

import csv
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from kpi_core.domain.question import Option
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.encoding import samples

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


def options(source: Source, delimiters: str, start: int = 0) -> tuple[Option, ...]:
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
