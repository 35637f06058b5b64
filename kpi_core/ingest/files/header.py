"""Where the header of a table stands, or that it has none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_core.ingest.files.leftovers import extent, is_comment, is_single
from kpi_core.ingest.files.look import like_a_header, verdict
from kpi_core.ingest.files.records import Record

LOOKED_AT = 120
"""Records from the start of a table that decide."""
_BELOW = 50
_PREAMBLE = 15


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
    start = _after_titles(head, filled)
    later = _after_labels(head, [at for at in filled if at >= start])
    if later is not None:
        return later
    cells = head[start].cells
    below = [head[at].cells for at in filled if at > start][:_BELOW]
    judged = verdict(cells, below)
    if judged.opposing > judged.supporting:
        return Header(start, missing=True, certain=False)
    return Header(start)


def _after_titles(head: Sequence[Record], filled: Sequence[int]) -> int:
    """The first record that is no comment and no title, which is one cell above wider ones."""
    for place, at in enumerate(filled):
        cells = head[at].cells
        following = [head[later].cells for later in filled[place + 1 : place + 21]]
        wider = sum(not is_single(row) and not is_comment(row) for row in following)
        if is_comment(cells) and following and (wider or is_comment(following[0])):
            continue
        narrow = is_single(cells) and 2 * wider > len(following)
        single_titles = is_single(cells) and _titled(following)
        if not (narrow or single_titles):
            return at
    return filled[0]


def _titled(following: Sequence[Sequence[str]]) -> bool:
    """A single cell soon followed by a header and its rows."""
    for row in following[:5]:
        if not is_single(row) and not is_comment(row):
            return like_a_header(row)
    return False


def _after_labels(head: Sequence[Record], filled: Sequence[int]) -> Header | None:
    """A header below short lines such as `Period:,2024-01`; asked unless a gap sets it off."""
    extents = [extent(head[at].cells) for at in filled]
    if len(extents) < 3:
        return None
    widths = Counter(extents)
    usual = max(widths, key=lambda width: (widths[width], width))
    if usual < 4 or extents[0] * 2 > usual:
        return None
    for place, width in enumerate(extents[: _PREAMBLE + 1]):
        if width * 2 <= usual:
            continue
        at = filled[place]
        if width * 4 < usual * 3 or not like_a_header(head[at].cells):
            return None
        above = [head[earlier].cells for earlier in filled[:place]]
        set_off = head[at - 1].blank or all(row[0].strip().endswith((":", "：")) for row in above)
        return Header(at, certain=set_off)
    return None
