"""What a plan's forecast costs, by how long its series is and how many events it holds.

    python -m benchmarks.forecast [--small]

It goes by days, so that ten million events cost what a thousand do: no more than 20 ms, its
dispersion included. `python -m benchmarks.board_report` has the whole report from the store.
"""

import statistics
import time
from datetime import date, datetime, timedelta

from benchmarks._alone import Goal, say
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.dispersion import CountedPast, History
from kpi_core.domain.period import Period
from kpi_core.evaluation.as_of import moment_of
from kpi_core.evaluation.month_end import landing_of

MOST_MS = 20
ROUNDS = 30
DAYS = 365 + 20
AS_OF = datetime.fromisoformat("2026-06-21 13:00")
CALENDAR = WorkCalendar(country="JP")


def once(events: int) -> float:
    """Milliseconds for a forecast of a year's history with so many events."""
    last = AS_OF.date() - timedelta(days=1)
    seen = Period(last - timedelta(days=DAYS - 1), last)
    each = events / DAYS
    counts: dict[date, float] = {
        day: float(round(each * (0.5 + n % 7 / 6))) for n, day in enumerate(seen.days())
    }
    moment = moment_of(
        CALENDAR, now=AS_OF, data_through=AS_OF, month=None, is_live=True, allowed_days=2
    )
    value = sum(counts[day] for day in moment.period.days() if day in seen)
    began = time.perf_counter()
    past = CountedPast(History(counts, seen, CALENDAR))
    landing_of(past, moment, CALENDAR, value, value * 1.5, can_fall=False)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print a line for each size."""
    for events in (1_000, 100_000, 10_000_000):
        taken = statistics.median(once(events) for _ in range(ROUNDS))
        say(f"a forecast at {events:,} events", "", Goal(taken, MOST_MS, "ms"))


if __name__ == "__main__":
    main()
