"""TOML that somebody wrote: whatever it is, it is read or refused in time."""

from time import monotonic

import pytest

from kpi_core.documents.toml import NotToml, read_toml
from kpi_core.mapping.parse import read_mapping
from kpi_core.plans.parse import read_plan

PARTS, BRACKETS = 50_000, 100_000
DEEP = {
    "dotted parts": ".".join("a" * PARTS) + " = 1",
    "spaced parts": " . ".join("a" * PARTS) + " = 1",
    "quoted parts": '"a".' * PARTS + "a = 1",
    "parts of a table": f"[{'.'.join('a' * PARTS)}]",
    "parts in braces": f"x = {{ {'.'.join('a' * PARTS)} = 1 }}",
    "brackets": "a = " + "[" * BRACKETS,
    "closed brackets": "a = " + "[" * BRACKETS + "]" * BRACKETS,
    "braces": "a = " + "{ a = " * BRACKETS,
    "a long word": "a" * 1_000_000,
    "a long text": f'a = "{"a " * 1_000_000}"',
    "open quotes": 'a = """' + '"' * 1_000_000,
    "a long number": "a = " + "1_" * 500_000,
}
SECONDS = 20


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_no_text_takes_longer_than_its_length_is_worth(text: str) -> None:
    begun = monotonic()
    found = read_toml(text, 4_000_000)
    assert monotonic() - begun < SECONDS
    assert isinstance(found, NotToml) or set(found) == {"a"}


@pytest.mark.parametrize("name", ["dotted parts", "parts in braces", "brackets", "braces"])
def test_plans_and_mappings_are_read_within_the_same_bounds(name: str) -> None:
    plan, mapping = read_plan(DEEP[name][:100_000]), read_mapping(DEEP[name])
    assert isinstance(plan, tuple)
    assert isinstance(mapping, tuple)
    assert [each.code for each in plan] == [each.code for each in mapping]
    assert {each.code for each in mapping} <= {"too_many_parts", "too_deep"}


def test_a_name_with_a_few_dots_is_read() -> None:
    assert read_toml("\ufeffa.b.c = 1\n'd.e.f' = 2", 100) == {"a": {"b": {"c": 1}}, "d.e.f": 2}


def test_what_is_wrong_has_its_place() -> None:
    assert read_toml("a = 1\nb = ?", 100) == NotToml("not_toml", {"line": "2", "column": "5"})
    assert read_toml("a" * 11, 10) == NotToml("too_large", {"bound": "10"})
