"""What people and the program agreed and did, in SQLite or PostgreSQL."""

from typing import TYPE_CHECKING, Any

from kpi_core.records.errors import StoreError

if TYPE_CHECKING:
    from kpi_core.records.records import Records

__all__ = ["Records", "StoreError", "open_records"]


def open_records(url: str) -> "Records":
    """The records at a URL, made or brought up to date where need be; StoreError says why not."""
    from kpi_core.records.records import open_records as opened  # SQLAlchemy takes its time

    return opened(url)


def __getattr__(name: str) -> Any:
    """`Records`, when somebody asks for it."""
    if name == "Records":
        from kpi_core.records.records import Records

        return Records
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
