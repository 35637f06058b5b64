"""`token add`, `list` and `revoke` as their user meets them."""

from pathlib import Path

import pytest

from kpi_core.facts.store import open_store
from kpi_core.records.tokens import TokenScope
from tests.cli.conftest import NOW, Run


def made(run: Run, name: str = "crm") -> str:
    """The text of a new token."""
    return str(run("token", "add", name, "--json").json["token"])


def opens(environ: dict[str, str], text: str) -> bool:
    """Whether the token is good for imports."""
    store = open_store(Path(environ["KPI_DATA"]))
    try:
        now = NOW.replace(tzinfo=None)
        return store.records.find_token(text, TokenScope.IMPORTS, now) is not None
    finally:
        store.close()


def test_a_token_is_shown_once_and_opens_imports(run: Run, environ: dict[str, str]) -> None:
    ran = run("token", "add", "CRM の出力")
    assert ran.code == 0
    first, text, last = ran.out.splitlines()
    assert first == "Token 1, “CRM の出力”, is created:"
    assert last.endswith("python -m kpi_core token revoke 1")
    assert opens(environ, text)
    for again in (run("token", "list"), run("token", "list", "--json")):
        assert "CRM の出力" in again.out
        assert text not in again.out


def test_the_list_says_who_may_do_what_since_when(run: Run) -> None:
    assert run("token", "list").out.startswith("There is no token yet.")
    made(run, "crm")
    made(run, "shop")
    tokens = run("token", "list", "--json").json["tokens"]
    said = [(each["token_id"], each["name"], each["scope"], each["used_at"]) for each in tokens]
    assert said == [(2, "shop", "imports", None), (1, "crm", "imports", None)]
    assert tokens[0]["made_at"] == "2026-11-22T12:00:00"  # noon in Tokyo


def test_a_revoked_token_opens_nothing_and_stays_in_the_list(
    run: Run, environ: dict[str, str]
) -> None:
    text = made(run)
    ran = run("token", "revoke", "1")
    assert (ran.code, ran.out) == (0, "The token “crm” is revoked.\n")
    assert not opens(environ, text)
    assert "Revoked (2026-11-22)" in run("token", "list").out
    assert run("token", "revoke", "1").code == 0  # whoever revokes twice is at ease


@pytest.mark.parametrize("number", ["1", "x", "-1", "9" * 30, "١"])
def test_what_cannot_be_revoked_says_why(run: Run, number: str) -> None:
    ran = run("token", "revoke", "--", number)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert "went wrong in the program" not in ran.err


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_token_has_a_name_of_bearable_length(run: Run, name: str) -> None:
    ran = run("token", "add", name)
    assert (ran.code, ran.out) == (2, "")
    assert "1 to 100 characters" in ran.err


def test_a_token_for_reading_sends_nothing(run: Run, environ: dict[str, str]) -> None:
    text = str(run("token", "add", "chat", "--scope", "read", "--json").json["token"])
    assert not opens(environ, text)
    assert run("token", "list", "--json").json["tokens"][0]["scope"] == "read"


def test_a_token_for_plans_is_made_and_sends_nothing(run: Run, environ: dict[str, str]) -> None:
    text = str(run("token", "add", "ops", "--scope", "plans", "--json").json["token"])
    assert not opens(environ, text)
    assert run("token", "list", "--json").json["tokens"][0]["scope"] == "plans"


def test_a_scope_that_opens_nothing_is_not_made(run: Run) -> None:
    ran = run("token", "add", "crm", "--scope", "everything")
    assert ran.code == 2
    assert 'Error: --scope: "everything" is not one of imports, read, plans.' in ran.err


def test_the_same_in_japanese(run: Run) -> None:
    ran = run("token", "add", "crm", lang="ja")
    assert "表示されるのは今だけです" in ran.out
    assert "未" not in run("token", "list", lang="ja").err
    assert "無効にしました" in run("token", "revoke", "1", lang="ja").out
