"""Wrong attempts at a secret, counted by address."""

import pytest

from kpi_core.web.attempts import ATTEMPTS, PER_SECONDS, Attempts


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


def test_ten_wrong_attempts_are_followed_by_a_wait() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    failed(attempts, "192.0.2.1")
    assert attempts.wait_seconds("192.0.2.1") == PER_SECONDS
    assert attempts.wait_seconds("192.0.2.2") == 0
    clock.seconds += PER_SECONDS
    assert attempts.wait_seconds("192.0.2.1") == 0


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
