"""Every question has one text, which DuckDB and Spark answer alike over the same files."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from pyspark.sql import SparkSession

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.stage import Stage
from kpi_core.facts import aggregate_sql, cache, receipts
from kpi_core.facts.queries import query
from tests.facts import relations, spark

_PERIOD: dict[str, object] = {"first": date(2026, 3, 8), "last": date(2026, 4, 20)}
_LISTED: dict[str, object] = {f"a{place}": name for place, name in enumerate(relations.AGGREGATES)}

CASES: dict[str, dict[str, object]] = {
    "attribute_range": {},
    "attribute_values": {},
    "by_channel": _LISTED | _PERIOD,
    "before_earlier_stage": {},
    "compare": {},
    "compare_numbers": {},
    "coverage": {},
    "current": {},
    "daily": _LISTED | _PERIOD | {"known": "2026-04-10"},
    "first_channel": {},
    "first_day": _LISTED,
    "levels": _LISTED | {"last": date(2026, 4, 20)},
    "numbers": {},
    "stated": {"import_id": relations.NEWEST},
    "totals": {"prefix": "undated:won"},
    "unsettled": {},
}
"""The parameters of each question."""

WON = Tally(TallyKind.REACHED, stage=Stage.WON)
CONDITIONS = (
    Condition("channel", Operator.IN, ("web", "紹介")),
    Condition("channel", Operator.NOT_IN, ("WEB",)),
    Condition("owner", Operator.IN, ("ANN",)),
    Condition("role", Operator.IN, ("chief", "O'Neil \\ Söhne")),
    Condition("role", Operator.NOT_IN, ("担当 者", "manager")),
    Condition("size", Operator.AT_LEAST, number=30),
    Condition("size", Operator.AT_MOST, number=12.5),
)
TALLIES = (
    WON,
    *(Tally(TallyKind.REACHED, stage=Stage.LEAD, conditions=(each,)) for each in CONDITIONS),
    Tally(TallyKind.REACHED, stage=Stage.LOST, conditions=CONDITIONS[2:4]),
    Tally(TallyKind.AMOUNT, stage=Stage.WON, conditions=CONDITIONS[:1]),
    Tally(TallyKind.QUALITY, stage=Stage.SALES_QUALIFIED, conditions=CONDITIONS[-1:]),
    Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON),
    Tally(
        TallyKind.CONVERTED, stage=Stage.OPPORTUNITY, to_stage=Stage.LOST, conditions=CONDITIONS[:1]
    ),
    *(
        Tally(TallyKind.ACTIVE, name=name, at_least=at_least, closing_day=closing_day)
        for name in relations.ACTIVITIES.values()
        for at_least, closing_day in ((1, None), (1, 20), (2, 20))
    ),
    *(
        replace(tally, zone=zone)
        for zone in relations.ZONES
        for tally in (
            WON,
            Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON),
            Tally(TallyKind.ACTIVE, name="login", closing_day=20),
        )
    ),
)


def found() -> list[str]:
    """The questions that there are."""
    folder = files("kpi_core.facts").joinpath("queries")
    return sorted(Path(each.name).stem for each in folder.iterdir() if each.name.endswith(".sql"))


@dataclass(frozen=True)
class Engines:
    """Both engines over the same files."""

    duckdb: DuckDBPyConnection
    spark: SparkSession

    def ask(self, sql: str, params: dict[str, object]) -> Counter[object]:
        """What both answer, in no order."""
        rows: Counter[object] = Counter(self.duckdb.execute(sql, params).fetchall())
        assert spark.ask(self.spark, sql, params) == rows
        return rows


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    folder: Path = tmp_path_factory.mktemp("relations")
    relations.write(folder)
    with duckdb.connect() as connection, spark.spark() as session:
        for path in folder.glob("*.parquet"):
            connection.execute(f"create view {path.stem} as from '{path}'")
        spark.read_files(session, folder)
        yield Engines(connection, session)


def test_every_question_has_a_case() -> None:
    assert sorted(CASES) == found()


def test_there_are_many_events_beyond_the_newest_import(engines: Engines) -> None:
    sql = "select count(*) from said_events where side = 0"
    assert engines.duckdb.execute(sql).fetchall() >= [(10_000,)]


@pytest.mark.parametrize("name", found())
def test_a_question_is_answered_alike(engines: Engines, name: str) -> None:
    text = query(name).replace("{aggregates}", ", ".join(f"${each}" for each in _LISTED))
    positions = engines.duckdb.execute(
        "select distinct position from stages where kind <> 'activity' order by 1"
    ).fetchall()
    text = text.replace("{inversions}", receipts.inversions([place for (place,) in positions]))
    text = text.replace("{imports}", str(relations.NEWEST))
    number = aggregate_sql.as_number(aggregate_sql.folded('"attr_size"'))
    text = text.replace("{column}", '"attr_size"').replace("{number}", number)
    assert engines.ask(text, CASES[name])


@pytest.mark.parametrize("tally", TALLIES)
def test_an_aggregate_adds_up_alike(engines: Engines, tally: Tally) -> None:
    numbers = cache.stage_numbers(engines.duckdb)
    asked = aggregate_sql.conditional([tally], numbers, ("attr_role", "attr_size"))
    assert engines.ask(asked.sql, asked.params)
