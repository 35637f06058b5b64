"""Files out of the inbox: into the store with a receipt each, or aside with what is asked."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from kpi_core.domain.question import Question
from kpi_core.domain.receipt import Receipt
from kpi_core.facts.conflicts import Undecided
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.conflict_questions import questions_of
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inbox import sidecars
from kpi_core.ingest.inbox.atomic_move import move_into, write_bytes, write_json, write_text
from kpi_core.ingest.inbox.held_files import set_aside
from kpi_core.ingest.inbox.inbox_folder import Arrival, Inbox, seen
from kpi_core.ingest.inspect import Inspection, inspect
from kpi_core.ingest.progress import Watch
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.ingest.rejected_rows import rejected_rows
from kpi_core.tabular.file_cache import open_in_reader, opened_files
from kpi_core.tabular.opened_file import Opened

BY_INBOX = "inbox"
"""Who did it, in the ledger."""
RECEIPT_TEXT, RECEIPT_JSON, REJECTED = ".receipt.txt", ".receipt.json", ".rejected.csv"


class Changed(Exception):
    """The file was written to while it was read. Nothing of it was kept."""


@dataclass(frozen=True)
class Recorded:
    """A file whose import is committed, and that is still to be counted and moved.

    `import_id` is None where its bytes were imported before; the receipt is that of then.
    """

    arrival: Arrival
    header: tuple[str, ...]
    mapping: str
    import_id: int | None
    receipt: Receipt
    now: datetime


@dataclass(frozen=True)
class Taking:
    """What it takes to take a file in. `plain_data` makes a receipt what JSON can write."""

    store: Store
    inbox: Inbox
    raw: RawFiles
    plain_data: Callable[[object], object]

    def take(
        self, arrival: Arrival, *, now: datetime, written_at: datetime, home: str, watch: Watch
    ) -> Path | Recorded:
        """Take one file in, to be finished by `finish`, or set it aside: where it lies then.

        `now` and `written_at` are wall clocks of the plan's zone, which is `home`. OSError,
        StoreError and Changed leave it where it is, to be tried again.
        """
        try:
            return self._take(arrival, now=now, written_at=written_at, home=home, watch=watch)
        finally:
            opened_files().drop(arrival.path)

    def count(self, recorded: Sequence[Recorded]) -> list[Recorded]:
        """Have imports counted together; the same with their receipts."""
        ids = [each.import_id for each in recorded if each.import_id is not None]
        counted = dict(zip(ids, self.store.counted(ids), strict=True)) if ids else {}
        return [
            replace(each, receipt=counted.get(each.import_id or 0, each.receipt))
            for each in recorded
        ]

    def finish(self, recorded: Recorded) -> Path:
        """Move a file that was imported to its receipt. Returns where it lies then.

        OSError and Changed leave it where it is; of one that has changed the import is undone.
        """
        arrival, now = recorded.arrival, recorded.now
        self.raw.keep_or_warn(arrival.path, arrival.name, now)
        try:
            self._check_same(arrival)
        except (Changed, FileNotFoundError):
            if recorded.import_id is not None:
                self.store.undo(recorded.import_id, who=BY_INBOX, now=now)
            raise
        return self._file_away(recorded)

    def read_ahead(self, arrival: Arrival) -> None:
        """Have a reader open a file whose turn is next; its problems are reported in its turn.

        A folder that fills at once is imported in less time: a reader reads while the store writes.
        """
        with suppress(OSError):
            open_in_reader(arrival.path, arrival.name)

    def _take(
        self, arrival: Arrival, *, now: datetime, written_at: datetime, home: str, watch: Watch
    ) -> Path | Recorded:
        known = self.store.records.saved_mappings()
        with self.store.scratch() as scratch:
            found = inspect(
                arrival.path, arrival.name,
                now=now, known=known, scratch=scratch, preview=False, home=home,
            )  # fmt: skip
        self._check_same(arrival)
        if found.refused:
            note = sidecars.refusal_note(arrival.name, found.issues)
            return set_aside(self.inbox, arrival.path, note, now).path
        if found.known is None and (before := self._standing(found.opened)):
            return Recorded(arrival, found.header, "", None, before, now)
        if found.mapping is None or found.known is None or found.opened.table is None:
            return self._ask(arrival, found, found.answers_needed or found.questions, now)
        mapping = found.mapping
        try:
            receipt = import_file(
                self.store,
                arrival.path,
                arrival.name,
                mapping,
                who=BY_INBOX,
                now=now,
                written_at=written_at,
                home=home,
                watch=watch,
                count_later=True,
            )
        except Undecided as problem:
            self._check_same(arrival)
            return self._ask(arrival, found, questions_of(problem.conflicts), now)
        if receipt.import_id is not None or receipt.repeats is not None:
            import_id = receipt.import_id
            return Recorded(arrival, found.header, found.known, import_id, receipt, now)
        self._check_same(arrival)
        note = sidecars.refusal_note(arrival.name, receipt.issues)
        return set_aside(self.inbox, arrival.path, note, now).path

    def _ask(
        self, arrival: Arrival, found: Inspection, questions: Sequence[Question], now: datetime
    ) -> Path:
        note = sidecars.question_note(arrival.name, found.header, questions)
        return set_aside(self.inbox, arrival.path, note, now).path

    def _check_same(self, arrival: Arrival) -> None:
        now = seen(arrival.path)
        if now is None:
            raise FileNotFoundError(str(arrival.path))
        if now != arrival:
            raise Changed(str(arrival.path))

    def _standing(self, opened: Opened) -> Receipt | None:
        """The receipt of an import of the same bytes, which a user has answered for.

        Of a file with several tables, one of which was chosen then.
        """
        hashes = opened.table_hashes
        for record in self.store.imports():
            if record.is_current and record.file_hash in hashes:
                (receipt,) = self.store.counted([record.import_id])
                return replace(receipt, repeats=record.import_id)
        return None

    def _file_away(self, recorded: Recorded) -> Path:
        """Move a file that was imported, and put its receipt and its rejected rows beside it."""
        receipt, name = recorded.receipt, recorded.arrival.name
        moved = move_into(self.inbox.done, recorded.arrival.path)
        rejected = None
        if receipt.repeats is None and receipt.import_id is not None and receipt.rejected_rows:
            words = Words(_language_of(recorded.header))
            content = rejected_rows(self.store, receipt.import_id, words)
            rejected = write_bytes(moved, REJECTED, content).name
        note = sidecars.receipt_note(name, recorded.mapping, receipt, rejected, recorded.now)
        write_text(moved, RECEIPT_TEXT, "\n\n".join(note[language] for language in Language))
        write_json(moved, RECEIPT_JSON, self.plain_data(receipt))
        return moved


def _language_of(header: Iterable[str]) -> Language:
    """Japanese for a file with Japanese columns: its readers read the reasons too."""
    text = "".join(header)
    japanese = any(unicodedata.name(sign, "").startswith(_JAPANESE) for sign in text)
    return Language.JA if japanese else Language.EN


_JAPANESE = ("HIRAGANA", "KATAKANA", "CJK", "HALFWIDTH KATAKANA")
