"""What it costs to take a large file in and out, against what DuckDB alone needs to read it.

    python -m benchmarks.imports [--small] [--folder /tmp] [--rounds 3]

A million leads with five dates, with one column beside them and with six; the same again with one
new row; undoing that with six exports standing; ten million events. Floor: `create table t as from
read_csv(f)` into a file. Ours ends when the numbers show it: committed, deduplicated, added up.
Seconds are the median of the rounds, floor and ours in turns; memory is the most of any, readers
included. Needs some 6 GB of disk.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from benchmarks._alone import Goal, Took, alone, say
from benchmarks._facts import CHANNELS, STAGES, settle
from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping

LEADS_TIMES, LEADS_GIB = 5, 1.2
EVENTS_TIMES, EVENTS_GIB = 3, 1.5
AGAIN_TIMES, UNDO_TIMES = 1.3, 1
EXPORTS = 6
"""How many exports stand when the newest is undone."""
NOW = datetime.fromisoformat("2026-11-22 12:00")

LEADS = """
name = "bench-leads"
source = "bench"
grain = "lead"
id = "lead_id"
channel = "channel"
{fields}
""" + "".join(
    f'[[stages]]\nstage = "{stage}"\ndate = "d{place}"\n'
    for place, stage in enumerate(STAGES, start=1)
)
SIX = 'campaign = "campaign"\nowner = "owner"\n'
ATTRIBUTES = '[attributes]\nrole = "role"\nindustry = "industry"\nemployees = "employees"\n'
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
MAPPINGS = {
    "leads": LEADS.format(fields=""),
    "six": LEADS.format(fields=SIX) + ATTRIBUTES,
    "events": EVENTS,
}

_COLUMNS = {
    "channel": list(CHANNELS),
    "campaign": [f"campaign {number}" for number in range(40)],
    "owner": [f"owner {number}" for number in range(20)],
    "role": ["director", "manager", "staff", "owner", "student", "other"],
    "industry": ["it", "retail", "health", "finance", "public", "construction", "food"],
    "employees": [str(number) for number in range(5, 4000, 7)],
}
"""The columns of the six, the first of which is the one, and what is in them."""
_MADE_LEADS = """
copy (
    select 'L' || lpad(cast(range as varchar), 9, '0') as lead_id, {columns}
    from range({rows})
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
        list_value({channels})[cast(hash(range // 5) % 5 as integer) + 1] as channel
    from range({rows})
) to '{path}' (header)
"""


# --- in a process of their own ---


def write_leads(path: str, rows: str, columns: str = "1") -> dict[str, Any]:
    """A file of so many leads with five dates each, and the first of the columns beside them."""
    made = [
        f"list_value({_texts(values)})[cast(hash(range, '{name}') % {len(values)} as integer) + 1] "
        f"as {name}"
        for name, values in list(_COLUMNS.items())[: int(columns)]
    ]
    made += [_MADE_DATE.format(place=place) for place in range(1, len(STAGES) + 1)]
    with duckdb.connect() as connection:
        connection.execute(_MADE_LEADS.format(columns=", ".join(made), rows=rows, path=path))
    return {}


def write_events(path: str, rows: str) -> dict[str, Any]:
    """A file of so many events, five of each lead."""
    with duckdb.connect() as connection:
        connection.execute(
            _MADE_EVENTS.format(
                stages=_texts(STAGES), channels=_texts(CHANNELS), rows=rows, path=path
            )
        )
    return {}


def _texts(values: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def floor(path: str, folder: str) -> dict[str, Any]:
    """DuckDB alone, into a table of a database of its own."""
    with duckdb.connect(str(Path(folder) / "floor.duckdb")) as connection:
        began = time.perf_counter()
        connection.execute(f"create table t as from read_csv('{path}')")
        return {"seconds": time.perf_counter() - began}


def take_in(path: str, folder: str, kind: str) -> dict[str, Any]:
    """Seconds until a file shows, and until its table is archived too; then all is in order."""
    mapping = read_mapping(MAPPINGS[kind])
    assert isinstance(mapping, Mapping), mapping
    store, shown = _opened(folder)
    began = time.perf_counter()
    receipt = import_file(store, Path(path), None, mapping, who="bench", now=NOW)
    ended = time.perf_counter()
    assert receipt.import_id is not None, receipt
    assert receipt.rejected_rows == 0, receipt
    settle()
    store.close()
    return {"seconds": shown[0] - began, "archived": ended - began, "import_id": receipt.import_id}


def undo(folder: str, import_id: str) -> dict[str, Any]:
    """Seconds until an import no longer shows."""
    store, shown = _opened(folder)
    began = time.perf_counter()
    store.undo(int(import_id), who="bench", now=NOW)
    settle()
    store.close()
    return {"seconds": shown[0] - began}


def _opened(folder: str) -> tuple[Store, list[float]]:
    """A store as a server has it, and when it shows another state of the data."""
    store = open_store(Path(folder))
    shown: list[float] = []
    store.subscribe(lambda _: shown.append(time.perf_counter()))
    store.watch()
    settle()
    shown.clear()
    return store, shown


# --- what is compared ---


def _rounds(path: Path, kind: str, rounds: int) -> tuple[list[Took], list[Took]]:
    """Floor and import into an empty store, in turns."""
    floors, ours = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            floors.append(alone(floor, path, folder))
            ours.append(alone(take_in, path, Path(folder) / "data", kind))
    return floors, ours


def _median(rounds: list[Took], name: str = "seconds") -> float:
    return statistics.median(float(took[name]) for took in rounds)


def _compare(what: str, path: Path, kind: str, rounds: int, times: float, gib: float) -> float:
    """Print what a file costs beside the floor. The seconds of ours."""
    floors, ours = _rounds(path, kind, rounds)
    least, seconds = _median(floors), _median(ours)
    size = path.stat().st_size / 1e6
    say(f"{what}: DuckDB alone, {size:.0f} MB", f"{least:.2f} s")
    say(
        f"{what}: file to visible",
        f"{seconds:.2f} s",
        Goal(seconds / least, times, "x DuckDB"),
        Goal(max(took.gib for took in ours), gib, "GiB"),
    )
    say("  until its table is archived too", f"{_median(ours, 'archived'):.2f} s")
    return seconds


def _again(
    what: str, folder: Path, rows: int, kind: str, *, first: float, rounds: int, exports: int
) -> None:
    """Print what the same costs with one new row, and undoing it with so many exports standing."""
    data, path = folder / "data", folder / "again.csv"
    columns = 6 if kind == "six" else 1
    seconds, undone, more = [], [], 0
    for _ in range(rounds):  # each is the second export
        shutil.rmtree(data, ignore_errors=True)
        for more in range(2):
            alone(write_leads, path, rows + more, columns)
            took = alone(take_in, path, data, kind)
        seconds.append(took)
    say(
        f"{what}: again with one new row",
        f"{_median(seconds):.2f} s",
        Goal(_median(seconds) / first, AGAIN_TIMES, "x the first"),
        Goal(max(took.gib for took in seconds), LEADS_GIB, "GiB"),
    )
    while more < exports - 1:
        more += 1
        alone(write_leads, path, rows + more, columns)
        took = alone(take_in, path, data, kind)
    say(f"{what}: again, export {exports}", f"{took['seconds']:.2f} s")
    for place in range(rounds):
        if place:
            took = alone(take_in, path, data, kind)
        undone.append(alone(undo, data, took["import_id"]))
    say(
        f"{what}: undoing it with {exports} exports standing",
        f"{_median(undone):.2f} s",
        Goal(_median(undone) / first, UNDO_TIMES, "x the first"),
        Goal(max(took.gib for took in undone), LEADS_GIB, "GiB"),
    )
    shutil.rmtree(data)


def main() -> None:
    """Print the lines of leads and of events."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--small", action="store_true", help="a fiftieth, one round, two exports"
    )
    arguments.add_argument("--folder", type=Path, default=None)
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    rows, events = (20_000, 200_000) if chosen.small else (1_000_000, 10_000_000)
    rounds, exports = (1, 2) if chosen.small else (chosen.rounds, EXPORTS)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        for kind, columns, what in (("leads", 1, "one column"), ("six", 6, "six columns")):
            path = folder / f"{kind}.csv"
            alone(write_leads, path, rows, columns)
            title = f"{rows:,} leads, {what}"
            first = _compare(title, path, kind, rounds, LEADS_TIMES, LEADS_GIB)
            _again(title, folder, rows, kind, first=first, rounds=rounds, exports=exports)
        path = folder / "events.csv"
        alone(write_events, path, events)
        _compare(f"{events:,} events", path, "events", rounds, EVENTS_TIMES, EVENTS_GIB)


if __name__ == "__main__":
    main()
