"""Accented Latin letters that CP932 takes for Japanese, told by the words that they stand in.

In CP932 the byte of an accented letter begins a sign of two bytes, and the letter after it is
swallowed: `Léa` of Mac OS Roman reads `L斬`, `Éric` reads `ビic`. What gives it away is that the
bytes, read as letters, make a natural word with the letters beside them: small, capitalised, or
in capitals. Japanese beside Latin letters seldom does, apart from the suffixes listed here.
"""

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
