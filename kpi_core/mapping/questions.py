"""The decisions about a table, in the order in which a user thinks of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kpi_core.domain.question import Answers, Ask, Option, Question, decided
from kpi_core.domain.stage import Stage
from kpi_core.mapping.columns import Column, Layout
from kpi_core.mapping.profile import MOST_COLUMNS
from kpi_core.mapping.row_grain import RowKind, repeated_ids, row_kinds
from kpi_core.mapping.synonyms import Role, attribute, plain, stages_of_value

NONE = "none"
CLOSE = "close"
YES, NO = "yes", "no"
DESCRIBING = {
    "channel": Role.CHANNEL,
    "campaign": Role.CAMPAIGN,
    "owner": Role.OWNER,
    "account": Role.ACCOUNT,
    "amount": Role.AMOUNT,
    "quality": Role.QUALITY,
}
ATTRIBUTE = "attribute"
NUMERIC = ("amount", "quality")
MOST_VALUES = 200
TITLES = ("title", "position", "タイトル")


@dataclass
class Asking:
    """Questions as they add up. What is open is taken as its first option, for those after it.

    `home` is the workspace's zone.
    """

    layout: Layout
    answers: Answers
    home: str | None = None
    questions: list[Question] = field(default_factory=list)

    def ask(
        self,
        code: Ask,
        options: Iterable[Option | str],
        concluded: str | None = None,
        *,
        subject: str = "",
        free: bool = False,
    ) -> str:
        """Put a decision; what it is for now."""
        offered = tuple(Option(str(each)) if isinstance(each, str) else each for each in options)
        known = None if concluded is None else str(concluded)
        question = decided(code, self.answers, offered, known, subject=subject, free=free)
        self.questions.append(question)
        return question.answer if question.answer is not None else offered[0].value

    def column(
        self, code: Ask, columns: Sequence[Column], concluded: str | None, *, none: bool = False
    ) -> str | None:
        """Ask for one of these columns; with `none`, for none as well. Any other may be named."""
        options = [named(column) for column in columns]
        if none or not options:
            options.append(Option(""))
        others = (each for each in self.layout.columns[:MOST_COLUMNS] if each not in columns)
        options += [named(each) for each in others if each.profile.filled and not each.is_personal]
        return self.ask(code, options, concluded) or None


def named(column: Column) -> Option:
    """A column as an option, with the first cells."""
    return Option(column.header, column.header, column.profile.sample[:3])


def first(preferred: Iterable[str | None], rest: Iterable[str]) -> tuple[str, ...]:
    """The preferred ones, then the rest, each once."""
    return tuple(dict.fromkeys(each for each in (*preferred, *rest) if each is not None))


def ask_grain(asking: Asking) -> RowKind:
    """What one row is. Always asked: no file says it for certain."""
    return RowKind(asking.ask(Ask.GRAIN, [kind.value for kind in row_kinds(asking.layout)]))


def ask_id(asking: Asking, kind: RowKind) -> str | None:
    """Which column is the id. Concluded where there is one, or a mail address alone."""
    layout = asking.layout
    known = [column for column in layout.ids if Role.ID in column.roles]
    if kind in (RowKind.EVENT, RowKind.ACTIVITY) and (several := repeated_ids(layout)):
        known = [column for column in several if Role.ID in column.roles] or several
    elif len(own := [column for column in known if layout.is_own(column)]) == 1:
        known = own
    candidates = list(dict.fromkeys([*known, *layout.ids, *layout.mails]))
    concluded = None
    if len(known) == 1:
        concluded = known[0].header
    elif not layout.ids:
        concluded = layout.mails[0].header if layout.mails else ""
    return asking.column(Ask.ID, candidates, concluded, none=True)


def ask_stage(asking: Asking, candidates: Sequence[Column]) -> str | None:
    """Which column names the stage. Concluded where one does by its header; none is a choice."""
    sure = [column for column in candidates if Role.STAGE in column.roles]
    alone = sure or list(candidates)
    concluded = alone[0].header if len(alone) == 1 and alone[0].roles else None
    if concluded is None and not candidates:
        concluded = ""
    if not any(column.names_stage or Role.STAGE in column.roles for column in candidates):
        return asking.ask(Ask.STAGE, [Option(""), *map(named, candidates)], concluded) or None
    return asking.column(Ask.STAGE, candidates, concluded, none=True)


def ask_values(asking: Asking, column: str, *, likely: Stage) -> dict[str, str]:
    """The stage of each value of a column. One that is not known is asked, never dropped."""
    found = {}
    for value in asking.layout.profile.values(column, MOST_VALUES):
        known = stages_of_value(value)
        if known == (Stage.LEAD,) and asking.layout.is_deals:
            known = (Stage.OPPORTUNITY, Stage.LEAD)  # "New" is a new deal
        concluded = known[0].value if len(known) == 1 and known[0] is not None else None
        offered = first([stage or "" for stage in known] or [likely], (*Stage, ""))
        found[value] = asking.ask(Ask.VALUE, offered, concluded, subject=value)
    return found


def ask_described(asking: Asking, taken: Iterable[str | None]) -> dict[str, str]:
    """What else is known of each row, by column. The likeliest column of a kind is concluded."""
    layout, taken = asking.layout, set(taken)
    concluded: dict[str, str] = {}
    for name, role in DESCRIBING.items():
        columns = [
            column
            for column in layout.of(role)
            if column.header not in {*taken, *concluded}
            and not column.is_personal
            and not column.is_date
            and (column.is_number or name not in NUMERIC)
        ]
        if columns:
            concluded[columns[0].header] = name
    of_people = any(column.profile.person is not None for column in layout.columns)
    found = {}
    for column in layout.columns[:MOST_COLUMNS]:
        if column.header in taken or column.is_personal or not column.profile.filled:
            continue
        if column.is_date:
            continue
        likely = concluded.get(column.header) or _likely_attribute(column, of_people=of_people)
        options = first([likely], (*DESCRIBING, ATTRIBUTE, NONE))
        found[column.header] = asking.ask(Ask.COLUMN, options, likely, subject=column.header)
    return {header: role for header, role in found.items() if role != NONE}


def _likely_attribute(column: Column, *, of_people: bool) -> str:
    """An attribute by its name; a title is one of a person only beside other data of people."""
    if plain(column.header) in TITLES and not (of_people or column.kept):
        return NONE
    return ATTRIBUTE if column.kept or attribute(column.header) else NONE


def ask_personal(asking: Asking, taken: Iterable[str | None]) -> None:
    """Whether to keep a column that looks like personal data. The default: leave it out."""
    taken = set(taken)
    for column in asking.layout.columns:
        if column.profile.person is not None and column.header not in taken:
            asking.ask(Ask.KEEP, [NO, YES], NO, subject=column.header)
