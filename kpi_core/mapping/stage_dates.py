"""Which column dates which stage, where a row is a lead."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from kpi_core.domain.question import Ask
from kpi_core.domain.stage import Stage
from kpi_core.mapping.columns import Column, Layout
from kpi_core.mapping.questions import CLOSE, NONE, Asking, ask_stage, ask_values, first
from kpi_core.mapping.synonyms import Role
from kpi_core.parsing.text_column import folded

YESES = ("true", "1", "yes", "y", "t", "はい", "有", "○", "◯", "✓", "済", "成立", "on")
NOS = ("false", "0", "no", "n", "f", "いいえ", "無", "×", "未", "不成立", "off")
USUAL = {
    Stage.WON: ["Closed Won", "Won", "受注", "成約"],
    Stage.LOST: ["Closed Lost", "Lost", "失注"],
}
NEVER = (Role.OTHER_DATE, Role.PLANNED)


@dataclass(frozen=True)
class Outcome:
    """What must stand in which columns for a closed deal to be won, and to be lost."""

    won: dict[str, list[str]]
    lost: dict[str, list[str]]

    def entries(self, column: str, role: str) -> list[dict[str, Any]]:
        """What the date of a close is, as a mapping says it: of both, or of the one it is for."""
        return [
            {"stage": stage.value, "date": column, "where": where}
            for stage, where in ((Stage.WON, self.won), (Stage.LOST, self.lost))
            if where and role in (CLOSE, stage)
        ]


def ask_stage_dates(asking: Asking) -> dict[str, str]:
    """The stage that each column of dates is about; CLOSE for a close that may be either."""
    found = {}
    for column in asking.layout.dates:
        likely, sure = _likely(asking.layout, column)
        options = first(likely, (*Stage, CLOSE, NONE))
        concluded = options[0] if sure else None
        answer = asking.ask(Ask.COLUMN, options, concluded, subject=column.header)
        if answer != NONE:
            found[column.header] = answer
    return found


def closes(layout: Layout, dates: Mapping[str, str]) -> tuple[str, ...]:
    """The columns of which another one says whether their date is that of a win or of a loss.

    A date of a close is an expectation while the deal is open, whatever it is taken for.
    """
    return tuple(
        column
        for column, role in dates.items()
        if role == CLOSE or (role in (Stage.WON, Stage.LOST) and Role.CLOSE in layout[column].roles)
    )


def ask_outcome(asking: Asking) -> Outcome | None:
    """Which column says whether a closed deal was won; its values are asked if they are stages."""
    flags = [column for column in asking.layout.of(Role.IS_WON) if column.names_few]
    candidates = [*flags, *asking.layout.stage_columns]
    if not candidates:
        words = [column for column in asking.layout.columns if column.names_few]
        column = asking.column(Ask.STAGE, [], "" if not words else None)
    elif flags:
        column = asking.column(Ask.STAGE, candidates, flags[0].header, none=True)
    else:
        column = ask_stage(asking, candidates)
    if column is None:
        return None
    if Role.IS_WON not in asking.layout[column].roles:
        values = ask_values(asking, column, likely=Stage.OPPORTUNITY)
        return Outcome({column: _of(values, Stage.WON)}, {column: _of(values, Stage.LOST)})
    lost = {column: _said(asking.layout, column, NOS)}
    for closed in asking.layout.of(Role.IS_CLOSED):
        return Outcome(
            {column: _said(asking.layout, column, YESES)},
            {**lost, closed.header: _said(asking.layout, closed.header, YESES)},
        )
    return Outcome({column: _said(asking.layout, column, YESES)}, {})


def _of(values: Mapping[str, str], stage: Stage) -> list[str]:
    """The values that name a stage. Where none does as yet, the usual words for it."""
    return [value for value, each in values.items() if each == stage] or USUAL[stage]


def _said(layout: Layout, column: str, words: Collection[str]) -> list[str]:
    """The cells of a column that say yes, or no. Where none does as yet, the usual word for it."""
    said = [value for value in layout.profile.values(column, 10) if folded(value) in words]
    return said or list(words)[:2]


def _likely(layout: Layout, column: Column) -> tuple[list[str], bool]:
    """Answers for a column of dates, the likeliest first, and whether the first is certain."""
    if column.stages is not None:
        if not column.stages:
            return [layout.base, NONE], False
        return [stage or NONE for stage in column.stages], len(column.stages) == 1
    roles = column.roles
    if Role.CREATED in roles:
        return _created(layout, column)
    if Role.CLOSE in roles:
        return _closed(layout)
    if any(role in NEVER for role in roles):
        return [NONE], True
    return ([NONE, layout.base] if _base_is_dated(layout) else [layout.base, NONE]), False


def _created(layout: Layout, column: Column) -> tuple[list[str], bool]:
    """The stage a row has by being there, unless a column dates that stage by name."""
    if any(layout.base in (each.stages or ()) for each in layout.dates):
        return [NONE, layout.base], True
    dated = [each for each in layout.of(Role.CREATED) if each in layout.dates]
    return ([layout.base], True) if column is dated[0] else ([NONE, layout.base], True)


def _closed(layout: Layout) -> tuple[list[str], bool]:
    """A win or a loss as another column says; without one it is no win.

    Where wins are dated by name as well, it dates those that the other column alone tells.
    """
    if layout.stage_columns or layout.of(Role.IS_WON):
        return [CLOSE], True
    if any(Stage.WON in (each.stages or ()) for each in layout.dates):
        return [NONE, CLOSE], True
    return [NONE, CLOSE, Stage.WON], False


def _base_is_dated(layout: Layout) -> bool:
    return any(
        Role.CREATED in column.roles or layout.base in (column.stages or ())
        for column in layout.dates
    )
