"""A file into the store: read, then committed in one transaction, or shown beforehand."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from kpi_core.domain.receipt import Receipt
from kpi_core.facts.store import Store
from kpi_core.ingest.archive import Archive, archived, kept
from kpi_core.ingest.conflict_questions import NEUTRAL
from kpi_core.ingest.csv_safety import corrected
from kpi_core.ingest.extract.file_batch import read_batch, says_nothing, table_of
from kpi_core.ingest.extract.staging import Staged, stage
from kpi_core.ingest.progress import Cancelled, Step, Watch
from kpi_core.mapping.document import Mapping as FileMapping
from kpi_core.mapping.period_columns import as_mapped
from kpi_core.records.errors import Interrupted, StoreError
from kpi_core.tabular.file_cache import open_in_reader, opened_files

_log = logging.getLogger(__name__)


def import_file(
    store: Store,
    source: Path | bytes,
    name: str | None,
    mapping: FileMapping,
    *,
    who: str,
    now: datetime,
    dry_run: bool = False,
    exported_at: datetime | None = None,
    written_at: datetime | None = None,
    decisions: Mapping[str, str] | None = None,
    secret: bytes | None = None,
    demo: bool = False,
    home: str | None = None,
    watch: Watch | None = None,
    count_later: bool = False,
) -> Receipt:
    """Take one file in by a mapping. `name` is what the file is called; a path has its own.

    A dry run changes nothing, nor does a file without a single fact: the receipt then has no
    `import_id`. Undecided where the store has to ask something first that the `decisions`, by the
    code of each conflict, leave open; a dry run names it in `conflicts`. All moments are wall
    clocks of the plan's zone: up to `exported_at` the file is said to be complete;
    `written_at` is the file's own time. `home` is that zone, to which moments are moved that say
    where on earth they are meant. `secret` stands in for the store's own. Cancelled where
    the watch says so; then, too, nothing has changed. With `count_later` the receipt may have
    neither counts nor issues yet: the store's `counted` gives it.
    """
    watch = watch or Watch()
    if name is None:
        name = source.name if isinstance(source, Path) else ""
    watch.begin(Step.READING)
    key = secret or store.records.secret()

    opened = open_in_reader(source, name, mapping.file)
    with _scratch(store, watch) as scratch:
        table, staged = as_mapped(table_of(opened), mapping), None
        watch.begin(Step.READING, table.rows)
        if not table.refused:
            table, staged = corrected(table, stage(table, scratch))
        batch = read_batch(
            table, mapping, scratch,
            file_name=name, file_hash=opened.table_hash, now=now, exported_at=exported_at,
            secret=key, demo=demo, staged=staged, home=home, check=watch.check,
        )  # fmt: skip
        batch = replace(batch, written_at=written_at)
        watch.begin(Step.COMPARING)
        watch.check()
        if dry_run or says_nothing(batch):
            return store.preview(batch, now=now, decisions=decisions or {})
        watch.begin(Step.STORING)
        receipt = store.commit(
            batch, who=who, now=now, decisions=decisions or {}, count_later=count_later
        )
        watch.interruptible(None)
        opened_files().drop(source)
        if staged is not None and receipt.import_id is not None and not demo:
            _keep(store, receipt, kept(table, staged, mapping, key))
        return receipt


def import_again(
    store: Store,
    import_id: int,
    mapping: FileMapping,
    *,
    who: str,
    now: datetime,
    dry_run: bool = False,
    decisions: Mapping[str, str] | None = None,
    home: str | None = None,
    watch: Watch | None = None,
) -> Receipt:
    """Import the archived table of an import again, by another mapping.

    The new reading takes the place of the old one, which is undone with it, and its place in the
    order of its source: without `decisions` nothing is asked. StoreError where the table is not
    in the archive. Records that could not be read the first time are as unreadable now.
    """
    watch = watch or Watch()
    decisions = {**NEUTRAL, **(decisions or {})}
    before = store.receipt(import_id)
    with _scratch(store, watch) as scratch:
        watch.begin(Step.READING, before.rows)
        found = archived(store, before, scratch)
        if found is None:
            raise StoreError("table_not_kept", import_id=import_id)
        table, staged = found
        batch = read_batch(
            table, mapping, scratch,
            file_name=before.file_name, file_hash=before.file_hash, now=now,
            exported_at=before.data_through, secret=store.records.secret(), staged=staged,
            home=home, check=watch.check,
        )  # fmt: skip
        watch.begin(Step.COMPARING)
        watch.check()
        if dry_run or says_nothing(batch):
            return store.preview(batch, now=now, decisions=decisions)
        watch.begin(Step.STORING)
        return store.commit(batch, who=who, now=now, decisions=decisions, replaces=import_id)


@contextmanager
def _scratch(store: Store, watch: Watch) -> Iterator[DuckDBPyConnection]:
    """A scratch connection that the watch can stop."""
    try:
        with store.scratch() as scratch:
            watch.interruptible(scratch.interrupt)
            watch.check()
            yield scratch
    except Interrupted as error:
        if watch.cancelled:
            raise Cancelled from error
        raise
    finally:
        watch.interruptible(None)


def _keep(store: Store, receipt: Receipt, staged: Staged) -> None:
    """Archive the table; what goes wrong there costs no import."""
    archive = Archive.of(store.data)
    problem = archive.add(receipt.file_hash, staged)
    if problem is not None:
        _log.warning("The table of %s could not be archived: %s", receipt.file_name, problem)
        return
    archive.tidy_now_and_then(store, receipt.file_hash)
