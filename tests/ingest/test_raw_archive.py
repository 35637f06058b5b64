"""Files as they came: kept for their days, and no longer."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.ingest.raw_archive import RawFiles

NOW = datetime.fromisoformat("2026-11-22T12:00")


def test_by_default_nothing_is_kept(tmp_path: Path) -> None:
    raw = RawFiles.of(tmp_path, 0)
    assert raw.keep(b"a\n1\n", "a.csv", NOW) is None
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_what_came(tmp_path: Path) -> None:
    raw = RawFiles.of(tmp_path, 30)
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\n1\n")
    kept = raw.keep(path, "a.csv", NOW)
    assert kept is not None
    assert kept.read_bytes() == b"a\n1\n"
    assert kept.parent == tmp_path / "archive" / "raw"
    assert kept.name.startswith("2026-11-22-")
    assert raw.keep(b"a\n1\n", "a.csv", NOW) == kept


def test_it_is_removed_after_its_days(tmp_path: Path) -> None:
    raw = RawFiles.of(tmp_path, 30)
    kept = raw.keep(b"a\n1\n", "a.csv", NOW)
    assert kept is not None
    (kept.parent / "mine.txt").write_text("not kept by the board", encoding="utf-8")
    (kept.parent / f".{kept.name}.part").write_bytes(b"half")
    assert raw.remove_old(NOW + timedelta(days=29)) == ()
    assert len(raw.remove_old(NOW + timedelta(days=30))) == 2
    assert [path.name for path in kept.parent.iterdir()] == ["mine.txt"]


def test_once_switched_off_everything_goes(tmp_path: Path) -> None:
    RawFiles.of(tmp_path, 30).keep(b"a\n1\n", "a.csv", NOW)
    assert len(RawFiles.of(tmp_path, 0).remove_old(NOW)) == 1


def test_no_name_leads_elsewhere(tmp_path: Path) -> None:
    raw = RawFiles.of(tmp_path, 1)
    for name in ("../../x.csv", "/etc/x", "..", "", "a" * 500 + ".csv", "x.c/s/v", "リード.csv"):
        kept = raw.keep(name.encode(), name, NOW)
        assert kept is not None
        assert kept.parent == raw.folder
        assert kept.read_bytes() == name.encode()


def test_what_cannot_be_kept_is_said_in_the_log_and_in_nobodys_way(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "raw").write_text("a file where the folder should be")
    RawFiles(tmp_path / "raw", 30).keep_or_warn(b"a\n1\n", "a.csv", NOW)
    (warned,) = caplog.messages
    assert warned.startswith("a.csv could not be kept as it came: ")
