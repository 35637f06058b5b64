"""A few months as a small line, for SVG."""

from collections.abc import Sequence

WIDTH, HEIGHT = 96.0, 28.0
_MARGIN = 3.0


def sparkline(values: Sequence[float | None]) -> str:
    """The points of a polyline in a box of WIDTH by HEIGHT, zero at its foot; "" without any.

    Months without a value are left out of the line; all of one value lie level at the top.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known:
        return ""
    largest = max(max(value for _, value in known), 0.0) or 1.0
    step = (WIDTH - 2 * _MARGIN) / max(len(values) - 1, 1)
    room = HEIGHT - 2 * _MARGIN
    return " ".join(
        f"{_MARGIN + place * step:.1f},{HEIGHT - _MARGIN - max(value, 0.0) / largest * room:.1f}"
        for place, value in known
    )
