"""The app that a process is: its settings, its store, and all that follows the store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from kpi_core.demo.load import load_demo
from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.reports.plans import wall_clock
from kpi_core.server.jobs import Jobs
from kpi_core.settings import Settings
from kpi_core.tabular.file_cache import opened_files
from kpi_core.web.health import Health, free_bytes
from kpi_core.web.live import Hub
from kpi_core.web.wall.access import Access
from kpi_core.web.wall.celebrations import Celebrations
from kpi_core.web.wall.views import Views

LOGGER = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The moment, with its zone."""
    return datetime.now(UTC)


@dataclass(eq=False)
class App:
    """What a process opens once. `now` gives the moment, with its zone: no other clock is read.

    `is_warm`: the first visitor finds everything loaded.
    """

    settings: Settings
    store: Store
    hub: Hub
    """It announces every change of the data."""
    views: Views
    """Makes each plan's view once for all walls."""
    celebrations: Celebrations
    """Knows what has been celebrated."""
    access: Access
    """Lets screens in."""
    jobs: Jobs
    now: Callable[[], datetime]
    is_warm: bool = False

    @classmethod
    def open(cls, settings: Settings, now: Callable[[], datetime] = utc_now) -> App:
        """Open the store, filled with the demo where the settings ask for it.

        SettingsError for the folder of an earlier version, StoreError where it cannot be opened.
        """
        settings.check_folder()
        store = open_store(settings.data, records_url=settings.records, wait=False)
        store.watch()
        if settings.demo:
            load_demo(store, now=now())
        return cls(
            settings,
            store,
            Hub(store, now),
            Views(store, now),
            Celebrations(store, now),
            Access(store, lambda: wall_clock(store, now()), keys_needed=settings.wall_keys),
            Jobs(),
            now,
        )

    def close(self) -> None:
        """Cancel what goes on, then close the store."""
        self.jobs.stop()
        self.store.close()

    @property
    def raw_files(self) -> RawFiles:
        """Where files are kept as they came, and for how long."""
        return RawFiles.of(self.settings.data, self.settings.keep_raw_days)

    def wall_clock(self) -> datetime:
        """Now, as the clock on the wall shows it where the first plan is at home, without zone."""
        return wall_clock(self.store, self.now())

    def home(self) -> str:
        """The workspace's zone, in which times without a zone are read."""
        return self.store.zone

    def why_not_ready(self) -> str | None:
        """What keeps the server from showing a board. None when nothing does."""
        if not self.is_warm:
            return "starting"
        try:
            self.store.records.plan_ids()
            self.store.is_empty()
        except Exception as problem:  # whatever it is, the log says more than a visitor may read
            LOGGER.error("The store does not answer", exc_info=problem)
            return "store"
        return None

    def health(self) -> Health:
        """How the server is."""
        reason = self.why_not_ready()
        free = free_bytes(self.settings.data)
        if not self.is_warm:
            return Health(reason, disk_free_bytes=free)
        return Health(
            reason,
            rebuilding=None if (progress := self.store.rebuilding) is None else progress.percent,
            records_ok=self._records_answer(),
            disk_free_bytes=free,
            readers=len(opened_files().pool.pids()),
            problems=tuple(dict.fromkeys(each.code for each in self.store.problems)),
        )

    def _records_answer(self) -> bool:
        try:
            self.store.records.data_version()
        except Exception as problem:
            LOGGER.error("The records do not answer", exc_info=problem)
            return False
        return True
