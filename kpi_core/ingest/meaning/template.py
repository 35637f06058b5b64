"""Something to begin with: our own CSV template, and a mapping sketched for a file's columns."""

import json
from collections.abc import Sequence

from kpi_core.domain.stage import Stage
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mappings import load_mapping

TEMPLATE_NAME = "funnel-template.csv"
SKETCH_NAME = "my-mapping.toml"
BYTE_ORDER_MARK = "\ufeff"

_SKETCH = """\
# How this file is read. Put your column names in place, take out what does not apply,
# and choose the file on the imports page.
#
# The columns found: {columns}

name = "my-mapping"     # small letters, digits, - and _
source = "my-source"    # leads of the same source join by their ids
grain = "lead"          # a row per lead; "event": a row per stage change; "day": a row per day
id = {id}
# channel = "…"         # also campaign, owner, account
# zone = "Asia/Tokyo"   # moves instants with an offset; without it dates are taken as written
# date_format = "%m/%d/%Y"   # for dates that do not begin with the year

# One [[stages]] per date column. Stages: {stages}.
[[stages]]
stage = "lead"
date = {date}

# Attributes that the plan's conditions ask for.
# [attributes]
# role = "…"
"""


def template_csv() -> bytes:
    """The header alone, marked as UTF-8 so that Excel opens it as such."""
    mapping = load_mapping("funnel-template")
    assert isinstance(mapping, Mapping)
    return f"{BYTE_ORDER_MARK}{','.join(mapping.columns)}\r\n".encode()


def mapping_sketch(header: Sequence[str]) -> str:
    """A mapping to be completed: it reads, with the first two columns as id and date."""
    quoted = [json.dumps(name, ensure_ascii=False) for name in header] or ['""']
    return _SKETCH.format(
        columns=", ".join(quoted),
        id=quoted[0],
        date=quoted[min(1, len(quoted) - 1)],
        stages=", ".join(Stage),
    )
