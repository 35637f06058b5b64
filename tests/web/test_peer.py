"""Where a request comes from."""

from typing import Any

import pytest

from kpi_core.web.peer import FORWARDED, believe_no_proxy, hostname, is_local


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.8.9.10"])
@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "localhost."])
def test_somebody_at_the_machine_is_local(address: str, host: str) -> None:
    assert is_local(address, {"host": host})
    assert is_local(address, {"host": host, "origin": "http://localhost:8501"})


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "", None, "evil.example"])
def test_somebody_elsewhere_is_not(address: str | None) -> None:
    assert not is_local(address, {"host": "localhost:8501"})


@pytest.mark.parametrize("name", FORWARDED)
def test_whoever_comes_through_a_proxy_on_the_machine_is_not(name: str) -> None:
    assert not is_local("127.0.0.1", {"host": "localhost:8501", name: "127.0.0.1"})


def test_a_proxy_that_adds_nothing_is_known_by_the_name_that_the_browser_asked_for() -> None:
    assert not is_local("127.0.0.1", {"host": "kpi.example.com"})
    assert not is_local(
        "127.0.0.1", {"host": "127.0.0.1:8501", "origin": "https://kpi.example.com"}
    )
    assert not is_local("127.0.0.1", {})


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("KPI.Example.com.:8501", "kpi.example.com"),
        ("[::1]:8501", "::1"),
        ("evil.example:80@127.0.0.1", None),
        ("a/b", None),
        ("a:b", None),
        ("[::1", None),
        ("[::1]evil.example", None),
        ("a[::1]", None),
        ("", None),
    ],
)
def test_a_host_header_is_a_name_and_a_port(host: str, name: str | None) -> None:
    assert hostname(host) == name


def scope(server: str, client: str, kind: str = "http", scheme: str = "https") -> dict[str, Any]:
    return {"type": kind, "server": (server, 8501), "client": (client, 0), "scheme": scheme}


@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("websocket", "ws")])
def test_what_a_proxy_on_the_machine_said_is_undone(kind: str, scheme: str) -> None:
    told = scope("127.0.0.1", "203.0.113.9", kind)
    believe_no_proxy(told, https=False)
    assert (told["client"], told["scheme"]) == (("127.0.0.1", 0), scheme)


def test_the_scheme_stays_where_the_server_speaks_tls_itself() -> None:
    told = scope("::1", "203.0.113.9", scheme="http")
    believe_no_proxy(told, https=True)
    assert (told["client"], told["scheme"]) == (("::1", 0), "https")


def test_who_comes_over_the_network_keeps_their_address() -> None:
    told = scope("192.0.2.10", "203.0.113.9", scheme="http")
    believe_no_proxy(told, https=False)
    assert told["client"] == ("203.0.113.9", 0)
