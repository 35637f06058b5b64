"""What one row of a table may be, the likeliest first."""

import itertools
import re
from enum import StrEnum

import pandas as pd

from kpi_core.mapping.columns import PERIODS, Column, Layout
from kpi_core.mapping.synonyms import Role, is_any_row
from kpi_core.parsing.dates import read_dates


class RowKind(StrEnum):
    """What is asked of the rows. Values are answers, and name words in the catalogs."""

    LEAD = "lead"
    EVENT = "event"
    ACTIVITY = "activity"
    """one thing that a user did, of which there may be many: a log-in"""
    CONTINUED = "continued"
    """a lead, or more of the one above: without a date of its own it is none"""
    EVENT_WITHOUT_ID = "event_without_id"
    SNAPSHOT = "snapshot"
    DAY = "day"


SEVERAL_MONTHS = 2
SEVERAL_DAYS = 4
"""So many days at least, one after the other, show that rows are days."""
MOST_KINDS = 20
"""A column with more different values is no list of what users do."""

_LOGIN = re.compile(
    r"log[\s_-]?ins?\b|logged[\s_-]?in|sign[\s_-]?ins?\b|signed[\s_-]?in|ログイン|サインイン"
    r"|anmeldung|connexion|inicio de sesi|登录|登入|로그인",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"^(?:event|event[\s_-]?(?:name|type)|action|activity|activity[\s_-]?type|operation"
    r"|イベント|イベント名|操作|操作内容|アクション|行動|種別|内容)$",
    re.IGNORECASE,
)


def row_kinds(layout: Layout) -> tuple[RowKind, ...]:
    """What the rows may be, the likeliest first. Empty where nothing in them can be counted."""
    likely = {
        RowKind.DAY: _is_counted(layout),
        RowKind.ACTIVITY: _is_activity_log(layout),
        RowKind.EVENT: _is_history(layout),
        RowKind.SNAPSHOT: _is_snapshot(layout),
        RowKind.LEAD: bool(layout.ids or layout.mails),
        RowKind.CONTINUED: layout.continues,
        RowKind.EVENT_WITHOUT_ID: not layout.ids and not layout.mails,
    }
    possible = {
        RowKind.LEAD: bool(layout.dates),
        RowKind.SNAPSHOT: bool((layout.ids or layout.mails) and layout.stage_columns),
        RowKind.CONTINUED: layout.continues,
        RowKind.EVENT: bool(layout.dates and (layout.stage_columns or layout.word_columns)),
        RowKind.EVENT_WITHOUT_ID: bool(layout.dates),
        RowKind.ACTIVITY: _may_be_activity(layout),
        RowKind.DAY: _numbers_of_periods(layout),
    }
    first = [kind for kind, is_likely in likely.items() if is_likely]
    return tuple(kind for kind in dict.fromkeys([*first, *possible]) if possible[kind])


def repeated_ids(layout: Layout) -> list[Column]:
    """Ids of leads of which there are several rows."""
    return [column for column in layout.ids if not layout.is_own(column)]


def is_login(text: str) -> bool:
    """Whether a header or a cell speaks of a log-in, in the languages that exports are in."""
    return bool(_LOGIN.search(text.replace("_", " ")))


def kinds_column(layout: Layout) -> Column | None:
    """The column that says what was done, by its name or by a log-in among its few words."""
    few = [each for each in layout.columns if each.names_few and not each.names_outcome]
    few = [each for each in few if each.profile.distinct <= MOST_KINDS]
    named = [each for each in few if _KIND.match(each.header.strip())]
    spoken = [each for each in few if any(map(is_login, each.profile.sample))]
    return next(iter([*(each for each in spoken if each in named), *spoken, *named]), None)


def _is_activity_log(layout: Layout) -> bool:
    """A moment and a user in each row, and a log-in named in a header or in a column's words."""
    if not layout.dates or not (layout.ids or layout.mails):
        return False
    dated = any(is_login(each.header) for each in layout.dates)
    kinds = kinds_column(layout)
    spoken = kinds is not None and any(map(is_login, kinds.profile.sample))
    several = any(not layout.is_own(each) for each in (*layout.ids, *layout.mails))
    return several and (dated or spoken)


def _may_be_activity(layout: Layout) -> bool:
    """Several rows of one user, or a log-in named: then each row may be something done."""
    users = [*layout.ids, *layout.mails]
    several = any(not layout.is_own(each) for each in users)
    named = any(is_login(each.header) for each in layout.dates)
    return bool(layout.dates and users and (several or named))


def _is_counted(layout: Layout) -> bool:
    """Numbers for each day, and no id of a lead."""
    if len(layout.months) >= SEVERAL_MONTHS:
        return True
    known = [column for column in layout.of(Role.ID) if Role.ID in column.roles]
    days = [column for column in layout.of(*PERIODS) if column.is_period]
    return bool(days and layout.numbers and not known and not layout.mails) or _is_grid(layout)


def _is_grid(layout: Layout) -> bool:
    """Day after day with numbers, one row for each day and each of a few words, and nothing else.

    What the columns are called does not matter, unless it says that they are something else.
    """
    words = [column for column in layout.columns if column.names_few]
    days = [column for column in layout.dates if not column.roles and column.stages is None]
    parts = [*days, *words, *layout.numbers]
    if len(days) != 1 or len(layout.numbers) < 2 or len(parts) != len(layout.columns):
        return False
    if any(Role.AMOUNT in column.roles or Role.QUALITY in column.roles for column in parts):
        return False
    if layout.stage_columns or any(
        each.profile.filled < layout.profile.looked_at for each in parts
    ):
        return False
    return _follow(days[0]) and layout.profile.one_each([each.header for each in (*days, *words)])


def _follow(column: Column) -> bool:
    """Whether its days come one after the other, or a week or months apart, none left out."""
    shown = column.profile.dates
    if shown is None:
        return False
    cells = pd.Series(column.profile.sample, dtype="str")
    moments = read_dates(cells, shown.reading())["at"].dropna()
    if len(moments) < len(cells) or (moments != moments.dt.normalize()).any():
        return False
    gaps = {(later - day).days for day, later in itertools.pairwise(sorted(set(moments.dt.date)))}
    apart = gaps in ({1}, {7}) or (gaps <= {28, 29, 30, 31} and bool(gaps))
    return apart and len(set(moments)) >= SEVERAL_DAYS


def _is_history(layout: Layout) -> bool:
    """Several rows for a lead, each with a stage and a moment; or a moment of change."""
    if not layout.stage_columns and not layout.word_columns:
        return False
    if any(column.is_date for column in layout.of(Role.CHANGED)):
        return True
    own = [column for column in layout.ids if layout.is_own(column)]
    if any(Role.ID in column.roles and not is_any_row(column.header) for column in own):
        return False  # a deal of its own, with a contact that has several
    several = len(layout.ids) > 1 or not own
    stated = layout.stage_columns or layout.is_log
    return bool(stated and layout.dates and repeated_ids(layout) and several)


def _is_snapshot(layout: Layout) -> bool:
    """A stage of today, and no date of a stage but that of the creation."""
    dated = any(column.stages and column.stages != (None,) for column in layout.dates)
    closes = any(column.is_date for column in layout.of(Role.CLOSE))
    named = any(Role.STAGE in column.roles for column in layout.stage_columns)
    return bool(layout.stage_columns) and not dated and not closes and (named or not layout.dates)


def _numbers_of_periods(layout: Layout) -> bool:
    days = [each for each in layout.periods if Role.OTHER_DATE not in each.roles]
    return bool((days and layout.numbers) or len(layout.months) >= SEVERAL_MONTHS)
