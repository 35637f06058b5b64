"""Workbooks of Excel: every sheet as records of text."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from math import isfinite
from typing import Any
from zipfile import ZipFile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.delimited_records import Record
from kpi_core.tabular.limits import MAX_COLUMNS, MAX_EXPANDED, MAX_SHEET_CELLS

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DIGITS = 15
"""Excel shows no more of a number, however it is stored."""


def sheets_of(source: Source, kind: str) -> list[tuple[str, list[Record]]] | Issue:
    """The sheets that are not empty, by name, or why the workbook cannot be read."""
    if kind == "xls" and _ENCRYPTED in source.read(0, 1 << 16):
        return about_file(Code.PROTECTED, value="xlsx")
    try:
        with _opened(source) as workbook:
            found, cells = [], 0
            for name in workbook.sheet_names:
                sheet = workbook.get_sheet_by_name(name)
                if sheet.end is None:
                    continue
                last_row, last_column = sheet.end
                if last_column >= MAX_COLUMNS:
                    value = f"{last_column + 1:,} > {MAX_COLUMNS:,}"
                    return about_file(Code.TOO_MANY_COLUMNS, value=value)
                cells += (last_row + 1) * (last_column + 1)
                if cells > MAX_SHEET_CELLS:
                    return _too_many(cells)
                found.append((name, _records(sheet)))
            return found
    except PasswordError:
        return about_file(Code.PROTECTED, value=kind)
    except (CalamineError, OSError, ValueError, KeyError) as error:
        if kind == "xls" and "Cannot detect file format" in str(error):
            return about_file(Code.NOT_A_TABLE, value="OLE")
        return about_file(Code.DAMAGED, value=kind)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust raises is no Exception
            raise
        return about_file(Code.DAMAGED, value=kind)


def too_large(zipped: ZipFile) -> Issue | None:
    """Why an xlsx file must not be unpacked: what it says that it holds.

    What it holds beyond that, as a cell far away, ends the reader.
    """
    expanded = sum(info.file_size for info in zipped.infolist())
    if expanded > MAX_EXPANDED:
        return about_file(Code.EXPANDS_TOO_FAR, value=f"{expanded:,} > {MAX_EXPANDED:,}")
    return None


def _too_many(cells: int) -> Issue:
    return about_file(Code.TOO_MANY_CELLS, value=f"{cells:,} > {MAX_SHEET_CELLS:,}")


def _opened(source: Source) -> Any:
    place = source.place
    if isinstance(place, bytes):
        return CalamineWorkbook.from_filelike(BytesIO(place))
    return CalamineWorkbook.from_path(str(place))


def _records(sheet: CalamineSheet) -> list[Record]:
    """Rows under the numbers that the sheet shows them by."""
    rows = [[as_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    _fill_merged(rows, sheet.merged_cell_ranges or ())
    return [Record(number, cells, number) for number, cells in enumerate(rows, start=1)]


def _fill_merged(rows: list[list[str]], ranges: Sequence[Any]) -> None:
    """A cell merged over several rows stands in each of them."""
    for (top, left), (bottom, _) in ranges:
        for row in range(top + 1, min(bottom + 1, len(rows))):
            if left < len(rows[row]) and not rows[row][left]:
                rows[row][left] = rows[top][left]


def as_text(value: object) -> str:
    """A cell's value: dates in ISO 8601, numbers with the digits that Excel shows."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return value
        case float():
            return _plain(value) if isfinite(value) else ""
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return _hours(value)
        case _:
            return str(value)


def _plain(number: float) -> str:
    """Without an exponent, and without the last binary digits."""
    written = f"{number:.{_DIGITS}g}"
    return f"{Decimal(written):f}" if "e" in written else written


def _hours(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
