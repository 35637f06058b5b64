"""Reports as plain data."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from kpi_core.domain.pace import Pace
from kpi_core.domain.period import Month
from kpi_core.domain.status import Status
from kpi_core.reports.as_json import as_json


@dataclass(frozen=True)
class Row:
    day: date
    count: float


def test_fields_keep_their_names_and_days_are_iso() -> None:
    row = Row(date(2026, 11, 22), 12.5)
    assert as_json({"rows": (row,)}) == {"rows": [{"day": "2026-11-22", "count": 12.5}]}


def test_what_a_report_derives_is_given_too() -> None:
    document = as_json(Pace(value=20, target=50, plan_line=0.5, days_worked=10, days_left=10))
    assert document["share"] == 0.4
    assert document["pace"] == 0.8
    assert document["needed_per_day"] == 3


def test_words_months_and_moments() -> None:
    moment = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 - a wall clock of the plan's zone
    given = {Status.ON_PLAN: (Month(2026, 11), moment, Path("a"), None, True)}
    assert as_json(given) == {"on_plan": ["2026-11", "2026-11-22T09:30:00", "a", None, True]}


def test_numbers_json_can_write() -> None:
    assert as_json([1141.0, float("inf"), float("nan"), 0.1]) == [1141, None, None, 0.1]
    assert json.dumps(as_json(1141.0)) == "1141"


def test_sets_have_an_order() -> None:
    class Word(StrEnum):
        B = "b"
        A = "a"

    assert as_json(frozenset(Word)) == ["a", "b"]


def test_what_no_report_holds_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="object has no place in a report"):
        as_json(object())
