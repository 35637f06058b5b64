"""Phone numbers within free text, made unreadable. Dates, amounts and ids are left as they are."""

from kpi_core.sql_text import literal

HIDDEN = "…"
"""What stands in the place of a number."""

FEWEST_FIGURES = 9
"""No number that is written out has fewer."""

_DIGITS = "0-9０-９"
_D = f"[{_DIGITS}]"
_PARTED = "(?: ?[()（）] ?| ?[-‐‑–−－ー] ?| )"
_JAPANESE = "|".join(
    f"[(（]?[0０]{_D}{{{first}}}{_PARTED}{_D}{{{second}}}{_PARTED}{_D}{{{third}}}"
    for first, second, third in (
        (1, "4", 4), (2, "3,4", 4), (3, "2", 4), (3, "3", 3), (4, "1", 4),
    )
)  # fmt: skip
"""In three parts, of ten or eleven figures, the first a nought: no date is written so."""
_AMERICAN = f"(?:1[-. ])?(?:[(]{_D}{{3}}[)] ?|{_D}{{3}}[-.]){_D}{{3}}[-.]{_D}{{4}}"
_ABROAD = f"[+＋]{_D}{{1,3}}(?:[-. ()（）]{{0,2}}{_D}){{7,12}}"
_MOBILE = f"[0０][5-9５-９][0０]-?{_D}{{8}}"
_IN_A_ROW = f"[0０]{_D}{{8,10}}"
_CALLED = "(?:tel|fax|phone|mobile|call|cell|電話|携帯|直通|℡|☎)[.:： ]*"
_BEFORE = f"(^|[^{_DIGITS}A-Za-z_/.,¥$€£+＋-]|{_CALLED})"
_AFTER = f"((?: ?(?:x|ext[.]?|内線) ?{_D}+)?(?:$|[^{_DIGITS}A-Za-z_/-]))"

_PARTED_ONES = f"(?i){_BEFORE}(?:{_ABROAD}|{_JAPANESE}|{_AMERICAN}){_AFTER}"
_CALLED_ONES = f"(?i)({_CALLED}){_IN_A_ROW}{_AFTER}"
_IN_WORDS = f"(?i){_BEFORE}{_MOBILE}{_AFTER}"
"""Figures in a row may be an id: it takes words around them to tell."""
_ANY = f"{_ABROAD}|{_JAPANESE}|{_AMERICAN}|{_MOBILE}|{_IN_A_ROW}"
"""Where none of these is, there is nothing to hide: looked for at once."""


def without_phones(cell: str) -> str:
    """SQL for a cell with every phone number in it made unreadable."""
    among_words = _replaced(_replaced(cell, _CALLED_ONES), _IN_WORDS)
    hidden = f"case when regexp_matches({cell}, '\\p{{L}}') then {among_words} else {cell} end"
    hidden = _replaced(_replaced(hidden, _PARTED_ONES), _PARTED_ONES)  # two may share a space
    perhaps = f"strlen({cell}) >= {FEWEST_FIGURES} and regexp_matches({cell}, {literal(_ANY)})"
    return f"case when {perhaps} then {hidden} else {cell} end"


def _replaced(cell: str, pattern: str) -> str:
    hidden = literal(rf"\1{HIDDEN}\2")
    return f"regexp_replace({cell}, {literal(pattern)}, {hidden}, 'g')"
