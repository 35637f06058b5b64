"""Charts drawn by a process of its own, in the Japanese font that a package brings."""

from threading import BoundedSemaphore, Event, Thread

import pytest

from kpi_core.charts import png as drawing
from kpi_core.charts.png import FONT, Busy, NoFont, png
from kpi_core.charts.spec import Spec


def sign(text: str) -> Spec:
    """A single sign in the picture's font."""
    mark = {"type": "text", "text": text, "font": FONT, "fontSize": 30}
    return {"data": {"values": [{}]}, "mark": mark, "width": 40, "height": 40}


def test_each_sign_has_a_shape_of_its_own() -> None:
    """Without a font for them all are the same box."""
    signs = "月火★●▲◆■○◌✓×"
    pictures = {png(sign(each)) for each in signs}
    assert len(pictures) == len(signs)
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_a_scale_makes_it_larger() -> None:
    one, two = png(sign("月")), png(sign("月"), scale=2)
    # Width and height of a PNG stand in its bytes 16 to 24.
    sizes = [(each[16:20], each[20:24]) for each in (one, two)]
    width, height = (int.from_bytes(side) for side in sizes[0])
    assert [int.from_bytes(side) for side in sizes[1]] == [2 * width, 2 * height]


def test_a_picture_drawn_before_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    before = png(sign("月"))
    monkeypatch.setattr(drawing, "PROGRAM", "no such file")
    assert png(sign("月")) == before


def test_without_its_font_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "FONT_PACKAGE", "no_such_package")
    with pytest.raises(NoFont):
        png(sign("月"))


def test_what_the_process_complains_of_is_raised() -> None:
    with pytest.raises(RuntimeError, match="ValueError"):
        png({"mark": "no such mark"})


def test_who_finds_no_place_to_wait_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()

    def wait(*_: object) -> bytes:
        begun.set()
        go_on.wait(30)
        return b"drawn"

    monkeypatch.setattr(drawing, "_PLACES", BoundedSemaphore(1))
    monkeypatch.setattr(drawing, "_drawn", wait)
    first = Thread(target=png, args=(sign("月"),))
    first.start()
    assert begun.wait(30)
    try:
        with pytest.raises(Busy):
            png(sign("火"))
    finally:
        go_on.set()
        first.join()
    assert png(sign("火")) == b"drawn"
