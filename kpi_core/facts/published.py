"""What other processes read: daily aggregates and coverage as one Parquet file per data version."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.sql_text import literal, one_file

FOLDER = "published"
_NAME = re.compile(r"(\d+)\.parquet")


@dataclass(frozen=True)
class Published:
    """The folder of published files below a data folder."""

    data: Path

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.data / FOLDER

    def newest(self) -> tuple[int, Path] | None:
        """The newest published data version and its file; None before the first."""
        found = [
            (int(match[1]), path)
            for path in self.folder.glob("*.parquet")
            if (match := _NAME.fullmatch(path.name))
        ]
        return max(found, default=None)

    def publish(self, cursor: DuckDBPyConnection, version: int) -> None:
        """Write what the cache's aggregates are at a data version, and remove all other files."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        fresh = self.folder / f".{version}.{os.getpid()}.new"
        try:
            cursor.execute(
                "copy ("
                "select aggregate, day, channel, cast(sum(facts) as bigint) as facts, "
                "cast(sum(value) as decimal(38, 9)) as value, part, "
                "null::varchar as what, null::varchar as source, null::timestamp as through "
                "from daily group by aggregate, day, channel, part having sum(facts) <> 0 "
                "union all select name, null, null, null, null, null, what, source, through "
                "from coverage"
                f") to {literal(str(fresh))} (format parquet, compression zstd)"
            )
            fresh.chmod(0o600)
            fresh.replace(self.folder / f"{version}.parquet")
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
        for path in self.folder.iterdir():  # also what a process that was killed left
            if path.name != f"{version}.parquet":
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def read(self) -> tuple[int, DuckDBPyConnection] | None:
        """A data version and a connection with `daily` and `coverage` as they were then."""
        for _ in range(5):
            found = self.newest()
            if found is None:
                return None
            version, path = found
            connection = duckdb.connect(":memory:")
            try:
                connection.execute(
                    f"create table file as from read_parquet({literal(one_file(path))})"
                )
            except duckdb.IOException:  # replaced by a newer one in this moment
                connection.close()
                continue
            connection.execute(  # a file of an earlier version has no parts
                "alter table file add column if not exists part varchar default ''"
            )
            connection.execute(
                "create view daily as select aggregate, day, channel, facts, value, part from file "
                "where what is null"
            )
            connection.execute(
                "create view coverage as select what, aggregate as name, source, through from file "
                "where what is not null"
            )
            return version, connection
        return None
