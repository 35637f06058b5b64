"""What columns and stages are called, in Japanese and English: `synonyms.toml`, looked up."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from kpi_core.domain.stage import Stage
from kpi_core.parsing.periods import month
from kpi_core.parsing.text_column import narrowed


class Role(StrEnum):
    """What a column is by its header. Values are the keys of `[columns]`."""

    ID = "id"
    ROW_NUMBER = "row_number"
    OTHER_ID = "other_id"
    MAIL = "mail"
    CREATED = "created"
    CLOSE = "close"
    PLANNED = "planned"
    OTHER_DATE = "other_date"
    CHANGED = "changed"
    BIRTHDAY = "birthday"
    STAGE = "stage"
    NEW_VALUE = "new_value"
    STATUS = "status"
    IS_WON = "is_won"
    IS_CLOSED = "is_closed"
    AMOUNT = "amount"
    QUALITY = "quality"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    OWNER = "owner"
    ACCOUNT = "account"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ERROR = "error"
    DEAL = "deal"


KEPT_NAMES = 20_000
"""So many names are remembered: pages ask for the same ones again and again."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_SIGNS = re.compile(r"[\s_\-.・‐]+")
_NUMBERED = re.compile(
    r"^(?:フェーズ|ステージ|phase|stage)?\s*\d+\s*(?:[.:)_、\-]|%\s*[-:]?|\s|(?=[ぁ-鿿]))\s*"
)
_IN_BRACKETS = re.compile(r"\s*[(【\[][^()【】\[\]]*[)】\]]$")
_PREFIX = re.compile(r"^[^:]{1,30}?(?:\s-\s|:|：)\s*")
_OF_WHAT = re.compile(r"\s-\s(?:contact|deal|company|ticket|コンタクト|取引|会社|チケット)$")
_CUSTOM = re.compile(r"__c$|^(?:properties|contact|deal|lead|company)[._](?=[a-z])")


@dataclass(frozen=True)
class Names:
    """One section of the table: what each name stands for, the likeliest place first."""

    meanings: dict[str, tuple[str, ...]]
    places: dict[tuple[str, str], int]

    @classmethod
    def of(cls, section: dict[str, list[str]]) -> "Names":
        """From names by meaning."""
        meanings: dict[str, tuple[str, ...]] = {}
        places = {}
        for meaning, names in section.items():
            for place, name in enumerate(names):
                own = plain(name)
                if meaning not in meanings.get(own, ()):
                    meanings[own] = (*meanings.get(own, ()), meaning)
                    places[meaning, own] = place
        return cls(meanings, places)

    def find(self, forms: Iterable[str]) -> tuple[str, ...]:
        """What the first of these forms that is known stands for."""
        return next((self.meanings[form] for form in forms if form in self.meanings), ())

    def place(self, meaning: str, forms: Iterable[str]) -> int:
        """Where in the list of a meaning the first known form stands."""
        found = (self.places[meaning, form] for form in forms if (meaning, form) in self.places)
        return next(found, len(self.places))


def plain(name: str) -> str:
    """A name as it is compared: case, width, spaces and the signs that part words are dropped."""
    return _SIGNS.sub("", narrowed(name).casefold())


def spelled(name: str) -> str:
    """A name as patterns see it: one case and width, single spaces."""
    return " ".join(narrowed(name).casefold().split())


@lru_cache(KEPT_NAMES)
def forms(name: str) -> tuple[str, ...]:
    """A name, then what is left without what products put around it."""
    return tuple(dict.fromkeys(filter(None, _forms(name))))


@lru_cache(KEPT_NAMES)
def roles(header: str) -> tuple[Role, ...]:
    """What a column may be by its header; mostly one, often none."""
    return tuple(Role(name) for name in _names("columns").find(forms(header)))


def place(role: Role, header: str) -> int:
    """How likely a header is among those of a role: 0 is the likeliest."""
    return _names("columns").place(role.value, forms(header))


DATED = frozenset(
    {
        Role.CREATED, Role.CLOSE, Role.PLANNED, Role.OTHER_DATE, Role.CHANGED, Role.BIRTHDAY,
        Role.DAY, Role.WEEK, Role.MONTH,
    }
)  # fmt: skip
"""What a column of dates may be without dating a stage by name."""
NAMES_STAGE = frozenset({Role.STAGE, Role.NEW_VALUE, Role.STATUS, Role.IS_WON, Role.IS_CLOSED})
"""What a column of words may be that says how far a row has come."""


@lru_cache(KEPT_NAMES)
def is_called_date(header: str) -> bool:
    """Whether a header says that dates are under it, whatever stands in some of the cells."""
    text, own = spelled(header), forms(header)
    if any(pattern.search(text) for pattern in _patterns("no_date_of")):
        return False
    if _names("dates").find(own) or _unclear("unclear_dates").find(own):
        return True
    if not DATED.isdisjoint(roles(header)):
        return True
    return any(pattern.search(text) for pattern in _patterns("date_of"))


@lru_cache(KEPT_NAMES)
def stages_of_date(header: str) -> tuple[Stage | None, ...] | None:
    """The stages that a column of dates may date, the likeliest first; None for no stage.

    Empty where it dates a stage that is not known. None in all where the header says nothing
    of a stage.
    """
    text = spelled(header)
    if any(pattern.search(text) for pattern in _patterns("no_date_of")):
        return (None,)
    if certain := _names("dates").find(forms(header)):
        return tuple(Stage(each) for each in certain)
    if unclear := _unclear("unclear_dates").find(forms(header)):
        return _stages(unclear)
    if not DATED.isdisjoint(roles(header)):
        return None
    for pattern in _patterns("date_of"):
        if match := pattern.search(text):
            stages = stages_of_value(match[1])
            if stages or text.startswith(("date entered", "hs_")):
                return stages
    return tuple(Stage(each) for each in _names("values").find(forms(header))) or None


def stages_of_value(value: str) -> tuple[Stage | None, ...]:
    """The stages that a value may name, the likeliest first; None to pass over; () unknown."""
    own = forms(value)
    if certain := _names("values").find(own):
        return tuple(Stage(each) for each in certain)
    return _stages(_unclear("unclear_values").find(own))


def counted(header: str) -> tuple[Stage, ...] | None:
    """The stages whose leads a column of numbers counts. Unclear ones have None for certain."""
    found = _names("counts").find(forms(header))
    return tuple(Stage(each) for each in found) or None


def perhaps_counted(header: str) -> bool:
    """Whether a column of numbers may well count leads, and may not."""
    return bool(_unclear("unclear_counts").find(forms(header)))


def measure(header: str) -> str | None:
    """The name of the measure that a column holds."""
    return next(iter(_names("measures").find(forms(header))), None)


def attribute(header: str) -> str | None:
    """The name of the attribute that a column holds."""
    for form in forms(header):
        if found := _names("attributes").meanings.get(form):
            return found[0]
        if form in _names("columns").meanings:
            return None  # "Deal - Title" is the name of a deal, not a title
    return None


def says_something(header: str) -> bool:
    """Whether a header is known to mean anything at all."""
    known = (roles(header), stages_of_date(header), counted(header), measure(header))
    return any(known) or attribute(header) is not None or month_of(header) is not None


ANY_ROW = frozenset(
    {"id", "$id", "recordid", "uuid", "guid", "entryid", "externalid", "レコードid"}
)
"""Names of an id that may be that of a row, whatever the row is."""


LEAD_IDS = frozenset({"leadid", "リードid", "リード番号", "leadnumber", "見込み客id", "見込客id"})
DEAL_IDS = frozenset(
    {"dealid", "opportunityid", "取引id", "商談id", "案件id", "商談番号", "案件番号"}
)


def is_lead_id(header: str) -> bool:
    """Whether a column is called the id of a lead."""
    return plain(header) in LEAD_IDS


def is_deal_id(header: str) -> bool:
    """Whether a column is called the id of a deal."""
    return plain(header) in DEAL_IDS


def is_any_row(header: str) -> bool:
    """Whether an id is called so that it says nothing of what it is an id of."""
    return plain(header) in ANY_ROW


def adds_up(header: str) -> bool:
    """Whether the numbers of a column can be summed: rates, averages and unit prices cannot."""
    text = spelled(header).replace("_", " ")
    return not any(pattern.search(text) for pattern in _patterns("no_sum"))


def month_of(header: str) -> tuple[int, int] | None:
    """Year and month in the name of a column that holds numbers for that month."""
    text = spelled(header)
    for pattern in _patterns("period"):
        if match := pattern.search(text):
            parts = match.groupdict()
            number = MONTHS.index(parts["name"]) + 1 if parts.get("name") else int(parts["month"])
            if 1 <= number <= 12:
                return int(parts["year"]), number
    first = month(narrowed(header).strip())
    return None if first is None else (first.year, first.month)


def is_year(header: str) -> bool:
    """Whether a column is named by a year, and by nothing else."""
    return any(pattern.search(spelled(header)) for pattern in _patterns("year"))


def is_part_of_period(header: str, part: Role) -> bool:
    """Whether a column may hold the years, the months or the weeks of a period in two columns."""
    text = spelled(header)
    if any(pattern.search(text) for pattern in _patterns("no_part")):
        return False
    return part in roles(header) or any(
        pattern.search(text) for pattern in _patterns(f"part_{part}")
    )


def is_bare_period(header: str) -> bool:
    """Whether a column is called a year, a month or a week, without one: not so 2024年, 1月."""
    numbered = any(sign.isdigit() for sign in header)
    return not numbered and not {Role.YEAR, Role.MONTH, Role.WEEK}.isdisjoint(roles(header))


def product(header: Collection[str]) -> str | None:
    """Whose export has such a header."""
    there = {form for name in header for form in forms(name)[:1]}
    for name, groups in _table()["products"].items():
        if any(there.issuperset(plain(each) for each in group) for group in groups):
            return str(name)
    return None


def _forms(name: str) -> Iterator[str]:
    yield plain(name)
    text = spelled(name)
    for shorter in (_CUSTOM, _OF_WHAT, _NUMBERED, _IN_BRACKETS, _PREFIX):
        less = shorter.sub("", text)
        yield plain(less)
        if shorter is not _IN_BRACKETS:
            yield plain(_IN_BRACKETS.sub("", less))


def _stages(names: Iterable[str]) -> tuple[Stage | None, ...]:
    return tuple(Stage(name) if name else None for name in names)


@cache
def _table() -> dict[str, Any]:
    text = files("kpi_core.mapping").joinpath("synonyms.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _names(section: str) -> Names:
    return Names.of(_table()[section])


@cache
def _unclear(section: str) -> Names:
    return Names({plain(name): tuple(found) for name, found in _table()[section].items()}, {})


@cache
def _patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in _table()["patterns"][kind])
