"""The data folder of a store that runs: deleted, unmounted or replaced, that is noticed."""

import os
from contextlib import suppress
from pathlib import Path

from kpi_core.records.errors import StoreError


class Folder:
    """The folder that was at a path when the store was opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # While it is open, no other folder gets its number.
        self._handle = None if os.name == "nt" else os.open(path, os.O_RDONLY)
        self._found = path.stat()

    def close(self) -> None:
        """Release it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def problem(self) -> StoreError | None:
        """`folder_gone` while the folder, or the same one, is not at its path."""
        with suppress(OSError):
            if os.path.samestat(self.path.stat(), self._found):
                return None
        return StoreError("folder_gone", path=str(self.path))

    def check(self) -> None:
        """StoreError while the folder is gone."""
        if problem := self.problem():
            raise problem
