"""The first rows as they will be understood."""

from datetime import datetime

import duckdb

from kpi_core.domain.stage import Stage
from kpi_core.ingest.extract.preview import UnderstoodRow, understood
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.tabular.reader import open_file

at = datetime.fromisoformat

LEADS = """
name = "leads"
source = "crm"
grain = "lead"
id = "id"
channel = "channel"
[[stages]]
stage = "lead"
date = "created"
blank = "undated"
[[stages]]
stage = "won"
date = "closed"
amount = "value"
[attributes]
role = "role"
"""

EVENTS = """
name = "log"
source = "crm"
grain = "event"
id = "id"
at = "at"
{what}
"""

DAYS = """
name = "days"
source = "web"
grain = "day"
date = "day"
[[counts]]
column = "leads"
stage = "lead"
[[counts]]
column = "views"
measure = "page_views"
"""


def preview(text: str, mapping: str, count: int = 5) -> tuple[UnderstoodRow, ...]:
    sound = read_mapping(mapping)
    assert isinstance(sound, Mapping), sound
    table = open_file(text.encode(), "file.csv").table
    assert table is not None
    with duckdb.connect() as scratch:
        return understood(table, sound, scratch, count)


def test_a_row_of_a_lead_shows_its_stages_and_what_is_said_of_it() -> None:
    assert preview(
        "id,channel,created,closed,value,role\n"
        'A,web,2026/1/5,2026-02-01 10:30,"¥1,200",CEO\nB,,,,,\nC,,soon,,,\n',
        LEADS,
    ) == (
        UnderstoodRow(
            2,
            "A",
            {Stage.LEAD: at("2026-01-05"), Stage.WON: at("2026-02-01 10:30")},
            {"channel": "web", "amount": "1200", "role": "CEO"},
        ),
        UnderstoodRow(3, "B", {Stage.LEAD: None}, {}),
        UnderstoodRow(4),
    )


def test_no_more_rows_are_shown_than_asked_for() -> None:
    text = "day,leads,views\n" + "2026-01-05,1,2\n" * 9
    assert [row.line for row in preview(text, DAYS, 3)] == [2, 3, 4]


def test_events_and_days_show_what_they_say() -> None:
    staged = EVENTS.format(what='stage = "stage"\n[stage_values]\nWon = "won"')
    assert preview("id,stage,at\nA,won,2026-01-05\n", staged) == (
        UnderstoodRow(2, "A", {Stage.WON: at("2026-01-05")}),
    )
    assert preview("id,at\nA,2026-01-05 09:00\n", EVENTS.format(what='activity = "login"')) == (
        UnderstoodRow(2, "A", {}, {"login": "2026-01-05 09:00:00"}),
    )
    assert preview("day,leads,views\n2026-01-05,3,7\n", DAYS) == (
        UnderstoodRow(2, None, {}, {"day": "2026-01-05", "lead": "3", "page_views": "7"}),
    )


def test_a_mail_address_is_never_shown() -> None:
    (row,) = preview("id,channel,created,closed,value,role\na@b.jp,,2026-01-05,,,\n", LEADS)
    assert row.lead is not None
    assert row.lead.startswith("mail:")
