"""Every mistake has its sentence: where, what, and how to repair it."""

import sys
import tomllib
from collections.abc import Callable
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import read_plan
from tests.plans.documents import Table, small_plan, toml

ENGLISH = Words(Language.EN)
JAPANESE = Words(Language.JA)


def problems(text: str) -> tuple[Problem, ...]:
    found = read_plan(text)
    assert not isinstance(found, Plan)
    return found


def with_(path: str, value: Any) -> Table:
    """The small plan with one key set; `kpi.targets.default` walks into the tables."""
    document = small_plan()
    *tables, key = path.split(".")
    table = document
    for name in tables:
        table = table.setdefault(name, {})
    table[key] = value
    return document


def without(path: str) -> Table:
    document = small_plan()
    *tables, key = path.split(".")
    table = document
    for name in tables:
        table = table[name]
    del table[key]
    return document


def kpi(**keys: Any) -> Table:
    return {**small_plan(), "kpi": {"id": "mql", "name": "MQLs", **keys}}


def where(**keys: Any) -> Table:
    return with_("kpi.where", [{"attribute": "role", "in": ["director"]}, keys])


def indicators(*declared: Table) -> Table:
    numbered = [{"id": f"i{n}", "name": "N", **each} for n, each in enumerate(declared, start=1)]
    return with_("indicators", numbered)


def formula(text: str) -> Table:
    return {"kind": "formula", "formula": text}


def ratio(**keys: Any) -> Table:
    return {"kind": "ratio", "numerator": {"stage": "won"}, **keys}


def kpis(*names: str) -> Table:
    one = small_plan()["kpi"]
    return {**small_plan(), "kpi": [{**one, "id": name} for name in names]}


LEAD = {"stage": "lead"}
STAGES = "lead, marketing_qualified, sales_qualified, opportunity, won, lost, renewed, churned"

CASES: list[tuple[str, Table | str, list[str]]] = [
    (
        "not_toml",
        'id = "small"\nname = "A small plan\n',
        [
            "Line 2, column 21: cannot be read as TOML. "
            "Check quotation marks, brackets and = just before this place."
        ],
    ),
    (
        "not_toml_end",
        "weekend = [",
        ["End of the file: something is still open. Close the last quotation mark or bracket."],
    ),
    (
        "defined_twice",
        "a = 1\na = 2",
        ["Line 2, column 6: defined a second time. Keep one of the two."],
    ),
    (
        "too_deep",
        "a = " + "[" * 3_000,
        [
            "The file: brackets nested too deeply, or a number too long. "
            "Compare it with a starter plan."
        ],
    ),
    (
        "not_unicode",
        'id = "\udcff"',
        ["The file: not saved as UTF-8. Save it as UTF-8 and try again."],
    ),
    (
        "too_many_parts",
        "# a plan\n" + "a." * 2_001 + "a = 1",
        ["Line 2: a name of more than 50 parts. Put a name that holds dots in quotation marks."],
    ),
    (
        "too_large",
        "#" * 100_001,
        ["The file: longer than 100,000 characters. Divide it into several plans."],
    ),
    ("missing", without("kgi.deadline"), ["kgi.deadline: missing. Add it."]),
    ("missing", without("kpi"), ["kpi: missing. Add it."]),
    (
        "missing_kind",
        without("kpi.kind"),
        ["kpi.kind: missing. Write one of count, sum, active, ratio, measure, formula."],
    ),
    (
        "unknown_key",
        with_("chat", {"channel": "#kpi"}),
        ["chat: no such key. Remove it, or check its spelling."],
    ),
    (
        "unknown_key_near",
        with_("kpi.target", 50),
        ["kpi.target: no such key. Did you mean targets?"],
    ),
    (
        "unknown_key_near",
        with_("calender", {}),
        ["calender: no such key. Did you mean calendar?"],
    ),
    (
        "unknown_key_near",
        where(attribute="role", inn=["a"], not_in=["b"]),
        ["kpi.where[2].inn: no such key. Did you mean in?"],
    ),
    (
        "unknown_key_near",
        indicators({"kind": "measure", "measure": "cost", "aggregated": "last"}),
        ["indicators[1].aggregated: no such key. Did you mean aggregate?"],
    ),
    (
        "unknown_key",
        # source is a key of what is counted from facts, and of no formula
        indicators({**formula("mql"), "source": "crm"}),
        ["indicators[1].source: no such key. Remove it, or check its spelling."],
    ),
    (
        "unknown_key",
        {**small_plan(), "two words": 1},
        ['"two words": no such key. Remove it, or check its spelling.'],
    ),
    (
        "not_one_of",
        with_("kpi.stage", "demo booked"),
        [f'kpi.stage: no such value: "demo booked". Write one of {STAGES}.'],
    ),
    (
        "not_one_of",
        with_("kpi.kind", "counts"),
        [
            'kpi.kind: no such value: "counts". '
            "Write one of count, sum, active, ratio, measure, formula."
        ],
    ),
    (
        "not_one_of",
        indicators(ratio(per="campaign")),
        ['indicators[1].per: no such value: "campaign". Write one of channel.'],
    ),
    ("not_text", with_("csf", 5), ["csf: 5 is not text. Put it in quotation marks."]),
    (
        "not_text",
        where(attribute="employees", **{"in": [100]}),
        ["kpi.where[2].in[1]: 100 is not text. Put it in quotation marks."],
    ),
    (
        "empty",
        with_("kpi.name", {"ja": "  "}),
        ["kpi.name.ja: empty. Write something here, or remove the line."],
    ),
    (
        "empty_list",
        with_("rules", [{"when": "week_1", "do": []}]),
        ["rules[1].do: empty. List at least one."],
    ),
    ("empty_list", with_("kpi", []), ["kpi: empty. List at least one."]),
    (
        "text_too_long",
        with_("name", "x" * 401),
        ["name: longer than 400 characters. Shorten it."],
    ),
    (
        "too_many",
        with_("checkpoints", {"shares": [n / 20 for n in range(1, 12)], "kind": "floor"}),
        ["checkpoints.shares: more than 10. Remove some."],
    ),
    (
        "too_many",
        indicators(*[{"kind": "measure", "measure": "cost"}] * 201),
        ["indicators: more than 200. Remove some."],
    ),
    (
        "not_a_slug",
        with_("kpi.id", "M-QL"),
        [
            'kpi.id: "M-QL" cannot be an id. '
            "Use up to 60 lower-case letters, digits and _, a letter first."
        ],
    ),
    (
        "not_a_plan_id",
        with_("id", "my_plan"),
        [
            'id: "my_plan" cannot be a plan\'s id. '
            "Use up to 40 lower-case letters, digits and -, a letter first."
        ],
    ),
    (
        "not_a_number",
        with_("kgi.target", "36"),
        ['kgi.target: "36" is not a number. Write it in digits, without quotation marks.'],
    ),
    (
        "not_a_number",
        with_("kpi.targets.default", True),
        ["kpi.targets.default: true is not a number. Write it in digits, without quotation marks."],
    ),
    (
        "not_a_number",
        with_("kpi.targets", {"2026-11": float("inf"), "2026-12": float("nan")}),
        [
            "kpi.targets.2026-11: inf is not a number. "
            "Write it in digits, without quotation marks.",
            "kpi.targets.2026-12: nan is not a number. "
            "Write it in digits, without quotation marks.",
        ],
    ),
    (
        "not_whole",
        with_("stale_after_working_days", 2.5),
        [
            "stale_after_working_days: 2.5 is not a whole number. "
            "Write it in digits, without quotation marks or decimals."
        ],
    ),
    (
        "not_whole",
        with_("calendar", {"closing_day": "20", "fiscal_year_start": True}),
        [
            'calendar.closing_day: "20" is not a whole number. '
            "Write it in digits, without quotation marks or decimals.",
            "calendar.fiscal_year_start: true is not a whole number. "
            "Write it in digits, without quotation marks or decimals.",
        ],
    ),
    (
        "not_above",
        with_("kgi.target", 0),
        ["kgi.target: 0 is too small. Write a number greater than 0."],
    ),
    (
        "not_at_least",
        with_("kpi.targets.default", -5),
        ["kpi.targets.default: -5 is too small. Write 0 or more."],
    ),
    (
        "not_below",
        with_("levels", {"attention": 80}),
        ["levels.attention: 80 is too large. Write a number less than 1."],
    ),
    (
        "not_at_most",
        with_("calendar", {"closing_day": 31}),
        ["calendar.closing_day: 31 is too large. Write 28 or less."],
    ),
    (
        "not_a_time",
        with_("wall", {"awake_from": "7"}),
        [
            'wall.awake_from: "7" is not a time of day. '
            "Write it as 08:30:00, without quotation marks."
        ],
    ),
    (
        "not_a_switch",
        with_("wall", {"sleeps": "no"}),
        ['wall.sleeps: "no" is not yes or no. Write true or false.'],
    ),
    (
        "not_a_date",
        with_("kgi.deadline", "2027-03-31"),
        [
            'kgi.deadline: "2027-03-31" is not a day. '
            "Write it as 2027-03-31, without quotation marks or time."
        ],
    ),
    (
        "not_a_date",
        with_("calendar", {"days_off": [date(2026, 12, 29), datetime(2026, 12, 30)]}),  # noqa: DTZ001
        [
            "calendar.days_off[2]: 2026-12-30 00:00:00 is not a day. "
            "Write it as 2027-03-31, without quotation marks or time."
        ],
    ),
    (
        "not_a_list",
        with_("actions", {"id": "articles"}),
        ["actions: {…} is not a list. Put its entries in square brackets [ ]."],
    ),
    (
        "not_a_table",
        with_("kgi", 36),
        ["kgi: 36 is not a table. Write its keys below a heading in [ ], or in braces { }."],
    ),
    (
        "not_a_table",
        with_("kpi", "MQL"),
        ['kpi: "MQL" is not a table. Write its keys below a heading in [ ], or in braces { }.'],
    ),
    (
        "not_a_table",
        with_("kpi.targets", 50),
        [
            "kpi.targets: 50 is not a table. "
            "Write its keys below a heading in [ ], or in braces { }."
        ],
    ),
    (
        "no_such_month",
        with_("kpi.targets.2026-13", 60),
        ["kpi.targets.2026-13: no such month. Write a month as 2026-11 or a day as 2026-11-16."],
    ),
    (
        "no_such_month",
        {**kpis("a", "b"), "reason_for_second_kpi": "r"}
        | {"kpi": [small_plan()["kpi"], {**small_plan()["kpi"], "targets": {"2026-11-31": 1}}]},
        [
            "kpi[2].targets.2026-11-31: no such month. "
            "Write a month as 2026-11 or a day as 2026-11-16."
        ],
    ),
    (
        "no_such_language",
        with_("name", {"en": "Small", "fr": "Petit"}),
        ["name.fr: no such language. Write ja or en."],
    ),
    (
        "no_such_country",
        with_("calendar", {"country": "Japan"}),
        [
            'calendar.country: no such country: "Japan". '
            "Write its two-letter code, such as JP, or none for no public holidays."
        ],
    ),
    (
        "no_such_zone",
        with_("calendar", {"zone": "JST"}),
        ['calendar.zone: no such time zone: "JST". Write it like Asia/Tokyo.'],
    ),
    (
        "one_comparison",
        where(attribute="employees", at_least=100, at_most=500),
        ["kpi.where[2]: needs exactly one comparison. Write one of in, not_in, at_least, at_most."],
    ),
    (
        "one_comparison",
        where(attribute="employees"),
        ["kpi.where[2]: needs exactly one comparison. Write one of in, not_in, at_least, at_most."],
    ),
    (
        "ratio_sides",
        indicators(ratio(), ratio(denominator=LEAD, per="channel")),
        [
            'indicators[1]: a ratio has a denominator or per = "channel". Write one of the two.',
            'indicators[2]: a ratio has a denominator or per = "channel". Write one of the two.',
        ],
    ),
    (
        "ratio_matures",
        indicators(ratio(denominator=LEAD, matures_after_days=21)),
        [
            "indicators[1]: matures_after_days goes with cohorts. "
            'Add basis = "cohort", or remove it.'
        ],
    ),
    (
        "ratio_cohort_per",
        indicators(ratio(per="channel", basis="cohort")),
        ["indicators[1]: a share per channel is counted by event date. Remove basis."],
    ),
    (
        "ratio_cohort_where",
        indicators(
            ratio(
                denominator=LEAD,
                basis="cohort",
                numerator={"stage": "won", "where": [{"attribute": "a", "at_least": 1}]},
            )
        ),
        [
            "indicators[1]: the leads of a cohort are chosen once. "
            "Move where from the numerator to the denominator."
        ],
    ),
    (
        "ratio_cohort_order",
        indicators(ratio(denominator={"stage": "lost"}, basis="cohort")),
        [
            "indicators[1]: a cohort moves forward through the funnel. "
            "Choose a numerator stage that comes after the denominator's."
        ],
    ),
    (
        "formula_part",
        indicators(formula("mql ** 2"), formula("mql + open('x')")),
        [
            'indicators[1].formula: "*" cannot be used here. '
            "Use ids of indicators, numbers, + - * / and ( ).",
            'indicators[2].formula: "(" cannot be used here. '
            "Use ids of indicators, numbers, + - * / and ( ).",
        ],
    ),
    (
        "formula_end",
        indicators(formula("(mql + 1")),
        [
            "indicators[1].formula: the formula breaks off. "
            "Add what is missing at the end, such as a closing bracket."
        ],
    ),
    (
        "formula_no_name",
        indicators(formula("1 + 1")),
        [
            "indicators[1].formula: the formula names no indicator. "
            "Use the ids of indicators in this plan."
        ],
    ),
    (
        "formula_too_long",
        indicators(formula("mql + " * 100 + "mql")),
        [
            "indicators[1].formula: longer than 400 characters. "
            "Make a part of it an indicator of its own."
        ],
    ),
    (
        "formula_name",
        indicators({"kind": "measure", "measure": "cost"}, formula("cost / mql")),
        ["indicators[2].formula: no indicator has the id cost. Use one of mql, i1."],
    ),
    (
        "formula_per_channel",
        indicators(ratio(per="channel"), formula("i1 * 2")),
        [
            "indicators[2].formula: i1 is a share per channel, not one number. "
            "Use another indicator."
        ],
    ),
    (
        "formula_circle",
        # i3 stands on the circle of i1 and i2 without being part of it
        indicators(formula("i2 + mql"), formula("i1 * 2"), formula("i1 + i2"), formula("i4")),
        [
            "indicators[1].formula: i1 depends on its own result. "
            "Remove it from the indicators it is calculated from.",
            "indicators[2].formula: i2 depends on its own result. "
            "Remove it from the indicators it is calculated from.",
            "indicators[4].formula: i4 depends on its own result. "
            "Remove it from the indicators it is calculated from.",
        ],
    ),
    (
        "formula_deep",
        indicators(formula("mql"), formula("i1"), formula("i2"), formula("i3")),
        [
            "indicators[4].formula: formulas build on one another more than 3 levels deep. "
            "Name the indicators below them directly."
        ],
    ),
    (
        "second_kpi",
        kpis("mql", "sql"),
        [
            "kpi[2]: a second KPI needs a reason. "
            "Add reason_for_second_kpi, or make this one an indicator."
        ],
    ),
    (
        "third_kpi",
        {**kpis("mql", "sql", "won"), "reason_for_second_kpi": "We sell two products."},
        ["kpi[3]: a third KPI. Keep one, two at the very most, and make the others indicators."],
    ),
    (
        "kpi_per_channel",
        kpi(**ratio(per="channel")),
        [
            "kpi.per: a share per channel is not one number. "
            "Make it an indicator and choose another KPI."
        ],
    ),
    (
        "goal_indicator",
        with_("kgi.indicator", "won"),
        ["kgi.indicator: no number of this plan has the id won. Use one of mql."],
    ),
    (
        "teams_kind",
        {
            **small_plan(),
            "indicators": [
                {
                    "id": "cost",
                    "name": "Cost",
                    "kind": "measure",
                    "measure": "cost",
                    "teams": {"by": "owner", "targets": {"Ada": {"default": 1}}},
                }
            ],
        },
        [
            "indicators[1].teams: only what is counted lead by lead can be divided among teams. "
            "Remove it."
        ],
    ),
    (
        "kai_as_kpi",
        kpi(kind="measure", measure="seminars")
        | {"actions": [{"id": "s", "name": "Seminars", "measure": "seminars", "minimum": 2}]},
        [
            "kpi.measure: seminars counts work done, which is a KAI. "
            "Let the KPI measure the result of the work."
        ],
    ),
    (
        "double_id",
        with_("actions", [{"id": "mql", "name": "Calls", "measure": "calls", "minimum": 2}]),
        [
            "actions[1].id: the id mql is already used. "
            "Give each KPI, indicator and action its own id."
        ],
    ),
    (
        "levels_order",
        with_("levels", {"warning": 0.8}),
        ["levels.warning: not below attention. Write a share less than 0.8."],
    ),
    (
        "shares_order",
        with_("checkpoints", {"shares": [0.2, 0.2, 0.6], "kind": "floor"}),
        [
            "checkpoints.shares: must rise from each checkpoint to the next. "
            "Write rising shares below 0.8."
        ],
    ),
    (
        "shares_order",
        with_("checkpoints", {"shares": [0.25, 0.5, 0.8], "kind": "floor"}),
        [
            "checkpoints.shares: must rise from each checkpoint to the next. "
            "Write rising shares below 0.8."
        ],
    ),
    (
        "shares_kind",
        with_("checkpoints", {"shares": [0.25, 0.5, 0.75]}),
        [
            "checkpoints: 25%, 50%, 75% can be read in two ways. "
            'Add kind = "floor" if they are the minimum due '
            "(the plan line is then 31.2%, 62.5%, 93.8%), "
            'or kind = "plan" if they are the plan line '
            "(the minimum due is then 20%, 40%, 60%)."
        ],
    ),
    (
        "shares_of_weeks",
        with_("checkpoints", {"shares": [0.2, 0.4], "kind": "floor", "weeks": "fridays"}),
        [
            'checkpoints.shares: weeks = "fridays" takes three shares, not 2. '
            'Write three, or weeks = "quarters".'
        ],
    ),
    (
        "rule_without_checkpoint",
        with_("rules", [{"when": "week_4", "do": ["meet"]}]),
        [
            "rules[1].when: week_4 never comes, as the plan has 3 shares before the month's end. "
            "Choose an earlier checkpoint, or add a share."
        ],
    ),
    (
        "work_hours",
        with_("calendar", {"work_from": time(18), "work_to": time(9)}),
        [
            "calendar: work_to is not after work_from. "
            "Write two times of one day, such as 09:00:00 and 18:00:00."
        ],
    ),
]


def text_of(document: Table | str) -> str:
    return document if isinstance(document, str) else toml(document)


@pytest.mark.parametrize(
    ("code", "document", "sentences"),
    CASES,
    ids=[f"{code}-{n}" for n, (code, _, _) in enumerate(CASES)],
)
def test_every_mistake_gets_its_sentence(
    code: str, document: Table | str, sentences: list[str]
) -> None:
    found = problems(text_of(document))
    assert [each.sentence(ENGLISH) for each in found] == sentences
    assert {each.code for each in found} == {code}


def test_every_sentence_of_the_catalog_is_tried_here() -> None:
    catalog = Path(__file__).parents[2] / "kpi_core" / "i18n" / "en" / "plans.toml"
    codes = tomllib.loads(catalog.read_text(encoding="utf-8")).keys()
    # That of a stored revision is tried with the revisions.
    assert {code for code, _, _ in CASES} | {"unreadable_revision"} == codes


@pytest.mark.parametrize("sentence", [partial(Problem.sentence, words=ENGLISH)], ids=["en"])
def test_all_mistakes_are_told_at_once(sentence: Callable[[Problem], str]) -> None:
    document = with_("kgi.target", "36") | {"name": 5, "chat": 1}
    assert [sentence(each) for each in problems(toml(document))] == [
        "name: 5 is not text. Put it in quotation marks.",
        'kgi.target: "36" is not a number. Write it in digits, without quotation marks.',
        "chat: no such key. Remove it, or check its spelling.",
    ]


def test_broken_rules_are_told_together() -> None:
    document = {**kpis("mql", "mql"), "levels": {"warning": 0.9}}
    assert [each.code for each in problems(toml(document))] == [
        "second_kpi",
        "double_id",
        "levels_order",
    ]


def test_the_sentence_is_japanese_where_the_reader_is() -> None:
    (problem,) = problems(toml(with_("kpi.targets.2026-13", 60)))
    assert problem.sentence(JAPANESE) == (
        "kpi.targets.2026-13：このような月はありません。"
        "月は2026-11、日は2026-11-16のように書いてください。"
    )


def test_a_number_of_more_digits_than_python_takes_is_a_mistake() -> None:
    allowed = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert [each.code for each in problems(f"a = {'9' * 641}")] == ["too_deep"]
    finally:
        sys.set_int_max_str_digits(allowed)


def test_long_values_are_cut() -> None:
    (problem,) = problems(toml(with_("kpi.id", "X" * 500)))
    assert problem.params["value"] == '"' + "X" * 59 + '…"'
