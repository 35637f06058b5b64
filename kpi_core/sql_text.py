"""Texts, names and paths as SQL has them."""

import os
from collections.abc import Iterable
from pathlib import Path


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Texts in a row, as `in (…)` has them."""
    return ", ".join(map(literal, texts))


def quoted(name: str) -> str:
    """The name of a table or a column, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def one_file(path: Path | str) -> str:
    """A path as DuckDB's readers take it for this one file, not for a pattern that fits others.

    Where a name may hold a backslash, DuckDB takes it for a folder's end, and a pattern with one
    fits nothing: then it looks for the file as it is called.
    """
    text = str(path)
    if "\\" in text and os.sep != "\\":
        return text
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)
