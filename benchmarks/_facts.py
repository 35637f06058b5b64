"""Synthetic facts for benchmarks: a funnel of any size over the last 14 months."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import duckdb

from kpi_core.facts.batch import Batch, Grain
from kpi_core.facts.store import Store

DAYS = 425
"""About 14 months."""

BATCH_LEADS = 1_000_000
EVENTS_PER_LEAD = 1.9375
"""Each stage keeps half of the one before: 1 + 1/2 + 1/4 + 1/8 + 1/16."""

_EVENTS = """
with leads as (
    select
        range as n,
        cast($last_day as timestamp)
            - to_seconds(cast(hash(range) % ($days * 86400) as bigint)) as began,
        hash(range, 'funnel') % 16 as luck,
        list_value('web', 'ads', 'seminar', 'referral', 'fair', null)
            [cast(hash(range, 'channel') % 6 as integer) + 1] as channel
    from range($first, $beyond)
)
select
    l.n as line,
    'lead-' || lpad(cast(l.n as varchar), 9, '0') as lead,
    s.stage,
    cast(null as varchar) as activity,
    l.began + to_days(cast(s.place * 15 + hash(l.n, s.stage) % 15 as integer)) as occurred_at,
    case when s.place = 0 then l.channel end as channel,
    cast(null as varchar) as campaign,
    'owner-' || cast(hash(l.n, 'owner') % 20 as varchar) as owner,
    cast(null as varchar) as account,
    case when s.stage = 'won' then cast(100000 + hash(l.n, 'amount') % 900000 as double) end
        as amount,
    cast(null as double) as quality
from leads l
join (
    values ('lead', 0, 16), ('marketing_qualified', 1, 8), ('sales_qualified', 2, 4),
        ('opportunity', 3, 2), ('won', 4, 1)
) s (stage, place, kept) on l.luck < s.kept
where l.began + to_days(cast(s.place * 15 + hash(l.n, s.stage) % 15 as integer))
    < cast($last_day as timestamp)
order by l.n, s.place
"""


def batches(events: int, last_day: date) -> Iterator[Batch]:
    """About so many events up to the last day, in batches of at most a million leads."""
    leads = round(events / EVENTS_PER_LEAD)
    with duckdb.connect() as connection:
        for first in range(0, leads, BATCH_LEADS):
            beyond = min(first + BATCH_LEADS, leads)
            frame = connection.execute(
                _EVENTS,
                {"first": first, "beyond": beyond, "last_day": last_day, "days": DAYS},
            ).df()
            yield Batch(
                source="benchmark",
                file_name=f"leads-{first}.csv",
                content_hash=f"benchmark-{first}-{beyond}",
                mapping_name="benchmark",
                mapping="",
                grain=Grain.EVENT,
                rows=len(frame),
                events=frame.astype({"occurred_at": "datetime64[us]"}),
            )


def fill(store: Store, events: int, last_day: date) -> int:
    """Take about so many events into a store; returns how many."""
    now = datetime.combine(last_day, datetime.min.time()) + timedelta(hours=9)
    return sum(
        store.commit(batch, who="benchmark", now=now).new for batch in batches(events, last_day)
    )
