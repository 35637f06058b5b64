"""What every request passes: by which name it comes, and with which headers its answer leaves."""

import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from kpi_core.i18n.catalog import Language, Words
from kpi_core.web import gate
from kpi_core.web.gate import Gate, Rules
from kpi_core.web.unlock import COOKIE

SCRIPT = "\n  window.x = false\n"
INDEX = f'<html><head><script>{SCRIPT}</script><script src="a.js"></script></head></html>'
HASH = "'sha256-Lzye23UPxAzGEAa1FwBNfdUf8mPzII6Ja/z58n/5cx8='"
OWN = "default-src 'none'; connect-src 'self'"


@pytest.fixture(autouse=True)
def named_after_a_bird(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is called heron, in a domain."""
    monkeypatch.setattr(socket, "gethostname", lambda: "Heron")
    monkeypatch.setattr(gate, "_full_name", lambda: "heron.office.example")


Client = Callable[..., TestClient]


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """Opens a server behind the gate; `rules` as `Rules` takes them."""
    index = tmp_path / "index.html"
    index.write_text(INDEX, encoding="utf-8")

    async def page(_: Request) -> Response:
        return HTMLResponse(INDEX, headers={"cache-control": "no-cache"})

    async def same(_: Request) -> Response:
        return Response(status_code=304)

    async def own(_: Request) -> Response:
        headers = {"content-security-policy": OWN, "referrer-policy": "no-referrer"}
        return HTMLResponse("own", headers=headers | {"cache-control": "max-age=5"})

    async def data(_: Request) -> Response:
        return JSONResponse({})

    async def picture(_: Request) -> Response:
        return Response(b"", media_type="image/png", headers={"cache-control": "max-age=5"})

    async def who(request: Request) -> Response:
        address = request.client.host if request.client else ""
        return PlainTextResponse(f"{address} {request.url.scheme}")

    async def line(socket_: WebSocket) -> None:
        await socket_.accept()
        await socket_.send_text("hello")
        async for said in socket_.iter_bytes():
            await socket_.send_bytes(said)

    def opened(
        base_url: str = "http://127.0.0.1:8501", base: str = "", **rules: object
    ) -> TestClient:
        app = Starlette(
            routes=[
                Route(f"{base}/", page),
                Route(f"{base}/wall", own),
                Route(f"{base}/same", same),
                Route(f"{base}/api/board", data),
                Route(f"{base}/media/a.png", picture),
                Route(f"{base}/who", who),
                Route(f"{base}/_stcore/metrics", data),
                Route(f"{base}/_stcore/upload_file/a/b", data, methods=["PUT"]),
                WebSocketRoute(f"{base}/_stcore/stream", line),
            ],
            middleware=[
                Middleware(Gate, rules=lambda: Rules(**rules), index=index, base_path=base)  # type: ignore[arg-type]
            ],
        )
        return TestClient(app, base_url=base_url)

    return opened


OURS = [
    "127.0.0.1", "192.168.0.7:8501", "[::1]", "[2001:db8::5]:8501", "localhost", "LOCALHOST:1",
    "heron", "Heron.local:8501", "heron.office.example", "heron.office.example.",
    "kpi.example.com", "KPI.example.com:443",
]  # fmt: skip
FOREIGN = [
    "evil.example", "heron.evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
    "kpi.example.com.evil.example", "2130706433", "0x7f.1", "evil.example:8501", "a@127.0.0.1",
    "[::1", "[::1]evil.example", "office.example", "xheron",
]  # fmt: skip


@pytest.mark.parametrize("host", OURS)
def test_the_server_is_known_by_its_own_names(client: Client, host: str) -> None:
    seen = client(hosts=frozenset({"kpi.example.com"})).get("/", headers={"host": host})
    assert seen.status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/wall", "/nowhere", "/_stcore/upload_file/a/b"])
def test_a_foreign_name_is_refused_on_every_path(client: Client, host: str, path: str) -> None:
    answer = client(hosts=frozenset({"kpi.example.com"})).get(path, headers={"host": host})
    assert answer.status_code == 421
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_name_opens_no_socket(client: Client, host: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client().websocket_connect("/_stcore/stream", headers={"host": host}),
    ):
        pass


def test_an_own_name_opens_a_socket(client: Client) -> None:
    with client().websocket_connect("/_stcore/stream", headers={"host": "heron:8501"}) as line:
        assert line.receive_text() == "hello"


def test_what_no_visitor_may_ask_for_does_not_arrive(client: Client) -> None:
    opened = client(is_refused=lambda said: said.startswith(b"clear"))
    with opened.websocket_connect("/_stcore/stream", headers={"host": "heron"}) as line:
        assert line.receive_text() == "hello"
        for said in (b"clear", b"rerun"):
            line.send_bytes(said)
        assert line.receive_bytes() == b"rerun"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:9000", "http://localhost:8501", "null", "http://[x"],
)
def test_a_page_of_another_site_or_port_opens_no_socket(client: Client, origin: str) -> None:
    """Streamlit would let in any page that this machine serves, on whichever port."""
    with (
        pytest.raises(WebSocketDisconnect),
        client().websocket_connect("/_stcore/stream", headers={"origin": origin}),
    ):
        pass
    own = {"origin": "http://127.0.0.1:8501", "host": "127.0.0.1:8501"}
    with client().websocket_connect("/_stcore/stream", headers=own) as line:
        assert line.receive_text() == "hello"


@pytest.mark.parametrize("language", Language)
def test_the_page_says_which_setting(client: Client, language: Language) -> None:
    words = Words(language)
    headers = {"host": "kpi.example.com:8501", "accept-language": f"{language},fr"}
    told = client().get("/", headers=headers).text
    assert words("unlock.host_text", host="kpi.example.com") in told
    assert "<code>KPI_HOSTS=kpi.example.com</code>" in told
    assert f'lang="{language}"' in told


def test_what_is_no_name_is_not_repeated(client: Client) -> None:
    told = client().get("/", headers={"host": '"><script>x</script>'})
    assert told.status_code == 421
    assert "script" not in told.text


@pytest.mark.parametrize("base", ["", "/kpi"])
def test_a_program_is_told_in_json(client: Client, base: str) -> None:
    answer = client(base=base).get(f"{base}/api/board?lang=en", headers={"host": "evil.example"})
    assert answer.status_code == 421
    error = answer.json()["error"]
    assert error["code"] == "host_refused"
    assert "KPI_HOSTS" in error["message"]
    assert "evil.example" in error["message"]


@pytest.mark.parametrize("path", ["/", "/wall", "/api/board", "/media/a.png", "/nowhere"])
def test_every_answer_is_kept_to_itself(client: Client, path: str) -> None:
    headers = client().get(path).headers
    assert headers["content-security-policy"].endswith("; frame-ancestors 'self'")
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")


def test_a_setting_says_who_may_frame_the_board(client: Client) -> None:
    opened = client(frame_ancestors=("https://wiki.example.com", "https://*.example.org"))
    for path in ("/", "/wall", "/api/board"):
        policy = opened.get(path).headers["content-security-policy"]
        assert policy.endswith(
            "; frame-ancestors 'self' https://wiki.example.com https://*.example.org"
        )


def test_a_page_may_run_the_scripts_that_came_with_it_and_no_others(client: Client) -> None:
    policy = client().get("/").headers["content-security-policy"]
    scripts = next(each for each in policy.split("; ") if each.startswith("script-src"))
    assert scripts == f"script-src 'self' 'wasm-unsafe-eval' {HASH}"
    assert "connect-src 'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501;" in policy


def test_a_page_that_has_not_changed_keeps_its_policy(client: Client) -> None:
    """The headers of "not modified" take the place of those that the browser has of the page."""
    assert "script-src 'self'" in client().get("/same").headers["content-security-policy"]


def test_what_has_a_policy_of_its_own_keeps_it(client: Client) -> None:
    headers = client().get("/wall").headers
    assert headers["content-security-policy"] == f"{OWN}; frame-ancestors 'self'"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "max-age=5"


def test_what_may_show_a_token_is_not_cached(client: Client) -> None:
    for path in ("/", "/media/a.png"):
        assert client().get(path).headers["cache-control"] == "no-store"


def test_the_frameworks_counters_are_closed(client: Client) -> None:
    assert client().get("/_stcore/metrics").status_code == 404
    assert client(base="/kpi").get("/kpi/_stcore/metrics").status_code == 404


def test_nothing_is_uploaded_by_a_browser_that_is_locked(client: Client) -> None:
    opened = client(may_upload=lambda cookie: cookie == "ours")
    assert opened.put("/_stcore/upload_file/a/b").status_code == 403
    opened.cookies.set(COOKIE, "ours")
    assert opened.put("/_stcore/upload_file/a/b").status_code == 200


@pytest.mark.parametrize(
    ("trusts", "seen"), [(True, "203.0.113.9 https"), (False, "127.0.0.1 http")]
)
def test_a_proxy_on_the_machine_is_believed_only_where_told(
    client: Client, trusts: bool, seen: str
) -> None:
    opened = client(trusts_proxies=trusts)
    forwarded = TestClient(opened.app, base_url="https://127.0.0.1", client=("203.0.113.9", 0))
    assert forwarded.get("/who").text == seen


def test_a_browser_without_a_key_gets_one_with_the_page_and_keeps_it(client: Client) -> None:
    opened = client()
    given = opened.get("/").headers["set-cookie"]
    assert re.fullmatch(
        r"kpi_browser=[\w-]{24}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax", given
    )
    assert "set-cookie" not in opened.get("/").headers


def test_a_key_that_is_none_of_ours_is_replaced(client: Client) -> None:
    answer = client().get("/", headers={"cookie": "kpi_browser=<script>"})
    assert answer.headers["set-cookie"].startswith("kpi_browser=")


@pytest.mark.parametrize("path", ["/wall", "/api/board"])
def test_what_is_no_page_of_the_framework_gives_no_key(client: Client, path: str) -> None:
    assert "set-cookie" not in client().get(path).headers


def test_a_key_is_kept_to_its_path_and_to_a_safe_line(client: Client) -> None:
    given = client(base="/kpi", https=True).get("/kpi/").headers["set-cookie"]
    assert "Path=/kpi;" in given
    assert given.endswith("; Secure")
