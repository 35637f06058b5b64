"""What holds of every file, however strange."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.domain.issue import Severity
from kpi_core.domain.issue_code import REFUSALS
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.tabular.reader import open_file
from tests.ingest.read import Read, mapping_of, read_file

HEADER = ("id", "date", "value")


LEADS = """
name = "a"
source = "a"
grain = "lead"
id = "id"
[[stages]]
stage = "lead"
date = "date"
amount = "value"
[attributes]
role = "value"
"""
EVENTS = """
name = "b"
source = "b"
grain = "event"
id = "id"
stage = "value"
at = "date"
[stage_values]
Won = "won"
"""
SNAPSHOT = """
name = "d"
source = "d"
grain = "snapshot"
id = "id"
stage = "value"
at = "date"
[stage_values]
Won = "won"
"""
DAYS = """
name = "c"
source = "c"
grain = "day"
date = "date"
channel = "id"
[[counts]]
column = "value"
stage = "lead"
"""
MAPPINGS = tuple(
    mapping_of(text)
    for text in (
        LEADS,
        LEADS.replace('id = "id"', 'zone = "Asia/Tokyo"\ndate_format = "%d.%m.%Y %H:%M%z"'),
        LEADS.replace('date = "date"', 'date = "date"\nblank = "undated"'),
        EVENTS,
        EVENTS.replace('stage = "value"', 'activity = "login"').partition("[")[0],
        SNAPSHOT,
        SNAPSHOT.replace('at = "date"\n', ""),
        DAYS,
        DAYS.replace('date = "date"', 'date = "date"\nper = "week"'),
    )
)

cells = st.one_of(
    st.sampled_from(
        ["", " ", "A", "2026-01-05", "2026-02-30", "9999-12-31", "2026年1月5日", "Won", "won",
         "a@b.jp", "12", "¥1,200", "x", "2026-01-05T23:30:00Z", "05.01.2026 10:00+0200", "nan"]
    ),
    st.text(max_size=12),
    st.from_regex(r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ][0-9:.Z+-]{0,12})?", fullmatch=True),
)  # fmt: skip
records = st.lists(st.lists(cells, min_size=3, max_size=3), max_size=12)
mappings = st.sampled_from(MAPPINGS)
secrets = st.sampled_from([None, b"key"])


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode(errors="replace")


def lines_taken(batch: Read) -> set[int]:
    return {
        int(line)
        for frame in (batch.events, batch.counts, batch.measures)
        for line in frame["line"]
    }


@settings(max_examples=40)
@given(st.binary(max_size=400), mappings, secrets)
def test_no_bytes_raise(content: bytes, mapping: Mapping, secret: bytes | None) -> None:
    batch = read_file(content, mapping, secret=secret)
    assert batch.issues or lines_taken(batch)


@settings(max_examples=40)
@given(st.text(alphabet='ab,;\t"\r\n 1', max_size=60), mappings)
def test_no_csv_raises_and_every_row_is_accounted_for(text: str, mapping: Mapping) -> None:
    content = b"id,date,value\n" + text.encode()
    read_file(content, mapping)
    table = open_file(content, "any.csv").table
    if table is not None and table.rows:
        rejected = [issue for issue in table.issues if issue.severity is Severity.REJECTED]
        assert table.rows == len(table.head(table.rows + 1)) + len(rejected)
        assert all(issue.line is not None for issue in table.issues)


@settings(max_examples=40)
@given(records, mappings, secrets)
def test_every_row_is_taken_rejected_or_passed_over(
    rows: list[list[str]], mapping: Mapping, secret: bytes | None
) -> None:
    batch = read_file(written(rows), mapping, secret=secret)
    refused = any(issue.code in REFUSALS for issue in batch.issues)
    expected = {line for line, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)}
    assert batch.rows == len(expected)
    if refused:
        assert not expected
        return
    rejected = {issue.line for issue in batch.issues if issue.severity is Severity.REJECTED}
    flagged = {issue.line for issue in batch.issues if issue.severity is Severity.FLAGGED}
    added_up = {issue.line for issue in batch.issues if issue.code == "same_day_added"}
    assert lines_taken(batch) | rejected | added_up == expected
    assert None not in rejected
    assert flagged - {None} <= expected


@settings(max_examples=40)
@given(records, mappings)
def test_no_mail_address_comes_through(rows: list[list[str]], mapping: Mapping) -> None:
    batch = read_file(written(rows), mapping, secret=b"key")
    told = repr(batch.issues) + batch.events.to_csv() + batch.attributes.to_csv()
    assert "a@b.jp" not in told + batch.counts.to_csv()


@given(st.text(max_size=200))
def test_no_document_raises(text: str) -> None:
    read_mapping(text)
    read_mapping(LEADS + text)


toml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["id", "zone", "stages", "attributes", "optional", "title", "name",
                         "stage", "stage_values", "counts", "at", "date", "date_format"]),
        toml_values,
    ),
    st.sampled_from(["lead", "event", "day"]),
)  # fmt: skip
def test_no_value_in_a_document_raises(values: dict[str, object], grain: str) -> None:
    lines = [f"{key} = {toml(value)}" for key, value in values.items()]
    read_mapping("\n".join([f'grain = "{grain}"', *lines]))


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {toml(v)}" for k, v in value.items()) + "}"
    return quoted("" if value is None else str(value))


def quoted(text: str) -> str:
    escaped = "".join(f"\\U{ord(c):08x}" for c in text if not 0xD800 <= ord(c) <= 0xDFFF)
    return f'"{escaped}"'
