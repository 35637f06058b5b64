"""Issues and mistakes in words."""

import re
import tomllib
from pathlib import Path

import pytest

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.issue_text import sentence

STORE_CODES = {"before_earlier_stage"}
NO_CODES = {"reason_column", "original_needed"}


def catalog(root: Path, language: Language, namespace: str) -> dict[str, str]:
    path = root / "kpi_core" / "i18n" / language / f"{namespace}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def params(text: str) -> set[str]:
    return set(re.findall(r"{(\w*)}", text))


@pytest.mark.parametrize("namespace", ["issues", "mapping"])
def test_both_languages_have_the_same_keys_and_params(root: Path, namespace: str) -> None:
    japanese, english = (catalog(root, language, namespace) for language in Language)
    assert list(japanese) == list(english)
    assert {key: params(text) for key, text in japanese.items()} == {
        key: params(text) for key, text in english.items()
    }


def test_every_code_has_a_sentence_and_every_sentence_a_code(root: Path) -> None:
    assert set(catalog(root, Language.EN, "issues")) == set(Code) | STORE_CODES | NO_CODES


def test_no_sentence_about_mappings_is_left_over(root: Path) -> None:
    code = "".join(
        (root / "kpi_core" / name).read_text(encoding="utf-8")
        for name in (
            "documents/toml.py",
            "documents/pydantic_errors.py",
            "mapping/document.py",
            "mapping/parse.py",
            "mapping/shipped/__init__.py",
        )
    )
    keys = catalog(root, Language.EN, "mapping")
    assert [key for key in keys if f'"{key}"' not in code] == []


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", [*Code, *STORE_CODES])
def test_a_sentence_has_its_place_and_nothing_left_open(code: str, language: Language) -> None:
    told = sentence(Issue(code, 3, "作成日", "{四月}"), Words(language))
    text = catalog(Path(__file__).parents[2], language, "issues")[code]
    assert ("3" in told) or "{line}" not in text
    assert ("作成日" in told) or "{column}" not in text
    assert ("{四月}" in told) or "{value}" not in text


def test_a_sentence_reads_as_it_should() -> None:
    issue = Issue("date_unreadable", 3, "作成日", "四月")
    assert sentence(issue, Words(Language.EN)) == (
        'Line 3, 作成日: cannot read "四月" as a date. Correct the cell and import the file again.'
    )
    assert sentence(issue, Words(Language.JA)) == (
        "3 行目「作成日」：「四月」を日付として読み取れません。"
        "セルを直して、もう一度取り込んでください。"
    )


def test_an_issue_about_the_whole_file_has_a_sentence() -> None:
    told = sentence(Issue("no_rows"), Words(Language.EN))
    assert told == ("The file has 0 data rows. Nothing was changed. Export it again with its rows.")
