"""When a wall sleeps and wakes: by the office's own clock, to the minute."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from kpi_core.web.wall import connection
from kpi_core.web.wall.document import build
from tests.web.wall_office import CALENDAR, Office, told, until

NEW_YORK = '{ country = "US", zone = "America/New_York" }'


@pytest.fixture
def sleeps(office: Office) -> Callable[..., bool]:
    """Whether the wall sleeps at a moment with its zone; Tokyo's without one."""

    def asked(moment: str, plan: str = "first") -> bool:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            at = datetime.fromisoformat(f"{moment}+09:00")
        office.now = at.astimezone(UTC)
        with office.client() as client:
            return 'class="asleep"' in client.get(f"/wall/{plan}").text

    return asked


def test_the_office_sleeps_at_night_and_on_days_off(
    office: Office, sleeps: Callable[..., bool]
) -> None:
    assert not sleeps("2026-11-20 07:00")
    assert sleeps("2026-11-20 06:59")
    assert sleeps("2026-11-20 21:00")
    assert sleeps("2026-11-21 12:00")  # a Saturday
    assert sleeps("2026-11-23 12:00")  # Labour Thanksgiving Day
    office.plan("shop", rest="wall = { sleeps = false }")
    assert not sleeps("2026-11-21 03:00", "shop")


def test_the_office_sleeps_on_its_own_days_off(office: Office, sleeps: Callable[..., bool]) -> None:
    calendar = CALENDAR.replace("}", ", days_off = [2026-11-19] }")
    office.plan("anniversary", calendar=calendar)
    assert sleeps("2026-11-19 12:00", "anniversary")
    assert not sleeps("2026-11-19 12:00")
    assert not sleeps("2026-11-20 12:00", "anniversary")


def test_the_office_wakes_by_its_clock_after_the_clocks_have_changed(
    office: Office, sleeps: Callable[..., bool]
) -> None:
    """New York: seven o'clock is 11:00 in Greenwich until 1 November 2026, and 12:00 after it."""
    office.plan("ny", calendar=NEW_YORK)
    for day, hour in (
        ("2026-10-30", 11),
        ("2026-11-02", 12),
        ("2027-03-12", 12),
        ("2027-03-15", 11),
    ):
        assert sleeps(f"{day}T{hour - 1}:59+00:00", "ny")
        assert not sleeps(f"{day}T{hour}:00+00:00", "ny")


def test_a_wall_rolls_over_at_midnight_on_the_day_the_clocks_change(office: Office) -> None:
    """New York's 1 November begins at 4:00 in Greenwich, and its 2 November at 5:00."""
    office.plan("ny", calendar=NEW_YORK)
    # By the workspace's clock, which is Tokyo's: noon there is 22:00 of the day before in New York.
    early, late = (datetime.fromisoformat(f"2026-{day} 12:00") for day in ("10-30", "11-03"))
    office.leads("a", at=early, now=late)
    office.leads("b", at=late, now=late)
    office.now = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
    with office.client() as client, client.websocket_connect("/wall/_live/ny") as line:
        told(line)
        for moment, month, as_of in (
            ("2026-11-01T03:45", "October 2026", "Sat, Oct 31, 23:45"),
            ("2026-11-01T04:15", "November 2026", "Sun, Nov 1, 00:15"),
            ("2026-11-02T04:45", "November 2026", "Sun, Nov 1, 23:45"),
            ("2026-11-02T05:15", "November 2026", "Mon, Nov 2, 00:15"),
        ):
            office.now = datetime.fromisoformat(f"{moment}+00:00")
            office.pulse(client)
            html = told(line)["faces"][0]["html"]
            assert month in html
            assert f"As of {as_of}" in html


def test_a_wall_wakes_and_sleeps_to_the_minute_between_two_pulses(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BEAT_SECONDS", 0.05)
    office.plan("early", rest="wall = { awake_from = 07:10:00, awake_to = 21:05:00 }")
    with office.client() as client:
        for moment, later in (("07:09", "07:10"), ("21:04", "21:05")):
            office.at(f"2026-11-20 {moment}")
            with client.websocket_connect("/wall/_live/early") as line:
                until(line, "faces")
                asleep = moment == "07:09"
                assert told(line) == {"build": build(), "asleep": asleep}
                office.at(f"2026-11-20 {later}")
                beats = [told(line)["asleep"] for _ in range(3)]
                assert beats[-1] is not asleep
