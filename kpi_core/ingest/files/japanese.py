"""Whether text that can be read as CP932 is Japanese, or another encoding's text misread.

Latin letters with accents, and EUC-JP, are often valid CP932 by their bytes. What they give is
told by its look: single rare kanji or half-width kana inside Latin words, half-width kana in
pairs that are common kanji in EUC-JP.
"""

import re

_NOBODYS = re.compile("[\x80-\x9f\ue000-\uf8ff]")
"""CP932 can be decoded to these; nobody's text has them."""
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_FIRST_KANJI = 0x88
_LONGEST = 400_000
_SUSPECTED_SHARE = 0.2
_MOSTLY = 0.6


def improbable(content: bytes) -> bool:
    """The text is valid CP932, but hardly Japanese: another encoding has to be asked for."""
    text = content.decode("cp932", "ignore")[:_LONGEST]
    if _NOBODYS.search(text):
        return True
    runs = list(_FOREIGN.finditer(text))
    if not runs:
        return False
    suspects = sum(_is_latin(text, run.start(), run.end()) for run in runs)
    return suspects > _SUSPECTED_SHARE * len(runs) or _is_euc(content, text, runs)


def _is_latin(text: str, start: int, end: int) -> bool:
    """A run of foreign signs that looks like one or two accented letters of a Latin word."""
    run, before, after = text[start:end], text[start - 1 : start], text[end : end + 1]
    if len(run) > 2:
        return False
    if _HALF_WIDTH.match(run):
        return len(run) == 1 or not _HALF_WIDTH.match(run[1])
    follows = before.isascii() and before.isalpha()
    leads_on = after.isascii() and after.isalpha()
    swallowed = [_swallows_a_letter(sign) for sign in run]
    if all(swallowed) and follows and (before.islower() or leads_on):
        return True
    if len(run) == 1:
        within = follows and leads_on and before.islower() and after.islower()
        return rare(run) and (swallowed[0] or within)
    return swallowed[1] and (follows or leads_on) and rare(run[0]) and rare(run[1])


def _swallows_a_letter(sign: str) -> bool:
    """A kanji whose second byte is a Latin letter."""
    encoded = sign.encode("cp932")
    return len(encoded) == 2 and encoded[0] >= _FIRST_KANJI and encoded[1] in _LETTERS


def rare(sign: str) -> bool:
    """A kanji of the second level, or one that was added later."""
    encoded = sign.encode("cp932")
    return len(encoded) == 2 and encoded >= b"\x98\x9f"


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
