"""A known mapping and a file whose cells are written another way: the cells are right."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.ingest.inspect import Inspection, inspect
from kpi_core.mapping.document import Mapping, fingerprint
from tests.ingest.inspected import NOW, answered, asked, open_keys
from tests.ingest.read import read_file

JAPANESE = "リードID,作成日,受注日,受注金額\n"


@dataclass(frozen=True)
class Kept:
    name: str
    text: str
    fingerprint: str


def saved(text: str) -> Kept:
    found = answered(text.encode(), "first.csv")
    assert found.mapping is not None
    return Kept("crm", found.mapping.text, fingerprint(found.header))


def then(before: Kept, text: str, **answers: str) -> Inspection:
    found = inspect(text.encode(), "second.csv", now=NOW, known=(before,), answers=answers)
    assert found.known is not None
    return found


def months(mapping: Mapping | None, text: str, stage: Stage = Stage.LEAD) -> dict[str, int]:
    assert mapping is not None
    read = read_file(text.encode(), mapping, now=NOW)
    assert read.batch.rows == len(read.events["lead"].unique())
    of = read.events[read.events["stage"] == stage.value]["occurred_at"]
    return {str(month): int(n) for month, n in of.dt.strftime("%Y-%m").value_counts().items()}


@pytest.mark.parametrize(
    ("first", "second", "leads"),
    [
        ("saved_iso_first", "saved_then_us", {"2026-01": 2, "2026-02": 1}),
        ("saved_mdy_first", "saved_then_dmy", {"2026-01": 3}),
    ],
)
def test_a_saved_mapping_reads_dates_as_the_new_file_writes_them(
    shared: Path, first: str, second: str, leads: dict[str, int]
) -> None:
    one, other = ((shared / "found" / f"{each}.csv").read_text("utf-8") for each in (first, second))
    found = then(saved(one), other)
    assert open_keys(found) == []
    assert months(found.mapping, other) == leads


def test_a_shipped_mapping_reads_dates_as_the_file_writes_them(shared: Path) -> None:
    text = (shared / "found" / "known_header_us_dates.csv").read_text("utf-8")
    found = answered(text.encode(), "pipeline.csv")
    assert found.known == "maven-pipeline"
    assert months(found.mapping, text, Stage.OPPORTUNITY) == {"2025-10": 2, "2026-02": 1}
    assert months(found.mapping, text, Stage.WON) == {"2026-03": 2}


def test_a_japanese_file_saved_again_by_excel_is_read_by_its_own_dates() -> None:
    before = saved(JAPANESE + "A1,2026年1月5日,2026年2月3日,100\nA2,2026年1月6日,,\n")
    text = JAPANESE + "B1,25/01/2026,20/02/2026,100\nB2,26/01/2026,,\nB3,03/02/2026,28/02/2026,5\n"
    found = then(before, text)
    assert open_keys(found) == []
    assert months(found.mapping, text) == {"2026-01": 2, "2026-02": 1}
    assert months(found.mapping, text, Stage.WON) == {"2026-02": 2}


def test_day_numbers_of_excel_are_read_under_a_mapping_for_written_dates() -> None:
    before = saved("Lead ID,Lead Date\nA1,2026-01-25\nA2,2026-01-05\n")
    text = "Lead ID,Lead Date\nB1,46047\nB2,46027\nB3,46054\n"  # 25 and 5 January, 1 February
    found = then(before, text)
    assert open_keys(found) == []
    assert months(found.mapping, text) == {"2026-01": 2, "2026-02": 1}


def test_a_column_that_proves_nothing_is_asked_where_one_beside_it_proves_another_order() -> None:
    before = saved("Lead ID,Lead Date,Won Date\nA1,01/25/2026,02/20/2026\n")
    text = "Lead ID,Lead Date,Won Date\nB1,25/01/2026,03/02/2026\n"
    found = then(before, text)
    assert open_keys(found) == ["order:Won Date"]
    assert asked(found, "order:Won Date").options[0].value == "day-month"
    answers = {"order:Won Date": "day-month"}
    assert months(then(before, text, **answers).mapping, text, Stage.WON) == {"2026-02": 1}


def test_a_file_whose_dates_agree_or_say_nothing_is_read_without_a_question() -> None:
    before = saved("Lead ID,Lead Date\nA1,01/25/2026\n")
    for dates in ("03/04/2026", "03/25/2026", "2026-03-04"):
        text = f"Lead ID,Lead Date\nB1,{dates}\n"
        found = then(before, text)
        assert open_keys(found) == []
        assert months(found.mapping, text) == {"2026-03": 1}


def amounts(mapping: Mapping | None, text: str) -> float:
    assert mapping is not None
    events = read_file(text.encode(), mapping, now=NOW).events
    return float(events[events["stage"] == Stage.WON.value]["amount"].sum())


COMMA = "Deal ID;Won Date;Amount\nA1;2026-01-05;1.234,50\nA2;2026-01-06;99,5\n"


def test_a_decimal_sign_that_the_file_proves_is_its_own() -> None:
    before = saved(COMMA)
    text = 'Deal ID;Won Date;Amount\nB1;2026-02-05;"1,234.50"\nB2;2026-02-06;0.5\n'
    found = then(before, text)
    assert open_keys(found) == []
    assert amounts(found.mapping, text) == 1235.0


@pytest.mark.parametrize(("sign", "total"), [("point", 3500.0), ("comma", 3.5)])
def test_numbers_that_the_saved_sign_makes_tiny_are_asked(sign: str, total: float) -> None:
    before = saved(COMMA)
    text = "Deal ID;Won Date;Amount\nB1;2026-02-05;2,000\nB2;2026-02-06;1,500\n"
    found = then(before, text)
    assert open_keys(found) == ["decimal:Amount"]
    assert asked(found, "decimal:Amount").options[0].value == "point"
    assert amounts(then(before, text, **{"decimal:Amount": sign}).mapping, text) == total


def test_japanese_amounts_with_a_comma_for_thousands_are_asked_after_a_comma_for_decimals() -> None:
    before = saved(JAPANESE + '甲1,2026-01-05,2026-02-03,"12,5"\n')
    text = JAPANESE + '乙1,2026-03-05,2026-03-09,"2,000"\n'
    found = then(before, text)
    assert open_keys(found) == ["decimal:受注金額"]
    assert asked(found, "decimal:受注金額").options[0].examples == ("2,000 → 2,000",)
