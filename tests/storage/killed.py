"""An import in a process of its own, to be killed."""

from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_core.storage.facts import EVENT_COLUMNS, Batch
from kpi_core.storage.store import open_store
from tests.storage.batches import NOW, batch

DAYS = 28
LEADS = 8_000


def wins(leads: int = LEADS) -> Batch:
    """Each lead came on one day of May and was won the next; those of the base are known."""
    number = np.arange(leads).repeat(2)
    is_win = np.tile([0, 1], leads)
    days = np.datetime64("2026-05-01", "us") + (number % DAYS + is_win) * np.timedelta64(1, "D")
    columns = dict.fromkeys(EVENT_COLUMNS, pd.Series([None] * len(number)))
    frame = pd.DataFrame(columns).assign(
        line=np.arange(len(number)) + 2,
        lead=number.astype(str),
        stage=np.where(is_win == 1, "won", "lead"),
        occurred_at=days,
        amount=np.where(is_win == 1, 100.0, np.nan),
    )
    return replace(batch(content_hash=str(leads)), events=frame.astype(EVENT_COLUMNS), rows=leads)


def import_wins(path: Path, parent: Connection) -> None:
    """Say when the import begins and when it is done."""
    store = open_store(path)
    said = wins()
    parent.send("begins")
    store.commit(said, who="killed", now=NOW)
    parent.send("done")
    parent.recv()
