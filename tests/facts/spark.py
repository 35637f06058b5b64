"""The questions on Spark: a server to ask, and the text that it is asked."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import sqlglot
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession
from sqlglot import exp

ZONE = "Europe/Berlin"
"""The session's time zone, in which some wall clocks of the facts do not exist, or exist twice."""


@contextmanager
def spark() -> Iterator[SparkSession]:
    """A session with a server of its own, on a port of this computer that is free."""
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        # Spark takes a program without a file, as a worker of pytest-xdist is, for its doctests.
        with patch.object(sys.modules["__main__"], "__file__", __file__, create=True):
            session = SparkSession.builder.remote(f"sc://{host}:{port}").create()
        session.conf.set("spark.sql.session.timeZone", ZONE)
        try:
            yield session
        finally:
            session.stop()
    finally:
        server.stop()


def read_files(session: SparkSession, folder: Path) -> None:
    """Have each Parquet file of a folder as a relation of the file's name."""
    for path in sorted(folder.glob("*.parquet")):
        session.read.parquet(str(path)).createOrReplaceTempView(path.stem)


def carried(sql: str, params: Mapping[str, object]) -> str:
    """A question in Spark's dialect, with its parameters written into it."""

    def filled(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Parameter | exp.Placeholder):
            return exp.convert(params[node.name])
        return node

    return sqlglot.parse_one(sql, read="duckdb").transform(filled).sql("spark")


def ask(session: SparkSession, sql: str, params: Mapping[str, object]) -> Counter[object]:
    """The rows that answer a question, in no order."""
    table = session.sql(carried(sql, params)).toArrow()
    return Counter(tuple(row.values()) for row in table.to_pylist())
