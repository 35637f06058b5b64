"""The public shape of what the API answers: receipts, the ledger, the board, errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from kpi_core.analysis.anomaly import Side
from kpi_core.domain.issue import Severity
from kpi_core.domain.question import Ask
from kpi_core.domain.status import Direction, Status
from kpi_core.evaluation.month_end import NoLanding, Outlook
from kpi_core.parsing.pii import PersonKind
from kpi_core.plans.indicator import Basis
from kpi_core.reports.as_json import as_json
from kpi_core.web.api.api_error import MEDIA_TYPE


def _whole(value: object) -> object:
    """A whole number is an integer in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[int | float, BeforeValidator(_whole), WithJsonSchema({"type": "number"})]
LocalTime = Annotated[
    datetime, WithJsonSchema({"type": "string", "description": "ISO 8601, in the plan's zone"})
]
Month = Annotated[str, BeforeValidator(str), Field(pattern=r"^\d{4}-\d{2}$")]
Text = str | dict[str, str]
"""In one language, or by language."""
PlanPart = Annotated[dict[str, Any], BeforeValidator(as_json)]
"""A part of the plan document, as it was written."""


class Document(BaseModel):
    """Read off a report by the names of its fields."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")


# --- imports ---


class IssueDocument(Document):
    code: str
    line: int | None
    column: str | None
    value: str | None
    severity: Severity
    message: str


class MonthChange(Document):
    name: str
    month: date
    before: Number
    after: Number
    amount_before: Number | None
    amount_after: Number | None


class Conflict(Document):
    code: str
    count: int
    options: list[str]
    import_id: int | None
    examples: list[str]


class Case(Document):
    code: str
    lead: str
    detail: str


class ReceiptDocument(Document):
    import_id: int | None
    source: str
    file_name: str
    rows: int
    new: int
    changed: int
    unchanged: int
    new_leads: int
    undated: int
    rejected_rows: int
    flagged: int
    data_through: LocalTime | None
    issue_count: int
    issues: list[IssueDocument]
    repeats: int | None
    file_hash: str
    months: list[MonthChange]
    conflicts: list[Conflict]
    cases: list[Case]
    case_counts: list[tuple[str, int]]
    is_counted: bool
    facts: int


class DroppedColumn(Document):
    """A column that looks personal, and is left out."""

    header: str
    kind: PersonKind


class ImportAnswer(ReceiptDocument):
    """The receipt, and what was found in the file."""

    dry_run: bool
    replaces_demo: bool
    mapping: str
    notes: list[IssueDocument]
    dropped: list[DroppedColumn]


class LedgerEntry(Document):
    import_id: int
    source: str
    thing: str
    file_name: str
    file_hash: str
    content_hash: str
    mapping_name: str
    grain: str
    rows: int
    data_through: LocalTime | None
    ranks_at: LocalTime | None
    repeats: int | None
    demo: bool
    imported_at: LocalTime
    imported_by: str
    undone_at: LocalTime | None
    undone_by: str | None
    new: int
    changed: int
    unchanged: int
    rejected_rows: int
    flagged: int
    covers: list[tuple[str, str]]
    first_event: LocalTime | None
    adds: bool
    is_applied: bool
    is_current: bool
    replaced_by: int | None


class Ledger(Document):
    imports: list[LedgerEntry]


# --- the board ---


class Period(Document):
    first: date
    last: date


class Moment(Document):
    """A month, and the moment it is judged at; not the moment of asking."""

    month: Month
    period: Period
    as_of: LocalTime
    data_through: LocalTime | None
    is_live: bool
    is_old: bool
    later_through: LocalTime | None
    held_by: str | None
    counted_through: date
    last_closed: date
    is_over: bool
    awaits_month: bool
    stale: bool


class Levels(Document):
    attention: Number
    warning: Number


class Pace(Document):
    value: Number
    target: Number | None
    plan_line: Number
    days_worked: Number
    days_left: int
    share: Number | None
    has_begun: bool
    expected: Number | None
    pace: Number | None
    missing: Number | None
    needed_per_day: Number | None


class Odds(Document):
    """A chance from 0.01 to 0.99, and as a fraction: `times` in `of`."""

    chance: Number
    times: int
    of: int


class Landing(Document):
    """The forecast of the month's end: its middle, an 80% range, the chance of the target."""

    expected: Number
    low: Number | None
    high: Number | None
    odds: Odds | None
    outlook: Outlook | None
    is_first: bool


class Stamp(Document):
    """A checkpoint; `passed` is null until data reach it."""

    number: int
    of: int
    on: date
    share: Number
    needed: Number | None
    value: Number | None
    passed: bool | None
    odds: Number | None
    is_end: bool


class TrackDay(Document):
    day: date
    is_working: bool
    value: Number | None
    floor: Number | None
    plan: Number | None


class ClosedMonth(Document):
    month: Month
    value: Number | None
    target: Number | None
    status: Status
    is_covered: bool
    is_missed: bool
    is_crisis: bool


class Kpi(Document):
    id: str
    name: Text
    unit: Text
    owner: Text | None
    definition: PlanPart
    direction: Direction
    is_ratio: bool
    is_whole: bool
    basis: Basis
    levels: Levels
    moment: Moment
    value: Number | None
    target: Number | None
    share: Number | None
    status: Status
    could_be_chance: bool
    pace: Pace | None
    landing: Landing | None
    no_landing: NoLanding | None
    matures_on: date | None
    stamps: list[Stamp]
    track: list[TrackDay]
    rules: list[PlanPart]
    closed: ClosedMonth | None
    needed_per_day: Number | None
    missed: Stamp | None


class Action(Document):
    action: PlanPart
    done: Number | None
    since: date


class Reach(Document):
    source: str
    through: LocalTime


class Signal(Document):
    id: str
    name: Text
    is_ratio: bool
    side: Side
    first: date
    weeks: int
    value: Number
    low: Number
    high: Number


class Board(Document):
    plan_id: str
    plan_name: Text
    zone: str
    months: list[Month]
    kpi: Kpi
    second_kpi: Kpi | None
    kgi: PlanPart
    csf: Text
    actions: list[Action]
    indicators: int
    signals: list[Signal]
    abnormal: list[Text]
    behind: Reach | None
    nothing_fits: bool
    is_demo: bool
    data_version: int
    rebuilding: bool


# --- errors ---


class Option(Document):
    value: str
    text: str
    examples: list[str]


class Question(Document):
    """What an import asks; `answer` is the likeliest, if any."""

    key: str
    code: Ask
    subject: str
    title: str
    answer: str | None
    free: bool
    options: list[Option]


class ErrorDetail(Document):
    """One mistake: with its path in the body, or with its place in the file."""

    message: str
    code: str | None = None
    path: str | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None
    severity: Severity | None = None


class ErrorDocument(Document):
    """`code` is for programs, `message` for people."""

    code: str
    message: str
    details: list[ErrorDetail] | None = None
    questions: list[Question] | None = None
    receipt: ReceiptDocument | None = None
    limit_mb: int | None = None


class ProblemDocument(Document):
    """A problem as of RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    error: ErrorDocument


PROBLEMS = {
    401: "No token, or a wrong one",
    403: "The token lacks the required scope, or the display link is for another network",
    404: "There is no such import",
    408: "The body stopped coming",
    411: "There is no body",
    412: "Another revision has been saved meanwhile; the ETag has its number",
    413: "More was sent than is allowed; `limit_mb` has the limit",
    415: "The body is packed or encoded in a way that is not read",
    422: "A parameter cannot be read",
    429: "Too many imports or pictures are waiting, or too many wrong tokens came; see Retry-After",
    503: "The server is starting, or the store cannot be written",
}


def problems(*statuses: int, special: Mapping[int, str] | None = None) -> dict[int | str, Any]:
    """The errors of a route for its description; `special` are those with a text of their own."""
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    texts = {status: PROBLEMS[status] for status in statuses} | dict(special or {})
    return {
        status: {"description": text, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status, text in texts.items()
    }
