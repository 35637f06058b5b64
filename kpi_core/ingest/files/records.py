"""Records of a CSV file read one after the other, so that each that is wrong can be named."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper

import pyarrow as pa

from kpi_core.ingest.finding import Code, about_file
from kpi_core.storage.facts import Issue

AT_A_TIME = 20_000

csv.field_size_limit(2**31 - 1)  # a cell may be as large as a file may be


@dataclass
class Records:
    """Sound records with their numbers, column by column, and the issues of the others."""

    width: int
    numbers: list[int] = field(default_factory=list)
    chunks: list[pa.RecordBatch] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def add(self, records: list[list[str]]) -> None:
        """Put sound records away: Python's lists take ten times the room."""
        if records:
            arrays = [pa.array(cells, pa.string()) for cells in zip(*records, strict=True)]
            self.chunks.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema()))

    def table(self) -> pa.Table:
        """All sound records; columns are named by their position."""
        return pa.Table.from_batches(self.chunks, self._schema())

    def _schema(self) -> pa.Schema:
        return pa.schema([(str(position), pa.string()) for position in range(self.width)])


def read_records(data: bytes, delimiter: str, width: int, first: int) -> Records | Issue:
    """The records of UTF-8 text, the first of them numbered `first`; blank ones are left out.

    An issue where a quotation mark opens and swallows what follows: all after it is in doubt.
    """
    found = Records(width)
    has_nul = b"\0" in data
    lines = TextIOWrapper(BytesIO(data), encoding="utf-8", newline="")
    waiting: list[list[str]] = []
    for number, record in _numbered(lines, delimiter, first):
        if isinstance(record, Issue):
            if record.code == Code.UNBALANCED_QUOTE:
                return record
            found.issues.append(record)
        elif not any(record):
            continue
        elif len(record) != width:
            value = f"{len(record)} ≠ {width}"
            found.issues.append(about_file(Code.RAGGED, line=number, value=value))
        elif has_nul and any("\0" in cell for cell in record):
            found.issues.append(about_file(Code.NUL_CHARACTER, line=number))
        else:
            found.numbers.append(number)
            waiting.append(record)
            if len(waiting) == AT_A_TIME:
                found.add(waiting)
                waiting = []
    found.add(waiting)
    return found


def _numbered(
    lines: TextIOWrapper, delimiter: str, first: int
) -> Iterator[tuple[int, list[str] | Issue]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = first
    while True:
        begins = reader.line_num
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            ran_on = reader.line_num > begins + 1
            code = Code.UNBALANCED_QUOTE if ran_on else Code.STRAY_QUOTE
            yield number, about_file(code, line=number)
        number += 1
