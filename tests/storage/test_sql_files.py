"""The SQL under review: each file says what it is about, and stays within what travels."""

import re
from importlib.resources import files

import pytest

from kpi_core.i18n.catalog import Language, entries
from kpi_core.storage.errors import _SIGNS
from tests.conftest import ROOT

STORAGE = files("kpi_core.storage")
SQL = {
    f"{folder}/{file.name}": file.read_text(encoding="utf-8")
    for folder in ("migrations", "questions", "writes")
    for file in STORAGE.joinpath(folder).iterdir()
    if file.name.endswith(".sql")
}
ABROAD = re.compile(
    r"\b(qualify|arg_min|arg_max|any_value|list|struct|filter \(|group by all"
    r"|select \* exclude|pivot|asof|rowid)\b",
)


@pytest.mark.parametrize("name", sorted(SQL))
def test_a_file_opens_with_what_it_is_about(name: str) -> None:
    first = SQL[name].splitlines()[0]
    assert re.match(r"-- \S.*", first)
    assert max(len(line) for line in SQL[name].splitlines()) <= 100 or "translate" in SQL[name]


@pytest.mark.parametrize("name", sorted(SQL))
def test_keywords_are_lower_case_and_the_words_are_those_of_standard_sql(name: str) -> None:
    code = re.sub(r"--.*|'[^']*'|\$\w+", "", SQL[name])
    assert code == code.lower()
    assert not ABROAD.findall(code)


@pytest.mark.parametrize("name", sorted(name for name in SQL if name.startswith("questions/")))
def test_a_question_is_one_query_that_changes_nothing(name: str) -> None:
    code = re.sub(r"--.*", "", SQL[name]).strip()
    assert code.startswith(("select", "with"))
    assert code.count(";") == 1


def test_every_file_is_used() -> None:
    python = "".join(
        file.read_text(encoding="utf-8") for file in STORAGE.iterdir() if file.name.endswith(".py")
    )
    for name in SQL:
        if not name.startswith("migrations/"):
            assert f'"{name.removesuffix(".sql")}"' in python


def test_every_reason_has_its_sentence_in_every_language() -> None:
    python = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "kpi_core").rglob("*.py"))
    raised = re.findall(r'(?:StoreError|__init__)\(\s*"(\w+)"', python)
    codes = set(raised) | {code for _, code in _SIGNS}
    for language in Language:
        words = {key for key in entries(language) if key.startswith("store.")}
        assert words == {f"store.{code}" for code in codes}
