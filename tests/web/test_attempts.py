"""Wrong attempts at a secret, counted by address."""

import pytest

from kpi_core.web.attempts import ATTEMPTS, FORGOTTEN_SECONDS, LONGEST_WAIT, Attempts


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def failed(attempts: Attempts, address: str) -> None:
    for number in range(ATTEMPTS):
        assert attempts.wait_seconds(address, f"guess {number}") == 0
        attempts.failed(address, f"guess {number}")


def test_after_ten_wrong_attempts_each_wait_is_twice_as_long_up_to_a_minute() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    failed(attempts, "192.0.2.1")
    for wait in (1, 2, 4, 8, 16, 32, 60, 60):
        assert attempts.wait_seconds("192.0.2.1") == wait
        clock.seconds += wait
        assert attempts.wait_seconds("192.0.2.1") == 0
        attempts.failed("192.0.2.1")
    assert attempts.wait_seconds("192.0.2.2") == 0


def test_a_guesser_tries_75_secrets_in_an_hour_at_most() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    tried, started = 0, clock.seconds
    while clock.seconds - started < 3600:
        clock.seconds += attempts.wait_seconds("192.0.2.1")
        attempts.failed("192.0.2.1")
        tried += 1
    # 10 at once, 6 within 63 seconds, then one each minute: (3,600 - 63) / 60 = 58.95.
    assert tried == 10 + 6 + 59


def test_an_address_begins_anew_an_hour_after_its_last_wrong_attempt() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    failed(attempts, "192.0.2.1")
    clock.seconds += FORGOTTEN_SECONDS - 1
    attempts.failed("192.0.2.1")
    assert attempts.wait_seconds("192.0.2.1") == 2
    clock.seconds += FORGOTTEN_SECONDS
    failed(attempts, "192.0.2.1")
    assert attempts.wait_seconds("192.0.2.1") == 1 < LONGEST_WAIT


@pytest.mark.parametrize(
    ("guesses", "other"),
    [("2001:db8:1:2::5", "2001:db8:1:2:ffff::9"), ("::ffff:192.0.2.1", "192.0.2.1")],
)
def test_addresses_of_one_network_wait_together(guesses: str, other: str) -> None:
    attempts = Attempts(Clock())
    failed(attempts, guesses)
    assert attempts.wait_seconds(other) > 0
    assert attempts.wait_seconds("2001:db8:1:3::5") == 0


def test_a_secret_that_opened_before_is_tried_beside_a_guesser() -> None:
    attempts = Attempts(Clock())
    attempts.opened("right")
    failed(attempts, "192.0.2.1")
    assert attempts.wait_seconds("192.0.2.1", "right") == 0
    assert attempts.wait_seconds("192.0.2.1", "wrong") > 0
    attempts.failed("192.0.2.1", "right")  # revoked meanwhile
    assert attempts.wait_seconds("192.0.2.1", "right") > 0
