"""What it costs to take a large file in, against what DuckDB alone needs to read it.

    python -m benchmarks.imports [--small] [--folder /tmp]

The goals: a million leads with five dates (about 120 MB) and ten million events, each from file
to committed, deduplicated, rolled up and visible in no more than three times the time of
`create table t as from read_csv(f)`, with no more than 1 GiB and 2 GiB of memory; and a second
import of the same leads and one more in no more time than the first. For comparison, one of as
many leads half of which are known: it adds half a million to what has to be counted. Every figure
is the median of processes of their own, floor and imports in turns. Needs some 5 GB of disk; takes
minutes.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from kpi_core.facts.store import open_store
from kpi_core.ingest.importing import import_file
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping

GOAL = 3.0
MIB = 1024
NOW = datetime.fromisoformat("2026-11-22 12:00")
STAGES = ("lead", "marketing_qualified", "sales_qualified", "opportunity", "won")

LEADS = """
name = "bench-leads"
source = "bench"
grain = "lead"
id = "lead_id"
channel = "channel"
""" + "".join(
    f'[[stages]]\nstage = "{stage}"\ndate = "d{place}"\n'
    for place, stage in enumerate(STAGES, start=1)
)
EVENTS = """
name = "bench-events"
source = "bench"
grain = "event"
id = "id"
stage = "stage"
at = "moment"
channel = "channel"
[stage_values]
""" + "\n".join(f'{stage} = "{stage}"' for stage in STAGES)
MAPPINGS = {"leads": LEADS, "events": EVENTS}

_MADE_LEADS = """
copy (
    select
        'L' || lpad(cast(range as varchar), 9, '0') as lead_id,
        list_value('web', 'ads', 'seminar', 'referral', 'fair')
            [cast(hash(range) % 5 as integer) + 1] as channel,
        {dates}
    from range({first}, {beyond})
) to '{path}' (header)
"""
_MADE_DATE = """
strftime(
    timestamp '2025-01-01' + to_seconds(cast(hash(range) % (365 * 86400) as bigint))
        + to_seconds(cast({place} * 20 * 86400 + hash(range, {place}) % (19 * 86400) as bigint)),
    '%Y-%m-%d %H:%M:%S'
) as d{place}
"""
_MADE_EVENTS = """
copy (
    select
        'L' || lpad(cast(range // 5 as varchar), 9, '0') as id,
        list_value({stages})[cast(range % 5 as integer) + 1] as stage,
        strftime(
            timestamp '2025-01-01' + to_seconds(cast(hash(range // 5) % (365 * 86400) as bigint))
                + to_seconds(cast((range % 5) * 20 * 86400 + hash(range) % 86400 as bigint)),
            '%Y-%m-%d %H:%M:%S'
        ) as moment,
        list_value('web', 'ads', 'seminar', 'referral', 'fair')
            [cast(hash(range // 5) % 5 as integer) + 1] as channel
    from range({rows})
) to '{path}' (header)
"""


@dataclass(frozen=True)
class Took:
    """Seconds until it was done, or visible; with what was kept after that; peak memory."""

    seconds: tuple[float, ...]
    kept: tuple[float, ...]
    mib: float


def _make(folder: Path, leads: int, events: int) -> dict[str, Path]:
    """Make the files, in a process of its own: one that is begun here has our memory as peak."""
    command = [sys.executable, "-m", "benchmarks.imports", "--folder", str(folder)]
    sizes = ["--task", "make", "--sizes", str(leads), str(events)]
    subprocess.run([*command, *sizes], check=True, capture_output=True)
    files = _files(folder)
    for file in files.values():
        print(f"{file.name:24}{file.stat().st_size / 1e6:>9.0f} MB", flush=True)
    return files


def _files(folder: Path) -> dict[str, Path]:
    return {name: folder / f"{name}.csv" for name in ("leads", "again", "half", "events")}


def _write_all(folder: Path, leads: int, events: int) -> None:
    files = _files(folder)
    dates = ", ".join(_MADE_DATE.format(place=place) for place in range(1, len(STAGES) + 1))
    stages = ", ".join(f"'{stage}'" for stage in STAGES)
    with duckdb.connect() as connection:
        for name, first, more in (("leads", 0, 0), ("again", 0, 1), ("half", leads // 2, 0)):
            span = {"first": first, "beyond": first + leads + more}
            connection.execute(_MADE_LEADS.format(path=files[name], dates=dates, **span))
        connection.execute(_MADE_EVENTS.format(path=files["events"], rows=events, stages=stages))


def write_leads(path: Path, rows: int) -> None:
    """A file of so many leads with five dates each."""
    dates = ", ".join(_MADE_DATE.format(place=place) for place in range(1, len(STAGES) + 1))
    with duckdb.connect() as connection:
        connection.execute(_MADE_LEADS.format(path=path, dates=dates, first=0, beyond=rows))


def _floor(file: Path, folder: Path) -> Took:
    """DuckDB alone, into a table of a database of its own."""
    with duckdb.connect(str(folder / "floor.duckdb")) as connection:
        began = time.perf_counter()
        connection.execute(f"create table t as from read_csv('{file}')")
        return Took((time.perf_counter() - began,), (), _peak())


def _import(grain: str, files: list[Path], folder: Path) -> Took:
    """Our import of one file after the other, into an empty store."""
    mapping = read_mapping(MAPPINGS[grain])
    assert isinstance(mapping, Mapping), mapping
    store = open_store(folder / "ours")
    visible: list[float] = []
    store.subscribe(lambda _: visible.append(time.perf_counter()))
    seconds, kept = [], []
    for file in files:
        began = time.perf_counter()
        receipt = import_file(store, file, None, mapping, who="bench", now=NOW)
        ended = time.perf_counter()
        assert receipt.import_id is not None, receipt
        assert receipt.rejected_rows == 0
        seconds.append(visible[-1] - began)
        kept.append(ended - visible[-1])
    store.close()
    return Took(tuple(seconds), tuple(kept), _peak())


def _peak() -> float:
    """The most memory this process has had, in MiB; getrusage counts in bytes on macOS."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MIB / (MIB if sys.platform == "darwin" else 1)


def _in_a_process(task: str, *files: Path) -> Took:
    """Measured by a process of its own, which begins with an empty folder."""
    with tempfile.TemporaryDirectory(dir=files[0].parent) as folder:
        command = [sys.executable, "-m", "benchmarks.imports", "--folder", folder, "--task", task]
        done = subprocess.run([*command, *map(str, files)], check=True, capture_output=True)
    return Took(**json.loads(done.stdout))


def _median(rounds: list[Took], place: int = 0) -> float:
    return statistics.median(took.seconds[place] for took in rounds)


def _compare(
    grain: str, file: Path, goal_mib: int, rounds: int, others: dict[str, Path] | None = None
) -> None:
    """Floor and import in turns; a line for each, and for each of the `others` after the first."""
    others = others or {}
    floors: list[Took] = []
    ours: dict[str, list[Took]] = {what: [] for what in others or ("",)}
    for _ in range(rounds):
        for what, took in ours.items():
            floors.append(_in_a_process("floor", file))
            second = [others[what]] if what else []
            took.append(_in_a_process(grain, file, *second))
    every = [took for each in ours.values() for took in each]
    floor, first = _median(floors), _median(every)
    _say(f"{grain}: DuckDB alone", floor, max(took.mib for took in floors))
    peak = max(took.mib for took in every)
    _say(f"{grain}: import", first, peak, f"{first / floor:.2f} x (goal {GOAL:g} x)", goal_mib)
    kept = statistics.median(took.kept[0] for took in every)
    print(f"  the table was kept {kept:.2f} s after that")
    for what in others:
        second_one = _median(ours[what], 1)
        _say(f"{grain}: {what}", second_one, peak, f"{second_one / first:.2f} x the first")


def _say(
    what: str, seconds: float, mib: float, ratio: str = "", goal_mib: int | None = None
) -> None:
    goal = "" if goal_mib is None else f" (goal {goal_mib:,} MiB)"
    print(f"{what:28}{seconds:>8.2f} s{mib:>9,.0f} MiB{goal}   {ratio}")


def main() -> None:
    """Print a line per import: seconds, ratio to the floor, memory."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", action="store_true", help="a tenth of it, for a quick look")
    arguments.add_argument("--folder", type=Path, default=None)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--task", choices=("floor", "make", *MAPPINGS), help=argparse.SUPPRESS)
    arguments.add_argument("--sizes", type=int, nargs=2, help=argparse.SUPPRESS)
    arguments.add_argument("files", type=Path, nargs="*", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.task == "make":
        _write_all(chosen.folder, *chosen.sizes)
    elif chosen.task == "floor":
        print(json.dumps(vars(_floor(chosen.files[0], chosen.folder))))
    elif chosen.task:
        print(json.dumps(vars(_import(chosen.task, chosen.files, chosen.folder))))
    else:
        size = 10 if chosen.small else 1
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            files = _make(Path(folder), 1_000_000 // size, 10_000_000 // size)
            second = {"then one more": files["again"], "then half known": files["half"]}
            _compare("leads", files["leads"], MIB, chosen.rounds, second)
            _compare("events", files["events"], 2 * MIB, chosen.rounds)


if __name__ == "__main__":
    main()
