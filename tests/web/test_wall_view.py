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


def test_every_rule_in_force_has_its_words_and_its_owner(made: Scene) -> None:
    made.plan(plan_text(calendar=JAPAN, rest=RULES))
    made.leads(mqls({**TWO_MONTHS, **BEHIND}), through="2026-11-12")
    html = seen(made).html
    assert html.count('<section class="rule">') == 3
    assert re.findall("<li>(.*?)</li>", html) == [
        "Meet twice a week", "Find other sources", "Plan B", "Report",
    ]  # fmt: skip
    owners = re.findall('<span class="owner">(.*?)</span>', html)
    assert owners == ["Owner: Anna &lt;A&gt;", "Owner: Ben"]
    # Where there is room for the first alone, or no script that would know, it says how many.
    assert html.startswith('<article class="face s-crisis lone"')
    assert "2 more rules on the board" in html
    assert "2 more</span>" in html


@pytest.mark.parametrize(
    ("lang", "short"),
    [
        ("en", ["Week 1 missed, by chance 1 in {n}", "Crisis", "Two months in crisis"]),
        ("ja", ["第1週 未達（偶然でも{n}回に1回）", "危機", "2か月続けて危機"]),
    ],
)
def test_a_rules_occasion_has_a_short_word(made: Scene, lang: str, short: list[str]) -> None:
    made.plan(plan_text(calendar=JAPAN, rest=RULES))
    made.leads(mqls({**TWO_MONTHS, **BEHIND}), through="2026-11-12")
    whys = re.findall('<b><span class="long">.*?</span><span class="short">(.*?)</span></b>',
                      seen(made, lang=lang).html)  # fmt: skip
    missed = board_report(made.store, "p", now=in_tokyo("2026-11-12 14:00")).kpi.missed
    assert missed is not None
    assert missed.odds is not None
    assert whys == [why.format(n=round(1 / missed.odds)) for why in short]


def test_what_is_needed_has_a_short_label_and_no_second_value(made: Scene) -> None:
    made.plan(plan_text(calendar=JAPAN))
    made.leads(mqls(BEHIND), through="2026-11-12")
    html = seen(made).html
    [needed] = re.findall('<div class="needed">(.*?)</div>', html)
    assert "Needed per remaining working day</span>" in needed
    assert '<span class="short">Daily need</span>' in needed
    assert needed.count("<dd>") == 1
    assert '<span class="short">4%</span>' in html  # of the target: 2 of 50


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
        assert texts(seen(made, lang=lang).html, "notice") == [sentence]


def test_old_data_are_told_once(made: Scene) -> None:
    made.plan(
        plan_text(calendar=JAPAN).replace('csf = "c"', 'csf = "c"\nstale_after_working_days = 2')
    )
    made.leads(mqls(BEHIND), through="2026-11-07")
    html = seen(made).html
    [told] = texts(html, "notice")
    assert told.startswith("Data through ")
    assert html.count("Data through") == 1


def test_a_month_reached_says_when_and_may_leave_out_its_name(made: Scene) -> None:
    made.plan(plan_text(targets="targets.default = 2", calendar=JAPAN))
    made.leads(mqls(BEHIND), through="2026-11-12")
    html = seen(made).html
    assert texts(html, "mark") == ["★ Reached on Nov 6"]
    assert '</b> <span class="long">November 2026</span></p></header>' in html
