"""Days that one column writes in two orders: the sign between their numbers tells them apart."""

from datetime import datetime

import pandas as pd
import pytest

from kpi_core.domain.stage import Stage
from kpi_core.parsing.date_evidence import DateEvidence, date_evidence
from kpi_core.parsing.date_formats import Order
from kpi_core.parsing.dates import DateReading, read_dates
from tests.ingest.inspected import NOW, asked, of, open_keys
from tests.ingest.read import mapping_of, read_file


def seen(*cells: str) -> DateEvidence:
    return date_evidence(pd.Series(cells, dtype="str"))


def read(*cells: str, by: DateEvidence) -> list[datetime | None]:
    return [
        None if pd.isna(each) else each.to_pydatetime()
        for each in read_dates(pd.Series(cells, dtype="str"), by.reading())["at"]
    ]


def test_each_sign_proves_its_own_order() -> None:
    cells = ("17-10-2026", "03-10-2026", "10/19/2026", "10/05/2026", "2026-10-01")
    evidence = seen(*cells)
    assert evidence.by_mark == (("-", Order.DAY_MONTH), ("/", Order.MONTH_DAY))
    assert not evidence.unproven.orders
    days = [None if each is None else each.day for each in read(*cells, by=evidence)]
    assert days == [17, 3, 19, 5, 1]


def test_evidence_of_parts_is_that_of_the_whole() -> None:
    cells = ("17-10-2026", "10/19/2026", "10/05/2026", "03.04.2026")
    whole, parts = seen(*cells), seen(*cells[:1]) + seen(*cells[1:])
    assert (whole.by_mark, whole.unproven.orders) == (parts.by_mark, parts.unproven.orders)


def test_a_sign_that_proves_nothing_is_asked_for_beside_those_that_do() -> None:
    evidence = seen("17-10-2026", "10/19/2026", "03.04.2026").unproven
    assert (evidence.order, evidence.ambiguous) == (None, "03.04.2026")


def test_a_sign_that_contradicts_itself_is_asked() -> None:
    evidence = seen("13/04/2026", "04/13/2026", "17-10-2026")
    assert evidence.by_mark == (("-", Order.DAY_MONTH),)
    assert evidence.unproven.contradicting == ("13/04/2026", "04/13/2026")


def test_one_order_for_all_signs_is_that_of_the_column() -> None:
    evidence = seen("17-10-2026", "03/04/2026")
    assert (evidence.by_mark, evidence.order) == ((), Order.DAY_MONTH)


@pytest.mark.parametrize("cell", ["2026-07/14", "2026/07-15", "2026.07/16", "14-07/2026"])
def test_two_signs_in_one_date_are_unreadable(cell: str) -> None:
    reading = DateReading(Order.DAY_MONTH)
    found = read_dates(pd.Series([cell, "2026-07-01"], dtype="str"), reading)
    assert found["code"].iloc[0] == "date_unreadable"
    assert pd.isna(found["at"].iloc[0])


FILES = [
    ("Deal ID,Deal Date", ("2026-10-01", "17-10-2026", "03-10-2026", "10/20/2026", "10/05/2026")),
    ("商談ID,商談化日", ("2026年10月1日", "31.10.2026", "01.10.2026", "10/30/2026", "10/02/2026")),
    ("Lead ID,Created", ("10-25-2026", "10-02-2026", "25/10/2026", "01/10/2026 10:30", "")),
]


@pytest.mark.parametrize(("header", "days"), FILES)
def test_a_file_of_two_ways_is_read_without_a_question_about_either(
    header: str, days: tuple[str, ...]
) -> None:
    text = f"{header}\n" + "".join(f"D{n},{day}\n" for n, day in enumerate(days))
    answers = {"grain": "lead", "source": "x"}
    column = header.partition(",")[2]
    if f"column:{column}" in open_keys(of(text, **answers)):
        answers[f"column:{column}"] = (
            asked(of(text, **answers), f"column:{column}").options[0].value
        )
    found = of(text, **answers)
    assert open_keys(found) == []
    assert found.mapping is not None
    again = read_file(text.encode(), mapping_of(found.mapping.text), now=NOW)
    assert not again.issues
    dated = again.events["occurred_at"].dropna()
    assert set(dated.dt.strftime("%Y-%m")) == {"2026-10"}
    assert len(dated) == len([day for day in days if day])


def test_a_known_mapping_of_one_order_yields_to_a_file_of_two() -> None:
    text = (
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
        "K1,A,P,C,Won,2026-01-05,17-02-2026,100\nK2,A,P,C,Won,2026-01-06,02/18/2026,100\n"
        "K3,A,P,C,Won,2026-01-06,02/03/2026,100\n"
    )
    found = of(text)
    assert (found.known, open_keys(found)) == ("maven-pipeline", [])
    assert found.mapping is not None
    events = read_file(text.encode(), found.mapping, now=NOW).events
    won = events[events["stage"] == Stage.WON]["occurred_at"]
    assert sorted(won.dt.strftime("%Y-%m-%d")) == ["2026-02-03", "2026-02-17", "2026-02-18"]
