"""The page that asks for the office password, and the cookie that remembers it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from kpi_core.i18n.catalog import Language, Words
from kpi_core.records.office_password import OfficePassword
from kpi_core.web import unlock
from kpi_core.web.attempts import ATTEMPTS
from kpi_core.web.unlock import COOKIE, LASTS, Unlock, is_unlocked, ticket

TEXT = "correct horse"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
words = Words(Language.EN)


class Office:
    """A server with a password, or none, and a clock."""

    def __init__(self) -> None:
        self.password: OfficePassword | None = OfficePassword.of(TEXT)
        self.now = NOW
        self.client = self.at("http://testserver")

    def at(self, url: str, base: str = "") -> TestClient:
        page = Unlock(lambda: self.password, lambda: self.now, base)
        return TestClient(Starlette(routes=page.routes()), base_url=url, follow_redirects=False)

    @property
    def unlocked(self) -> bool:
        return is_unlocked(self.password, self.client.cookies.get(COOKIE), self.now)


@pytest.fixture
def office() -> Office:
    return Office()


def test_the_right_password_opens_for_twelve_hours_and_goes_on(office: Office) -> None:
    assert not office.unlocked
    answer = office.client.post("/unlock?next=/imports", data={"password": TEXT})
    assert (answer.status_code, answer.headers["location"]) == (303, "/imports")
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/", "max-age=7776000"} <= set(cookie.split("; "))
    assert "secure" not in cookie
    assert office.unlocked
    office.now += LASTS - timedelta(seconds=1)
    assert office.unlocked
    office.now += timedelta(seconds=1)
    assert not office.unlocked


def test_the_cookie_is_for_https_alone_where_the_page_came_by_it(office: Office) -> None:
    client = office.at("https://testserver", base="kpi")
    answer = client.post("/kpi/unlock", data={"password": TEXT})
    assert answer.headers["location"] == "/kpi/"
    assert {"secure", "path=/kpi"} <= set(answer.headers["set-cookie"].lower().split("; "))


def test_a_wrong_password_opens_nothing(office: Office) -> None:
    answer = office.client.post("/unlock?lang=en", data={"password": "correct house"})
    assert answer.status_code == 403
    assert words("unlock.wrong") in answer.text
    assert "set-cookie" not in answer.headers
    assert not office.unlocked


def test_ten_wrong_ones_are_followed_by_a_wait_even_for_the_right_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OfficePassword, "matches", lambda _, text: text == TEXT)
    for _ in range(ATTEMPTS):
        assert office.client.post("/unlock", data={"password": "x"}).status_code == 403
    answer = office.client.post("/unlock?lang=en", data={"password": TEXT})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert "Too many wrong passwords" in answer.text
    assert not office.unlocked


def guess(client: TestClient) -> int:
    """More wrong passwords than are free; the status of the last."""
    statuses = [
        client.post("/unlock", data={"password": "x"}).status_code for _ in range(ATTEMPTS + 1)
    ]
    return statuses[-1]


def test_a_guesser_keeps_out_no_browser_that_was_unlocked_before(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OfficePassword, "matches", lambda _, text: text == TEXT)
    page = Starlette(routes=Unlock(lambda: office.password, lambda: office.now).routes())
    colleague, guesser, forger = (TestClient(page, follow_redirects=False) for _ in range(3))
    colleague.post("/unlock", data={"password": TEXT})
    office.now += LASTS  # the ticket is over
    assert not is_unlocked(office.password, colleague.cookies.get(COOKIE), office.now)
    assert guess(guesser) == 429
    forger.cookies.set(COOKIE, f"{colleague.cookies[COOKIE]}0")
    assert forger.post("/unlock", data={"password": TEXT}).status_code == 429
    assert colleague.post("/unlock", data={"password": TEXT}).status_code == 303
    assert guess(colleague) == 429  # its own attempts are counted, too
    assert office.password is not None


def test_a_guesser_keeps_out_nobody_at_the_machine_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OfficePassword, "matches", lambda _, text: text == TEXT)
    page = Starlette(routes=Unlock(lambda: office.password, lambda: office.now).routes())
    home = ("127.0.0.1", 50_000)
    proxied = TestClient(page, "http://127.0.0.1", client=home, follow_redirects=False)
    proxied.headers["x-forwarded-for"] = "192.0.2.1"
    at_home = TestClient(page, "http://127.0.0.1", client=home, follow_redirects=False)
    assert guess(proxied) == 429
    assert at_home.post("/unlock", data={"password": TEXT}).status_code == 303
    at_home.cookies.clear()
    assert guess(at_home) == 429  # another account of the machine may guess


@pytest.mark.parametrize("change", ["another", "same", "removed and set"])
def test_a_new_password_locks_every_browser(office: Office, change: str) -> None:
    office.client.post("/unlock", data={"password": TEXT})
    assert office.unlocked
    office.password = OfficePassword.of("another one" if change == "another" else TEXT)
    assert not office.unlocked


def test_without_a_password_all_is_open_and_the_page_says_so(office: Office) -> None:
    office.password = None
    assert is_unlocked(None, None, NOW)
    assert words("unlock.none_set") in office.client.get("/unlock?lang=en").text
    assert office.client.post("/unlock", data={"password": "x"}).status_code == 200


@pytest.mark.parametrize(
    "forged",
    [
        "", ".", "..", "1.2", "9999999999.x.0", "٣.x.y", "-1.x.y", "9" * 400 + ".x.y",
        "9999999999.x.é",
    ],
)  # fmt: skip
def test_a_forged_cookie_opens_nothing(office: Office, forged: str) -> None:
    assert not is_unlocked(office.password, forged, NOW)


def test_a_cookie_with_a_later_end_opens_nothing(office: Office) -> None:
    assert office.password is not None
    until, rest = ticket(office.password, NOW).split(".", 1)
    assert is_unlocked(office.password, f"{until}.{rest}", NOW)
    assert not is_unlocked(office.password, f"{int(until) + 1}.{rest}", NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://testserver:99"},
    ],
)
def test_another_sites_form_is_ignored(office: Office, headers: dict[str, str]) -> None:
    answer = office.client.post("/unlock", data={"password": TEXT}, headers=headers)
    assert answer.status_code == 403
    assert not office.unlocked
    own = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
    assert office.client.post("/unlock", data={"password": TEXT}, headers=own).status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/a?b=//c",
        "javascript:x",
        "/%2f",
    ],
)
def test_the_way_on_stays_on_this_board(office: Office, elsewhere: str) -> None:
    sent = {"next": elsewhere}
    answer = office.client.post("/unlock", params=sent, data={"password": TEXT})
    assert answer.headers["location"] == "/"
    assert elsewhere not in office.at("http://testserver").get("/unlock", params=sent).text


def test_a_browser_is_locked_again(office: Office) -> None:
    office.client.post("/unlock", data={"password": TEXT})
    assert words("unlock.lock") in office.client.get("/unlock?lang=en").text
    answer = office.client.post("/unlock?next=/imports", data={"lock": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/unlock?next=%2Fimports")
    assert not office.unlocked


def test_the_language_follows_the_visitor(office: Office) -> None:
    japanese = Words(Language.JA)
    told = office.client.get("/unlock", headers={"accept-language": "ja-JP,en;q=0.8"}).text
    assert japanese("unlock.title") in told
    told = office.client.get("/unlock?lang=en", headers={"accept-language": "ja-JP"}).text
    assert words("unlock.title") in told
    assert 'action="/unlock?lang=en"' in told


def test_the_page_is_never_cached_and_runs_no_script(office: Office) -> None:
    answer = office.client.get("/unlock")
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "<script" not in answer.text
    assert "http" not in answer.text


def test_a_form_that_is_too_long_or_no_form_is_refused(office: Office) -> None:
    assert office.client.post("/unlock", data={"password": "x" * 5000}).status_code == 400
    assert office.client.post("/unlock", content=b"\xff\xfe").status_code == 400


def test_a_form_that_stops_coming_is_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlock, "PATIENCE_SECONDS", 0.05)

    async def never() -> Message:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/unlock",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    page = Unlock(lambda: office.password, lambda: NOW)
    assert asyncio.run(page.answer(Request(scope, never))).status_code == 400
