"""What the store is asked to keep: names that are the same everywhere."""

from math import nan
from typing import Any

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.stage import Stage


def won(*conditions: Condition, source: str | None = None) -> Tally:
    return Tally(TallyKind.REACHED, Stage.WON, conditions=conditions, source=source)


def test_equal_tallies_have_equal_keys() -> None:
    at_least = Condition("employees", Operator.AT_LEAST, number=100)
    spelled = Condition("employees", Operator.AT_LEAST, number=100.0)
    assert won(at_least) == won(spelled)
    assert won(at_least).key == won(spelled).key


def test_a_key_is_the_same_in_every_process() -> None:
    # Stored beside the rollups: a change here would leave those of every store behind.
    assert won().key == "d3a955a5df4d2f90"


def test_different_tallies_have_different_keys() -> None:
    others = {
        won().key,
        won(source="crm").key,
        won(Condition("role", Operator.IN, ("director",))).key,
        won(Condition("role", Operator.NOT_IN, ("director",))).key,
        Tally(TallyKind.AMOUNT, Stage.WON).key,
        Tally(TallyKind.CONVERTED, Stage.LEAD, to_stage=Stage.WON).key,
        Tally(TallyKind.ACTIVE, name="login", at_least=3).key,
        Tally(TallyKind.ACTIVE, name="login", at_least=3, closing_day=20).key,
        Tally(TallyKind.MEASURE, name="login").key,
    }
    assert len(others) == 9


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": TallyKind.REACHED},
        {"kind": TallyKind.REACHED, "name": "login"},
        {"kind": TallyKind.MEASURE, "stage": Stage.WON},
        {"kind": TallyKind.ACTIVE, "name": "login", "at_least": 0},
        {"kind": TallyKind.CONVERTED, "stage": Stage.LEAD},
        {"kind": TallyKind.REACHED, "stage": Stage.LEAD, "to_stage": Stage.WON},
    ],
)
def test_tallies_that_mean_nothing_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needs a|goes with|below 1"):
        Tally(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"operator": Operator.IN},
        {"operator": Operator.IN, "values": ("a",), "number": 1},
        {"operator": Operator.AT_LEAST},
        {"operator": Operator.AT_LEAST, "values": ("a",), "number": 1},
        {"operator": Operator.AT_MOST, "number": nan},
    ],
)
def test_conditions_that_mean_nothing_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="role: "):
        Condition("role", **fields)
