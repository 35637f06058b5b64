"""The ready-made copies: smaller on the wire, and otherwise what Streamlit would have sent."""

import gzip
import logging
import os
import threading
from pathlib import Path

import brotli
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_handler

from kpi_core.web.static import CompressedStatic, StaticCopies

SCRIPT = "export const words = 'ten words and ten words and ten words';\n" * 99
INDEX = '<!DOCTYPE html><script src="./static/js/first.abc.js"></script>' + "<p></p>" * 99


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A small bundle laid out as Streamlit's."""
    directory = tmp_path / "bundle"
    (directory / "static" / "js").mkdir(parents=True)
    (directory / "static" / "js" / "first.abc.js").write_text(SCRIPT)
    (directory / "static" / "js" / "later.def.js").write_text(SCRIPT)
    (directory / "static" / "picture.png").write_bytes(b"\x89PNG")
    (directory / "index.html").write_text(INDEX)
    return directory


def client_of(bundle: Path, copies: StaticCopies, base_path: str = "") -> TestClient:
    streamlit = Mount("/", app=create_streamlit_static_handler(str(bundle), None))
    return TestClient(CompressedStatic(Starlette(routes=[streamlit]), copies, base_path))


@pytest.fixture
def client(bundle: Path, tmp_path: Path) -> TestClient:
    copies = StaticCopies(bundle, tmp_path / "cache")
    copies.make()
    return client_of(bundle, copies)


def test_a_browser_gets_brotli_and_reads_the_same(client: TestClient) -> None:
    with client.stream(
        "GET", "/static/js/first.abc.js", headers={"accept-encoding": "gzip, deflate, br, zstd"}
    ) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "br"
    assert brotli.decompress(body).decode() == SCRIPT
    assert int(answer.headers["content-length"]) == len(body) < len(SCRIPT) / 10


def test_a_browser_on_plain_http_gets_gzip(client: TestClient) -> None:
    with client.stream("GET", "/", headers={"accept-encoding": "gzip, deflate"}) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).decode() == INDEX


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0"])
def test_who_accepts_neither_gets_what_streamlit_has(client: TestClient, accepted: str) -> None:
    answer = client.get("/static/js/first.abc.js", headers={"accept-encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.text == SCRIPT


@pytest.mark.parametrize("path", ["/", "/static/js/first.abc.js"])
def test_a_copy_is_cached_as_long_as_the_original(client: TestClient, path: str) -> None:
    ours = client.get(path, headers={"accept-encoding": "br"})
    streamlits = client.get(path, headers={"accept-encoding": "identity"})
    for header in ("cache-control", "content-type", "last-modified"):
        assert ours.headers[header] == streamlits.headers[header]
    assert ours.headers["etag"] != streamlits.headers["etag"]  # other bytes, other tag
    assert ours.headers["vary"] == "accept-encoding"


def test_a_copy_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    headers = {"accept-encoding": "br"}
    tag = client.get("/", headers=headers).headers["etag"]
    again = client.get("/", headers=headers | {"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag


def test_a_head_request_tells_the_size_and_sends_nothing(client: TestClient) -> None:
    headers = {"accept-encoding": "br"}
    size = client.get("/", headers=headers).headers["content-length"]
    answer = client.head("/", headers=headers)
    assert (answer.headers["content-length"], answer.content) == (size, b"")


@pytest.mark.parametrize("path", ["/static/picture.png", "/imports", "/_stcore/health"])
def test_all_else_is_left_to_the_app(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept-encoding": "br"})
    assert "content-encoding" not in answer.headers


def test_a_part_of_a_file_is_left_to_the_app(client: TestClient) -> None:
    headers = {"accept-encoding": "br", "range": "bytes=0-5"}
    assert client.get("/static/js/first.abc.js", headers=headers).text == SCRIPT[:6]


def test_under_a_base_path_the_same_is_served(bundle: Path, tmp_path: Path) -> None:
    copies = StaticCopies(bundle, tmp_path / "cache")
    copies.make()
    client = client_of(bundle, copies, base_path="board")
    for path in ("/board/", "/board/static/js/first.abc.js"):
        answer = client.get(path, headers={"accept-encoding": "br"})
        assert answer.headers["content-encoding"] == "br"


def test_copies_are_made_once(bundle: Path, tmp_path: Path) -> None:
    StaticCopies(bundle, tmp_path / "cache").make()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.br")}
    StaticCopies(bundle, tmp_path / "cache").make()
    assert len(kept) == 3
    assert kept == {path: path.stat().st_mtime_ns for path in kept}


def test_on_a_disk_that_cannot_be_written_streamlit_serves_as_ever(
    bundle: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where a folder should be")
    copies = StaticCopies(bundle, blocked)
    with caplog.at_level(logging.WARNING):
        copies.start()
        for thread in threading.enumerate():
            if thread.name == "kpi-static":
                thread.join()
    answer = client_of(bundle, copies).get("/", headers={"accept-encoding": "br"})
    assert answer.text == INDEX
    assert "uncompressed" in caplog.text


def test_a_server_killed_while_writing_leaves_no_half_of_a_copy(
    bundle: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / f"index.html.br.{os.getpid()}").write_bytes(b"half")
    copies = StaticCopies(bundle, cache)
    copies.make()
    answer = client_of(bundle, copies).get("/", headers={"accept-encoding": "br"})
    assert answer.text == INDEX
