"""A header's fingerprint: the same for every file of its shape."""

import hashlib
from collections.abc import Iterable

from kpi_core.parsing.text_column import folded

LENGTH = 32


def fingerprint(header: Iterable[str]) -> str:
    """The names of the columns as one short text. Order, case and width do not matter."""
    names = "\0".join(sorted(folded(name) for name in header))
    return hashlib.sha256(names.encode()).hexdigest()[:LENGTH]
