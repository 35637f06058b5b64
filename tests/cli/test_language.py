"""The language of the command line."""

import tomllib
from pathlib import Path

import click
import pytest

from kpi_core.cli.main import commands, of_terminal, take_language
from kpi_core.cli.terminal_text import width
from kpi_core.i18n.catalog import Language, Words
from tests.cli.conftest import Run

JA, EN = Language.JA, Language.EN


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        pytest.param({}, EN, id="nothing said"),
        pytest.param({"LANG": "ja_JP.UTF-8"}, JA, id="LANG"),
        pytest.param({"LANG": "C.UTF-8"}, EN, id="C"),
        pytest.param({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, EN, id="LC_MESSAGES"),
        pytest.param({"LC_ALL": "ja_JP", "LC_MESSAGES": "en_GB", "LANG": "de_DE"}, JA, id="LC_ALL"),
        pytest.param({"LC_ALL": "", "LANG": "ja_JP.eucJP"}, JA, id="empty is unset"),
    ],
)
def test_the_terminal_says_the_language(environ: dict[str, str], language: Language) -> None:
    assert of_terminal(environ) is language


def test_lang_may_stand_anywhere() -> None:
    for args in (["--lang", "ja", "board"], ["board", "--lang=ja"], ["board", "--lang", "ja"]):
        assert take_language(args, {}) == (JA, ["board"], None)


def test_what_follows_two_dashes_is_no_option() -> None:
    assert take_language(["import", "--", "--lang"], {}) == (EN, ["import", "--", "--lang"], None)


def test_a_language_we_do_not_speak_is_said_so(run: Run) -> None:
    ran = run("--lang", "fr", "board")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == 'Error: --lang: "fr" is not one of ja, en.\n'


def _paths(group: click.Group, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        found.append((*before, name))
        if isinstance(command, click.Group):
            found += _paths(command, (*before, name))
    return found


PATHS = [(), *_paths(commands(Words(EN)))]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_help_teaches_in_both_languages(run: Run, path: tuple[str, ...], lang: str) -> None:
    ran = run(*path, "--help", lang=lang)
    assert (ran.code, ran.err) == (0, "")
    heading = {"en": "Usage: python -m kpi_core", "ja": "使い方: python -m kpi_core"}[lang]
    assert ran.out.startswith(heading)
    lines = ran.out.splitlines()
    example = lines[lines.index({"en": "Example:", "ja": "例:"}[lang]) + 1 :]
    assert example
    assert all(line.startswith("  python -m kpi_core") for line in example)
    assert any(" ".join(path) in line for line in example)
    assert max(width(line) for line in lines) <= 100


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_japanese_help_is_japanese_throughout(run: Run, path: tuple[str, ...]) -> None:
    said = run(*path, "--help", lang="ja").out
    for word in ("Usage", "Options", "Show this", "OPTIONS", "FILE", "Commands"):
        assert word not in said


def test_called_alone_it_shows_its_help(run: Run) -> None:
    assert run().out == run("--help").out
    assert run("plan").out == run("plan", "--help").out


def test_every_word_is_there_in_both_languages_with_the_same_blanks(root: Path) -> None:
    ja, en = (
        tomllib.loads((root / f"kpi_core/i18n/{lang}/cli.toml").read_text(encoding="utf-8"))
        for lang in ("ja", "en")
    )
    assert ja.keys() == en.keys()
