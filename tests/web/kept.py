"""An inbox that is looked after in a process of its own, to be killed."""

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kpi_core.domain.receipt import Receipt
from kpi_core.facts.store import open_store
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inbox import process_file, watcher
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.ingest.inbox.process_file import Taking
from kpi_core.ingest.inbox.watcher import Keeper
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.reports.as_json import as_json
from kpi_core.reports.plans import wall_clock


def keep(folder: Path, data_folder: Path, parent: Connection) -> None:
    """Say when each import begins and when it is done, until somebody kills it."""
    store = open_store(data_folder)

    def told(*args: Any, **kwargs: Any) -> Receipt:
        parent.send("begins")
        receipt = import_file(*args, **kwargs)
        parent.send("done")
        return receipt

    with (
        patch.object(process_file, "import_file", told),
        patch.object(watcher, "TICK_SECONDS", 0.05),
    ):
        Keeper(
            Taking(store, Inbox(folder), RawFiles(data_folder / "raw", 0), as_json),
            now=lambda: datetime.now(UTC),
            local=lambda moment: wall_clock(store, moment),
            home=lambda moment: store.zone,
            settled_seconds=0.0,
        ).start()
        parent.recv()
