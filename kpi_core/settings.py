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
    """A setting cannot be used: a code and blanks that the catalogs word (`settings.<code>`)."""

    def __init__(self, code: str, **blanks: object) -> None:
        super().__init__(" ".join([code, *(f"{name}={value}" for name, value in blanks.items())]))
        self.code = code
        self.blanks = blanks


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
        raise SettingsError("not_a_switch", name=setting.name, value=value)
    return value == "1"
