"""The printed plan: one page with everything on it, whatever the plan says."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from threading import BoundedSemaphore

import pytest
from PIL import Image

from kpi_core.charts import png
from kpi_core.charts.png import Busy, NoFont
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.plans.starter_plans import STARTERS, starters
from kpi_core.reports.plan_sheet import PlanSheet, plan_sheet
from kpi_core.sheet import plan_sheet as drawing
from kpi_core.sheet.plan_sheet import draw_sheet
from tests.plans.documents import Table, plan_of, small_plan
from tests.sheet.pdf_text import pages, squeezed, text_of

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
HOSTILE = '#import "x": * $a$ *bold* _i_ </text> <b> @ref `raw` \\ // /* [x] {y} #panic() = h'
RULES = (
    "week_1",
    "week_2",
    "week_3",
    "month_end",
    "attention",
    "warning",
    "crisis",
    "two_months_in_crisis",
)


def sheet_of(plan: Plan, language: Language = Language.EN) -> PlanSheet:
    return plan_sheet(plan, Words(language), now=NOW)


def starter(name: str) -> Plan:
    plan = read_plan(starters()[name])
    assert isinstance(plan, Plan), plan
    return plan


def full_plan(name: str = "A name") -> Table:
    """Twelve indicators and eight rules, each with this name."""
    document = small_plan()
    document["indicators"] = [
        {"id": f"i{n}", "name": f"{name} {n}", "kind": "measure", "measure": "m", "owner": "Sato"}
        for n in range(12)
    ]
    document["rules"] = [{"when": when, "do": [f"{name}, {when}", "Meet"]} for when in RULES]
    return document


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", STARTERS)
def test_every_rule_indicator_and_target_of_a_starter_is_on_its_one_page(
    name: str, language: Language
) -> None:
    report = sheet_of(starter(name), language)
    pdf = draw_sheet(report, "pdf")
    assert pdf.startswith(b"%PDF")
    assert pages(pdf) == 1
    text = text_of(pdf)
    shown = [report.name, report.month, report.goal.name, report.goal.text, report.csf]
    shown += [part for kpi in report.kpis for part in (kpi.name, kpi.figure, kpi.owner)]
    shown += [fact.text for kpi in report.kpis for fact in kpi.facts]
    shown += [cell.text for kpi in report.kpis for year in kpi.years for cell in year.cells]
    shown += [part for row in report.rules for part in (row.case, row.note, row.owner, *row.do)]
    shown += [part for item in report.indicators for part in (item.name, item.text, item.owner)]
    shown += [part for item in report.actions for part in (item.name, item.text, item.owner)]
    shown += [part for row in report.checkpoints for part in (row.name, row.day, *row.due)]
    shown += [part for fact in report.calendar for part in (fact.label, fact.text)]
    shown += [report.review.text, *report.saved]
    assert [each for each in shown if squeezed(each) not in text] == []
    assert "\ufffd" not in text


def test_a_picture_is_a_sheet_of_a4_in_150_dots_per_inch() -> None:
    with Image.open(BytesIO(draw_sheet(sheet_of(starter("saas")), "png"))) as picture:
        assert picture.size == (1754, 1240)  # 297 mm and 210 mm


def test_twelve_indicators_and_eight_rules_with_long_names_are_all_there() -> None:
    report = sheet_of(plan_of(full_plan("A name that goes on and on, through all departments" * 2)))
    pdf = draw_sheet(report, "pdf")
    text = text_of(pdf)
    assert pages(pdf) == 1
    for item in report.indicators:
        assert squeezed(item.name) in text
    for rule in report.rules:
        assert all(squeezed(each) in text for each in rule.do)


def test_lists_that_are_too_long_say_how_many_more_there_are() -> None:
    document = full_plan()
    document["indicators"] = [
        {"id": f"i{n}", "name": f"Indicator {n}", "kind": "measure", "measure": "m"}
        for n in range(200)
    ]
    text = text_of(draw_sheet(sheet_of(plan_of(document)), "pdf"))
    count = next(n for n in range(200) if f"and{200 - n}more" in text)
    assert f"Indicator{count - 1}and" in text
    assert count >= 24
    assert text.count("Meet") == len(RULES)  # the other lists keep all they have


def test_texts_as_long_as_they_may_be_stay_on_one_page() -> None:
    document = full_plan("x" * 380)
    for rule in document["rules"]:
        rule["do"] = ["あ" * 400] * 8
    document["name"] = document["csf"] = "x" * 400
    pdf = draw_sheet(sheet_of(plan_of(document)), "pdf")
    assert pages(pdf) == 1
    assert "x" * 400 in text_of(pdf)


def test_nothing_reaches_into_the_margin() -> None:
    document = full_plan("x" * 370)
    document["name"] = "y" * 400
    document["kpi"]["targets"] = {"default": 999_999_999_999_999}
    long = "The reason goes on and on. " * 40
    report = sheet_of(plan_of(document))
    drawn = draw_sheet(replace(report, saved=("Revision 1", long)), "png")
    with Image.open(BytesIO(drawn)) as picture:
        grey = picture.convert("L")
        width, height = grey.size
        margin = 50  # 8 mm
        edges = [
            (0, 0, width, margin),
            (0, height - margin, width, height),
            (0, 0, margin, height),
            (width - margin, 0, width, height),
        ]
        assert [grey.crop(edge).getextrema() for edge in edges] == [(255, 255)] * 4


def test_what_reads_like_markup_comes_out_as_it_is() -> None:
    document = small_plan()
    document["name"] = document["csf"] = document["kgi"]["name"] = HOSTILE
    document["kpi"] |= {"name": HOSTILE, "unit": HOSTILE, "owner": HOSTILE, "why": HOSTILE}
    document["rules"] = [{"when": "crisis", "do": [HOSTILE], "owner": HOSTILE}]
    document["actions"] = [{"id": "a", "name": HOSTILE, "measure": "m", "minimum": 1}]
    document["kpi"]["teams"] = {"by": "owner", "targets": {HOSTILE: {"default": 5}}}
    text = text_of(draw_sheet(sheet_of(plan_of(document)), "pdf"))
    assert text.count(squeezed(HOSTILE)) >= 10


def test_a_sheet_drawn_before_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    report = sheet_of(starter("saas"))
    before = draw_sheet(report, "pdf")
    monkeypatch.setattr(drawing, "PROGRAM", "no such file")
    assert draw_sheet(report, "pdf") == before


def test_without_its_font_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "FONT_PACKAGE", "no_such_package")
    with pytest.raises(NoFont):
        draw_sheet(sheet_of(starter("saas")), "pdf")


def test_where_too_many_are_waiting_it_asks_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_PLACES", BoundedSemaphore(1))
    with drawing._PLACES, pytest.raises(Busy):
        draw_sheet(sheet_of(starter("saas")), "pdf")


def test_a_sheet_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 0.01)
    report = replace(sheet_of(starter("saas")), name="Never drawn before")
    with pytest.raises(subprocess.TimeoutExpired):
        draw_sheet(report, "pdf")
