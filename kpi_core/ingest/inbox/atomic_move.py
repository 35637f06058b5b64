"""Files from one folder into another: nothing there is overwritten, nothing is ever half there."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LONGEST_NAME_BYTES = 255
LONGEST_ENDING_BYTES = 40
"""Room kept for what is added to a name: a number, `.question.json`."""


def move_into(folder: Path, source: Path) -> Path:
    """Move a file into a folder under its own name, or a numbered one where that is taken."""
    for target in _names(folder, source.name):
        try:
            claim = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            continue
        os.close(claim)
        try:
            _rename(source, target)
        except BaseException:
            with suppress(OSError):
                target.unlink()
            raise
        return target
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / source.name))


def write_text(file: Path, ending: str, text: str) -> Path:
    """Write a note to be read by people: UTF-8 with a mark, which Windows's editors go by."""
    return write_bytes(file, ending, f"{text.rstrip()}\n".encode("utf-8-sig", errors="replace"))


def write_json(file: Path, ending: str, document: object) -> Path:
    """Write a note to be read by programs."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return write_bytes(file, ending, f"{text}\n".encode(errors="replace"))


def write_bytes(file: Path, ending: str, content: bytes) -> Path:
    """Write a note whose name is the file's and an ending; an older note gives way."""
    note = beside(file, ending)
    fresh = note.with_name(f".{os.getpid()}.{ending.lstrip('.')}.part")
    try:
        fresh.write_bytes(content)
        fresh.replace(note)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return note


def beside(file: Path, ending: str) -> Path:
    """The place of a note on a file."""
    return file.with_name(file.name + ending)


def _names(folder: Path, name: str) -> Iterator[Path]:
    """`leads.csv`, `leads-2.csv`, `leads-3.csv`, …"""
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - a bare name, not a path
    stem = _cut(stem, LONGEST_NAME_BYTES - LONGEST_ENDING_BYTES - len(os.fsencode(ending)))
    yield folder / f"{stem}{ending}"
    for number in range(2, 100_000):
        yield folder / f"{stem}-{number}{ending}"


def _cut(text: str, most_bytes: int) -> str:
    """The text, without its end where its bytes would be too many for a name."""
    while len(os.fsencode(text)) > max(most_bytes, 1):
        text = text[:-1]
    return text


def _rename(source: Path, target: Path) -> None:
    """Rename, or copy and remove where the two lie on different disks."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside_target = target.with_name(f".{os.getpid()}.{_cut(target.name, 200)}.part")
        try:
            shutil.copy2(source, beside_target, follow_symlinks=False)
            beside_target.replace(target)
        finally:
            with suppress(OSError):
                beside_target.unlink(missing_ok=True)
        source.unlink()
