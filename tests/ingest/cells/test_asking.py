"""What is asked about a column."""

import csv
from typing import Any

import pandas as pd

from kpi_core.ingest.cells.asking import decimal_question, order_question, unit_question
from kpi_core.ingest.cells.date_evidence import DateEvidence, date_evidence
from kpi_core.ingest.cells.number_evidence import number_evidence


def dates(*cells: str) -> DateEvidence:
    return date_evidence(pd.Series(cells, dtype="str"))


def test_an_open_order_is_asked_with_what_a_cell_would_be() -> None:
    question = order_question("Created", dates("03/04/2026"), {})
    assert question is not None
    assert (question.key, question.open) == ("order:Created", True)
    assert [(option.value, option.examples) for option in question.options] == [
        ("day-month", ("03/04/2026 → 2026-04-03",)),
        ("month-day", ("03/04/2026 → 2026-03-04",)),
    ]


def test_both_cells_of_a_contradiction_are_shown() -> None:
    question = order_question("Created", dates("13/04/2026", "04/13/2026"), {})
    assert question is not None
    assert [option.examples for option in question.options] == [
        ("13/04/2026 → 2026-04-13", "04/13/2026 → ?"),
        ("13/04/2026 → ?", "04/13/2026 → 2026-04-13"),
    ]


def test_what_the_cells_prove_is_concluded_and_what_the_user_says_is_taken() -> None:
    proven = order_question("Created", dates("13/04/2026"), {})
    assert proven is not None
    assert (proven.answer, proven.given) == ("day-month", False)
    said = order_question("Created", dates("03/04/2026"), {"order:Created": "month-day"})
    assert said is not None
    assert (said.answer, said.given) == ("month-day", True)


def test_nothing_is_asked_where_nothing_hangs_on_it() -> None:
    assert order_question("Created", dates("2026-01-05", "05/05/2026"), {}) is None
    assert unit_question("Created", dates("2026-01-05"), {}) is None
    assert (
        decimal_question("Amount", number_evidence(pd.Series(["1", "x"], dtype="str")), {}) is None
    )


def test_mixed_units_are_asked(shared: Any) -> None:
    file = shared / "torture" / "made_here" / "dates_epoch.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    cells = [row["created"] for row in rows]
    question = unit_question("created", dates(*cells), {})
    assert question is not None
    assert question.open
    assert [option.value for option in question.options] == ["seconds", "milliseconds"]


def test_a_lone_number_is_asked_with_the_likelier_sign_first() -> None:
    for cell, signs in (("1.234", ["comma", "point"]), ("1,234", ["point", "comma"])):
        question = decimal_question("Amount", number_evidence(pd.Series([cell], dtype="str")), {})
        assert question is not None
        assert question.open
        assert [option.value for option in question.options] == signs
        assert question.options[0].examples == (f"{cell} → 1234",)
