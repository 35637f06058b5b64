"""Whatever is read as a plan, the answer is a plan or sentences, never an exception."""

import tomllib
from copy import deepcopy
from datetime import date, datetime, time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.plans.starter_plans import starters
from tests.plans.documents import toml

scalars = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.sampled_from([
        "count", "formula", "ratio", "won", "mql", "mql / mql", "cost_per_mql", "2026-11",
        date(2026, 11, 1), datetime(2026, 11, 1), time(), [], {}, 0, -1, 1, "",  # noqa: DTZ001
    ]),
)  # fmt: skip
keys = st.text(max_size=10) | st.sampled_from(
    ["kpi", "kind", "id", "where", "in", "at_least", "targets", "2026-13", "default", "formula"]
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)

Place = tuple[Any, Any]


def places(value: Any) -> list[Place]:
    """Every place of a document: the table or list, and the key or position in it."""
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    else:
        return []
    return [(value, at) for at, _ in inside] + [p for _, each in inside for p in places(each)]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A starter with some places replaced, taken out, doubled or added."""
    text = draw(st.sampled_from(list(starters().values())))
    document = deepcopy(tomllib.loads(text))
    for _ in range(draw(st.integers(1, 4))):
        found = places(document)
        if not found:
            break
        parent, at = draw(st.sampled_from(found))
        match draw(st.sampled_from(["replace", "remove", "add", "double"])):
            case "replace":
                parent[at] = draw(values)
            case "remove":
                del parent[at]
            case "add" if isinstance(parent, dict):
                parent[draw(keys)] = draw(values)
            case "double" if isinstance(parent, list):
                parent.append(deepcopy(parent[at]))
            case _:
                parent[at] = [deepcopy(parent[at])] * 3
    return document


def is_answered(text: str) -> None:
    """The text is a plan that works, or has problems that can be told."""
    read_plan.cache_clear()
    answer = read_plan(text)
    if isinstance(answer, Plan):
        answer.tallies()
        answer.lines_of(Month(2026, 11))
        assert all(answer.grows(each) in (True, False) for each in answer.measured())
        assert answer.alert_levels.attention > answer.alert_levels.warning
        return
    assert answer
    for problem in answer:
        for language in Language:
            sentence = problem.sentence(Words(language))
            assert problem.path in sentence
            assert "\n" not in sentence


@given(mutated())
def test_a_document_with_anything_anywhere_is_answered(document: dict[str, Any]) -> None:
    is_answered(toml(document))


@given(st.dictionaries(keys, values, max_size=6))
def test_any_toml_is_answered(document: dict[str, Any]) -> None:
    is_answered(toml(document))


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    is_answered(text)


@given(st.sampled_from(list(starters().values())), st.data())
def test_a_plan_with_a_slip_of_the_pen_is_answered(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    removed = data.draw(st.integers(0, 20))
    is_answered(text[:at] + data.draw(st.text(max_size=3)) + text[at + removed :])


def test_what_only_malice_writes_is_answered() -> None:
    for text in (
        "[" * 4_000,
        "a = " + "[\n" * 40_000,
        "a = " + "{ a = " * 600,
        ("a." * 1_900 + "b = 1\n") + ("kpi." * 900 + "a = 1\n"),
        "[[kpi]]\n" * 10_000,
        "".join(f"[kpi.a{n}]\n" for n in range(8_000)),
        'id = "\ud800"',
        '"\ud800" = 1',
        "kpi = 1" + "0" * 3_900,
        "kgi.target = 1" + "0" * 400,
    ):
        is_answered(text)
