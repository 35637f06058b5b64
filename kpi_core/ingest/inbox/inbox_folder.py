"""The inbox on the disk: where files arrive, and the two folders that they leave it for."""

import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from kpi_core.domain.mail_address import without_mail_in_name

DONE = "done"
NEEDS_ATTENTION = "needs-attention"
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart")
"""How names end while a browser or a copying program still writes."""
HIDDEN = (".", "~$", "desktop.ini", "thumbs.db")
"""How the names of files begin that are no exports."""


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox, as it was at one moment."""

    path: Path
    size: int
    mtime_ns: int
    inode: int

    @property
    def name(self) -> str:
        """Its name as the ledger keeps it: text that can be shown, whatever the disk calls it."""
        return told_name(self.path.name)


@dataclass(frozen=True)
class Inbox:
    """A folder with `done/` and `needs-attention/` in it."""

    path: Path

    @property
    def done(self) -> Path:
        """Where imported files lie, their receipts beside them."""
        return self.path / DONE

    @property
    def needs_attention(self) -> Path:
        """Where files lie about which there is something to ask, the question beside them."""
        return self.path / NEEDS_ATTENTION

    def make(self) -> None:
        """Make what is missing of it; OSError where it cannot be written.

        The folder it lies in has to be there: a share that is not mounted is not made up for.
        """
        for folder in (self.path, self.done, self.needs_attention):
            folder.mkdir(exist_ok=True)
            if folder is not self.path and folder.is_symlink():
                raise NotADirectoryError(f"{folder} leads out of the inbox")
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(f"{folder} cannot be written")

    def arrivals(self) -> tuple[Arrival, ...]:
        """The files that are there, oldest first. Links lead elsewhere and are none of them."""
        with os.scandir(self.path) as entries:
            files = [seen(Path(entry.path)) for entry in entries if not passed_over(entry.name)]
        found = filter(None, files)
        return tuple(sorted(found, key=lambda arrival: (arrival.mtime_ns, arrival.path.name)))


def seen(path: Path) -> Arrival | None:
    """The file as it is now; None where it is gone, or is no plain file."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Arrival(path, status.st_size, status.st_mtime_ns, status.st_ino)


def passed_over(name: str) -> bool:
    """A name that no finished export has."""
    folded = name.casefold()
    return folded.startswith(HIDDEN) or folded.endswith(UNFINISHED)


def told_name(name: str) -> str:
    """A file's name as text on one line, for ledgers, notes and logs: without mail addresses."""
    text = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
    line = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    return without_mail_in_name(line) or "–"
