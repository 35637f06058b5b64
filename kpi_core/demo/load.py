"""The demo into the store, by the same way as any file."""

from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from kpi_core.demo.leads import leads_csv
from kpi_core.demo.measures import measures_csv
from kpi_core.demo.season import CALENDAR
from kpi_core.domain.receipt import Receipt
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.plans.starter_plans import starters

PLAN = "saas"
WHO = "demo"
MARK = "# Loaded with the demo data, and gone with them.\n"
"""Marks the demo's plan: the same starter plan, loaded by a user, has no such line and stays."""


def load_demo(store: Store, *, now: datetime) -> tuple[Receipt, ...]:
    """Fill the store with fourteen months up to yesterday; `now` is a moment with a zone.

    Loaded again on a later day, it adds what has happened since. The starter plan comes with
    it where there is no plan. A store with facts of its own is left as it is: no receipts.
    """
    if any(record.is_current and not record.demo for record in store.imports()):
        return ()
    if not store.records.plan_ids():
        _load_plan(store, CALENDAR.local(now))
    local = now.astimezone(ZoneInfo(store.zone)).replace(tzinfo=None)
    midnight = datetime.combine(local.date(), time())
    return tuple(
        import_file(
            store, content, name, mapping, who=WHO, now=local, exported_at=midnight, demo=True
        )
        for name, content, mapping in demo_files(local.date())
    )


def demo_files(today: date) -> tuple[tuple[str, bytes, Mapping], ...]:
    """The demo as files: a name, the bytes, and how they are read."""
    return (
        ("demo-leads.csv", leads_csv(today), _mapping("demo-leads")),
        ("demo-measures.csv", measures_csv(today), _mapping("demo-measures")),
    )


def _load_plan(store: Store, local: datetime) -> None:
    text = MARK + starters()[PLAN]
    plan = load_plan(store, text, who=WHO, why="", effective_from=None, now=local)
    if not isinstance(plan, Plan):
        raise ValueError(f"The starter {PLAN} cannot be read: {plan}")


@cache
def _mapping(name: str) -> Mapping:
    """One of the mappings beside this file."""
    mapping = read_mapping((files("kpi_core.demo") / f"{name}.toml").read_text(encoding="utf-8"))
    if not isinstance(mapping, Mapping):
        raise ValueError(f"The demo's mapping {name} cannot be read: {mapping}")
    return mapping
