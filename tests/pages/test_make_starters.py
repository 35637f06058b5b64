"""Every plan that ships can be made from nothing, by clicking, and then means the same."""

import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.domain.stage import Stage
from kpi_core.facts.batch import Batch, Grain
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.plans.starter_plans import STARTERS, starters
from pages import _runtime
from tests.batches import Event, at, batch
from tests.pages.conftest import opened

EN = Words(Language.EN)
NOW = datetime(2026, 11, 10, 3, tzinfo=UTC)
Document = dict[str, Any]
ATTRIBUTES = {
    "role": ("executive", "director", "manager", "staff"),
    "employees": ("200", "50", "100", "900"),
    "industry": (
        "manufacturing",
        "it",
        "finance",
        "automotive",
        "electronics",
        "machinery",
        "food",
    ),
    "product_category": ("sensors", "actuators", "controllers"),
    "months_to_purchase": ("3", "6", "12"),
}
"""Every value that a shipped plan asks for is in the data."""
LEADS = 8


@pytest.fixture
def filled(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Data of every kind that the shipped plans count: stages, log-ins, daily numbers."""
    monkeypatch.setattr(_runtime, "now", lambda: NOW)
    monkeypatch.setattr(_runtime.app(), "now", lambda: NOW)
    for source in ("crm", "olist"):
        events = [
            Event(f"{stage}-{lead}", stage.value, at("2026-11-02"), channel="web form", amount=10)
            for stage in Stage
            for lead in range(LEADS)
        ]
        attributes = {
            event.lead: {name: of[n % len(of)] for name, of in ATTRIBUTES.items()}
            for n, event in enumerate(events)
        }
        said = batch(*events, source=source, attributes=attributes, data_through=at("2026-11-10"))
        store.commit(said, who="t", now=at("2026-11-10 09:00"))
    logins = [Event("u", activity="login", occurred_at=at(f"2026-11-0{day}")) for day in (2, 3, 4)]
    said = batch(*logins, source="product", data_through=at("2026-11-10"))
    store.commit(said, who="t", now=at("2026-11-10 09:00"))
    for name in ("page_views", "cost", "whitepapers", "articles", "onboarding"):
        rows = pd.DataFrame([{"line": 2, "measure": name, "day": at("2026-11-02"), "value": 3.0}])
        numbers = Batch(
            source=name, file_name="n.csv", content_hash=name, mapping_name="m", mapping="",
            grain=Grain.DAY, rows=1, numbers=rows, covers=frozenset({("measure", name)}),
            data_through=at("2026-11-10"),
        )  # fmt: skip
        store.commit(numbers, who="t", now=at("2026-11-10 09:00"))
    return store


class Guide:
    """A visitor who answers one question after the other, in English."""

    def __init__(self) -> None:
        self.page: AppTest = opened("en-US", at="make_plan.py")

    def widget(self, key: str) -> Any:
        every = (
            self.page.text_input, self.page.number_input, self.page.selectbox,
            self.page.date_input, self.page.text_area, self.page.segmented_control,
            self.page.button, self.page.multiselect, self.page.radio,
        )  # fmt: skip
        found = [each for kind in every for each in kind if (each.key or "").endswith(key)]
        assert found, (key, [each.key for kind in every for each in kind])
        return found[0]

    def put(self, key: str, value: Any) -> None:
        widget = self.widget(key)
        if widget.value != value:
            widget.set_value(value).run()
            assert not self.page.exception

    def place(self, path: Iterable[str], value: Any) -> None:
        self.put(".".join(("plan_edit_new", *path)), value)

    def click(self, key: str) -> None:
        self.widget(key).click().run()
        assert not self.page.exception

    def draft_text(self) -> str:
        """What was answered so far, as it would be saved."""
        return str(self.page.session_state["plan_draft"][""].text)

    def step(self, name: str) -> None:
        self.put("make_plan_step", name)
        assert self.page.subheader[0].value == EN(f"make_plan.ask_{name}")


def english(text: Any) -> str:
    return EN.localize(text)


def key_of(counted: Document) -> str:
    """The number of the list that counts the same."""
    match counted["kind"]:
        case "count":
            return f"stage:{counted['stage']}"
        case "active":
            return f"activity:{counted['activity']}:{3 if counted.get('at_least', 1) > 1 else 1}"
        case _:
            return f"measure:{counted['measure']}"


def answer_goal(guide: Guide, plan: Document) -> None:
    goal = plan["kgi"]
    shown = next(each for each in plan["indicators"] if each["id"] == goal["indicator"])
    guide.place(("kgi", "name"), english(goal["name"]))
    guide.put("plan_edit_goal_indicator", key_of(shown))
    guide.place(("kgi", "per"), goal["per"])
    guide.place(("kgi", "target"), float(goal["target"]))
    guide.place(("kgi", "unit"), english(goal["unit"]))
    guide.place(("kgi", "deadline"), goal["deadline"])


def answer_number(guide: Guide, plan: Document) -> None:
    guide.step("number")
    kpi = plan["kpi"]
    guide.click(f"plan_edit_pick_{key_of(kpi)}")
    guide.place(("kpi", "name"), english(kpi["name"]))
    guide.place(("csf",), english(plan["csf"]))
    details(guide, ("kpi",), kpi)
    define(guide, ("kpi",), kpi)


def details(guide: Guide, path: tuple[str, ...], stated: Document) -> None:
    guide.place((*path, "unit"), english(stated.get("unit")))
    guide.place((*path, "direction"), stated.get("direction", "up"))
    if stated["kind"] != "formula":
        guide.place((*path, "source"), stated.get("source", ""))
    if stated["kind"] == "ratio":
        for side in ("denominator", "numerator"):
            if side in stated:
                guide.place((*path, side, "stage"), stated[side]["stage"])
        if "per" not in stated:
            guide.place((*path, "basis"), stated["basis"])
            guide.place((*path, "matures_after_days"), stated["matures_after_days"])
        if "min_sample" in stated:
            guide.place((*path, "min_sample"), stated["min_sample"])


def conditions(guide: Guide, path: tuple[str, ...], where: list[Document]) -> None:
    start = f"_where_{'_'.join(path)}_"
    for at_, each in enumerate(where):
        guide.click(f"{start}add")
        operator = next(key for key in each if key != "attribute")
        guide.put(f"{start}{at_}_attribute", each["attribute"])
        guide.put(f"{start}{at_}_operator", operator)
        if operator in ("in", "not_in"):
            guide.put(f"{start}{at_}_values_{each['attribute']}", each[operator])
        else:
            guide.put(f"{start}{at_}_number", float(each[operator]))


def define(guide: Guide, path: tuple[str, ...], stated: Document) -> None:
    conditions(guide, path, stated.get("where", []))
    meant = stated.get("definition", {})
    if "text" in meant:
        guide.place((*path, "definition", "text"), english(meant["text"]))


def answer_targets(guide: Guide, plan: Document) -> None:
    guide.step("targets")
    targets = plan["kpi"]["targets"]
    guide.place(("kpi", "targets", "default"), float(targets["default"]))
    months = sorted(key for key in targets if key != "default")
    if not months:
        return
    guide.place(("targets_mode",), "typed")
    while f"plan_edit_new.kpi.targets.{months[0]}" not in [e.key for e in guide.page.number_input]:
        guide.click("plan_edit_turn_-12")
    for month in months:
        guide.place(("kpi", "targets", month), float(targets[month]))


def answer_days(guide: Guide, plan: Document) -> None:
    guide.step("days")
    calendar = plan["calendar"]
    for key in ("country", "zone", "fiscal_year_start"):
        guide.place(("calendar", key), calendar[key])
    if "days_off" in calendar:
        days = "\n".join(str(day) for day in calendar["days_off"])
        guide.place(("calendar", "days_off"), days)


def answer_rules(guide: Guide, plan: Document) -> None:
    guide.step("rules")
    guide.place(("kpi", "owner"), english(plan["kpi"]["owner"]))
    agreed = {rule["when"]: rule for rule in plan["rules"]}
    for occasion in (
        "week_1", "week_2", "week_3", "month_end", "attention", "warning", "crisis",
        "two_months_in_crisis",
    ):  # fmt: skip
        rule = agreed.get(occasion, {"do": []})
        place = ("rules", occasion)
        guide.place((*place, "do"), "\n".join(english(each) for each in rule["do"]))
        guide.place((*place, "owner"), english(rule.get("owner")))


def answer_others(guide: Guide, plan: Document) -> None:
    guide.step("others")
    shown = plan["kgi"]["indicator"]
    for stated in plan["indicators"]:
        if stated["kind"] in ("count", "active", "measure"):
            if stated["id"] != shown:
                guide.put(f"plan_edit_sort_{key_of(stated)}", "watch")
        else:
            kind = "shares" if "per" in stated else "rate"
            guide.click(f"plan_edit_add_{kind if stated['kind'] == 'ratio' else 'formula'}")
    made = tomllib.loads(guide.draft_text())["indicators"]
    names = {old["id"]: new["id"] for old, new in pair(plan["indicators"], made)}
    names[plan["kpi"]["id"]] = tomllib.loads(guide.draft_text())["kpi"]["id"]
    for old, new in pair(plan["indicators"], made):
        path = ("indicators", new["id"])
        guide.place((*path, "name"), english(old["name"]))
        guide.place((*path, "owner"), english(old.get("owner")))
        details(guide, path, old)
        if old["kind"] == "formula":
            formula = old["formula"]
            for known, own in names.items():
                formula = formula.replace(known, f"<{own}>")
            guide.place((*path, "formula"), formula.replace("<", "").replace(">", ""))
        for side in ("denominator", "numerator"):
            conditions(guide, (*path, side), old.get(side, {}).get("where", []))
    for stated in plan.get("actions", []):
        guide.put(f"plan_edit_sort_measure:{stated['measure']}", "work")
        (action,) = tomllib.loads(guide.draft_text())["actions"]
        path = ("actions", action["id"])
        guide.place((*path, "name"), english(stated["name"]))
        guide.place((*path, "minimum"), float(stated["minimum"]))
        guide.place((*path, "per"), stated["per"])
        guide.place((*path, "unit"), english(stated["unit"]))
        guide.place((*path, "owner"), english(stated["owner"]))


def pair(old: list[Document], new: list[Document]) -> list[tuple[Document, Document]]:
    """The numbers of two plans that were declared in two orders: kind by kind they are alike."""
    order = {each["id"]: place for place, each in enumerate(new)}
    left = list(new)
    pairs = []
    for each in old:
        alike = next(
            other
            for other in sorted(left, key=lambda one: order[one["id"]])
            if (other["kind"], "per" in other) == (each["kind"], "per" in each)
            and (each["kind"] in ("ratio", "formula") or key_of(other) == key_of(each))
        )
        left.remove(alike)
        pairs.append((each, alike))
    return pairs


def meaning(text: str) -> Document:
    """What a plan says in English, whatever the ids of its numbers and their order."""
    plan = read_plan(text)
    assert isinstance(plan, Plan), plan
    said: Document = plain(plan.model_dump(mode="json", by_alias=True))
    names = {each["id"]: each["name"] for each in (*said["kpi"], *said["indicators"])}
    said.pop("id")
    said.pop("name")
    said["kgi"]["indicator"] = names[said["kgi"]["indicator"]]
    for table in ("kpi", "indicators", "actions", "rules"):
        for each in said[table]:
            each.pop("id", None)
            if "formula" in each:
                for known in sorted(names, key=len, reverse=True):
                    each["formula"] = each["formula"].replace(known, f"[{names[known]}]")
        said[table] = sorted(said[table], key=str)
    said.pop("not_ours")
    return said


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() & {"ja", "en"}:
            return EN.localize(value)
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("starter", STARTERS)
def test_a_plan_that_ships_is_made_from_nothing_by_clicking(filled: Store, starter: str) -> None:
    text = starters()[starter]
    plan = tomllib.loads(text)
    if plan["kgi"]["deadline"] < NOW.date():  # the guide refuses a deadline that is over
        later = plan["kgi"]["deadline"].replace(year=2999)
        text = text.replace(str(plan["kgi"]["deadline"]), str(later))
        plan = tomllib.loads(text)
    guide = Guide()
    answer_goal(guide, plan)
    answer_number(guide, plan)
    answer_targets(guide, plan)
    answer_days(guide, plan)
    answer_rules(guide, plan)
    answer_others(guide, plan)
    assert [each.value for each in guide.page.error] == []
    guide.click("plan_edit_save")
    (plan_id,) = filled.records.plan_ids()
    made = filled.records.revisions(plan_id)[-1].text
    one, other = meaning(made), meaning(text)
    assert one.keys() == other.keys()
    for part in one:
        assert one[part] == other[part], part
