"""The board's settings: its environment variables, each declared once."""

import re
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


DATA = Setting(
    "KPI_DATA",
    "data",
    "The folder that holds facts and records, seen from the folder the board is started in",
)
RECORDS = Setting(
    "KPI_RECORDS",
    "",
    "Where the records are, as postgresql+psycopg://user:password@host/name; "
    "unset: `records.db` in that folder",
)
DEMO = Setting("KPI_DEMO", "0", "1: an empty store is filled with demo data at start")
INBOX = Setting(
    "KPI_INBOX",
    "data/inbox",
    "The folder from which the running board imports files; unset: `inbox` in that of KPI_DATA; "
    "off: from none",
)
UPLOAD_LIMIT = Setting("KPI_UPLOAD_LIMIT_MB", "500", "The largest file that may be sent, in MB")
KEEP_RAW = Setting(
    "KPI_KEEP_RAW_DAYS",
    "0",
    "For how many days files are kept as they came, in `archive/raw`; 0: they are not kept",
)
WALL_KEYS = Setting(
    "KPI_WALL_KEYS",
    "0",
    "1: a wall opens with a display link only; 0: for everyone who reaches the port",
)
LISTEN = Setting(
    "KPI_HOST",
    "127.0.0.1",
    "The address on which `make run` listens; 127.0.0.1: for this machine alone, 0.0.0.0: for "
    "everyone who reaches it over the network",
)
HOSTS = Setting(
    "KPI_HOSTS",
    "",
    "Names by which the board is opened, with commas between. IP addresses, localhost and the "
    "machine's own names need no entry; every other name is refused",
)
ANCESTORS = Setting(
    "KPI_FRAME_ANCESTORS",
    "",
    "Sites that may show the board inside a page of theirs, such as https://wiki.example.com, with "
    "commas between; unset: none but this server",
)

FORMER = "KPI_DATABASE"
"""The setting of earlier versions, whose store was one file."""
FORMER_STORE = "kpi.duckdb"
"""What that file was called."""
OFF = "off"
OWNER_ONLY = 0o077
"""The umask of every process of ours: what it writes only its owner may read."""
MOST = 999_999
"""The largest number that a setting can be."""

SETTINGS = (
    DATA,
    RECORDS,
    DEMO,
    INBOX,
    UPLOAD_LIMIT,
    KEEP_RAW,
    WALL_KEYS,
    LISTEN,
    HOSTS,
    ANCESTORS,
)
"""All there are, in the order of the README's table."""

_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_SITE = re.compile(r"https?://(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[0-9]{1,5})?")


class SettingsError(ValueError):
    """A setting cannot be used: a code and params that the catalogs word (`settings.<code>`)."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(" ".join([code, *(f"{name}={value}" for name, value in params.items())]))
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    data: Path
    demo: bool
    inbox: Path | None
    """None: no folder is looked into."""
    upload_limit_mb: int
    keep_raw_days: int
    wall_keys: bool = False
    """Walls open with a display link only."""
    records: str | None = None
    """The URL of the records; None: a file in the data folder."""
    hosts: tuple[str, ...] = ()
    """Names by which the board is opened, beside those that need no entry."""
    frame_ancestors: tuple[str, ...] = ()
    """Sites that may frame the board, beside itself."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises SettingsError for a value that cannot be used."""
        if environ.get(FORMER, "").strip():
            raise SettingsError("former_setting", name=FORMER, instead=DATA.name)
        data = Path(DATA.read(environ)).expanduser()
        return cls(
            data=data,
            demo=_switch(DEMO, environ),
            inbox=_inbox(data, environ),
            upload_limit_mb=_whole(UPLOAD_LIMIT, environ, least=1),
            keep_raw_days=_whole(KEEP_RAW, environ, least=0),
            wall_keys=_switch(WALL_KEYS, environ),
            records=RECORDS.read(environ) or None,
            hosts=_listed(HOSTS, environ, _NAME),
            frame_ancestors=_listed(ANCESTORS, environ, _SITE),
        )

    def check_folder(self) -> None:
        """SettingsError where the data folder holds the store of an earlier version."""
        former = self.data / FORMER_STORE
        if former.exists():
            raise SettingsError("former_store", path=str(former), name=DATA.name)


def _inbox(data: Path, environ: Mapping[str, str]) -> Path | None:
    given = environ.get(INBOX.name, "").strip()
    if given.lower() == OFF:
        return None
    return Path(given).expanduser() if given else data / "inbox"


def _switch(setting: Setting, environ: Mapping[str, str]) -> bool:
    value = setting.read(environ)
    if value not in ("0", "1"):
        raise SettingsError("not_a_switch", name=setting.name, value=value)
    return value == "1"


def _listed(
    setting: Setting, environ: Mapping[str, str], shape: re.Pattern[str]
) -> tuple[str, ...]:
    """What stands between the commas, in lower case; each of the shape."""
    values = [each.strip().lower().rstrip("/.") for each in setting.read(environ).split(",")]
    found = tuple(each for each in values if each)
    for value in found:
        if not shape.fullmatch(value):
            code = "not_a_name" if setting is HOSTS else "not_a_site"
            raise SettingsError(code, name=setting.name, value=value)
    return found


def _whole(setting: Setting, environ: Mapping[str, str], *, least: int) -> int:
    value = setting.read(environ)
    if value.isascii() and value.isdecimal() and len(value) <= len(str(MOST)):
        number = int(value)
        if number >= least:
            return number
    raise SettingsError("not_a_number", name=setting.name, value=value, least=least, most=MOST)
