"""The moment a report is judged at. November 2026: the 3rd and the 23rd are holidays in Japan."""

from datetime import date, datetime

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.period import Month
from kpi_core.evaluation.as_of import Moment, moment_of

JAPAN = WorkCalendar()


def seen(
    now: str, through: str | None, *, month: str | None = None, allowed_days: int = 2
) -> Moment:
    return moment_of(
        JAPAN,
        now=datetime.fromisoformat(now),
        data_through=datetime.fromisoformat(through) if through else None,
        month=Month.parse(month) if month else None,
        is_live=month is None,
        allowed_days=allowed_days,
    )


def test_a_wednesday_with_fridays_data_is_judged_as_of_friday() -> None:
    moment = seen("2026-11-11 10:00", "2026-11-06 18:00")
    assert moment.as_of == datetime.fromisoformat("2026-11-06 18:00")
    assert moment.counted_through == date(2026, 11, 6)
    assert moment.last_closed == date(2026, 11, 5)


def test_data_from_the_future_do_not_move_the_moment_past_now() -> None:
    moment = seen("2026-11-11 10:00", "2026-11-20 00:00")
    assert moment.as_of == datetime.fromisoformat("2026-11-11 10:00")


def test_midnight_belongs_to_the_day_it_ends() -> None:
    moment = seen("2026-11-12 08:00", "2026-11-12 00:00")
    assert moment.counted_through == moment.last_closed == date(2026, 11, 11)


def test_the_first_morning_of_a_month_still_shows_the_month_that_ended() -> None:
    moment = seen("2026-12-01 07:00", "2026-12-01 00:00")
    assert moment.month == Month(2026, 11)
    assert moment.is_over


def test_data_are_stale_once_more_working_days_have_closed_than_the_plan_allows() -> None:
    # Friday 6 November's data: Monday and Tuesday close without any, then Wednesday.
    assert not seen("2026-11-11 23:59", "2026-11-07 00:00").stale
    assert seen("2026-11-12 00:01", "2026-11-07 00:00").stale


def test_a_weekend_and_a_holiday_do_not_age_the_data() -> None:
    # Friday 20 November to Tuesday 24th: Saturday, Sunday and Labour Thanksgiving between.
    assert not seen("2026-11-24 12:00", "2026-11-21 00:00", allowed_days=0).stale


def test_data_older_than_a_month_are_stale() -> None:
    moment = seen("2026-11-11 10:00", "2026-09-29 00:00")
    assert moment.stale
    assert moment.month == Month(2026, 9)


def test_without_data_the_running_month_is_shown_and_awaits_them() -> None:
    moment = seen("2026-11-11 10:00", None)
    assert moment.month == Month(2026, 11)
    assert moment.stale


def test_a_picked_month_that_the_data_cover_shows_how_it_ended_however_old_it_is() -> None:
    moment = seen("2026-11-11 10:00", "2018-06-01 00:00", month="2018-05")
    assert not moment.stale
    assert moment.is_over
    assert moment.as_of == datetime.fromisoformat("2018-06-01")


def test_the_same_month_awaits_data_where_nobody_picked_it() -> None:
    moment = seen("2026-11-11 10:00", "2018-06-01 00:00")
    assert moment.month == Month(2018, 5)
    assert moment.is_over
    assert moment.stale


def test_a_picked_month_that_the_data_do_not_reach_counts_nothing() -> None:
    moment = seen("2026-11-11 10:00", "2026-09-15 00:00", month="2026-10")
    assert moment.stale
    assert moment.counted_through < moment.period.first
