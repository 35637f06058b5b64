"""A board in every state that a wall can be asked to show, each with a store of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kpi_core.facts.store import open_store
from kpi_core.reports.board import BoardReport, board_report
from tests.batches import Event, at, batch
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

RULES = """
[[rules]]
when = "attention"
owner = { ja = "マーケティング担当", en = "Marketing team" }
do = [{ ja = "遅れの原因をチャネル別に確かめる", en = "Find out which channel is behind" }]
[[rules]]
when = "warning"
owner = { ja = "マーケティング責任者", en = "Head of marketing" }
do = [
    { ja = "責任者と対策会議を開く", en = "Meet the head of sales" },
    { ja = "予備予算の投入を検討する", en = "Consider the reserve budget" },
]
[[rules]]
when = "week_2"
owner = { ja = "マーケティング責任者", en = "Head of marketing" }
do = [
    { ja = "責任者と対策会議を開く", en = "Meet the head of sales" },
    { ja = "予備予算の投入を検討する", en = "Consider the reserve budget" },
    { ja = "営業と見込み客を見直す", en = "Review open leads with sales" },
]
[[rules]]
when = "crisis"
owner = { ja = "マーケティング責任者", en = "Head of marketing" }
do = [{ ja = "部門長に報告する", en = "Report to the head of department" }]
"""
MQL = 'unit = { ja = "件", en = "leads" }\nowner = { ja = "佐藤", en = "Sato" }\n'
JAPAN = 'country = "JP"\nzone = "Asia/Tokyo"'
YEN = 'unit = { ja = "円", en = "yen" }\n'
LONG = {
    "name": '{ ja = "株式会社とても長い名前の会社 営業本部 新規パイプライン創出金額",'
    ' en = "New pipeline created, enterprise only, without upsell, net of tax" }',
    "unit": '{ ja = "円（税抜）", en = "yen (net of tax)" }',
}


def _days(per_day: float, through: str, first: str = "2026-11-02") -> dict[str, int]:
    """A steady number a day from a Monday on, weekends aside, fractions added up."""
    day, last = datetime.fromisoformat(first), datetime.fromisoformat(through)
    found, owed = {}, 0.0
    while day < last:
        if day.weekday() < 5:
            owed += per_day
            found[day.date().isoformat()] = int(owed)
            owed -= int(owed)
        day += timedelta(days=1)
    return found


@dataclass(frozen=True)
class State:
    """What a store holds, and when it is looked at."""

    now: str
    fill: Callable[[Scene], None]


def _leads(
    per_day: float, through: str, *, target: str = "targets.default = 50", past: float = 2.3
) -> Callable[[Scene], None]:
    def fill(scene: Scene) -> None:
        scene.plan(plan_text(targets=MQL + target, calendar=JAPAN, rest=RULES))
        months = _days(past, "2026-11-01", "2026-08-03")
        scene.leads(mqls(months | _days(per_day, through)), through=through)

    return fill


def _budget(per_day: int, ceiling: int = 2_400_000) -> Callable[[Scene], None]:
    def fill(scene: Scene) -> None:
        text = plan_text(
            targets=f'direction = "down"\n{YEN}targets.default = {ceiling}',
            calendar=JAPAN,
            rest=RULES,
        )
        text = text.replace('kind = "count"', 'kind = "sum"\nof = "amount"')
        scene.plan(text.replace('"MQLs"', '{ ja = "広告費", en = "Ad spend" }'))
        scene.leads(mqls(_days(1, "2026-11-20")), through="2026-11-20", amount=per_day)

    return fill


def _ratio(scene: Scene) -> None:
    text = plan_text(targets="targets.default = 0.3", calendar=JAPAN, rest=RULES)
    text = text.replace(
        'kind = "count"\nstage = "marketing_qualified"',
        'kind = "ratio"\nbasis = "event"\n'
        'numerator = { stage = "sales_qualified" }\n'
        'denominator = { stage = "marketing_qualified" }',
    )
    scene.plan(text.replace('name = "MQLs"', 'name = { ja = "MQL→SQL 転換率", en = "MQL to SQL" }'))
    leads = mqls(_days(5, "2026-11-20"))
    taken = [(lead, "sales_qualified", day) for n, (lead, _, day) in enumerate(leads) if n % 4 == 0]
    scene.leads([*leads, *taken], through="2026-11-20")


def _huge(scene: Scene) -> None:
    text = plan_text(targets="targets.default = 9876543210987", calendar=JAPAN, rest=RULES)
    text = text.replace('kind = "count"', 'kind = "sum"\nof = "amount"')
    text = text.replace('name = "MQLs"', f"name = {LONG['name']}\nunit = {LONG['unit']}")
    scene.plan(text)
    big = [Event(f"b{n}", "marketing_qualified", at(f"2026-11-{n:02} 10:00"), amount=1.2e11 * n)
           for n in (2, 4, 9, 12, 18)]  # fmt: skip
    said = batch(*big, source="s", name="b.csv", data_through=at("2026-11-20"))
    scene.store.commit(said, who="t", now=at("2026-11-20"))


def _nothing_fits(scene: Scene) -> None:
    where = 'where = [{ attribute = "channel", in = ["fair"] }]'
    scene.plan(plan_text(targets=f"{MQL}targets.default = 50\n{where}", calendar=JAPAN))
    scene.leads(mqls(_days(2, "2026-11-20")), through="2026-11-20")


def _empty(scene: Scene) -> None:
    scene.plan(plan_text(targets=f"{MQL}targets.default = 50", calendar=JAPAN))


NOON = "2026-11-20 12:00"
STATES: dict[str, State] = {
    "on_plan": State(NOON, _leads(2.8, "2026-11-20")),
    "attention": State(NOON, _leads(1.9, "2026-11-20")),
    "warning": State(NOON, _leads(1.7, "2026-11-20")),
    "crisis": State(NOON, _leads(1.0, "2026-11-20")),
    "achieved": State(NOON, _leads(4.0, "2026-11-20")),
    "early": State("2026-11-02 12:00", _leads(3, "2026-11-02")),
    "second_day": State("2026-11-04 12:00", _leads(3, "2026-11-04")),
    "last_day": State("2026-11-30 12:00", _leads(2.3, "2026-11-28")),
    "closed": State("2026-12-01 09:00", _leads(2.4, "2026-12-01")),
    "awaiting": State("2026-12-02 12:00", _leads(2.4, "2026-12-01")),
    "stale": State("2026-11-27 12:00", _leads(2.4, "2026-11-14")),
    "no_target": State(NOON, _leads(2.4, "2026-11-20", target="")),
    "ratio": State(NOON, _ratio),
    "budget_within": State(NOON, _budget(110_000)),
    "budget_over": State(NOON, _budget(190_000)),
    "huge": State(NOON, _huge),
    "nothing_fits": State(NOON, _nothing_fits),
    "empty": State(NOON, _empty),
}


def board_in(name: str, folder: Path) -> BoardReport:
    """The board in a state, of a store made in `folder`."""
    state, store = STATES[name], open_store(folder / name)
    try:
        state.fill(Scene(store))
        return board_report(store, "p", now=in_tokyo(state.now))
    finally:
        store.close()
