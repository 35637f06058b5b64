"""What is known of leads beside their stages: fields and attributes, with the values they have."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from kpi_core.facts import cache
from kpi_core.facts.aggregate_sql import as_number, folded, folded_text
from kpi_core.facts.batch import ATTRIBUTE, FIELDS
from kpi_core.facts.change import Change
from kpi_core.facts.queries import query
from kpi_core.sql_text import quoted

MOST_VALUES = 200


@dataclass(frozen=True)
class AttributeValues:
    """The values of a field or an attribute among leads, each with its number of leads.

    `values` are the most frequent, at most 200, spelled as most leads have them; capitals and
    width make no difference. `leads` have any value, `numbers` of them a number, from `least` to
    `most`; None for both where none has.
    """

    name: str
    values: tuple[tuple[str, int], ...]
    leads: int
    numbers: int
    least: float | None
    most: float | None

    @property
    def is_number(self) -> bool:
        """All of its values are numbers."""
        return 0 < self.leads == self.numbers


def same_value(value: str) -> str:
    """A value without regard to case and width: values are the same where this is."""
    return folded_text(value)


def names(cursor: DuckDBPyConnection) -> tuple[str, ...]:
    """Fields and attributes that any lead has, fields first."""
    known = {name for name, *_ in cursor.execute("describe leads").fetchall()}
    known |= {name for name, *_ in cursor.execute("describe events").fetchall()}
    attributes = sorted(each.removeprefix(ATTRIBUTE) for each in cache.attributes(cursor))
    return (*(each for each in FIELDS if each in known), *attributes)


def values(cursor: DuckDBPyConnection, name: str) -> AttributeValues:
    """The values of a field or an attribute, over all sources. An unknown one has none."""
    counts: Counter[str] = Counter()
    spelled: dict[str, Counter[str]] = {}
    leads = numbers = 0
    least: float | None = None
    most: float | None = None
    column = name if name in FIELDS else f"{ATTRIBUTE}{name}"
    if column in (*FIELDS, *cache.attributes(cursor)):
        for _ in _resolved(cursor):
            for value, count in cursor.execute(_text("attribute_values", column)).fetchall():
                counts[folded_text(value)] += count
                spelled.setdefault(folded_text(value), Counter())[value.strip()] += count
            row = cursor.execute(_text("attribute_range", column)).fetchall()[0]
            leads, numbers = leads + row[0], numbers + row[1]
            if row[2] is not None:
                least = row[2] if least is None else min(least, row[2])
                most = row[3] if most is None else max(most, row[3])
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]
    shown = tuple((spelled[key].most_common(1)[0][0], count) for key, count in ranked)
    return AttributeValues(name, shown, leads, numbers, least, most)


def _resolved(cursor: DuckDBPyConnection) -> Iterator[None]:
    """Each source's leads in turn, as `current_rows`."""
    pairs = cursor.execute("select distinct source, thing from imports order by 1, 2").fetchall()
    for source, thing in pairs:
        Change(cursor, source, thing).resolve_all()
        yield


def _text(name: str, column: str) -> str:
    """The text of a question about a column."""
    cell = quoted(column)
    return query(name).replace("{number}", as_number(folded(cell))).replace("{column}", cell)
