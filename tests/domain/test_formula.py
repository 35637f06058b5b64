"""Arithmetic on indicators: what it gives, and what it refuses."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.domain.formula import Fault, FormulaError, parse_formula

VALUES = {"cost": 300.0, "mql": 40.0, "a": 2.0, "b": 3.0, "zero": 0.0, "none": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cost / mql", 7.5),
        ("a + b * 4", 14),  # 2 + 12
        ("(a + b) * 4", 20),
        ("a - b - 1", -2),  # from the left
        ("mql / a / b", 40 / 6),
        ("-a * b", -6),
        ("a - -b", 5),
        ("-(a + b) * -2", 10),
        ("a*0.5", 1),
        ("  a\n+ b ", 5),
        ("((((a))))", 2),
        ("a / zero", None),
        ("a + none", None),
        ("a + unheard_of", None),
    ],
)
def test_formulas_by_hand(text: str, expected: float | None) -> None:
    result = parse_formula(text).value(VALUES)
    assert result == (None if expected is None else pytest.approx(expected))


def test_a_result_too_large_for_a_number_is_none() -> None:
    assert parse_formula("a * a").value({"a": 1e200}) is None
    assert parse_formula(f"a * {'9' * 390}").value({"a": 0.0}) is None


def test_a_formula_knows_its_names() -> None:
    assert parse_formula("(cost + a) / mql * cost").names == {"cost", "a", "mql"}


@pytest.mark.parametrize(
    ("text", "fault", "part"),
    [
        ("a ** 2", Fault.PART, "*"),
        ("a // b", Fault.PART, "/"),
        ("a b", Fault.PART, "b"),
        ("a(b)", Fault.PART, "("),
        ("a.real", Fault.PART, ".real"),
        ("a % b", Fault.PART, "%"),
        ("a + 1e3", Fault.PART, "1e3"),
        ("a + Ab", Fault.PART, "Ab"),
        ("a + ２", Fault.PART, "２"),
        ("a)", Fault.PART, ")"),
        ("()", Fault.PART, ")"),
        ("* a", Fault.PART, "*"),
        ("__import__('os')", Fault.PART, "__import__('os')"),
        ("a +", Fault.END, ""),
        ("(a", Fault.END, ""),
        ("", Fault.END, ""),
        ("1 + 2", Fault.NO_NAME, ""),
        ("a +" * 200, Fault.TOO_LONG, ""),
    ],
)
def test_what_is_no_formula_is_refused_at_the_place(text: str, fault: Fault, part: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    assert (caught.value.fault, caught.value.part) == (fault, part)


@pytest.mark.parametrize("text", ["(" * 199 + "a" + ")" * 199, "-" * 398 + "a"])
def test_no_nesting_is_too_deep_to_work_out(text: str) -> None:
    assert parse_formula(text).value({"a": 2.0}) == 2


expressions = st.recursive(
    st.sampled_from(["a", "b", "c", "2", "0.5"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-({})".format),
    ),
    max_leaves=20,
).filter(lambda text: len(text) < 400 and any(name in text for name in "abc"))


@given(expressions)
def test_python_works_formulas_out_alike(text: str) -> None:
    values = {"a": 3.0, "b": -1.5, "c": 8.0}
    try:
        expected = pytest.approx(eval(text, {}, dict(values)))
    except ZeroDivisionError:
        expected = None
    assert parse_formula(text).value(values) == expected


@given(st.text(alphabet="ab1.+-*/() \n%あ", max_size=40) | st.text(max_size=450))
def test_every_text_is_a_formula_or_a_fault(text: str) -> None:
    with suppress(FormulaError):
        parse_formula(text).value({"a": 1.0, "b": 2.0})


@pytest.mark.parametrize(
    ("text", "grows"),
    [
        ("a + b", True),
        ("a", True),
        ("2 * a", True),
        ("a * 0.5 + b / 3", True),
        ("(1 + 2) * (a + b)", True),
        ("a * -(-2)", True),
        ("a - b", False),
        ("a / b", False),
        ("2 / a", False),
        ("a * b", False),
        ("a + 1", False),
        ("-a", False),
        ("a * -2", False),
        ("a * 0", False),
        ("a / 0", False),
        ("a / (1 - 1)", False),
        ("a + level", False),
        ("1 + 2 * level", False),
    ],
)
def test_a_formula_grows_if_it_is_a_sum_of_growing_parts_or_a_positive_multiple(
    text: str, grows: bool
) -> None:
    assert parse_formula(text).grows({"a", "b"}) is grows
