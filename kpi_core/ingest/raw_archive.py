"""Files as they came, in `archive/raw` for as many days as the settings say, and no longer."""

import hashlib
import logging
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from kpi_core.domain.mail_address import without_mail_in_name

FOLDER = "archive"
LOGGER = logging.getLogger(__name__)
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-[0-9a-f]{16}-.*", re.DOTALL)
LONGEST_NAME = 60


@dataclass(frozen=True)
class RawFiles:
    """A folder of kept files; each name begins with the day on which it was kept."""

    folder: Path
    days: int

    @classmethod
    def of(cls, data: Path, days: int) -> "RawFiles":
        """Those of a data folder: in `archive/raw`."""
        return cls(data / FOLDER / "raw", days)

    def keep(self, source: Path | bytes, name: str, now: datetime) -> Path | None:
        """Keep a file that was imported; None where the settings say to keep none.

        Each content is kept once a day. OSError where the folder cannot be written.
        """
        if self.days <= 0:
            return None
        self.folder.parent.mkdir(mode=0o700, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        kept = self.folder / f"{now:%Y-%m-%d}-{_digest(source)}-{_safe(without_mail_in_name(name))}"
        if kept.exists():
            return kept
        beside = kept.with_name(f".{kept.name}.part")
        try:
            if isinstance(source, bytes):
                beside.write_bytes(source)
            else:
                shutil.copyfile(source, beside)
            beside.replace(kept)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        return kept

    def keep_or_warn(self, source: Path | bytes, name: str, now: datetime) -> None:
        """The same for who has taken the file in: it stands, whatever goes wrong here."""
        try:
            self.keep(source, name, now)
        except OSError as problem:
            LOGGER.warning("%s could not be kept as it came: %s", name, problem.strerror)

    def remove_old(self, now: datetime) -> tuple[Path, ...]:
        """Remove what was kept for its days, or all of it where none is kept any more."""
        removed = []
        last = now.date() - timedelta(days=self.days)
        for file in sorted(self.folder.glob("*")) if self.folder.is_dir() else ():
            kept_on = _day(file.name.lstrip("."))
            if kept_on is not None and kept_on <= last:
                with suppress(OSError):
                    file.unlink()
                    removed.append(file)
        return tuple(removed)


def _digest(source: Path | bytes) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()[:16]
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _day(name: str) -> date | None:
    """The day on which a file was kept; None for one that is not ours."""
    found = _NAME.fullmatch(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _safe(name: str) -> str:
    """A name without anything that a file system could take for a folder or a device."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, ending) if dot else (name, "")
    text = re.sub(r"[^\w-]+", "_", stem)[:LONGEST_NAME] or "file"
    return f"{text}.{re.sub(r'[^A-Za-z0-9]+', '', ending)[:10]}".rstrip(".")
