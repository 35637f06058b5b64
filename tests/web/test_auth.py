"""Who is authenticated, and who is asked to wait."""

from dataclasses import dataclass, field

import pytest

from kpi_core.records.tokens import TokenScope
from kpi_core.web.api.api_error import ApiError
from kpi_core.web.api.auth import Guard
from kpi_core.web.attempts import ATTEMPTS, LONGEST_WAIT
from tests.web.conftest import Scene

HERE, THERE = "192.0.2.1", "192.0.2.2"


@dataclass
class Door:
    """A guard that knows one token, and a clock that is set by hand."""

    seconds: float = 1000.0
    tokens: dict[str, str] = field(default_factory=lambda: {"good": "crm"})

    def __post_init__(self) -> None:
        self._guard = Guard(lambda: self.seconds)

    def authenticate(self, token: str, address: str = HERE) -> str:
        return self._guard.authenticate(self.tokens.get, TokenScope.READ, token, address)

    def status(self, token: str, address: str = HERE) -> int:
        try:
            self.authenticate(token, address)
        except ApiError as error:
            return error.status
        return 200


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "Bearer   {}"])
def test_the_token_stands_behind_bearer(scene: Scene, header: str) -> None:
    scene.client.headers["authorization"] = header.format(scene.token)
    assert scene.client.get("/api/imports").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_without_a_token_nobody_is_authenticated(scene: Scene, header: str) -> None:
    scene.client.headers["authorization"] = header
    answer = scene.client.get("/api/imports")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_missing")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_known_token_is_authenticated_by_its_name(door: Door) -> None:
    assert door.authenticate("good") == "crm"


def test_who_guesses_has_to_wait_and_no_longer_than_a_minute(door: Door) -> None:
    assert [door.status(f"guess {n}") for n in range(ATTEMPTS)] == [401] * ATTEMPTS
    assert door.status("one more") == 429
    # Not even the right one, found by guessing, opens now: it has never opened before.
    assert door.status("good") == 429
    assert door.status("good", THERE) == 200
    door.seconds += LONGEST_WAIT
    assert door.status("guess") == 401


def test_a_wait_is_given_in_seconds(door: Door) -> None:
    for n in range(ATTEMPTS + 6):
        door.status(f"guess {n}")
        door.seconds += 60
    door.seconds -= 40
    with pytest.raises(ApiError) as error:
        door.authenticate("one more")
    assert error.value.headers == {"retry-after": "40"}


def test_a_program_that_was_let_in_is_not_kept_out_by_a_guesser_at_its_address(door: Door) -> None:
    assert door.status("good") == 200
    for n in range(ATTEMPTS + 1):
        door.status(f"guess {n}")
    assert door.status("good") == 200


def test_a_revoked_token_is_kept_out_at_once(door: Door) -> None:
    assert door.status("good") == 200
    door.tokens.clear()
    assert door.status("good") == 401
