"""Synthetic facts for benchmarks: a funnel of any size over the last 14 months, and its plan."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from benchmarks._alone import alone
from kpi_core.facts.batch import Batch, Grain
from kpi_core.facts.store import Store, open_store
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.records.tokens import TokenScope

DAYS = 425
"""About 14 months."""
FEW, MANY, SMALL_MANY = 100_000, 10_000_000, 200_000
"""How many events there are; the last instead of ten million in a quick look."""

BATCH_LEADS = 1_000_000
EVENTS_PER_LEAD = 1.9375
"""Each stage keeps half of the one before: 1 + 1/2 + 1/4 + 1/8 + 1/16."""

STAGES = ("lead", "marketing_qualified", "sales_qualified", "opportunity", "won")
CHANNELS = ("web", "ads", "seminar", "referral", "fair")

MAPPING = """
name = "benchmark"
source = "benchmark"
grain = "event"
id = "lead"
stage = "stage"
at = "occurred_at"
channel = "channel"
owner = "owner"
amount = "amount"
[stage_values]
""" + "\n".join(f'{stage} = "{stage}"' for stage in STAGES)
"""How a file of these facts is read."""

PLAN = """
id = "bench"
name = "Benchmark"
csf = "More of them"
kgi = { name = "Orders", target = 1000, deadline = 2027-12-31 }

[kpi]
id = "mql"
name = "MQLs"
kind = "count"
stage = "marketing_qualified"
targets.default = 1000

[[indicators]]
id = "leads"
name = "Leads"
kind = "count"
stage = "lead"

[[indicators]]
id = "sql"
name = "SQLs"
kind = "count"
stage = "sales_qualified"

[[indicators]]
id = "opportunities"
name = "Opportunities"
kind = "count"
stage = "opportunity"

[[indicators]]
id = "won"
name = "Won"
kind = "count"
stage = "won"

[[indicators]]
id = "value"
name = "Value won"
kind = "sum"
of = "amount"
stage = "won"

[[indicators]]
id = "paid"
name = "MQLs from ads"
kind = "count"
stage = "marketing_qualified"
where = [{ attribute = "channel", in = ["web", "ads"] }]

[[indicators]]
id = "rate"
name = "MQL to win"
kind = "ratio"
basis = "cohort"
matures_after_days = 60
numerator = { stage = "won" }
denominator = { stage = "marketing_qualified" }

[[indicators]]
id = "size"
name = "Value a win"
kind = "formula"
formula = "value / won"
"""

_EVENTS = """
create or replace temp table benchmark_events as
with leads as (
    select
        range as n,
        cast('{last_day}' as timestamp)
            - to_seconds(cast(hash(range) % ({days} * 86400) as bigint)) as began,
        hash(range, 'funnel') % 16 as luck,
        list_value('web', 'ads', 'seminar', 'referral', 'fair', null)
            [cast(hash(range, 'channel') % 6 as integer) + 1] as channel
    from range({first}, {beyond})
)
select
    l.n as line,
    'lead-' || lpad(cast(l.n as varchar), 9, '0') as lead,
    s.stage,
    l.began + to_days(cast(s.place * 15 + hash(l.n, s.stage) % 15 as integer)) as occurred_at,
    case when s.place = 0 then l.channel end as channel,
    'owner-' || cast(hash(l.n, 'owner') % 20 as varchar) as owner,
    case when s.stage = 'won' then cast(100000 + hash(l.n, 'amount') % 900000 as double) end
        as amount
from leads l
join (
    values ('lead', 0, 16), ('marketing_qualified', 1, 8), ('sales_qualified', 2, 4),
        ('opportunity', 3, 2), ('won', 4, 1)
) s (stage, place, kept) on l.luck < s.kept
where l.began + to_days(cast(s.place * 15 + hash(l.n, s.stage) % 15 as integer))
    < cast('{last_day}' as timestamp)
"""


def fill(store: Store, events: int, last_day: date, export: str = "first") -> int:
    """Take about so many events up to the last day into a store; returns how many.

    They come in imports of at most a million leads. Another `export` says the same again.
    """
    now = datetime.combine(last_day, datetime.min.time()) + timedelta(hours=9)
    leads = round(events / EVENTS_PER_LEAD)
    rows = 0
    for first in range(0, leads, BATCH_LEADS):
        beyond = min(first + BATCH_LEADS, leads)
        with store.scratch() as scratch:
            batch = _batch(scratch, first, beyond, last_day, export)
            store.commit(batch, who="benchmark", now=now)
            rows += batch.rows
            scratch.execute("drop table benchmark_events")
    return rows


def _batch(
    scratch: DuckDBPyConnection, first: int, beyond: int, last_day: date, export: str
) -> Batch:
    scratch.execute(_EVENTS.format(first=first, beyond=beyond, last_day=last_day, days=DAYS))
    ((rows,),) = scratch.execute("select count(*) from benchmark_events").fetchall()
    return Batch(
        source="benchmark",
        file_name=f"{export}-{first}.csv",
        content_hash=f"{export}-{first}-{beyond}",
        mapping_name="benchmark",
        mapping=MAPPING,
        grain=Grain.EVENT,
        rows=rows,
        events="benchmark_events",
        covers=frozenset(("stage", stage) for stage in STAGES),
        scratch=scratch,
    )


def push(store: Store, name: str, now: datetime) -> None:
    """Commit one event of one lead, as a program would send it."""
    with store.scratch() as scratch:
        scratch.execute(
            "create or replace temp table pushed as select 1 as line, $lead as lead, "
            "'marketing_qualified' as stage, cast($now as timestamp) as occurred_at",
            {"lead": name, "now": now},
        )
        batch = Batch(
            source="benchmark",
            file_name="",
            content_hash=name,
            mapping_name="pushed",
            mapping="",
            grain=Grain.PUSH,
            rows=1,
            events="pushed",
            covers=frozenset({("stage", "marketing_qualified")}),
            scratch=scratch,
        )
        store.commit(batch, who="benchmark", now=now)


def make(
    folder: str, events: str, last_day: str, again: str = "0", plan: str = PLAN
) -> dict[str, Any]:
    """Fill a new data folder, with a plan, a saved mapping and a token, in this process."""
    store = open_store(Path(folder))
    day = date.fromisoformat(last_day)
    now = datetime.combine(day, datetime.min.time())
    plan_made = load_plan(store, plan, who="benchmark", why="", effective_from=None, now=now)
    assert isinstance(plan_made, Plan), plan_made
    store.records.save_mapping("benchmark", MAPPING, "", who="benchmark", now=now)
    _, token = store.records.add_token("benchmark", TokenScope.IMPORTS, who="benchmark", now=now)
    began = time.perf_counter()
    rows = fill(store, int(events), day)
    rows += fill(store, int(again), day, "again") if int(again) else 0
    seconds = time.perf_counter() - began
    store.watch()
    settle()
    store.close()
    return {"rows": rows, "seconds": seconds, "token": token}


def filled(folder: Path, events: int, last_day: date, again: int = 0) -> str:
    """A data folder with so many events, made in a process of its own; the token for its API."""
    took = alone(make, folder, events, last_day, again)
    print(f"({took['rows']:,} events stored in {took['seconds']:.0f} s, {took.gib:.2f} GiB)")
    return str(took["token"])


def settle(seconds: float = 120) -> None:
    """Wait until this process rests: a store that is watched is published and in order then."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        used = time.process_time()
        time.sleep(1)
        if time.process_time() - used < 0.1:
            return
