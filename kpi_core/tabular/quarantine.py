"""Files that ended their reader, known by their bytes: none of them is read a second time."""

import hashlib
import stat
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

FOLDER = "quarantine"
READS = f"1 {version('python-calamine')} {version('duckdb')}"
"""The program as far as it reads files; raise the first number when it survives more of them."""


@dataclass(frozen=True)
class Quarantine:
    """A folder with a name for each such file, which all processes and starts share."""

    folder: Path

    def holds(self, file: Path) -> bool:
        """Whether this version of the program had the same bytes end a reader. False if unsure."""
        try:
            size = _size(file)
            alike = [each for each in self.folder.glob(f"{size}-*") if _is_of_now(each)]
            return bool(alike) and self._place(file, size) in alike
        except OSError:
            return False

    def add(self, file: Path) -> None:
        """Remember its bytes. Where that cannot be written, it is read again and ends again."""
        with suppress(OSError):
            size = _size(file)
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._place(file, size).write_text(READS, encoding="ascii")

    def _place(self, file: Path, size: int) -> Path:
        with file.open("rb") as content:
            return self.folder / f"{size}-{hashlib.file_digest(content, 'sha256').hexdigest()}"


def _size(file: Path) -> int:
    """Its bytes; OSError for what is no plain file, as a pipe without a writer."""
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise FileNotFoundError(str(file))
    return status.st_size


def _is_of_now(name: Path) -> bool:
    return name.read_text(encoding="ascii", errors="replace") == READS
