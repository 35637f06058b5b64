"""Files as they were opened: read by a reader process once, then shared by all who ask."""

import contextlib
import errno
import logging
import shutil
import sys
import tempfile
import threading
import time
import weakref
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from kpi_core.domain.issue_code import Code, about_file
from kpi_core.domain.question import Answers, Ask, Question
from kpi_core.tabular.byte_source import BLOCK, Kept, Source
from kpi_core.tabular.opened_file import How, Kind, Opened
from kpi_core.tabular.opened_json import opened_of
from kpi_core.tabular.quarantine import FOLDER as QUARANTINE
from kpi_core.tabular.quarantine import Quarantine
from kpi_core.tabular.reader import with_answers
from kpi_core.tabular.reader_pool import Limits, ReaderEnded, ReaderPool
from kpi_core.tabular.rows import ParquetRows

LOGGER = logging.getLogger(__name__)
TMP = "tmp"
MOST_FILES = 8
MOST_WAYS = 8
"""In which one file is kept: as it was found, with another table, with another header."""
MOST_BYTES = 4 << 30
"""Of all that is kept."""
IDLE_SECONDS = 30 * 60
"""After so long without a question a file is dropped."""
PASSING = frozenset({Code.READER_ENDED, Code.NO_ROOM})
"""Issues that may be gone at the next attempt."""
_PREFIX = "kpi-files-"
_NOTHING_SAID: Answers = MappingProxyType({})
_AS_FOUND = How()


@dataclass(eq=False)
class _File:
    """One file and the ways it was opened in, newest last. `key` holds as long as its bytes do."""

    key: tuple[object, ...]
    source: Source
    used: float
    file_hash: str = ""
    ways: dict[How, Opened] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def found(self, how: How) -> Opened | None:
        """As it was opened in this way before, or in one that came to the same."""
        for known, opened in self.ways.items():
            if known == how or (opened.table is not None and _is_same(opened, known, how)):
                return opened
        return None

    def size(self) -> int:
        """Bytes on disk that are there for it alone."""
        tables = [each.table for each in tuple(self.ways.values()) if each.table is not None]
        files = [each.body.file for each in tables if isinstance(each.body, ParquetRows)]
        return sum(file.size for file in (*files, self.source) if file.kept is not None)


class OpenedFiles:
    """Opens files in reader processes, each once for each set of read options.

    What is kept lies in a folder of its own in `tmp` below `data`, or below the system's; it is
    removed when this is closed, when the process ends, or else when the next one begins. Files
    that ended a reader are remembered in `data`, too.
    """

    def __init__(self, data: Path | None = None, limits: Limits | None = None) -> None:
        self.data = data
        self.folder, lock = _own_folder(Path(tempfile.gettempdir()) if data is None else data / TMP)
        """For the files of this process and its readers alone."""
        self._quarantine = Quarantine((data or self.folder) / QUARANTINE)
        self._pool = ReaderPool(self.folder, limits or Limits())
        self._files: dict[tuple[object, ...], _File] = {}
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, _close, self._pool, self.folder, lock)
        """End the readers and remove the folder."""

    def __len__(self) -> int:
        """How many files are kept."""
        return len(self._files)

    @property
    def pool(self) -> ReaderPool:
        """The reader processes."""
        return self._pool

    def open(
        self,
        source: Path | bytes,
        name: str,
        how: How = _AS_FOUND,
        answers: Answers = _NOTHING_SAID,
    ) -> Opened:
        """The table in a file, or the questions that come first, as `open_file` gives them.

        A file that ends its reader comes back refused. OSError where it cannot be read at all.
        """
        settled = with_answers(how, answers)
        try:
            file = self._file(source)
            with file.lock:
                opened = file.found(settled)
                if opened is None:
                    opened = self._read(file, name, settled)
                    if not PASSING.intersection(issue.code for issue in opened.issues):
                        file.ways[settled] = opened
                        file.file_hash = opened.file_hash
                        while len(file.ways) > MOST_WAYS:
                            del file.ways[next(iter(file.ways))]
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            opened = Opened(name, Kind.OTHER, "", issues=(about_file(Code.NO_ROOM),))
        self._drop_old()
        questions = tuple(_given(question, answers) for question in opened.questions)
        return replace(opened, name=name, questions=questions)

    def drop(self, source: Path | bytes) -> None:
        """Keep nothing more of a file, there or not; who still holds its table can go on."""
        with self._lock:
            if isinstance(source, Path):
                path = source.absolute()
                dropped = [file for file in self._files.values() if file.source.place == path]
            else:
                dropped = list(filter(None, [self._known(source)]))
            for file in dropped:
                del self._files[file.key]

    def _file(self, source: Path | bytes) -> _File:
        """The file that is known, else one to be opened."""
        with self._lock:
            file = self._known(source)
            if file is None:
                if isinstance(source, Path):
                    file = _File(_key(source), Source(source.absolute()), 0)
                else:
                    kept = Kept(".bytes", self.folder)
                    kept.path.write_bytes(source)
                    file = _File(("bytes", kept.path), Source(kept.path, kept), 0)
            self._files.pop(file.key, None)
            self._files[file.key] = file  # the newest is the last
            file.used = time.monotonic()
            return file

    def _known(self, source: Path | bytes) -> _File | None:
        if isinstance(source, Path):
            return self._files.get(_key(source))
        kept = (file for file in self._files.values() if file.source.kept is not None)
        return next((file for file in kept if _holds(file.source, source)), None)

    def _read(self, file: _File, name: str, how: How) -> Opened:
        """Have a reader open it, and believe what it answers only if the rows can be read."""
        place = file.source.place
        assert isinstance(place, Path)
        if self._quarantine.holds(place):
            issues = (about_file(Code.QUARANTINED),)
            return Opened(name, Kind.OTHER, file.file_hash, issues=issues)
        kept = Kept(".parquet", self.folder)
        request = {
            "place": str(place),
            "name": name,
            "how": asdict(how),
            "file_hash": file.file_hash,
            "into": str(kept.path),
        }
        try:
            answer = self._pool.ask(request, file.source.size)
            if "errno" in answer:
                raise OSError(answer["errno"], answer["text"])
            return _believed(answer, Source(kept.path, kept))
        except ReaderEnded as error:
            LOGGER.warning("A file ended its reader. %s", error)
            if error.by_file:
                self._quarantine.add(place)
            issue = about_file(Code.READER_ENDED)
            return Opened(name, Kind.OTHER, file.file_hash, issues=(issue,))

    def _drop_old(self) -> None:
        """Drop what was not used for a while, and the oldest where there is too much."""
        with self._lock:
            files = list(self._files.values())
            now, sizes = time.monotonic(), [file.size() for file in files]
            for at, file in enumerate(files[:-1]):
                left = len(files) - at
                if (
                    now - file.used > IDLE_SECONDS
                    or left > MOST_FILES
                    or sum(sizes[at:]) > MOST_BYTES
                ):
                    del self._files[file.key]


def open_in_reader(
    source: Path | bytes, name: str, how: How = _AS_FOUND, answers: Answers = _NOTHING_SAID
) -> Opened:
    """Open a file in a reader process, unless it was opened so before: see `OpenedFiles.open`."""
    return opened_files().open(source, name, how, answers)


_of_process: list[OpenedFiles] = []
_making = threading.Lock()


def opened_files(data: Path | None = None) -> OpenedFiles:
    """Those of this process. `data` says, before the first file is opened, where they lie."""
    with _making:
        known = _of_process[0] if _of_process else None
        if known is None or not known.close.alive or data not in (None, known.data):
            _of_process[:] = [OpenedFiles(data)]
            if known is not None:
                known.close()
        return _of_process[0]


def _key(path: Path) -> tuple[object, ...]:
    """What is another for a file with other bytes."""
    seen = path.stat()
    return (path.absolute(), seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)


def _holds(file: Source, content: bytes) -> bool:
    """The file's bytes are these."""
    return file.size == len(content) and all(
        block == content[at * BLOCK : (at + 1) * BLOCK] for at, block in enumerate(file.blocks())
    )


def _is_same(opened: Opened, known: How, how: How) -> bool:
    """What `how` says beyond `known` is what was concluded from the file."""
    answers = {question.code: question.answer for question in opened.questions}
    said = {
        "encoding": answers.get(Ask.ENCODING),
        "table": answers.get(Ask.TABLE),
        "header": answers.get(Ask.HEADER),
    }
    concluded = {name: each for name, each in asdict(known).items() if each is not None}
    return all(
        each == concluded[name]
        if name in concluded
        else each is None or str(each) == said.get(name)
        for name, each in asdict(how).items()
    )


def _given(question: Question, answers: Answers) -> Question:
    """The question as one that the user answered, where that is so."""
    given = answers.get(question.key) == question.answer and not question.open
    return replace(question, given=True) if given else question


def _believed(answer: dict[str, Any], file: Source) -> Opened:
    """What a reader answered. ReaderEnded where that is no answer, or its rows cannot be read."""
    try:
        document = answer["opened"]
        if document["table"] is not None:
            document["table"]["issues"] = answer["pieces"]
        opened = opened_of(document, file)
        if opened.table is not None:
            body = opened.table.body
            columns = pq.read_metadata(file.place).num_columns
            if not isinstance(body, ParquetRows) or columns != body.width + (
                body.first_line is None
            ):
                raise ValueError(f"{columns} columns")
    except (KeyError, TypeError, ValueError, pa.ArrowException, OSError) as error:
        raise ReaderEnded(f"Its answer cannot be read: {error!r}", by_file=False) from error
    return opened


def _own_folder(folder: Path) -> tuple[Path, IO[bytes]]:
    """A folder of this process alone, with its lock. What ended processes left is removed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(f"{_PREFIX}*.lock"):
        with contextlib.suppress(OSError), left.open("ab") as lock:
            if _locked(lock):
                shutil.rmtree(left.with_suffix(""), ignore_errors=True)
                left.unlink()
    while True:
        own = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        path = own.with_suffix(".lock")
        lock = path.open("ab")
        if _locked(lock) and own.exists() and path.exists():
            return own, lock
        lock.close()  # another process that begins took it for left behind


def _locked(file: IO[bytes]) -> bool:
    """Whether the file could be locked for this process; it is until it is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _close(pool: ReaderPool, folder: Path, lock: IO[bytes]) -> None:
    pool.close()
    shutil.rmtree(folder, ignore_errors=True)
    lock.close()
    folder.with_suffix(".lock").unlink(missing_ok=True)
