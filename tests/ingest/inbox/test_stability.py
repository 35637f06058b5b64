"""How long a file has to stand still, by where it lies."""

from pathlib import Path

import pytest

from kpi_core.ingest.inbox import stability as module
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.ingest.inbox.stability import Settling


@pytest.mark.parametrize(
    ("networked", "too_early", "settled_at"), [(False, 1.9, 2.0), (True, 9.9, 10.0)]
)
def test_a_file_stands_still_for_longer_where_nobody_can_tell_who_writes_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    networked: bool,
    too_early: float,
    settled_at: float,
) -> None:
    monkeypatch.setattr(module, "needs_polling", lambda _: networked)
    inbox, settling = Inbox(tmp_path), Settling()
    (tmp_path / "a.csv").write_text("a\n1\n", encoding="utf-8")
    assert settling.settled(inbox.arrivals(), 0.0) == ()
    assert settling.settled(inbox.arrivals(), too_early) == ()
    assert len(settling.settled(inbox.arrivals(), settled_at)) == 1


def test_how_long_can_be_said() -> None:
    settling = Settling(still_seconds=0.1, networked_seconds=0.2)
    assert (settling.still_seconds, settling.networked_seconds) == (0.1, 0.2)
