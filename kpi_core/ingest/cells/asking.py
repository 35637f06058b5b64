"""What is asked about a column where its cells do not decide how they are read."""

from collections.abc import Iterable

import pandas as pd

from kpi_core.ingest.cells.date_evidence import DateEvidence
from kpi_core.ingest.cells.date_reading import DateReading, Order
from kpi_core.ingest.cells.dates import read_dates
from kpi_core.ingest.cells.number_evidence import NumberEvidence
from kpi_core.ingest.cells.numbers import Decimal, NumberReading, read_numbers
from kpi_core.ingest.question import Answers, Ask, Option, Question, decided


def order_question(column: str, evidence: DateEvidence, answers: Answers) -> Question | None:
    """Which number is the day; None where no date of the column is open to that.

    Cells that contradict each other are both shown, under every order.
    """
    if not evidence.orders:
        return None
    orders = evidence.possible or tuple(
        order for order in Order if any(order in allowed for allowed in evidence.orders)
    )
    shown = evidence.contradicting or (evidence.ambiguous or next(iter(evidence.orders.values())),)
    options = [Option(order, None, _dates(shown, DateReading(order=order))) for order in orders]
    return decided(Ask.ORDER, answers, options, evidence.order, subject=column)


def unit_question(column: str, evidence: DateEvidence, answers: Answers) -> Question | None:
    """What the bare numbers of a column of dates count; None where there are none."""
    if not evidence.units:
        return None
    shown = tuple(evidence.units.values())
    options = [Option(unit, None, _dates(shown, DateReading(unit=unit))) for unit in evidence.units]
    return decided(Ask.UNIT, answers, options, evidence.unit, subject=column)


def decimal_question(column: str, evidence: NumberEvidence, answers: Answers) -> Question | None:
    """Which sign stands before the decimals; None where it matters to no number of the column."""
    shown = evidence.contradicting or (
        evidence.ambiguous or evidence.proves_comma or evidence.proves_point,
    )
    cells = tuple(cell for cell in shown if cell is not None)
    if not cells:
        return None
    signs = sorted(Decimal, key=lambda sign: sign is not evidence.likely)
    options = [Option(sign, None, _numbers(cells, NumberReading(sign))) for sign in signs]
    return decided(Ask.DECIMAL, answers, options, evidence.decimal, subject=column)


def _dates(cells: Iterable[str], reading: DateReading) -> tuple[str, ...]:
    """Each cell with the day or the moment that it is by this reading."""
    texts = pd.Series(list(cells), dtype="str")
    read = read_dates(texts, reading)["at"]
    return tuple(
        f"{cell} → {'?' if pd.isna(at) else at.isoformat(' ').removesuffix(' 00:00:00')}"
        for cell, at in zip(texts, read, strict=True)
    )


def _numbers(cells: Iterable[str], reading: NumberReading) -> tuple[str, ...]:
    """Each cell with the number that it is by this reading."""
    texts = pd.Series(list(cells), dtype="str")
    read = read_numbers(texts, reading)["number"]
    return tuple(
        f"{cell} → {'?' if pd.isna(number) else f'{number:.15g}'}"
        for cell, number in zip(texts, read, strict=True)
    )
