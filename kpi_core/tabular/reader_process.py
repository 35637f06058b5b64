"""The process that reads files: requests come in as lines of JSON, answers go out likewise.

`python -m kpi_core.tabular.reader_process <bytes of memory>`, in a folder of its own.
"""

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.opened_file import How, Opened
from kpi_core.tabular.opened_json import document_of
from kpi_core.tabular.reader import open_file
from kpi_core.tabular.rows import FIRST_ROWS, HeldRows, ParquetRows


def main() -> None:
    """Answer until nothing more is asked. Whatever libraries print goes to the log."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    tempfile.tempdir = str(Path.cwd())
    _limit_memory(int(sys.argv[1]))
    for line in sys.stdin.buffer:
        for piece in _pieces(_answer(json.loads(line))):
            answers.write(json.dumps(piece).encode() + b"\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """The opened file, the error of the system that kept it from being read, or what went wrong."""
    _limit_seconds(request["seconds"])
    try:
        opened = open_file(
            Path(request["place"]),
            request["name"],
            How(**request["how"]),
            file_hash=request["file_hash"],
        )
        return {"opened": document_of(_written(opened, Path(request["into"])))}
    except OSError as error:
        return {"errno": error.errno, "text": str(error)}
    except Exception:
        return {"failed": traceback.format_exc()}


def _pieces(answer: dict[str, Any]) -> Iterator[object]:
    """The answer, how many pieces follow, and in these what is wrong with the rows.

    Read as one, a million rows that are wrong would hold up everybody else in the other process.
    """
    table = answer.get("opened", {}).get("table") or {"issues": []}
    pieces = table.pop("issues")
    yield answer | {"pieces": len(pieces)}
    yield from pieces


def _written(opened: Opened, into: Path) -> Opened:
    """The same with its rows in this Parquet file."""
    table = opened.table
    if table is None:
        return opened
    body = table.body
    if isinstance(body, ParquetRows):
        Path(str(body.file.place)).replace(into)
        body = replace(body, file=Source(into))
    elif isinstance(body, HeldRows):
        pq.write_table(body.held, into, store_schema=False)
        first = tuple(body.head(FIRST_ROWS))
        body = ParquetRows(
            Source(into), len(table.header), first=first, first_are_all=len(body.held) <= len(first)
        )
    return replace(opened, table=replace(table, body=body))


def _limit_memory(most: int) -> None:
    """Where the system can: no more memory than this, and no core file.

    Where all memory is taken, Linux ends this process before any other.
    """
    if sys.platform in ("win32", "darwin"):
        return
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _limit_seconds(more: int) -> None:
    """Where the system can: so many seconds of the processor from now on.

    It ends this process where the one that watches it is gone.
    """
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    seconds = int(used.ru_utime + used.ru_stime) + more * (os.cpu_count() or 1)
    if most != resource.RLIM_INFINITY:
        seconds = min(seconds, most)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, most))


if __name__ == "__main__":
    main()
