"""Whether text that can be read as CP932 is Japanese, or another encoding's text misread.

Latin letters with accents, and EUC-JP, are often valid CP932 by their bytes. What they give is
told by its look: single signs inside Latin words, lone half-width kana, half-width kana in pairs
that are common kanji in EUC-JP.
"""

import re

from kpi_core.tabular.accents import is_accented

_NOBODYS = re.compile("[\x80-\x9f\ue000-\uf8ff]")
"""CP932 can be decoded to these; nobody's text has them."""
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_LETTERS = re.compile(r"[A-Za-z]*")
_NO_WORD = re.compile(r"[\W_]*")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_HALF_WIDTH_SIGNS = frozenset("｡｢｣､･ｰ")
_LONGEST_WORD = 20
_LONGEST = 400_000
_SUSPECTED_SHARE = 0.2
_MOSTLY = 0.6


def improbable(content: bytes) -> bool:
    """The text is valid CP932, but hardly Japanese: another encoding has to be asked for.

    What stands there many times is counted once.
    """
    text = content.decode("cp932", "ignore")[:_LONGEST]
    if _NOBODYS.search(text):
        return True
    runs = list(_FOREIGN.finditer(text))
    suspects, others = set(), set()
    for run in runs:
        start, end = run.span()
        before = text[max(0, start - _LONGEST_WORD) : start]
        after = text[end : end + _LONGEST_WORD]
        if _is_latin(before, run[0], after):
            suspects.add((before[-1:], run[0], after[:1]))
        elif not _NO_WORD.fullmatch(run[0]):
            others.add(run[0])
    misread = len(suspects) > _SUSPECTED_SHARE * (len(suspects) + len(others))
    return misread or _is_euc(content, text, runs)


def _is_latin(before: str, run: str, after: str) -> bool:
    """A run of foreign signs that looks like one or two accented letters of a Latin word."""
    if len(run) > 2:
        return False
    if _HALF_WIDTH.match(run):
        return _is_alone(before[-1:], run, after[:1])
    letters_before = _LETTERS.match(before[::-1])
    letters_after = _LETTERS.match(after)
    assert letters_before is not None
    assert letters_after is not None
    return is_accented(letters_before[0][::-1], run, letters_after[0])


def _is_alone(before: str, run: str, after: str) -> bool:
    """Half-width kana come in words. Their signs do not, but a degree or a pound has a number."""
    if run in _HALF_WIDTH_SIGNS:
        return before.isdigit() != after.isdigit()
    within = before.isalpha() and after.isalpha()
    return len(run) == 1 or within or not _HALF_WIDTH.match(run[1])


def _is_euc(content: bytes, text: str, runs: list[re.Match[str]]) -> bool:
    """Mostly half-width kana, which as EUC-JP would be everyday Japanese."""
    foreign = "".join(run[0] for run in runs)
    if len(_HALF_WIDTH.findall(foreign)) < _MOSTLY * len(foreign):
        return False
    try:
        other = content.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    read = "".join(_FOREIGN.findall(other))
    return sum(map(_everyday, read)) > 0.9 * len(read)


def _everyday(sign: str) -> bool:
    """Kana, full-width letters and signs, kanji of the first level."""
    try:
        return b"\x81\x40" <= sign.encode("cp932") < b"\x98\x9f" and not _HALF_WIDTH.match(sign)
    except UnicodeEncodeError:
        return False
