"""A file into the store: read, then committed in one transaction, or shown beforehand."""

from datetime import datetime
from pathlib import Path

from kpi_core.ingest.facts.batch import read_batch, says_nothing
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.storage.facts import Receipt
from kpi_core.storage.store import Store


def import_file(
    store: Store,
    source: Path | bytes,
    name: str | None,
    mapping: Mapping,
    *,
    who: str,
    now: datetime,
    dry_run: bool = False,
    exported_at: datetime | None = None,
    secret: bytes | None = None,
    demo: bool = False,
) -> Receipt:
    """Take one file in by a mapping. `name` is what the file is called; a path has its own.

    A dry run changes nothing, nor does a file without a single fact: the receipt then has no
    `import_id`. `now` and `exported_at` are wall clocks of the plan's zone.
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    if name is None:
        name = source.name if isinstance(source, Path) else ""
    batch = read_batch(
        content, name, mapping, now=now, exported_at=exported_at, secret=secret, demo=demo
    )
    if dry_run or says_nothing(batch):
        return store.preview(batch, now=now)
    return store.commit(batch, who=who, now=now)
