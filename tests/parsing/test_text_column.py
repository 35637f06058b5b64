"""Text made ready to be read and compared."""

import pandas as pd

from kpi_core.parsing.text_column import folded, is_missing_mark


def test_case_width_and_spaces_do_not_part_the_names_of_stages() -> None:
    assert folded(" Ｃｌｏｓｅｄ　 Won ") == folded("closed won")
    assert folded("ﾏｰｹﾃｨﾝｸﾞ") == folded("マーケティング")
    assert folded("cafe\u0301") == folded("caf\u00e9")
    assert folded("リード1") != folded("リード2")


def test_a_dash_says_that_there_is_nothing_and_zero_does_not() -> None:
    cells = pd.Series(["-", "ー", "n/a", "0", None, "a-b", "-1"], dtype="str")
    assert is_missing_mark(cells).tolist() == [True, True, True, False, False, False, False]
