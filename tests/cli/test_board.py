"""`board`: the numbers of the board, in text and as JSON."""

from datetime import UTC, datetime

import pytest

from kpi_core.demo.course import qualification_days
from kpi_core.domain.period import Month
from tests.cli.conftest import Run


@pytest.mark.usefixtures("demo")
def test_it_says_what_the_screen_says(run: Run) -> None:
    said = run("board").out
    for words in (
        "[Demo data]",
        "MQLs  31 / 50 leads",
        "▲ Attention  62% of target",
        "Needed per remaining working day",
        "working days left",
        "80% range ",
        "; target ",
        "✕  Week 1",
        "✓  Week 2",
        "·  Week 3",
        "Management indicators: 2 of 10 need a look: Enquiries high, ",
        "KGI  Orders a month",
        "KAI  White-paper campaigns",
    ):
        assert words in said


@pytest.mark.usefixtures("demo")
def test_it_says_it_in_japanese(run: Run) -> None:
    said = run("board", lang="ja").out
    for words in ("デモデータ", "31 / 50件", "▲ 注意  達成率 62%", "第1週", "着地見込み"):
        assert words in said
    for word in ("Attention", "Week", "Owner", "leads"):
        assert word not in said


@pytest.mark.usefixtures("demo")
def test_json_is_the_report(run: Run) -> None:
    report = run("board", "--json").json
    kpi = report["kpi"]
    assert (kpi["value"], kpi["target"], kpi["status"]) == (31, 50, "attention")
    assert kpi["moment"]["month"] == "2026-11"
    assert [stamp["passed"] for stamp in kpi["stamps"]] == [False, True, None, None]
    assert kpi["needed_per_day"] == pytest.approx(19 / kpi["pace"]["days_left"])
    assert report["months"][0] == "2026-11"
    assert report["is_demo"] is True


@pytest.mark.usefixtures("demo")
def test_a_past_day_shows_what_was_known_of_it_then(run: Run) -> None:
    for day in (10, 16, 20):
        report = run("board", "--as-of", f"2026-11-{day}", "--json").json
        reached = [each for each in qualification_days(Month(2026, 11)) if each.day <= day]
        assert report["kpi"]["value"] == len(reached)
        assert report["kpi"]["moment"]["as_of"] == f"2026-11-{day + 1}T00:00:00"


@pytest.mark.usefixtures("demo")
def test_a_missed_checkpoint_shows_its_rule(run: Run) -> None:
    said = run("board", "--as-of", "2026-11-10").out
    assert said.rstrip().endswith("Counts what was dated by then, using what is known now.")
    assert "Week 1: checkpoint missed, 9 of 10 needed" in said
    assert "a team on plan misses this in 1 month of" in said
    assert "Hold the progress meeting twice a week" in said


@pytest.mark.usefixtures("demo")
def test_a_day_to_come_is_no_later_than_now(run: Run) -> None:
    ahead, now = run("board", "--as-of", "2030-01-01", "--json"), run("board", "--json")
    assert ahead.json["kpi"] == now.json["kpi"]


@pytest.mark.usefixtures("demo")
def test_a_past_month_shows_how_it_ended(run: Run) -> None:
    report = run("board", "--month", "2026-10", "--json").json
    assert report["kpi"]["moment"]["is_over"] is True
    assert report["kpi"]["value"] == len(qualification_days(Month(2026, 10)))
    assert "October 2026" in run("board", "--month", "2026-10").out


@pytest.mark.usefixtures("demo")
def test_data_that_end_early_are_said_to(run: Run) -> None:
    said = run("board", now=datetime(2027, 2, 1, tzinfo=UTC)).out
    assert "Later data is not included yet." in said


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["--plan", "none"], id="plan"),
        pytest.param(["--month", "2026-13"], id="month"),
        pytest.param(["--month", "november"], id="word"),
        pytest.param(["--as-of", "2026-02-30"], id="day"),
        pytest.param(["extra"], id="too many"),
        pytest.param(["--nonsense"], id="option"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.usefixtures("demo")
def test_what_cannot_be_shown_says_why(run: Run, args: list[str], lang: str) -> None:
    ran = run("board", *args, lang=lang)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith({"en": "Error: ", "ja": "エラー: "}[lang])
    assert ran.err.count("\n") == 1
    assert "went wrong" not in ran.err
    assert "不具合" not in ran.err


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("name", "stage"),
    [("mql", "marketing_qualified"), ("SQL", "sales_qualified"), ("受注", "won")],
)
def test_a_stage_is_counted_by_the_name_that_people_give_it(
    run: Run, name: str, stage: str
) -> None:
    named = run("counts", "--stage", name, "--json").json
    assert named == run("counts", "--stage", stage, "--json").json
    assert named["total"] > 0


def test_an_empty_store_says_what_to_do_next(run: Run) -> None:
    ran = run("board")
    assert ran.code == 2
    assert "plan load saas" in ran.err


def test_a_plan_without_data_is_shown_all_the_same(run: Run) -> None:
    run("plan", "load", "saas")
    ran = run("board")
    assert ran.code == 0
    assert "This plan's KPI has no data yet." in ran.out


@pytest.mark.parametrize(
    ("args", "word"),
    [
        pytest.param(["--stage", "lead", "--from", "soon"], "--from", id="from"),
        pytest.param(["--stage", "lead", "--to", "2026-11-31"], "--to", id="to"),
        pytest.param(["--stage", "demo booked"], "marketing_qualified", id="stage"),
        pytest.param([], "marketing_qualified", id="no stage"),
        pytest.param(["--stage", "lead", "--by", "year"], "day, month, channel", id="by"),
        pytest.param(
            ["--stage", "lead", "--from", "2026-12", "--to", "2026-11"], "2026-12-01", id="order"
        ),
    ],
)
def test_what_cannot_be_counted_says_why(run: Run, args: list[str], word: str) -> None:
    ran = run("counts", *args)
    assert (ran.code, ran.out) == (2, "")
    assert word in ran.err
    assert "went wrong" not in ran.err


@pytest.mark.usefixtures("demo")
def test_counts_say_their_basis(run: Run) -> None:
    assert "counted by event date" in run("counts", "--stage", "won").out
    assert "発生日基準" in run("counts", "--stage", "won", lang="ja").out
