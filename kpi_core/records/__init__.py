"""What people and the program agreed and did, in SQLite or PostgreSQL."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kpi_core.records.errors import StoreError

if TYPE_CHECKING:
    from kpi_core.records.records import Records, open_records

__all__ = ["Records", "StoreError", "open_records"]


def __getattr__(name: str) -> Any:
    """What needs SQLAlchemy is imported when it is asked for: a command's help comes at once."""
    if name in ("Records", "open_records"):
        return getattr(import_module("kpi_core.records.records"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
