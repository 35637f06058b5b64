"""A file's bytes as a table: a header, and rows of text under the numbers of their records."""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from kpi_core.ingest.files.encoding import to_utf8
from kpi_core.ingest.files.quotes import count_quotes
from kpi_core.ingest.files.records import read_records
from kpi_core.ingest.finding import Code, about_file
from kpi_core.storage.facts import Issue

DELIMITERS = ",\t;|"
FIRST_ROW = 2
"""The header is record 1."""

_HEADER_RECORD = re.compile(rb'(?:"(?:[^"]|"")*"|[^"\r\n])*')
_NEWLINE = re.compile(rb"\r\n|\r|\n|\Z")
_LARGEST_BLOCK = 1 << 24


@dataclass(frozen=True)
class Table:
    """A file as read. Cells are the text that stands in the file, untrimmed; nothing is guessed.

    The index of `frame` holds record numbers, the header being 1. Blank records are left out
    but counted on. `rows` counts all others, with those that `issues` rejects.
    """

    header: tuple[str, ...] = ()
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    rows: int = 0
    issues: tuple[Issue, ...] = ()

    @property
    def refused(self) -> bool:
        """The file as a whole could not be read; `issues` says why."""
        return not self.header


def read_table(content: bytes) -> Table:
    """The table in a CSV or TSV file. A file that is none comes back refused, never as an error."""
    data = to_utf8(content)
    if isinstance(data, Issue):
        return Table(issues=(data,))
    data = data.lstrip(b"\r\n")
    first = _HEADER_RECORD.match(data)
    record = first[0] if first else b""
    newline = _NEWLINE.match(data, len(record))
    if b"\0" in record:
        return Table(issues=(about_file(Code.NOT_A_TABLE),))
    delimiter = _delimiter(record)
    try:
        cells = next(csv.reader([record.decode()], delimiter=delimiter, strict=True), [])
    except csv.Error:
        newline = None
    if newline is None:
        return Table(issues=(about_file(Code.UNBALANCED_QUOTE, line=1),))
    if not any(cell.strip() for cell in cells):
        return Table(issues=(about_file(Code.NO_ROWS),))
    header = reachable(cells)
    body = memoryview(data)[newline.end() :]
    table = None if b"\0" in data else _read_at_once(body, delimiter, header)
    if table is None:
        table = _read_with_care(body, delimiter, header)
    if not table.refused and not table.rows:
        return Table(header, table.frame, 0, (about_file(Code.NO_ROWS),))
    return table


def reachable(cells: Iterable[str]) -> tuple[str, ...]:
    """A header in which every column has a name of its own: `column 5`, `name (2)`."""
    plain = [cell.strip() or f"column {at}" for at, cell in enumerate(cells, start=1)]
    written = set(plain)
    times: Counter[str] = Counter()
    names = []
    for name in plain:
        times[name] += 1
        own = name
        while times[name] > 1 and (own := f"{name} ({times[name]})") in written:
            times[name] += 1
        names.append(own)
    return tuple(names)


def _delimiter(record: bytes) -> str:
    bare = re.sub(rb'"(?:[^"]|"")*"', b"", record)
    return max(DELIMITERS, key=lambda sign: bare.count(sign.encode()))


def _read_at_once(body: memoryview, delimiter: str, header: tuple[str, ...]) -> Table | None:
    """The whole table in one go; None where any record needs a closer look."""
    quotes = count_quotes(body, delimiter)
    if quotes is None:
        return None
    if not len(body):
        return _without_blank_rows(pd.DataFrame(columns=list(header), dtype="str"), header)
    names = [str(position) for position in range(len(header))]
    try:
        read = pyarrow.csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=pyarrow.csv.ReadOptions(
                column_names=names, block_size=min(len(body) + 1, _LARGEST_BLOCK)
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quotes else False,
                newlines_in_values=bool(quotes),
                ignore_empty_lines=False,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    frame = read.rename_columns(list(header)).to_pandas()
    frame.index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(frame), name="line")
    return _without_blank_rows(frame, header)


def _read_with_care(body: memoryview, delimiter: str, header: tuple[str, ...]) -> Table:
    """The table record by record."""
    found = read_records(bytes(body), delimiter, len(header), FIRST_ROW)
    if isinstance(found, Issue):
        return Table(issues=(found,))
    frame = found.table().rename_columns(list(header)).to_pandas().astype("str")
    frame.index = pd.Index(found.numbers, dtype="int64", name="line")
    return _without_blank_rows(frame, header, found.issues)


def _without_blank_rows(
    frame: pd.DataFrame, header: tuple[str, ...], issues: Iterable[Issue] = ()
) -> Table:
    blank = np.ones(len(frame), dtype=bool)
    for name in header:
        blank[blank] = (frame.loc[blank, name].str.strip() == "").to_numpy(dtype=bool)
        if not blank.any():
            break
    else:
        frame = frame[~blank]
    rejected = tuple(issues)
    return Table(header, frame, len(frame) + len(rejected), rejected)
