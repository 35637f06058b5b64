"""A plan's face on the wall: what it says, and what it says where there is little room."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.facts.store import open_store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports.board import board_report
from kpi_core.web.wall.view import View, failed_view, wall_view
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

RULES = """
[[rules]]
when = "week_1"
owner = "Anna <A>"
do = ["Meet twice a week", "Find other sources"]
[[rules]]
when = "crisis"
owner = "Ben"
do = ["Plan B"]
[[rules]]
when = "two_months_in_crisis"
do = ["Report"]
"""
JAPAN = 'country = "JP"'
BEHIND = {"2026-11-02": 1, "2026-11-06": 1}
TWO_MONTHS = {"2026-08-31": 1, "2026-09-07": 1, "2026-10-05": 1}
"""September and October ended in crisis, and September is covered from its first day."""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Scene]:
    store = open_store(tmp_path / "data")
    yield Scene(store)
    store.close()


def seen(scene: Scene, *, now: str = "2026-11-12 14:00", lang: str = "en") -> View:
    board = board_report(scene.store, "p", now=in_tokyo(now))
    return wall_view(board, Words(Language(lang)))


def texts(html: str, part: str) -> list[str]:
    """What stands in elements of a class, without the signs around it."""
    found = re.findall(rf'<(\w+) class="{part}">(.*?)</\1>', html)
    return [re.sub("<.*?>", "", inner) for _, inner in found]


def test_the_gravest_rule_stands_in_full_and_says_how_many_more_there_are(made: Scene) -> None:
    made.plan(plan_text(calendar=JAPAN, rest=RULES))
    made.leads(mqls({**TWO_MONTHS, **BEHIND}), through="2026-11-12")
    html = seen(made).html
    assert html.startswith('<article class="face s-crisis filled"')
    assert texts(html, "why") == ["Two months in crisis"]
    assert re.findall("<li>(.*?)</li>", html) == ["Report"]
    assert texts(html, "more") == ["2 more"]
    assert texts(html, "owner") == []


@pytest.mark.parametrize(
    ("lang", "odds", "short"),
    [("en", "by chance 1 in", "Week 1 missed"), ("ja", "偶然でも", "第1週 未達")],
)
def test_a_missed_week_says_the_odds_where_there_is_room(
    made: Scene, lang: str, odds: str, short: str
) -> None:
    made.plan(plan_text(calendar=JAPAN, rest=RULES))
    made.leads(mqls({"2026-11-02": 9}), through="2026-11-12")
    html = seen(made, lang=lang).html
    [why] = re.findall('<span class="long">(.*?)</span><span class="short">(.*?)</span></b>', html)
    assert why[0].startswith(short)
    assert odds in why[0]
    assert why[1] == short
    assert texts(html, "owner") == ["Anna &lt;A&gt;"]
    assert texts(html, "more") == []


def test_one_sentence_says_what_is_left_to_do(made: Scene) -> None:
    made.plan(plan_text(calendar=JAPAN))
    october = {f"2026-10-{day:02}": 2 for day in range(1, 31)}
    made.leads(mqls(october | BEHIND), through="2026-11-12")
    html = seen(made).html
    # 48 of 50 on the twelve working days from Thursday the 12th on: exactly four a day.
    assert texts(html, "left") == ["48 more in 12 working days, about 4 a day."]
    [foreseen] = texts(html, "foreseen")
    assert foreseen.startswith("Forecast ")
    assert foreseen.endswith(" short.")


def test_a_month_without_data_for_the_one_that_runs_is_grey_and_says_so(made: Scene) -> None:
    made.plan(plan_text(calendar=JAPAN))
    made.leads(mqls({"2026-10-05": 50}), through="2026-11-01")
    shown = seen(made, now="2026-11-04 09:00")
    assert shown.html.startswith('<article class="face s-stale"')
    assert texts(shown.html, "sentence notice") == [
        "No data for November 2026 yet. The data end on Oct 31."
    ]
    assert "October 2026 result" in shown.html
    # With the first day of November it is November that is shown, and October beside it.
    made.leads(mqls({"2026-11-02": 1}), through="2026-11-04")
    html = seen(made, now="2026-11-04 09:00").html
    assert "s-stale" not in html
    assert re.findall("<dt>(.*?)</dt> <dd>(.*?)</dd>", html.partition('class="last"')[2])[0] == (
        "October 2026", "50 / 50",
    )  # fmt: skip
    # After five working days it has been seen enough: 2, 4, 5, 6 and 9 November.
    made.leads(mqls({"2026-11-09": 1}), through="2026-11-10")
    assert 'class="last"' in seen(made, now="2026-11-09 09:00").html
    assert 'class="last"' not in seen(made, now="2026-11-10 09:00").html


def test_those_who_do_not_see_it_are_told_the_takeaway(made: Scene) -> None:
    made.plan(plan_text(calendar=JAPAN))
    made.leads(mqls(BEHIND), through="2026-11-12")
    shown = seen(made)
    assert shown.spoken.startswith("MQLs: 2 as of Wed, Nov 11, 4% of the target of 50. Crisis.")
    assert f'data-heard="{shown.spoken}"' in shown.html


def test_they_are_told_where_nothing_can_be_drawn(made: Scene) -> None:
    made.plan(plan_text(targets="", calendar=JAPAN))
    shown = seen(made)
    assert "<svg" not in shown.html
    assert shown.spoken == "MQLs: no data."
    assert failed_view("p", 'It "fails"').spoken == 'It "fails"'
    assert 'data-heard="It &#34;fails&#34;"' in failed_view("p", 'It "fails"').html


def test_a_plan_that_nothing_fits_says_so_in_words_of_the_wall(made: Scene) -> None:
    """Of the board's sentence the half is about what only the board has."""
    where = 'where = [{ attribute = "channel", in = ["fair"] }]'
    made.plan(plan_text(targets=f"targets.default = 50\n{where}", calendar=JAPAN))
    made.leads(mqls(BEHIND), through="2026-11-12")
    told = {"en": "Nothing in the data matches this KPI’s definition yet.",
            "ja": "KPIの定義に合うデータがまだありません。"}  # fmt: skip
    for lang, sentence in told.items():
        assert texts(seen(made, lang=lang).html, "sentence notice") == [sentence]
        assert "s-stale" in seen(made, lang=lang).html  # no alarm


def test_old_data_are_told_once(made: Scene) -> None:
    made.plan(
        plan_text(calendar=JAPAN).replace('csf = "c"', 'csf = "c"\nstale_after_working_days = 2')
    )
    made.leads(mqls(BEHIND), through="2026-11-07")
    html = seen(made).html
    [told] = texts(html, "sentence notice")
    assert told.startswith("Data through ")
    assert html.count("Data through") == 1


def test_a_month_reached_says_when_and_may_leave_out_its_name(made: Scene) -> None:
    made.plan(plan_text(targets="targets.default = 2", calendar=JAPAN))
    made.leads(mqls(BEHIND), through="2026-11-12")
    html = seen(made).html
    assert texts(html, "mark") == ["Reached on Nov 6"]
    assert '</b> <span class="long">November 2026</span></p>' in html
