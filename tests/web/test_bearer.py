"""Who is let in, and who is asked to wait."""

import pytest

from kpi_core.web.attempts import ATTEMPTS, PER_SECONDS
from kpi_core.web.bearer import Door, bearer_of
from kpi_core.web.refusal import Refusal

HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Door:
    """A door that knows one token."""
    return Door({"good": "crm"}.get, clock)


def status(door: Door, token: str, address: str = HERE) -> int:
    try:
        door.let_in(token, address)
    except Refusal as refusal:
        return refusal.status
    return 200


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "  Bearer   abc  "])
def test_the_token_stands_behind_bearer(header: str) -> None:
    assert bearer_of(header) == "abc"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_without_a_token_nobody_is_let_in(header: str | None) -> None:
    with pytest.raises(Refusal) as refusal:
        bearer_of(header)
    assert (refusal.value.status, refusal.value.code) == (401, "token_missing")
    assert refusal.value.headers["www-authenticate"].startswith("Bearer")


def test_a_known_token_is_let_in_by_its_name(door: Door) -> None:
    assert door.let_in("good", HERE) == "crm"


def test_who_guesses_has_to_wait_and_no_longer_than_a_minute(door: Door, clock: Clock) -> None:
    assert [status(door, f"guess {n}") for n in range(ATTEMPTS)] == [401] * ATTEMPTS
    assert status(door, "one more") == 429
    # Not even the right one, found by guessing, opens now: it has never opened before.
    assert status(door, "good") == 429
    assert status(door, "good", THERE) == 200
    clock.seconds += PER_SECONDS
    assert status(door, "guess") == 401


def test_a_wait_is_told_in_seconds(door: Door, clock: Clock) -> None:
    for n in range(ATTEMPTS):
        status(door, f"guess {n}")
    clock.seconds += 20
    with pytest.raises(Refusal) as refusal:
        door.let_in("one more", HERE)
    assert refusal.value.headers == {"retry-after": "40"}


def test_a_program_that_was_let_in_is_not_kept_out_by_a_guesser_at_its_address(door: Door) -> None:
    assert status(door, "good") == 200
    for n in range(ATTEMPTS + 1):
        status(door, f"guess {n}")
    assert status(door, "good") == 200


def test_a_revoked_token_is_kept_out_at_once(clock: Clock) -> None:
    tokens = {"good": "crm"}
    door = Door(tokens.get, clock)
    assert status(door, "good") == 200
    tokens.clear()
    assert status(door, "good") == 401
