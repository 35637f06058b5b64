"""The plans that ship, to begin from."""

from functools import cache
from importlib.resources import files

STARTERS = ("saas", "manufacturer", "hr-platform", "olist")
"""Ids of the starters, the one to begin with first."""


@cache
def starters() -> dict[str, str]:
    """The text of every starter by its plan's id."""
    folder = files("kpi_core.plans") / "starters"
    return {name: (folder / f"{name}.toml").read_text(encoding="utf-8") for name in STARTERS}
