"""What the board is told from outside: its environment variables, each declared once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Setting(NamedTuple):
    """An environment variable. Unset and empty both mean the default."""

    name: str
    default: str
    help: str

    def read(self, environ: Mapping[str, str]) -> str:
        return environ.get(self.name, "").strip() or self.default


DATABASE = Setting(
    "KPI_DATABASE",
    "data/kpi.duckdb",
    "The file that holds facts and plans, seen from the folder the board is started in",
)
DEMO = Setting("KPI_DEMO", "0", "1: an empty store is filled with demo data at start")

SETTINGS = (DATABASE, DEMO)
"""All there are, in the order of the README's table."""


class SettingsError(ValueError):
    """A setting cannot be used. The text says which, why, and what to do."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    database: Path
    demo: bool

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises SettingsError for a value that cannot be used."""
        return cls(database=Path(DATABASE.read(environ)).expanduser(), demo=_switch(DEMO, environ))


def _switch(setting: Setting, environ: Mapping[str, str]) -> bool:
    value = setting.read(environ)
    if value not in ("0", "1"):
        raise SettingsError(f'{setting.name}: cannot read "{value}". Set it to 1 or 0.')
    return value == "1"
