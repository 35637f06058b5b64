"""The settings: each declared once, read from an environment."""

from pathlib import Path

import pytest

from kpi_core.i18n.catalog import Language, Words
from kpi_core.settings import SETTINGS, Settings, SettingsError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings(database=Path("data/kpi.duckdb"), demo=False)


def test_empty_means_unset() -> None:
    assert Settings.from_env({"KPI_DATABASE": " ", "KPI_DEMO": ""}) == Settings.from_env({})


def test_a_setting_is_taken_from_the_environment() -> None:
    given = Settings.from_env({"KPI_DATABASE": "/srv/kpi/our.duckdb", "KPI_DEMO": "1"})
    assert given == Settings(database=Path("/srv/kpi/our.duckdb"), demo=True)


def test_a_value_that_cannot_be_read_says_what_to_do() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"KPI_DEMO": "yes"})
    said = {
        lang: Words(lang)(f"settings.{caught.value.code}", **caught.value.blanks)
        for lang in Language
    }
    assert said == {
        Language.EN: 'KPI_DEMO: cannot read "yes". Set it to 1 or 0.',
        Language.JA: "KPI_DEMO：「yes」を読み取れません。1か0を指定してください。",
    }


def test_every_setting_is_named_alike_and_explained() -> None:
    for setting in SETTINGS:
        assert setting.name.startswith("KPI_")
        assert setting.help
