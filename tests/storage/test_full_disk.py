"""A disk that is full in the middle of an import."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPT = """
import sys
from pathlib import Path
from datetime import date
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.errors import StoreError
from kpi_core.storage.store import open_store
from tests.storage.batches import NOW
from tests.storage.killed import wins

path = Path(sys.argv[1])
store = open_store(path)
store.commit(wins(1000), who="me", now=NOW)
{limit}
won = Tally(TallyKind.REACHED, stage=Stage.WON)
may = Period(date(2026, 5, 1), date(2026, 5, 31))

def state():
    return (
        sum(store.daily([won], may)[won].values()), store.leads(), len(store.imports()),
        store.data_version(),
    )

before = state()
for attempt in range(3):
    try:
        store.commit(wins(400_000), who="me", now=NOW)
    except StoreError as error:
        assert error.code == "disk_full", error.code
        print(error.code)
    assert state() == before, state()
{relief}
receipt = store.commit(wins(3000), who="me", now=NOW)
assert (receipt.new, receipt.unchanged) == (4000, 2000), receipt
store.close()
store = open_store(path)
assert state() == (3000.0, 3000, 2, before[3] + 1), state()
store.close()
print("usable")
"""

LIMIT = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = path.stat().st_size
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 600_000, unlimited[1]))
"""
LIFT = "resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)"


def run(script: str, path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_file_that_may_not_grow_loses_the_import_and_nothing_else(tmp_path: Path) -> None:
    script = SCRIPT.format(limit=LIMIT, relief=LIFT)
    assert run(script, tmp_path / "kpi.duckdb") == ["disk_full"] * 3 + ["usable"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system of our own in memory")
def test_a_full_disk_loses_the_import_and_nothing_else(tmp_path: Path) -> None:
    """Mounts a disk of 8 MB, in a name space of its own where not root."""
    mount = tmp_path / "disk"
    mount.mkdir()
    (tmp_path / "script.py").write_text(
        SCRIPT.format(limit="", relief="(path.parent / 'ballast').unlink()"), encoding="utf-8"
    )
    inside = (
        f"mount -t tmpfs -o size=8m tmpfs {mount}"
        f" && dd if=/dev/zero of={mount}/ballast bs=1M count=4 status=none"
        f" && PYTHONPATH={ROOT} {sys.executable} {tmp_path}/script.py {mount}/kpi.duckdb"
    )
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", inside],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"No file system of our own here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["disk_full"] * 3 + ["usable"]
