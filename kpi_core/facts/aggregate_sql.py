"""The aggregates that are maintained: a number per day and channel for each tally."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.stage import Stage
from kpi_core.facts.batch import ATTRIBUTE, FIELDS
from kpi_core.facts.zones import rows_by_day
from kpi_core.sql_text import literal, quoted

PLAIN_TALLIES = tuple(Tally(TallyKind.REACHED, stage=stage) for stage in Stage)
"""Always maintained: how many leads reached each stage."""

LEADS, UNDATED, AMOUNT_OF, ACTIVITY = "leads:", "undated:", "amount:", "activity:"
"""How the aggregates of our own begin: leads by source and thing, undated leads and amounts by
stage, activities by name."""
RECORDED, OUTCOMES = "recorded:", "outcomes:"
"""The same of a source's events per day: those whose date records when they became known, and the
others, whose date may be typed in advance."""

_WIDE = "！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～　"  # noqa: E501
_NARROW = "".join(" " if sign == "　" else chr(ord(sign) - 0xFEE0) for sign in _WIDE)


def document(tally: Tally) -> str:
    """A tally as the JSON text by which records keep it."""
    return json.dumps(asdict(tally), sort_keys=True, ensure_ascii=False)


def parse(text: str) -> Tally:
    """The tally of such a text."""
    raw = json.loads(text)
    conditions = tuple(
        Condition(
            each["attribute"], Operator(each["operator"]), tuple(each["values"]), each["number"]
        )
        for each in raw.pop("conditions")
    )
    stages = {name: raw[name] and Stage(raw[name]) for name in ("stage", "to_stage")}
    return Tally(**raw | stages | {"kind": TallyKind(raw["kind"]), "conditions": conditions})


def folded(cell: str) -> str:
    """SQL for a text without regard to case and width."""
    return f"lower(trim(translate({cell}, {literal(_WIDE)}, {literal(_NARROW)})))"


def as_number(folded_cell: str) -> str:
    """SQL for a folded text as a number; null where it is none."""
    return f"try_cast(try_cast(replace({folded_cell}, ',', '') as decimal(38, 9)) as double)"


def folded_text(text: str) -> str:
    """The same of a text at hand."""
    return text.translate(str.maketrans(_WIDE, _NARROW)).strip().lower()


@dataclass
class Rendered:
    """SQL with its parameters."""

    sql: str = ""
    params: dict[str, object] = field(default_factory=dict)

    def param(self, value: object) -> str:
        """The name of a new parameter."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"${name}"


def is_plain(tally: Tally) -> bool:
    """Whether it follows from counts and sums per stage, day of the workspace and channel."""
    plain = (TallyKind.REACHED, TallyKind.AMOUNT, TallyKind.QUALITY)
    return tally.kind in plain and not tally.conditions and tally.zone is None


def conditional(
    tallies: Iterable[Tally], stages: dict[str, int], columns: Sequence[str]
) -> Rendered:
    """The question that adds up tallies with a look at each lead; empty SQL for none.

    Reads `current_rows`, whose attribute columns are `columns`, and for other zones `local_days`;
    `stages` numbers stages and activities by name. Rows of side 0 count against those of side 1.
    """
    rendered = Rendered()
    parts = [
        _one(tally, stages, columns, rendered)
        for tally in tallies
        if (tally.stage or tally.name) in stages
    ]
    rendered.sql = " union all ".join(parts)
    return rendered


def _one(tally: Tally, stages: dict[str, int], columns: Sequence[str], rendered: Rendered) -> str:
    where = [
        f"stage = {stages[tally.stage or tally.name or '']}",
        "occurred_at is not null",
        *(meets(each, columns, rendered) for each in tally.conditions),
    ]
    days = rows_by_day(tally.zone)
    rows = f"select * from ({days}) q where {' and '.join(where)}"
    value, part, parted = "1", "''", ""
    match tally.kind:
        case TallyKind.AMOUNT:
            value = "cast(amount as decimal(38, 9))"
        case TallyKind.QUALITY:
            value = "cast(quality as decimal(38, 9))"
        case TallyKind.CONVERTED:
            assert tally.to_stage is not None
            to = stages[tally.to_stage]
            rows = (
                f"select r.*, t.reached_on as later from ({rows}) r join ("
                f"select side, key, min(on_day) as reached_on from ({days}) q "
                f"where stage = {to} group by side, key) t on t.side = r.side and t.key = r.key"
            )
            part = "coalesce(cast(later as varchar), '')"
            parted = f", {part}"
        case TallyKind.ACTIVE:
            rows = (
                "select * from (select *, row_number() over (partition by side, key, on_month "
                "order by occurred_at, coalesce(channel, '')) as place from ("
                f"select *, {_business_month(tally.closing_day)} as on_month from ({rows}) m) a) b "
                f"where place = {tally.at_least}"
            )
        case _:
            pass
    return (
        f"select {literal(tally.key)} as aggregate, on_day, "
        f"coalesce(channel, '') as channel, "
        f"sum(case when {value} is null then 0 when side = 1 then 1 else -1 end) as facts, "
        f"sum(case when side = 1 then {value} else -{value} end) as value, {part} as part "
        f"from ({rows}) r group by on_day, coalesce(channel, ''){parted}"
    )


def _business_month(closing_day: int | None) -> str:
    """SQL for the business month of a day, as the first day of the month in which it closes."""
    month = "date_trunc('month', on_day)"
    if closing_day is None:
        return month
    return (
        f"case when extract(day from on_day) > {closing_day} "
        f"then {month} + interval '1 month' else {month} end"
    )


def meets(
    condition: Condition,
    columns: Sequence[str],
    rendered: Rendered,
    having: Sequence[str] = FIELDS,
    cell: str | None = None,
) -> str:
    """SQL for the rows that meet a condition: never those without the attribute.

    Of the fields rows have those of `having`, of the attributes `columns`. `cell` is SQL for the
    text where that is not simply the column.
    """
    name = condition.attribute
    column = name if name in FIELDS else f"{ATTRIBUTE}{name}"
    if column not in having and column not in columns:
        return "false"
    stated = cell or quoted(column)
    cell = folded(stated)
    if condition.operator in (Operator.IN, Operator.NOT_IN):
        values = ", ".join(rendered.param(folded_text(value)) for value in condition.values)
        negated = "not " if condition.operator is Operator.NOT_IN else ""
        return f"({stated} is not null and {cell} {negated}in ({values}))"
    sign = ">=" if condition.operator is Operator.AT_LEAST else "<="
    return f"coalesce({as_number(cell)} {sign} {rendered.param(condition.number)}, false)"
