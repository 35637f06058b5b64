"""The questions that are asked of the cache: one SQL file each."""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of a question: `<name>.sql`."""
    return files("kpi_core.facts.queries").joinpath(f"{name}.sql").read_text(encoding="utf-8")
