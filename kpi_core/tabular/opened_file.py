"""A file as it was opened: what it is, the tables in it, and what has to be asked."""

from dataclasses import dataclass
from hashlib import sha256

from kpi_core.domain.issue import Issue
from kpi_core.domain.question import Ask, Question
from kpi_core.tabular.file_kind import Kind as Kind
from kpi_core.tabular.table import Table


@dataclass(frozen=True)
class How:
    """What is settled beforehand. None is found out from the file, or asked.

    `table` is the key of a table in it; `header` the record number of the header, 0 for none.
    """

    encoding: str | None = None
    table: str | None = None
    header: int | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class TableHead:
    """A table on offer. `key` names it in answers and mappings; `rows` is None where unknown."""

    key: str
    header: tuple[str, ...]
    rows: int | None
    title: str = ""


@dataclass(frozen=True)
class Opened:
    """What came out of a file. `table` is None while a question is open, or where it was refused.

    `file_hash` is the SHA-256 of the file's bytes, in hex. `issues` say why it was refused.
    """

    name: str
    kind: Kind
    file_hash: str
    encoding: str | None = None
    delimiter: str | None = None
    tables: tuple[TableHead, ...] = ()
    questions: tuple[Question, ...] = ()
    issues: tuple[Issue, ...] = ()
    table: Table | None = None

    @property
    def refused(self) -> bool:
        """Nothing of it can be read; `issues` says why."""
        return self.table is None and not any(question.open for question in self.questions)

    @property
    def table_hash(self) -> str:
        """The hash by which the table is known: the file's, and its own where there are several."""
        chosen = (each.answer for each in self.questions if each.code is Ask.TABLE)
        key = None if self.table is None else next(chosen, None)
        return self.file_hash if key is None else self._hash_of(key)

    @property
    def table_hashes(self) -> tuple[str, ...]:
        """Those of all its tables."""
        if len(self.tables) < 2:
            return (self.file_hash,)
        return tuple(self._hash_of(head.key) for head in self.tables)

    def _hash_of(self, key: str) -> str:
        return sha256(f"{self.file_hash}\0{key}".encode()).hexdigest()
