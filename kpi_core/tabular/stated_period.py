"""The period that the lines above a table name."""

import re
from collections.abc import Iterable
from datetime import date

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
_DATE = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})日?"
    r"|(?P<y2>(?:19|20)\d{2})(?P<m2>\d{2})(?P<d2>\d{2})(?!\d)"
    r"|(?P<m3>[A-Za-z]{3})[a-z]*\.?\s+(?P<d3>\d{1,2}),?\s+(?P<y3>\d{4})"
    r"|(?P<d4>\d{1,2})\s+(?P<m4>[A-Za-z]{3})[a-z]*\.?,?\s+(?P<y4>\d{4})"
)
LONGEST_LINE = 1_000
"""Characters of a line above a table that are looked through."""
_START = re.compile(r"start|from|開始", re.IGNORECASE)
_END = re.compile(r"\bend|\bto\b|until|終了", re.IGNORECASE)


def period_of(lines: Iterable[str]) -> tuple[date | None, date | None]:
    """First and last day, both ends counting; None where the lines name none, or one twice.

    `# Start date: 20230101` and `# End date: …`, or a line of two dates.
    """
    first: set[date] = set()
    last: set[date] = set()
    for line in lines:
        days = _days(line)
        if len(days) == 2 and days[0] <= days[1]:
            first.add(days[0])
            last.add(days[1])
        elif len(days) == 1 and _START.search(line):
            first.add(days[0])
        elif len(days) == 1 and _END.search(line):
            last.add(days[0])
    if len(first) != 1 or len(last) != 1 or min(first) > min(last):
        return None, None
    return first.pop(), last.pop()


def _days(line: str) -> list[date]:
    days = []
    for found in _DATE.finditer(line[:LONGEST_LINE]):
        parts = {name[0]: text for name, text in found.groupdict().items() if text}
        month = _MONTHS.get(parts["m"].lower()) or (int(parts["m"]) if parts["m"].isdigit() else 0)
        try:
            days.append(date(int(parts["y"]), month, int(parts["d"])))
        except ValueError:
            continue
    return days
