"""Plan documents to try: a small sound one, and how to write others as TOML."""

import json
from datetime import date, datetime, time
from typing import Any

from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan

Table = dict[str, Any]


def small_plan() -> Table:
    """Nothing but what every plan needs."""
    return {
        "id": "small",
        "name": "A small plan",
        "csf": "Enquiries that fit",
        "kgi": {"name": "Orders", "target": 36, "deadline": date(2027, 3, 31)},
        "kpi": {
            "id": "mql",
            "name": "MQLs",
            "kind": "count",
            "stage": "marketing_qualified",
            "targets": {"default": 50},
        },
    }


def toml(document: Table) -> str:
    """A document as TOML, every value on its key's line."""
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in document.items())


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            inside = ", ".join(f"{json.dumps(key)} = {_value(each)}" for key, each in value.items())
            return f"{{ {inside} }}"
        case list() | tuple():
            return "[" + ",\n".join(map(_value, value)) + "]"
        case datetime() | date() | time():
            return value.isoformat()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


def plan_of(document: Table) -> Plan:
    """The plan a sound document declares."""
    plan = read_plan(toml(document))
    assert isinstance(plan, Plan), plan
    return plan
