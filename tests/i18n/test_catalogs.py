"""Every language says everything, with the same blanks."""

import tomllib
from pathlib import Path
from string import Formatter

import pytest

from kpi_core.i18n.catalog import Language, Words, entries

CATALOGS = Path(__file__).parents[2] / "kpi_core" / "i18n"
ROOMS = sorted({file.name for file in CATALOGS.glob("*/*.toml")})


def read(language: Language, room: str) -> dict[str, str | dict[str, str]]:
    return tomllib.loads((CATALOGS / language.value / room).read_text(encoding="utf-8"))


def forms(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def blanks(entry: str | dict[str, str]) -> set[str]:
    """The names of all blanks, of singular and plural together."""
    return {name for form in forms(entry) for _, name, _, _ in Formatter().parse(form) if name}


@pytest.mark.parametrize("room", ROOMS)
def test_every_language_has_the_same_keys(room: str) -> None:
    assert read(Language.JA, room).keys() == read(Language.EN, room).keys()


@pytest.mark.parametrize("room", ROOMS)
def test_every_language_has_the_same_blanks(room: str) -> None:
    japanese, english = read(Language.JA, room), read(Language.EN, room)
    assert {key: blanks(japanese[key]) for key in japanese} == {
        key: blanks(english[key]) for key in english
    }


def test_nothing_is_empty() -> None:
    for key, entry in entries(Language.EN).items():
        assert forms(entry), key
        for form, other in zip(forms(entry), forms(entries(Language.JA)[key]), strict=False):
            # The gap between two sentences is a space in English and nothing in Japanese.
            is_gap = form.isspace()
            assert is_gap or form.strip(), key
            assert bool(other.strip()) is not is_gap, key


@pytest.mark.parametrize("language", Language)
def test_singular_and_plural_are_all_that_an_entry_has(language: Language) -> None:
    for key, entry in entries(language).items():
        if isinstance(entry, dict):
            assert "other" in entry, key
            assert entry.keys() <= {"one", "other"}, key
            assert "count" in blanks(entry), key


def test_a_browsers_locale_chooses_the_language() -> None:
    assert Language.of("ja-JP") is Language.JA
    assert Language.of("JA") is Language.JA
    assert Language.of("de-DE") is Language.EN
    assert Language.of(None) is Language.EN


def test_a_users_own_text_is_shown_in_whichever_language_there_is() -> None:
    words = Words(Language.JA)
    assert words.pick({"ja": "受注", "en": "Orders"}) == "受注"
    assert words.pick({"en": "Orders"}) == "Orders"
    assert words.pick("Orders") == "Orders"
    assert words.pick(None) == ""


def test_an_unknown_key_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Words(Language.EN)("frame.no_such_word")
