"""Batches made of small files, as the store takes them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kpi_core.facts.batch import Batch, Grain
from tests.facts.files import File

_FIELDS = dict.fromkeys(("channel", "campaign", "owner", "account"), "str")
_EVENTS = {
    "line": "int64",
    "lead": "str",
    "stage": "str",
    "activity": "str",
    "occurred_at": "datetime64[us]",
    "withdrawn": "boolean",
    "amount": "float64",
    "quality": "float64",
}
_NUMBERS = {
    "line": "int64",
    "stage": "str",
    "measure": "str",
    "day": "datetime64[us]",
    "channel": "str",
    "value": "float64",
}


def batch(file: File) -> Batch:
    """The batch of a file; a history or a push also has the columns of its events' fields."""
    own = file.grain in ("event", "push")
    events = [
        {"line": line, **vars(event), **(vars(event.fields) if own else {})}
        for line, event in file.events()
    ]
    stated = [
        {
            "line": line,
            "lead": lead,
            **vars(fields),
            **{f"attr_{name}": text for name, text in fields.attributes},
        }
        for line, lead, fields in file.fields()
    ]
    attributes = {
        f"attr_{name}": "str" for *_, each in file.fields() for name, _ in each.attributes
    }
    return Batch(
        source=file.source,
        file_name=file.name,
        content_hash=file.content_hash,
        mapping_name=file.mapping,
        mapping=file.mapping,
        grain=Grain(file.grain),
        rows=len(file.lines),
        thing=file.thing,
        events=_frame(events, _EVENTS | (_FIELDS if own else {})),
        leads=_frame(stated, {"line": "int64", "lead": "str"} | _FIELDS | attributes),
        numbers=_frame([{"line": line, **vars(row)} for line, row in file.numbers()], _NUMBERS),
        covers=file.covers(),
        data_through=file.data_through,
        without_ids=any("#" in row["lead"] for row in (*events, *stated)),
    )


def _frame(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame | None:
    """A frame of these columns; None without rows."""
    return pd.DataFrame(rows, columns=list(columns)).astype(dict(columns)) if rows else None
