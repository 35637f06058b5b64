"""What an import did, or would do: counts, sums per month, cases by name, open questions."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from kpi_core.domain.issue import Issue, Severity


@dataclass(frozen=True)
class MonthChange:
    """The value of a stage, an activity or a measure in a month, before and after an import.

    Leads, times or the sum of the measure; `month` is its first day, by the calendar. Of a stage
    with amounts their sums stand beside; None where no amount is known.
    """

    name: str
    month: date
    before: float
    after: float
    amount_before: float | None = None
    amount_after: float | None = None


@dataclass(frozen=True)
class Conflict:
    """A question to answer before the import: which of two statements counts.

    `options` has the first offer first; `count` says how many statements it is about.
    """

    code: str
    count: int
    options: tuple[str, ...]
    import_id: int | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One lead, or one day of a measure, that the receipt shows by name."""

    code: str
    lead: str
    detail: str


@dataclass(frozen=True)
class Receipt:
    """What an import did, or would do. Facts are events and numbers.

    `new`, `changed` and `unchanged` count facts against what was known before; `new_leads` leads
    that were unknown. `issues` holds the first of them, `issue_count` says how many there are.
    `months` has a line for each month in which the file says or changes something. `cases` has
    at most ten per code, `case_counts` how many there are of each code.
    Not `is_counted`: the import is committed, and its counts follow.
    `import_id` is None for a preview; `repeats` names the current import of the same bytes.
    """

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
    data_through: datetime | None
    issue_count: int
    issues: tuple[Issue, ...]
    repeats: int | None = None
    file_hash: str = ""
    months: tuple[MonthChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    cases: tuple[Case, ...] = ()
    case_counts: tuple[tuple[str, int], ...] = ()
    is_counted: bool = True

    @property
    def facts(self) -> int:
        """Facts in the file, whether new or known."""
        return self.new + self.changed + self.unchanged

    def to_json(self) -> str:
        """The receipt as JSON text; `from_json` reads it back equal."""
        return json.dumps(asdict(self), default=_iso)

    @classmethod
    def from_json(cls, text: str) -> "Receipt":
        """The receipt of a text that `to_json` wrote."""
        said: dict[str, Any] = json.loads(text)
        through = said["data_through"]
        nested = {
            "data_through": datetime.fromisoformat(through) if through else None,
            "issues": tuple(_issue(**issue) for issue in said["issues"]),
            "months": tuple(_month(**month) for month in said["months"]),
            "conflicts": tuple(_conflict(**conflict) for conflict in said["conflicts"]),
            "cases": tuple(Case(**case) for case in said["cases"]),
            "case_counts": tuple((code, count) for code, count in said["case_counts"]),
        }
        return cls(**(said | nested))


def _issue(severity: str, **rest: Any) -> Issue:
    return Issue(**rest, severity=Severity(severity))


def _month(month: str, **rest: Any) -> MonthChange:
    return MonthChange(**rest, month=date.fromisoformat(month))


def _conflict(options: list[str], examples: list[str], **rest: Any) -> Conflict:
    return Conflict(**rest, options=tuple(options), examples=tuple(examples))


def _iso(value: object) -> str:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    raise TypeError(f"Not part of a receipt: {value!r}")
