"""Imports to commit, and a process that commits them."""

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kpi_core.domain.issue import Issue, Severity
from kpi_core.records import Records, ledger, open_records
from kpi_core.records.ledger import NewImport

NOW = datetime.fromisoformat("2026-05-31 12:00")


def new_import(conn: Connection, **fields: Any) -> NewImport:
    """An import of one row, under a number of its own; `fields` are said otherwise."""
    plain: dict[str, Any] = {
        "import_id": ledger.reserve_id(conn),
        "source": "crm",
        "thing": "lead",
        "file_name": "leads.csv",
        "file_hash": "f",
        "content_hash": "c",
        "mapping_name": "leads",
        "mapping": "name = 'leads'",
        "grain": "lead",
        "rows": 1,
        "imported_at": NOW,
        "imported_by": "Sato",
    }
    return NewImport(**(plain | fields))


def commit(records: Records, **fields: Any) -> int:
    """Commit an import; its number."""
    with records.writing() as conn:
        new = new_import(conn, **fields)
        ledger.add_import(conn, new)
        return new.import_id


def flags(lines: Iterable[int]) -> list[Issue]:
    return [Issue("far_date", line, "作成日", "2062", Severity.FLAGGED) for line in lines]


def main(url: str, imports: int, issues: int) -> None:
    """Commit imports, and say before and after each."""
    records = open_records(url)
    for _ in range(imports):
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        commit(records, issues=flags(range(issues)), small={"events": {"line": [1]}})
        sys.stdout.write("done\n")
        sys.stdout.flush()
    records.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
