"""How the cells of a text are told apart."""

import re

from kpi_core.tabular.delimited_records import Dialect

DELIMITERS = ",\t;|"
_SEPARATOR_LINE = re.compile(rb'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LINES = 50
_SPACED = re.compile(r'(?:^|[,;|\t]) +"[^"\n]*(?:""[^"\n]*)*"(?=[,;|\t]|$)', re.MULTILINE)
_UNSPACED = re.compile(r'[,;|\t]"')


def separator_line(start: bytes) -> tuple[str, int] | None:
    """What a first line `sep=;` says, and its length; None without one."""
    found = _SEPARATOR_LINE.match(start)
    return (found[1].decode(), found.end()) if found and found[1].isascii() else None


def dialect_of(start: str, delimiter: str | None = None) -> Dialect:
    """The dialect of a text, from its first lines.

    The delimiter is the one that cuts most lines into the same number of cells, two or more.
    """
    bare = _QUOTED.sub("", start)
    lines = [line for line in re.split(r"\r\n|\r|\n", bare) if line.strip()][:_LINES]
    spaced = bool(_SPACED.search(start)) and not _UNSPACED.search(start)
    return Dialect(delimiter or max(DELIMITERS, key=lambda sign: _fit(lines, sign)), spaced)


def _fit(lines: list[str], sign: str) -> tuple[float, int]:
    """How evenly a sign cuts the lines: lines of the commonest number of cells, weighed."""
    counts = [line.count(sign) for line in lines]
    cut = [count for count in counts if count]
    if not cut:
        return (0.0, 0)
    commonest = max(set(cut), key=lambda count: (cut.count(count), count))
    even = cut.count(commonest)
    return (even / len(lines) * (1 + min(commonest, 20) / 10), commonest)
