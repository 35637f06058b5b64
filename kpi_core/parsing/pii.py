"""Personal data, which is not needed to count: recognised, then dropped or hashed."""

import hashlib
import hmac
import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files

import pandas as pd

from kpi_core.domain.mail_address import MAIL
from kpi_core.parsing.text_column import folded, narrowed

HASH_LENGTH = 32
HASH_SIGN = "mail:"
"""How a hashed address begins, so that it is known for one when it comes back in a file."""
ENOUGH = 0.5
"""The share of a column's cells that must look personal where its header says nothing."""
NOBODYS = 0.5
"""The share of cells in a word or a small number that shows a header to mean something else."""

_HASHED = re.compile(rf"{HASH_SIGN}[0-9a-f]{{{HASH_LENGTH}}}")
_TEST_LEAD = "<test lead:"
"""What Meta writes into the cells of a lead made for a test: <test lead: dummy data for email>."""
_SIGNS = re.compile(r"[\s_\-.・/()\[\]*:?#'’]+|__c$")
_OF_WHAT = re.compile(r"^[^:]{1,30}?(?: - |:)\s*(?=\S)")
"""What products put before a name: Deal - Contact person, Person: Phone."""
_ANYTHINGS = frozenset({"name", "名", "名前", "nom", "nombre", "nome", "naam"})
"""Headers of personal names only where no word before them says whose: Organization - Name."""
_JAPANESE_NAME = re.compile(r"[々〆ァ-ヶー一-龯ぁ-ん]{1,6} [々〆ァ-ヶー一-龯ぁ-ん]{1,6}")
_PART_OF_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]*)*")
NAMED = 0.8
"""The share of cells that look like full names by which a column may be one of persons."""


class PersonKind(StrEnum):
    """What a column tells of persons."""

    MAIL = "mail"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTHDAY = "birthday"
    NETWORK = "network"
    PROFILE = "profile"
    NAME = "name"


_CELLS = {
    PersonKind.MAIL: MAIL,
    PersonKind.NETWORK: re.compile(
        r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
    ),
    PersonKind.PHONE: re.compile(
        r"(?:tel[.:]? *)?(?=(?:\D*\d){9})"
        r"(?:0\d{1,4}[- (]\d{1,4}[-) ]\d{3,4}|\(0\d{1,4}\) *\d{1,4}-?\d{3,4}"
        r"|0\d{9,10}|\+\d{1,3}[\d ()./-]{7,18}"
        r"|(?:1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4})(?: *(?:x|ext\.?|内線) *\d+)?",
        re.IGNORECASE,
    ),
    PersonKind.ADDRESS: re.compile(
        r"〒? *\d{3}-\d{4}(?: .*)?"
        r"|(?:東京都|北海道|(?:京都|大阪)府|.{2,3}県)?.{1,12}[市区町村郡].{0,20}\d+[-丁番].*"
        r"|\d+ [A-Z].* (?:St|Street|Ave|Avenue|Rd|Road|Lane|Ln|Drive|Dr|Blvd|Way|Court|Ct)\b.*"
    ),
}
"""How a whole cell looks; a mail address may have other text around it. 01-15-2026 is a day."""
_PLAINLY = re.compile(
    r"true|false|yes|no|y|n|はい|いいえ|有|無|あり|なし|-?\d{1,6}(?:[.,]\d+)?%?|\d{4}[-/]\d{1,2}[-/]\d{1,2}.*",
    re.IGNORECASE,
)


def person_kind(header: str, values: Sequence[str]) -> PersonKind | None:
    """What a column tells of persons, by its header and its distinct cells; None for nothing."""
    name = _plain(header)
    called = {name, name.rstrip("0123456789"), *_without_prefix(header)}
    for kind, words in _words().items():
        if not called.isdisjoint(words["whole"]):
            return kind
    texts = [narrowed(value) for value in values]
    if not _nobodys(texts):
        for kind, words in _words().items():
            sounds = any(word in name for word in words["holds"]) or name.endswith(words["ends"])
            if sounds and not any(word in name for word in words["but"]):
                return kind
    return next((kind for kind in _CELLS if _share(texts, kind) >= ENOUGH), None)


def may_name_persons(values: Sequence[str]) -> bool:
    """Whether most distinct cells look like full names. New York does as well: it is no proof."""
    named = sum(_is_full_name(narrowed(value)) for value in values)
    return len(values) > 0 and named >= NAMED * len(values)


def looks_like_mail(cells: "pd.Series[str]") -> "pd.Series[bool]":
    """Which cells hold a mail address, alone or among other text; never true of a missing one."""
    found = cells.str.contains("[@＠]").fillna(False).astype(bool)
    if found.any():
        found[found] = [MAIL.search(cell) is not None for cell in cells[found]]
    return found


def hashed(cells: "pd.Series[str]", secret: bytes) -> "pd.Series[str]":
    """A keyed hash of each: equal for equal addresses, whatever is written around them.

    Of `Ann Lee <ann@x.co>` and `mailto:ann@x.co` the address counts, without regard to case and
    width. What is such a hash already stays as it is.
    """

    def of(cell: str) -> str:
        bare = unicodedata.normalize("NFKC", cell).strip().casefold()
        if _HASHED.fullmatch(bare):
            return bare
        address = MAIL.search(bare)
        if address is not None:
            bare = address[0].partition("?")[0].rstrip(".")
        digest = hmac.new(secret, bare.encode(), hashlib.sha256).hexdigest()
        return HASH_SIGN + digest[:HASH_LENGTH]

    return cells.map(of).astype("str")


def is_test_lead(text: str) -> bool:
    """Whether a cell says that its lead was made to test a form of Meta's."""
    return folded(text).startswith(_TEST_LEAD)


def is_test_lead_sql(cell: str) -> str:
    """The same in SQL."""
    return f"starts_with(lower(trim({cell})), '{_TEST_LEAD}')"


def _share(texts: Sequence[str], kind: PersonKind) -> float:
    """Which share of the cells looks so."""
    looks_so = MAIL.search if kind is PersonKind.MAIL else _CELLS[kind].fullmatch
    return _share_of(texts, looks_so)


def _nobodys(texts: Sequence[str]) -> bool:
    """Whether most cells are yes or no, small numbers or dates."""
    return _share_of(texts, _PLAINLY.fullmatch) > NOBODYS


def _share_of(texts: Sequence[str], fits: Callable[[str], re.Match[str] | None]) -> float:
    return sum(fits(text) is not None for text in texts) / max(len(texts), 1)


def _is_full_name(text: str) -> bool:
    if _JAPANESE_NAME.fullmatch(text):
        return True
    parts = text.replace(",", "").split()
    if not 2 <= len(parts) <= 4 or not all(_PART_OF_NAME.fullmatch(part) for part in parts):
        return False
    return parts[0][0].isupper() and parts[-1][0].isupper()


def _without_prefix(header: str) -> tuple[str, ...]:
    """What a header calls a column without the word for what it is of; empty if there is none."""
    text = narrowed(header)
    less = _plain(_OF_WHAT.sub("", text))
    is_known = less and less != _plain(text) and less not in _ANYTHINGS
    return (less, less.rstrip("0123456789")) if is_known else ()


def _plain(header: str) -> str:
    return _SIGNS.sub("", narrowed(header).casefold())


@cache
def _words() -> dict[PersonKind, dict[str, tuple[str, ...]]]:
    text = files("kpi_core.parsing").joinpath("person_words.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {
        kind: {
            part: tuple(_plain(word) for word in table[kind.value].get(part, ()))
            for part in ("whole", "holds", "ends", "but")
        }
        for kind in PersonKind
    }
