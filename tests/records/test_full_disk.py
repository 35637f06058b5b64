"""A disk that is full in the middle of an import."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, on_small_disk

SCRIPT = """
import sys
from pathlib import Path
from kpi_core.records import StoreError, open_records
from tests.records.imports import commit, flags

path = Path(sys.argv[1])
records = open_records(f"sqlite:///{path}")
commit(records, issues=flags(range(1000)))
LIMIT
before = records.imports(), records.data_version()
for attempt in range(3):
    try:
        commit(records, issues=flags(range(120_000)))
    except StoreError as error:
        print(error.code)
    assert (records.imports(), records.data_version()) == before
RELIEF
commit(records, issues=flags(range(3000)))
records.close()
records = open_records(f"sqlite:///{path}")
assert [record.flagged for record in records.imports()] == [3000, 1000]
assert records.data_version() == 2
records.close()
print("usable")
"""

LIMIT = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, unlimited[1]))
"""
LIFT = "resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_file_that_may_not_grow_loses_the_import_and_nothing_else(tmp_path: Path) -> None:
    script = SCRIPT.replace("LIMIT", LIMIT).replace("RELIEF", LIFT)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "records.db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["disk_full"] * 3 + ["usable"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system of our own in memory")
def test_a_full_disk_loses_the_import_and_nothing_else(tmp_path: Path) -> None:
    disk, script = tmp_path / "disk", tmp_path / "script.py"
    relief = "(path.parent / 'ballast').unlink()"
    script.write_text(SCRIPT.replace("LIMIT", "").replace("RELIEF", relief), encoding="utf-8")
    done = on_small_disk(
        disk,
        8,
        f"dd if=/dev/zero of={disk}/ballast bs=1M count=4 status=none"
        f" && PYTHONPATH={ROOT} {sys.executable} {script} {disk}/records.db",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["disk_full"] * 3 + ["usable"]
