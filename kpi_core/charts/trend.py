"""A management indicator's weeks: small, quiet, and marked only where abnormal."""

import altair as alt
import pandas as pd

from kpi_core.charts.palette import PADDING, PALETTES, Theme
from kpi_core.domain.status import Status
from kpi_core.reports.indicators import IndicatorReport


def trend_chart(
    report: IndicatorReport, theme: Theme = "both", *, height: int = 72
) -> alt.LayerChart | None:
    """The closed weeks, each with its usual range; None where fewer than two are known.

    The range is narrower in a week of few working days.
    """
    palette = PALETTES[theme]
    rows = [
        {
            "week": pd.Timestamp(week.first),
            "value": week.value,
            "is_break": week.is_break,
            "low": None if week.limits is None else week.limits.low,
            "high": None if week.limits is None else week.limits.high,
        }
        for week in report.weeks
        if week.value is not None
    ]
    if len(rows) < 2:
        return None
    table = pd.DataFrame(rows)
    low, high = float(table["value"].min()), float(table["value"].max())
    banded = table.dropna(subset=["low", "high"])
    if not banded.empty:
        low, high = min(low, float(banded["low"].min())), max(high, float(banded["high"].max()))
    pad = (high - low) * 0.08 or 1.0
    x = alt.X("week:T", axis=None)
    scale = alt.Scale(domain=[low - pad, high + pad], nice=False)

    def y(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", scale=scale, axis=None)

    color = palette.tone(Status.CRISIS) if report.is_abnormal else palette.quiet
    layers = []
    table = table.drop(columns=["low", "high"])
    if not banded.empty:
        band = alt.Chart(banded).mark_area(color=palette.quiet, opacity=0.13)
        layers.append(band.encode(x=x, y=y("low"), y2=alt.Y2("high:Q")))
    layers.append(
        alt.Chart(table).mark_line(color=palette.quiet, strokeWidth=2).encode(x=x, y=y("value"))
    )
    breaks = table[table["is_break"]]
    if not breaks.empty:
        rule = alt.Chart(breaks).mark_rule(color=palette.quiet, strokeDash=[2, 3])
        layers.append(rule.encode(x=x))
    point = alt.Chart(table.tail(1)).mark_point(color=color, filled=True, size=90, opacity=1)
    layers.append(point.encode(x=x, y=y("value")))
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(height=height, width="container", background="transparent", padding=PADDING)
        .configure_view(stroke=None)
    )
    return chart
