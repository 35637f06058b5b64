"""The Parquet files of the facts, and whose facts each of them holds."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from kpi_core.records import schema
from kpi_core.records.chunks import chunks


@dataclass(frozen=True)
class FactFile:
    """A file of facts. `path` is relative to the data folder.

    `kind` is "events", "leads" or "numbers"; `import_ids` are in rising order.
    """

    path: str
    kind: str
    rows: int
    bytes: int
    sha256: str
    import_ids: tuple[int, ...] = ()


def add_files(conn: Connection, files: Iterable[FactFile]) -> None:
    """Note files, each with the imports whose facts it holds."""
    added = list(files)
    if not added:
        return
    conn.execute(
        insert(schema.fact_files),
        [
            {
                "path": file.path,
                "kind": file.kind,
                "rows": file.rows,
                "bytes": file.bytes,
                "sha256": file.sha256,
            }
            for file in added
        ],
    )
    owners = [
        {"path": file.path, "import_id": import_id}
        for file in added
        for import_id in file.import_ids
    ]
    if owners:
        conn.execute(insert(schema.fact_file_imports), owners)


def files(conn: Connection, import_ids: Collection[int] | None = None) -> tuple[FactFile, ...]:
    """The files with facts of any of the imports, or all files; by first import, then path."""
    owners = schema.fact_file_imports
    if import_ids is None:
        return _files(conn, None)
    paths = {
        str(path)
        for some in chunks(import_ids)
        for path in conn.scalars(select(owners.c.path).where(owners.c.import_id.in_(some)))
    }
    return _files(conn, paths)


def is_noted(conn: Connection, path: str) -> bool:
    """Whether a file is among them."""
    table = schema.fact_files
    return conn.scalar(select(table.c.path).where(table.c.path == path)) is not None


def replace_files(
    conn: Connection, old_paths: Collection[str], new_files: Iterable[FactFile]
) -> None:
    """Have new files in the place of old ones, as after gathering or erasing."""
    table = schema.fact_files
    for some in chunks(old_paths):
        conn.execute(delete(table).where(table.c.path.in_(some)))
    add_files(conn, new_files)


def _files(conn: Connection, paths: Collection[str] | None) -> tuple[FactFile, ...]:
    table, owners = schema.fact_files, schema.fact_file_imports
    query = (
        select(table, owners.c.import_id)
        .outerjoin(owners, owners.c.path == table.c.path)
        .order_by(owners.c.import_id)
    )
    if paths is None:
        rows = list(conn.execute(query))
    else:
        rows = [
            row
            for some in chunks(paths)
            for row in conn.execute(query.where(table.c.path.in_(some)))
        ]
    known: dict[str, tuple[str, int, int, str]] = {}
    held: dict[str, list[int]] = {}
    for row in rows:
        known[row.path] = (row.kind, row.rows, row.bytes, row.sha256)
        held.setdefault(row.path, []).extend([] if row.import_id is None else [row.import_id])
    found = [FactFile(path, *facts, tuple(held[path])) for path, facts in known.items()]
    return tuple(sorted(found, key=lambda file: (file.import_ids[:1], file.path)))
