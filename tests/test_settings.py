"""The settings: each declared once, read from an environment."""

from pathlib import Path

import pytest

from kpi_core.i18n.catalog import Language, Words
from kpi_core.settings import SETTINGS, Settings, SettingsError


def said(error: SettingsError) -> dict[Language, str]:
    """The sentence in each language."""
    return {lang: Words(lang)(f"settings.{error.code}", **error.params) for lang in Language}


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings(
        data=Path("data"),
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
            "KPI_DATA": "/srv/kpi/ours",
            "KPI_RECORDS": "postgresql+psycopg://kpi@db/kpi",
            "KPI_DEMO": "1",
            "KPI_INBOX": "/srv/kpi/new files",
            "KPI_UPLOAD_LIMIT_MB": "2000",
            "KPI_KEEP_RAW_DAYS": "90",
            "KPI_WALL_KEYS": "1",
            "KPI_HOSTS": "KPI.example.com., board",
            "KPI_FRAME_ANCESTORS": "https://wiki.example.com/,http://10.0.0.5:8080",
        }
    )
    assert given == Settings(
        data=Path("/srv/kpi/ours"),
        demo=True,
        inbox=Path("/srv/kpi/new files"),
        upload_limit_mb=2000,
        keep_raw_days=90,
        wall_keys=True,
        records="postgresql+psycopg://kpi@db/kpi",
        hosts=("kpi.example.com", "board"),
        frame_ancestors=("https://wiki.example.com", "http://10.0.0.5:8080"),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KPI_HOSTS", "https://kpi.example.com"),
        ("KPI_HOSTS", "kpi.example.com:8501"),
        ("KPI_HOSTS", "*"),
        ("KPI_FRAME_ANCESTORS", "*"),
        ("KPI_FRAME_ANCESTORS", "wiki.example.com"),
        ("KPI_FRAME_ANCESTORS", "https://a.example; script-src *"),
    ],
)
def test_a_name_or_site_that_is_none_is_told(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: f"ok.example,{value}" if name == "KPI_HOSTS" else value})
    for sentence in said(caught.value).values():
        assert name in sentence
        assert f"{value}" in sentence


def test_the_inbox_is_in_the_data_folder_unless_it_is_set() -> None:
    assert Settings.from_env({"KPI_DATA": "/srv/kpi"}).inbox == Path("/srv/kpi/inbox")
    apart = Settings.from_env({"KPI_DATA": "/srv/kpi", "KPI_INBOX": "drop"})
    assert apart.inbox == Path("drop")


def test_the_setting_of_earlier_versions_says_what_to_set_instead() -> None:
    assert Settings.from_env({"KPI_DATABASE": " "}) == Settings.from_env({})
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"KPI_DATABASE": "data/kpi.duckdb"})
    assert said(caught.value) == {
        Language.EN: "KPI_DATABASE: no longer used. Remove it, set KPI_DATA to a folder, "
        "and import your files again.",
        Language.JA: "KPI_DATABASE：使われなくなりました。この指定を外し、KPI_DATA に"
        "フォルダーを指定して、ファイルを取り込み直してください。",
    }


def test_a_folder_with_the_store_of_an_earlier_version_is_refused(tmp_path: Path) -> None:
    settings = Settings.from_env({"KPI_DATA": str(tmp_path)})
    settings.check_folder()
    former = tmp_path / "kpi.duckdb"
    former.touch()
    with pytest.raises(SettingsError) as caught:
        settings.check_folder()
    for sentence in said(caught.value).values():
        assert str(former) in sentence
        assert "KPI_DATA" in sentence


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
    code, params = caught.value.code, caught.value.params
    assert Words(Language.EN)(f"settings.{code}", **params) == (
        f'{name}: cannot read "{value}". Set it to a whole number from {least} to 999999.'
    )
    assert Words(Language.JA)(f"settings.{code}", **params) == (
        f"{name}：「{value}」を読み取れません。{least}から999999までの整数を指定してください。"
    )


def test_a_value_that_cannot_be_read_says_what_to_do() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"KPI_DEMO": "yes"})
    assert said(caught.value) == {
        Language.EN: 'KPI_DEMO: cannot read "yes". Set it to 1 or 0.',
        Language.JA: "KPI_DEMO：「yes」を読み取れません。1か0を指定してください。",
    }


def test_every_setting_is_named_alike_and_explained() -> None:
    for setting in SETTINGS:
        assert setting.name.startswith("KPI_")
        assert setting.help
