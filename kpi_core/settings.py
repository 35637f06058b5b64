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
INBOX = Setting(
    "KPI_INBOX",
    "data/inbox",
    "The folder from which the running board takes files in; off: from none",
)
UPLOAD_LIMIT = Setting("KPI_UPLOAD_LIMIT_MB", "500", "The largest file that may be sent, in MB")
KEEP_RAW = Setting(
    "KPI_KEEP_RAW_DAYS",
    "0",
    "For how many days files are kept as they came, beside the store; 0: they are not kept",
)
WALL_KEYS = Setting(
    "KPI_WALL_KEYS",
    "0",
    "1: a wall opens with a display link only; 0: for everyone who reaches the port",
)

OFF = "off"
MOST = 999_999
"""The largest number that a setting can be."""

SETTINGS = (DATABASE, DEMO, INBOX, UPLOAD_LIMIT, KEEP_RAW, WALL_KEYS)
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
    inbox: Path | None
    """None: no folder is looked into."""
    upload_limit_mb: int
    keep_raw_days: int
    wall_keys: bool = False
    """Walls open with a display link only."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises SettingsError for a value that cannot be used."""
        inbox = INBOX.read(environ)
        return cls(
            database=Path(DATABASE.read(environ)).expanduser(),
            demo=_switch(DEMO, environ),
            inbox=None if inbox.lower() == OFF else Path(inbox).expanduser(),
            upload_limit_mb=_whole(UPLOAD_LIMIT, environ, least=1),
            keep_raw_days=_whole(KEEP_RAW, environ, least=0),
            wall_keys=_switch(WALL_KEYS, environ),
        )


def _switch(setting: Setting, environ: Mapping[str, str]) -> bool:
    value = setting.read(environ)
    if value not in ("0", "1"):
        raise SettingsError("not_a_switch", name=setting.name, value=value)
    return value == "1"


def _whole(setting: Setting, environ: Mapping[str, str], *, least: int) -> int:
    value = setting.read(environ)
    if value.isascii() and value.isdecimal() and len(value) <= len(str(MOST)):
        number = int(value)
        if number >= least:
            return number
    raise SettingsError("not_a_number", name=setting.name, value=value, least=least, most=MOST)
