"""What DuckDB says, in our words."""

import duckdb
import pytest

from kpi_core.records.errors import Interrupted, invalidates, translated


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (duckdb.IOException("Could not set lock on file: held in python (PID 12)"), "locked"),
        (duckdb.IOException("No space left on device"), "disk_full"),
        (duckdb.OutOfMemoryException("failed to offload data block"), "disk_full"),
        (duckdb.OutOfMemoryException("could not allocate block"), "out_of_memory"),
        (duckdb.IOException("Cannot open file: Permission denied"), "no_permission"),
        (duckdb.InvalidInputException("attached in read-only mode!"), "read_only"),
        (duckdb.SerializationException("expected end of object"), "damaged"),
        (duckdb.InterruptException("Interrupted!"), "interrupted"),
    ],
    ids=str,
)
def test_an_error_of_duckdb_has_a_code(error: duckdb.Error, code: str) -> None:
    known = translated(error, "cache.duckdb")
    assert known is not None
    assert (known.code, known.params["path"]) == (code, "cache.duckdb")
    assert isinstance(known, Interrupted) == (code == "interrupted")
    assert known.params.get("pid") == ("12" if code == "locked" else None)


def test_a_mistake_of_ours_stays_one() -> None:
    assert translated(duckdb.ParserException("syntax error"), "x") is None


def test_a_fatal_error_ends_the_connection() -> None:
    assert invalidates(duckdb.FatalException("x"))
    assert invalidates(duckdb.InternalException("x"))
    assert invalidates(duckdb.InvalidInputException("database has been invalidated"))
    assert not invalidates(duckdb.BinderException("x"))
