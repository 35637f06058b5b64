"""Text for a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from kpi_core.cli.terminal_text import aligned, plain, width


@given(st.text())
def test_nothing_steers_the_terminal(text: str) -> None:
    shown = plain(text)
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in shown)
    assert not set(shown) & set("\u202e\u2066\u200f\ufeff\n")


def test_an_escape_sequence_loses_what_starts_it() -> None:
    assert plain("\x1b]0;owned\x07 lead\x1b[31m\nnext") == "]0;owned lead[31m next"


def test_ordinary_text_stays() -> None:
    assert plain("株式会社　ＫＰＩ é ✕ ★") == "株式会社　ＫＰＩ é ✕ ★"


def test_east_asian_signs_take_two_columns() -> None:
    assert [width("lead"), width("商談"), width("ｶﾅ"), width("ＡＢ"), width("e\u0301")] == [
        4, 4, 2, 4, 1,
    ]  # fmt: skip


def test_columns_line_up_in_any_script() -> None:
    lines = aligned([("商談", "8"), ("lead", "1,000"), ("受注した件", "12")], right=[False, True])
    assert lines == ["  商談            8", "  lead        1,000", "  受注した件     12"]
    assert {width(line) for line in lines} == {19}


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_a_cell_never_breaks_a_row(rows: list[tuple[str, str]]) -> None:
    assert len(aligned(rows)) == len(rows)
    assert all("\n" not in line for line in aligned(rows))
