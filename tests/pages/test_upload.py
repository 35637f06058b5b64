"""A chosen file whose work comes to its end while its card is drawn."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest

from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inspect import inspect
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.server.app import App
from pages import _runtime
from pages._imports import chosen_file
from pages._imports.chosen_file import State, Upload

CONTENT = b"id,created\nL1,2026-11-02T23:30:00Z\n"
NOW = datetime.fromisoformat("2026-11-22 12:00")


def mapping(name: str) -> Mapping:
    """How the content is read, under a name."""
    read = read_mapping(
        f'name = "{name}"\nsource = "crm"\ngrain = "lead"\nid = "id"\n'
        '[[stages]]\nstage = "lead"\ndate = "created"\n'
    )
    assert isinstance(read, Mapping)
    return read


class Gate:
    """Holds work up until it is opened."""

    def __init__(self) -> None:
        self._open = Event()

    def __call__(self, *_: object) -> None:
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def upload(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Upload:
    monkeypatch.setattr(chosen_file, "SOON", 0.01)
    monkeypatch.setattr(App, "wall_clock", lambda _: NOW)
    _runtime.store()
    return Upload("one", "leads.csv", len(CONTENT), CONTENT, mapping=mapping("first"))


def held_up(monkeypatch: pytest.MonkeyPatch, name: str, work: Callable[..., object]) -> Gate:
    """A gate before what a chosen file has done."""
    gate = Gate()

    def once_open(*args: object, **named: object) -> object:
        gate()
        return work(*args, **named)

    monkeypatch.setattr(chosen_file, name, once_open)
    return gate


def until_ended(upload: Upload) -> None:
    running = upload.running
    assert running is not None
    assert running.wait(10)


def settled(upload: Upload) -> State:
    """Draw it until nothing goes on."""
    while True:
        upload.work_on()
        upload.settle()
        if upload.running is None:
            return upload.state
        until_ended(upload)


def test_what_ends_while_the_card_is_drawn_is_followed_until_the_page_knows(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = held_up(monkeypatch, "inspect", inspect)
    upload.work_on()
    upload.settle()
    assert upload.state is State.READING
    gate.open()
    until_ended(upload)
    assert (upload.state, upload.running is not None) == (State.READING, True)
    assert settled(upload) is State.READY


def test_what_nobody_asks_for_any_longer_is_begun_anew(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settled(upload) is State.READY
    gate = held_up(monkeypatch, "import_file", import_file)
    before = upload.preview
    for name in ("second", "third"):
        upload.mapping = mapping(name)
        while upload.inspection is None or upload.inspection.mapping != upload.mapping:
            upload.work_on()
    upload.work_on()
    gate.open()
    until_ended(upload)
    upload.previewing.settle(0)
    assert upload.state is State.COMPARING
    assert upload.running is not None
    assert upload.preview is before
    assert settled(upload) is State.READY
    assert upload.preview is not before


def test_after_a_cancelled_import_another_mapping_is_compared(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settled(upload) is State.READY
    gate = held_up(monkeypatch, "import_file", import_file)
    upload.start_import()
    work = upload.running
    assert work is not None
    work.cancel()
    gate.open()
    assert settled(upload) is State.READY
    assert upload.receipt is None
    before = upload.preview
    upload.mapping = mapping("second")
    assert settled(upload) is State.READY
    assert upload.preview is not before
