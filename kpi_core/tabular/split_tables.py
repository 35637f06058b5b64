"""The tables in a run of records: most files have one, some have fifteen."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from kpi_core.domain.issue_code import Code, about_file
from kpi_core.tabular.cell_shape import like_a_header, like_no_row, verdict
from kpi_core.tabular.delimited_records import ENDS, Record
from kpi_core.tabular.footers import extent, is_comment, is_single
from kpi_core.tabular.header import LOOKED_AT, Header, find_header
from kpi_core.tabular.limits import MAX_SHEET_CELLS
from kpi_core.tabular.table import Table
from kpi_core.tabular.table_builder import Section


class Stream:
    """Records one after the other, with a view of those to come."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records
        self._waiting: deque[Record] = deque()

    def peek(self, count: int) -> list[Record]:
        """The next records, fewer at the end."""
        while len(self._waiting) < count:
            record = next(self._records, None)
            if record is None:
                break
            self._waiting.append(record)
        return list(islice(self._waiting, count))

    def next(self) -> Record | None:
        """The next record, taken; None at the end."""
        if not self._waiting:
            return next(self._records, None)
        return self._waiting.popleft()

    def put_back(self, record: Record) -> None:
        """The record is the next one again."""
        self._waiting.appendleft(record)


_AHEAD = 16
NO_HEADER = 0


@dataclass(frozen=True)
class Found:
    """A table as it was found: where its header is thought to be, and the first records of it."""

    table: Table
    header: Header
    header_line: int
    head: tuple[Record, ...] = ()


def tables_in(
    records: Iterator[Record],
    *,
    padded: bool = False,
    odd: bool = True,
    header: int | None = None,
    at: int = 0,
) -> list[Found]:
    """All tables, in their order.

    `padded`: records are those of a sheet, all equally wide. `odd`: cells have to be looked
    through for control characters. `header` is the number of the record to take as the header of
    the table in position `at`, `NO_HEADER` for none.
    """
    stream = Stream(records)
    found: list[Found] = []
    while True:
        wanted = header if len(found) == at else None
        table = _next_table(stream, wanted, padded=padded, odd=odd)
        if table is None:
            return found
        found.append(table)
        if table.table.refused:
            return found


def _next_table(stream: Stream, wanted: int | None, *, padded: bool, odd: bool) -> Found | None:
    blank = _skip_blank(stream)
    head = _with_header(_first_part(stream.peek(LOOKED_AT)))
    if not head:
        return None
    guess = find_header(head)
    wrong = next((at for at, record in enumerate(head) if record.issue), len(head))
    if guess is None or wrong <= guess.at:
        return _unreadable(head, wrong)
    start, cells, last = guess.at, list(head[guess.at].cells), head[guess.at].number
    if wanted == NO_HEADER:
        cells = [""] * len(cells)
    elif wanted is not None:
        start = next((at for at, record in enumerate(head) if record.number == wanted), start)
        cells, last = list(head[start].cells), head[start].number
        guess = Header(start)
    title = _title(head[:start])
    for _ in range(start + (wanted != NO_HEADER)):
        stream.next()
    if padded:
        cells = _as_wide_as(cells, stream.peek(MAX_SHEET_CELLS))
    section = Section([cell.replace("\ufeff", "") for cell in cells], title, padded=padded, odd=odd)
    section.left_out["blank"] = blank + sum(record.blank for record in head[:start])
    _fill(section, stream)
    if not section.left_out["blank"]:
        del section.left_out["blank"]
    return Found(section.finish(), guess, 0 if wanted == NO_HEADER else last, tuple(head))


def _skip_blank(stream: Stream) -> int:
    blank = 0
    while (ahead := stream.peek(1)) and ahead[0].blank:
        stream.next()
        blank += 1
    return blank


def _first_part(head: list[Record]) -> list[Record]:
    """The records up to where another table may begin: a gap, then comments."""
    wide = False
    for at, record in enumerate(head):
        if wide and head[at - 1].blank and is_comment(record.cells):
            return head[:at]
        wide = wide or extent(record.cells) > 1
    return head


def _with_header(head: list[Record]) -> list[Record]:
    """A header in which quotation marks are not doubled is read all the same, as no data is."""
    for at, record in enumerate(head):
        if record.issue is not None:
            width = len(record.perhaps)
            if width < 2 or any(extent(above.cells) >= width for above in head[:at]):
                return head
            mended = Record(record.number, list(record.perhaps), record.last_line)
            return [*head[:at], mended, *head[at + 1 :]]
    return head


def _title(above: Sequence[Record]) -> tuple[str, ...]:
    lines = (" ".join(cell.strip() for cell in record.cells if cell.strip()) for record in above)
    return tuple(line for text in lines if (line := text.lstrip("#").strip().strip("-").strip()))


def _as_wide_as(cells: list[str], rows: Sequence[Record]) -> list[str]:
    """The cells of a sheet's header, as far as it or the rows below are filled."""
    width = max((extent(record.cells) for record in rows), default=0)
    return cells[: max(width, extent(cells), 1)]


def _unreadable(head: Sequence[Record], wrong: int) -> Found | None:
    if wrong == len(head):
        return None
    line = head[wrong].number
    issue = head[wrong].issue
    if issue is None or issue.code == Code.STRAY_QUOTE:
        issue = about_file(Code.UNBALANCED_QUOTE, line=line)
    return Found(Table(issues=(issue,)), Header(wrong), line)


def _fill(section: Section, stream: Stream) -> None:
    """Put in all records up to the end, or to the next table."""
    gap = False
    while section.refused is None and (record := stream.next()) is not None:
        if record.issue is not None and record.issue.code in ENDS:
            section.refused = record.issue
        elif record.blank:
            section.left_out["blank"] += 1
            gap = True
        elif section.width > 1 and is_comment(record.cells):
            if gap and _begins([record, *stream.peek(_AHEAD)], section):
                stream.put_back(record)
                return
            section.leave_out("comments", Code.COMMENT_LEFT_OUT, record)
        elif (gap or _is_title(record, section)) and _begins(
            [record, *stream.peek(_AHEAD)], section, columns=1 if gap or not section.padded else 2
        ):
            stream.put_back(record)
            return
        else:
            section.take(record)
            gap = False


def _is_title(record: Record, section: Section) -> bool:
    """One cell where rows have several. In a sheet it may be a row that is blank otherwise."""
    return section.width > 1 and (
        is_single(record.cells) if section.padded else len(record.cells) == 1
    )


def _begins(ahead: Sequence[Record], section: Section, columns: int = 1) -> bool:
    """Another table begins after a gap: with comments and a header, or with another header.

    So many columns at least have to show that it is one.
    """
    narrow = _narrow(ahead)
    rest = [record for record in ahead[len(narrow) :] if record.issue is None]
    if not rest or not like_a_header(rest[0].cells):
        return False
    if any(is_comment(record.cells) for record in narrow):
        return True
    cells = rest[0].cells
    below = [record.cells for record in takewhile(lambda record: not record.blank, rest[1:5])]
    if not below or cells == section.cells:
        return False
    judged = verdict(cells, below)
    if judged.supporting < columns:
        return False
    width = extent(cells)
    other = judged.opposing == 0 and like_no_row(cells, [*section.first_rows, *below])
    if width != extent(section.cells):
        return extent(below[0]) == width and (other or len(cells) != section.width)
    in_common = {cell for cell in cells if cell.strip()} & set(section.cells)
    filled = bool(section.first_rows) and all(cell.strip() for cell in cells[:width])
    return bool(in_common) or (other and filled)


def _narrow(ahead: Sequence[Record]) -> Sequence[Record]:
    """What may stand before a header: blank lines, comments, a title."""
    for at, record in enumerate(ahead):
        if record.issue or not (
            record.blank or is_comment(record.cells) or is_single(record.cells)
        ):
            return ahead[:at]
    return ahead
