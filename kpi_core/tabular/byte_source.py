"""The bytes of a file, in memory or on disk, read a block at a time."""

import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 4 << 20


class Kept:
    """A temporary file that is there as long as this is."""

    def __init__(self, suffix: str, folder: Path | None = None) -> None:
        handle, name = tempfile.mkstemp(prefix="kpi-", suffix=suffix, dir=folder)
        os.close(handle)
        self.path = Path(name)
        weakref.finalize(self, self.path.unlink, missing_ok=True)


@dataclass(frozen=True)
class Source:
    """Bytes to read from. `kept` keeps a temporary file alive."""

    place: Path | bytes
    kept: Kept | None = None

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self.place) if isinstance(self.place, bytes) else self.place.stat().st_size

    def read(self, start: int = 0, count: int | None = None) -> bytes:
        """`count` bytes from `start`; to the end without a count."""
        if isinstance(self.place, bytes):
            return self.place[start:] if count is None else self.place[start : start + count]
        with self.place.open("rb") as file:
            file.seek(start)
            return file.read() if count is None else file.read(count)

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """All from `start` on, a few megabytes at a time."""
        if isinstance(self.place, bytes):
            for at in range(start, len(self.place), BLOCK):
                yield self.place[at : at + BLOCK]
            return
        with self.place.open("rb", buffering=0) as file:
            file.seek(start)
            while block := file.read(BLOCK):
                yield block

    def on_disk(self) -> "Source":
        """The same bytes in a file."""
        return self if isinstance(self.place, Path) else written(self.blocks())


def written(blocks: Iterable[bytes]) -> Source:
    """Bytes put into a temporary file."""
    source = temporary(".txt")
    assert isinstance(source.place, Path)
    with source.place.open("wb") as file:
        for block in blocks:
            file.write(block)
    return source


def temporary(suffix: str) -> Source:
    """An empty temporary file."""
    kept = Kept(suffix)
    return Source(kept.path, kept)
