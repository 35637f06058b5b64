"""The settings: each declared once, read from an environment."""

from pathlib import Path

import pytest

from kpi_core.i18n.catalog import Language, Words
from kpi_core.settings import SETTINGS, Settings, SettingsError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings(
        database=Path("data/kpi.duckdb"),
        demo=False,
        inbox=Path("data/inbox"),
        upload_limit_mb=500,
        keep_raw_days=0,
    )


def test_empty_means_unset() -> None:
    assert Settings.from_env({setting.name: " " for setting in SETTINGS}) == Settings.from_env({})


def test_a_setting_is_taken_from_the_environment() -> None:
    given = Settings.from_env(
        {
            "KPI_DATABASE": "/srv/kpi/our.duckdb",
            "KPI_DEMO": "1",
            "KPI_INBOX": "/srv/kpi/new files",
            "KPI_UPLOAD_LIMIT_MB": "2000",
            "KPI_KEEP_RAW_DAYS": "90",
            "KPI_WALL_KEYS": "1",
        }
    )
    assert given == Settings(
        database=Path("/srv/kpi/our.duckdb"),
        demo=True,
        inbox=Path("/srv/kpi/new files"),
        upload_limit_mb=2000,
        keep_raw_days=90,
        wall_keys=True,
    )


def test_the_inbox_can_be_switched_off() -> None:
    assert Settings.from_env({"KPI_INBOX": "off"}).inbox is None
    assert Settings.from_env({"KPI_INBOX": "OFF"}).inbox is None
    assert Settings.from_env({"KPI_INBOX": "./off"}).inbox == Path("off")


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [
        ("KPI_UPLOAD_LIMIT_MB", "0", 1),
        ("KPI_UPLOAD_LIMIT_MB", "1.5", 1),
        ("KPI_UPLOAD_LIMIT_MB", "500MB", 1),
        ("KPI_UPLOAD_LIMIT_MB", "9" * 5000, 1),
        ("KPI_KEEP_RAW_DAYS", "-1", 0),
        ("KPI_KEEP_RAW_DAYS", "٣", 0),
    ],
)
def test_a_number_that_is_none_says_which_it_may_be(name: str, value: str, least: int) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: value})
    code, blanks = caught.value.code, caught.value.blanks
    assert Words(Language.EN)(f"settings.{code}", **blanks) == (
        f'{name}: cannot read "{value}". Set it to a whole number from {least} to 999999.'
    )
    assert Words(Language.JA)(f"settings.{code}", **blanks) == (
        f"{name}：「{value}」を読み取れません。{least}から999999までの整数を指定してください。"
    )


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
