"""Where the header of a table stands, or that it has none."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kpi_core.tabular.cell_shape import like_a_header, verdict
from kpi_core.tabular.delimited_records import Record
from kpi_core.tabular.footers import extent, is_comment, is_single

LOOKED_AT = 120
"""Records from the start of a table that decide."""
_BELOW = 50
_PREAMBLE = 15
"""Titles above a header; where there are more, it is asked."""
_TITLES_OF_FEW_ROWS = 5
_AHEAD = 20
_SMALL_TABLE = 4
"""Records that show a table above another one: a header and three rows."""
_LABEL = re.compile(r"[^:：\d]{1,40}(?::|:\s.*|：.*)")


@dataclass(frozen=True)
class Header:
    """The record that begins the table. `missing`: it is data. `certain`: need not be asked."""

    at: int
    missing: bool = False
    certain: bool = True


def find_header(head: Sequence[Record]) -> Header | None:
    """Where the table begins among the first records; None where all are blank or wrong."""
    filled = [at for at, record in enumerate(head) if record.cells and not record.blank]
    if not filled:
        return None
    above = _titles([head[at].cells for at in filled])
    few = sum(not is_comment(head[at].cells) for at in filled[:above]) <= _PREAMBLE
    rest = filled[above:]
    later = _after_labels(head, rest)
    if later is not None:
        return replace(later, certain=later.certain and few)
    judged = verdict(head[rest[0]].cells, [head[at].cells for at in rest[1:]][:_BELOW])
    if judged.opposing > judged.supporting:
        return Header(rest[0], missing=True, certain=False)
    return Header(rest[0], certain=few)


def _titles(rows: Sequence[Sequence[str]]) -> int:
    """How many comments and titles come first: single cells above a table that is wider."""
    narrow = [is_single(row) or is_comment(row) for row in rows]
    if False in narrow:
        first = narrow.index(False)
        following = narrow[first : first + _AHEAD]
        mostly_wide = 2 * sum(following) < len(following)
        pair = rows[first : first + 2]
        few_rows = like_a_header(pair[0]) and len(set(map(extent, pair))) == 1 < len(pair)
        if mostly_wide or (first <= _TITLES_OF_FEW_ROWS and few_rows):
            return first
    return next((at for at, row in enumerate(rows) if not is_comment(row)), 0)


def _after_labels(head: Sequence[Record], filled: Sequence[int]) -> Header | None:
    """A header below shorter lines, such as `Period:,2024-01` or a title with a comma in it.

    It is asked unless a gap sets it off. None where most records are no wider than the first.
    """
    rows = [head[at].cells for at in filled]
    extents = [extent(row) for row in rows]
    usual = _usual(extents)
    far = usual >= 4 and extents[0] * 2 <= usual
    if not far:
        uneven = len(set(map(len, rows))) > 1
        fitting = max(extents[0], len(rows[0]) if uneven else 0)
        wider = [width for width in extents if width > fitting]
        if 2 * len(wider) <= len(rows):
            return None
        usual = _usual(wider)
    for place, width in enumerate(extents[: _PREAMBLE + 1]):
        if width <= extents[0] or width * 4 < usual * 3:
            continue
        judged = verdict(rows[place], rows[place + 1 :][:_BELOW])
        gap = head[filled[place] - 1].blank
        if (
            not like_a_header(rows[place])
            or not (far or judged.supporting > judged.opposing)
            or (gap and _is_table(rows[:place]))
        ):
            return None
        return Header(filled[place], certain=gap or all(map(_is_label, rows[:place])))
    return None


def _usual(extents: Sequence[int]) -> int:
    """The commonest, the larger of two."""
    widths = Counter(extents)
    return max(widths, key=lambda width: (widths[width], width))


def _is_label(row: Sequence[str]) -> bool:
    return _LABEL.fullmatch(row[0].strip()) is not None


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Short lines that are a table of their own."""
    judged = verdict(rows[0], rows[1:])
    return (
        len(rows) >= _SMALL_TABLE
        and like_a_header(rows[0])
        and not any(map(_is_label, rows))
        and judged.supporting > judged.opposing
    )
