"""Whether text that can be read as CP932 is Japanese, or another encoding's text misread.

Latin letters with accents, and EUC-JP, are often valid CP932 by their bytes. The result
is recognized by its look: single signs inside Latin words, lone half-width kana, half-width kana
in pairs that are common kanji in EUC-JP.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

_AFTER_ANY = frozenset(
    "営英駅学格額角確楽客議休計系経警径考稿行航使出術塾述素組双創層団断段談値知置"
    "電途都度派波配排敗品付夫婦布防葉様洋要用陽話和枠"
)
"""What Japanese puts after a Latin word or letter, of the kanji that could be a small letter."""
_AFTER_CAPITALS = _AFTER_ANY | frozenset(
    "影映液覚核岳閣甲溝鉱酵残始史四士市師志指重縦宿春祝進親身人陣仁壇弾男誕池地田殿渡登塗"
    "築杯不馬背肺脚子病秒賓頻瓶富北牧没堀湾脇腕"
)
"""The same after a capital letter, as in `A市`: few names are that short."""
_SMALL, _EITHER, _CAPITAL = "é", "éÉ", "É"
_SECOND_LEVEL = b"\x98\x9f"


@lru_cache(maxsize=1 << 14)
def is_accented(before: str, run: str, after: str) -> bool:
    """Whether one or two signs between Latin letters, none or more, are accents misread."""
    if not (before or after) or len(run) > 2 or not _is_natural(before, run, after):
        return False
    swallowed = [_swallows(sign) for sign in run]
    if len(run) == 2:
        return all(swallowed) and (after != "" or all(map(_is_rare, run)))
    if not swallowed[0]:
        return after != "" and (before != "" or _is_rare(run))
    return after != "" or run not in (_AFTER_ANY if before[-1].islower() else _AFTER_CAPITALS)


def _is_natural(before: str, run: str, after: str) -> bool:
    """Whether the bytes, read as letters, make a word as people write them."""
    return any(
        word[1:].islower() or word.isupper()
        for letters in product(*map(_read_as, run))
        for word in [before + "".join(letters) + after]
    )


def _read_as(sign: str) -> Iterator[str]:
    """What the two bytes of a sign may be in an encoding of Western Europe; nothing for others."""
    for first, second in _bytes_of(sign):
        accents = _accents(first)
        if letter := _ascii_letter(second):
            yield from (accent + letter for accent in accents)
        elif accents != _CAPITAL:
            yield from (accent * 2 for accent in accents)


def _accents(first: int) -> str:
    """The cases that a first byte has as a letter, in Mac OS Roman or Windows-1252."""
    if 0x82 <= first <= 0x84:
        return _CAPITAL
    if 0xE5 <= first <= 0xEF:
        return _EITHER
    return _SMALL if first >= 0x87 else ""


def _swallows(sign: str) -> bool:
    """The second byte is a Latin letter."""
    return any(_ascii_letter(second) for _, second in _bytes_of(sign))


def _ascii_letter(byte: int) -> str:
    sign = chr(byte)
    return sign if sign.isascii() and sign.isalpha() else ""


def _bytes_of(sign: str) -> list[bytes]:
    """The pairs of bytes that are read as this sign; some signs have two."""
    pairs = [sign.encode("cp932"), *_READ_SO_TOO.get(sign, ())]
    return [pair for pair in pairs if len(pair) == 2]


def _is_rare(sign: str) -> bool:
    """A kanji of the second level, or one that was added later."""
    return sign.encode("cp932") >= _SECOND_LEVEL


def _also() -> dict[str, list[bytes]]:
    """The pairs of bytes that Python reads as a sign but writes otherwise."""
    found: dict[str, list[bytes]] = {}
    for first, second in product((0x87, 0xFA, 0xFB, 0xFC), range(0x40, 0xFD)):
        pair = bytes((first, second))
        sign = pair.decode("cp932", "ignore")
        if len(sign) == 1 and sign.encode("cp932") != pair:
            found.setdefault(sign, []).append(pair)
    return found


_READ_SO_TOO = _also()


_NOBODYS = re.compile("[\x80-\x9f\ue000-\uf8ff]")
"""CP932 can be decoded to these; real texts never have them."""
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
