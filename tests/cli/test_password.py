"""`password set` and `remove` as their user meets them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from kpi_core.facts.store import open_store
from kpi_core.records.office_password import OfficePassword
from tests.cli.conftest import Run


@contextmanager
def password(environ: dict[str, str]) -> Iterator[OfficePassword | None]:
    store = open_store(Path(environ["KPI_DATA"]))
    try:
        yield store.records.office_password()
    finally:
        store.close()


def type_in(monkeypatch: pytest.MonkeyPatch, *texts: str) -> list[bool]:
    """Somebody types these; whether each was hidden."""
    typed, hidden = list(texts), []

    def prompt(_text: str, *, hide_input: bool, **_: object) -> str:
        hidden.append(hide_input)
        return typed.pop(0)

    monkeypatch.setattr(click, "prompt", prompt)
    return hidden


def test_a_password_is_asked_for_twice_and_never_shown(
    run: Run, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = type_in(monkeypatch, "correct horse", "correct horse")
    ran = run("password", "set")
    assert (ran.code, hidden) == (0, [True, True])
    assert "correct horse" not in ran.out + ran.err
    with password(environ) as found:
        assert found is not None
        assert found.matches("correct horse")


def test_two_that_differ_set_nothing(
    run: Run, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "correct horse", "correct house")
    assert run("password", "set").code == 2
    with password(environ) as found:
        assert found is None


def test_a_program_may_send_it_and_it_may_be_removed(
    run: Run, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sent = tmp_path / "sent"
    sent.write_text("correct horse\n", encoding="utf-8")
    with sent.open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert run("password", "set", "--stdin").code == 0
    with password(environ) as found:
        assert found is not None
        assert found.matches("correct horse")
    assert run("password", "remove").code == 0
    again = run("password", "remove")
    assert (again.code, again.err) == (2, "Error: No office password is set.\n")


def test_a_short_one_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "short", "short")
    ran = run("password", "set")
    assert ran.code == 2
    assert "8 to 200" in ran.err
