"""Phone numbers in free text, and what only looks like one."""

import duckdb
import pytest

from kpi_core.parsing.phone_numbers import without_phones


def hidden(cell: str) -> str:
    query = f"select {without_phones('cell')} from (select $cell as cell)"
    ((text,),) = duckdb.execute(query, {"cell": cell}).fetchall()
    return str(text)


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("call 090-1234-5610", "call …"),
        ("ご連絡は09012345610まで", "ご連絡は…まで"),
        ("携帯 090-12345610、TEL:0312345678", "携帯 …、TEL:…"),
        ("０９０－１２３４－５６１０", "…"),
        ("tel 03(1234)5678 or (03) 1234-5679", "tel … or …"),
        ("090-1234-5610 090-1111-2222", "… …"),
        ("0120-123-456\n0312-34-5678", "…\n…"),
        ("+81 90 1234 5610 asap", "… asap"),
        ("(850) 644-4200, 703-757-1000x12", "…, …x12"),
    ],
)
def test_phone_numbers_are_made_unreadable(cell: str, left: str) -> None:
    assert hidden(cell) == left


@pytest.mark.parametrize(
    "cell",
    ["2026-01-05", "05-01-2026", "05.01.2026 09:14", "2026-01-05T09:14:05+0900", "0001-01-01",
     "2026-01-05 09:14:05.123456 +09:00", "1767193200000", "1,234,567", "¥1,234,567",
     "-0.123456789", "10,000 + 2,000", "+5.5%", "09012345610", "0312345678", "12345678901",
     "CONT-03a4142c-188d",
     "A-090-1234-5610", "001-002-003", "f66ca9bc-5a02-4c2f-1513-ce83f0a0e117", "0065f00000AbCdE",
     "order 0312345678", "150-0001 渋谷", "R8.1.5", "", "plain words"],
)  # fmt: skip
def test_dates_amounts_and_ids_are_left(cell: str) -> None:
    assert hidden(cell) == cell
