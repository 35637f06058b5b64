"""Every language has every text, with the same params, and no unused one."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from kpi_core.analysis.anomaly import Unjudged
from kpi_core.domain.checkpoint import WeekRule
from kpi_core.domain.condition import Operator
from kpi_core.domain.formula import Fault
from kpi_core.domain.issue import Severity
from kpi_core.domain.question import Ask
from kpi_core.domain.stage import Stage
from kpi_core.domain.status import Direction, Status
from kpi_core.evaluation.month_end import NoLanding, Outlook
from kpi_core.facts.conflicts import OPTIONS
from kpi_core.i18n.catalog import Language, Words, entries
from kpi_core.ingest.case_text import BLANK, CODES, GONE
from kpi_core.ingest.progress import Step
from kpi_core.ingest.question_text import THINGS
from kpi_core.mapping.activity import LOGIN
from kpi_core.mapping.count_columns import EVERY, MEASURE
from kpi_core.mapping.document import Per
from kpi_core.mapping.questions import ATTRIBUTE, CLOSE, DESCRIBING, NO, NONE, YES
from kpi_core.mapping.row_grain import RowKind
from kpi_core.parsing.date_formats import Order, Unit
from kpi_core.parsing.number_formats import Decimal
from kpi_core.parsing.pii import PersonKind
from kpi_core.plans import actions
from kpi_core.plans.actions import Occasion
from kpi_core.plans.actions import Per as ActionPer
from kpi_core.plans.document import GoalPer
from kpi_core.plans.indicator import Basis
from kpi_core.plans.indicators import Aggregate
from kpi_core.plans.targets import TeamKey
from kpi_core.plans.working_days import Weekday
from kpi_core.records.tokens import TokenScope
from kpi_core.reports import plan_text
from kpi_core.reports.counts import By
from kpi_core.tabular.opened_file import Kind
from pages._imports.chosen_file import State
from pages._imports.mapping_choice import SUMMED_UP
from pages._imports.questions import LISTED
from pages._imports.receipt_view import NUMBERS
from pages._plan import agreement, new_revision, plan_list
from pages._plan.sections import EDITORS

ROOT = Path(__file__).parents[2]
CATALOGS = ROOT / "kpi_core" / "i18n"
SYNONYMS = ROOT / "kpi_core" / "mapping" / "synonyms.toml"
NAMESPACES = sorted({file.name for file in CATALOGS.glob("*/*.toml")})

OFFERED: dict[Ask, Iterable[str]] = {
    Ask.HEADER: ("0",),
    Ask.GRAIN: RowKind,
    Ask.ID: ("",),
    Ask.ACTIVITY: (LOGIN,),
    Ask.STAGE: ("",),
    Ask.AT: ("",),
    Ask.DATE: ("",),
    Ask.PER: Per,
    Ask.COLUMN: (*Stage, CLOSE, *DESCRIBING, ATTRIBUTE, *EVERY, MEASURE, NONE),
    Ask.VALUE: (*Stage, ""),
    Ask.ORDER: Order,
    Ask.UNIT: Unit,
    Ask.DECIMAL: Decimal,
    Ask.ZONE: ("",),
    Ask.KEEP: (NO, YES),
    **{Ask(code): options for code, options in OPTIONS.items()},
}
"""The answers to a question that catalogs word; others are shown as they stand in the file."""


def attributes() -> Iterable[str]:
    """Those that columns are known to hold."""
    known = tomllib.loads(SYNONYMS.read_text(encoding="utf-8"))["attributes"]
    return tuple(known)


STEPS = ("goal", "number", "targets", "days", "rules", "others")
"""Of the guide to a plan."""

CHOSEN: dict[str, Iterable[str]] = {
    "api.wrong_": (
        "as_of",
        "dry_run",
        "exported_at",
        "from",
        "lang",
        "revision",
        "theme",
        "why",
    ),
    "board.by_": Basis,
    "board.unjudged_": Unjudged,
    "cli.by_": By,
    "cli.delimiter_": ("comma", "tab", "semicolon", "bar"),
    "cli.kind_": Kind,
    "cli.left_": ("blank", "footers", "repeated_headers", "totals"),
    "funnel.stage_": Stage,
    "forecast.is_": Outlook,
    "forecast.none_": NoLanding,
    "frame.": Language,
    "funnel.unit_": ("lead", "deal", "order", "contract", "user"),
    "imports.all_": (BLANK, GONE),
    "imports.all_text_": (BLANK, GONE),
    "imports.all_yes_": (BLANK, GONE),
    "imports.attribute_": attributes(),
    "imports.cases_name_": CODES,
    "imports.choose_": (BLANK, GONE),
    "imports.done_": (BLANK, GONE),
    "imports.help_": NUMBERS,
    "imports.hint_": (BLANK, GONE),
    "imports.later_": (BLANK, GONE),
    "imports.left_": ("blank", "footers", "repeated_headers", "totals"),
    "imports.lines_": LISTED,
    "imports.other_": (*DESCRIBING, "day"),
    "imports.stage_": Stage,
    "imports.state_": set(State) - {State.ASKING},
    "imports.step_": Step,
    "imports.sum_": SUMMED_UP,
    "imports.take_": (BLANK, GONE),
    "make_plan.": STEPS,
    "make_plan.about_": STEPS,
    "make_plan.ask_": STEPS,
    "plan_edit.add_": ("rate", "shares", "formula"),
    "plan_edit.aggregate_": Aggregate,
    "plan_edit.basis_": Basis,
    "plan_edit.counts_": ("denominator", "numerator"),
    "plan_edit.direction_": Direction,
    "plan_edit.month_": [str(number) for number in range(1, 13)],
    "plan_edit.new_": ("rate", "shares", "formula"),
    "plan_edit.per_": (*GoalPer, *actions.Per),
    "plan_edit.question_": ("measurable", "ours", "trackable"),
    "plan_edit.rule_": [each for each in Occasion if each.checkpoint is None],
    "plan_edit.since_": ("this", "next"),
    "plan_edit.sort_": ("watch", "work", "not_ours"),
    "plan_edit.target_": ("same", "season", "typed"),
    "plan_edit.teams_by_": TeamKey,
    "plan_edit.teams_new_": TeamKey,
    "plan_edit.usual_": (
        "week_1",
        "week_2",
        "week_3",
        "month_end",
        "warning",
        "crisis",
        "two_months_in_crisis",
    ),
    "plan_edit.weeks_": WeekRule,
    "plan_page.agreement_": agreement.CHOICES,
    "plan_page.at_least_": ActionPer,
    "plan_page.compare_": ("older", "newer"),
    "plan_page.is_": (plan_list.ARCHIVED, plan_list.DELETED),
    "plan_page.operator_": Operator,
    "plan_page.propose_without_": ("name", "names"),
    "plan_page.revision_": ("number", "saved", "by", "from", "reason"),
    "plan_page.section_": EDITORS,
    "plan_page.since_": (new_revision.THIS, new_revision.NEXT),
    "plan_page.was_": (plan_list.ARCHIVED, plan_list.DELETED),
    "plan_page.": ("archive", "delete", "down", "reason_missing", "up"),
    "plan_text.attribute_": plan_text.ATTRIBUTES,
    "plan_text.choice_": [
        f"{field}_{value}" for field, values in plan_text.CHOICES.items() for value in values
    ],
    "plan_text.choice_of_": plan_text.CHOICES["of"],
    "plan_text.condition_": Operator,
    "plan_text.counted_": plan_text.CHOICES["kind"][:6],
    "plan_text.day_": Weekday,
    "plan_text.field_": plan_text.FIELDS,
    "plan_text.of_lead_": plan_text.FIELDS_OF_LEADS,
    "plan_text.part_": plan_text.PARTS,
    "plans.formula_": Fault,
    "questions.grain_": RowKind,
    "questions.thing_": THINGS,
    "receipt.case_": CODES,
    "receipt.csv_": ("lead", "stage", "day", "measure"),
    "receipt.kind_": Severity,
    "receipt.note_": CODES,
    "receipt.person_": PersonKind,
    "questions.": (
        *Ask,
        *(f"{ask}_help" for ask in Ask),
        *(f"{ask}_{answer}" for ask, answers in OFFERED.items() for answer in answers),
    ),
    "sheet.ceiling_": ("attention", "warning", "crisis"),
    "sheet.level_": ("attention", "warning", "crisis"),
    "sheet.minimum_": actions.Per,
    "sheet.per_": GoalPer,
    "sheet.teams_": TeamKey,
    "sheet.weeks_": WeekRule,
    "settings_page.scope_": (*TokenScope, *(f"{scope}_long" for scope in TokenScope)),
    "status.": Status,
}
"""How keys begin that are put together at run time, and all that may follow."""

CODED = {
    "api.": ("kpi_core/web",),
    "cli.argument_": ("kpi_core/cli",),
    "cli.example_": ("kpi_core/cli",),
    "cli.help_": ("kpi_core/cli",),
    "issues.": ("kpi_core/domain/issue_code.py", "kpi_core/facts"),
    "mapping.": ("kpi_core/mapping", "kpi_core/documents"),
    "plans.": ("kpi_core/plans", "kpi_core/documents"),
    "settings.": ("kpi_core/settings.py",),
    "store.": (
        "kpi_core/records",
        "kpi_core/facts",
        "kpi_core/ingest/import_file.py",
        "kpi_core/cli/backup.py",
    ),
}
"""The same for codes: where in the code each code that may follow is written in quotes."""


PLACES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted((ROOT / "kpi_core").iterdir())
    if path.name != "records"  # its columns, `imports.import_id`, look like keys
]
"""Where keys are named in the core."""


def read(language: Language, namespace: str) -> dict[str, str | dict[str, str]]:
    return tomllib.loads((CATALOGS / language.value / namespace).read_text(encoding="utf-8"))


def forms(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def params(entry: str | dict[str, str]) -> set[str]:
    """The names of all params, of singular and plural together."""
    return {name for form in forms(entry) for _, name, _, _ in Formatter().parse(form) if name}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_language_has_the_same_keys(namespace: str) -> None:
    assert read(Language.JA, namespace).keys() == read(Language.EN, namespace).keys()


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_language_has_the_same_params(namespace: str) -> None:
    japanese, english = read(Language.JA, namespace), read(Language.EN, namespace)
    assert {key: params(japanese[key]) for key in japanese} == {
        key: params(english[key]) for key in english
    }


def test_nothing_is_empty() -> None:
    for key, entry in entries(Language.EN).items():
        assert forms(entry), key
        for form, other in zip(forms(entry), forms(entries(Language.JA)[key]), strict=False):
            # The gap between two sentences is a space in English and nothing in Japanese.
            is_gap = form.isspace()
            assert is_gap or form.strip(), key
            assert bool(other.strip()) is not is_gap, key


@pytest.mark.parametrize("language", Language)
def test_singular_and_plural_are_all_that_an_entry_has(language: Language) -> None:
    for key, entry in entries(language).items():
        if isinstance(entry, dict):
            assert "other" in entry, key
            assert entry.keys() <= {"one", "other"}, key
            assert "count" in params(entry), key


def test_a_browsers_locale_chooses_the_language() -> None:
    assert Language.of("ja-JP") is Language.JA
    assert Language.of("JA") is Language.JA
    assert Language.of("de-DE") is Language.EN
    assert Language.of(None) is Language.EN


def test_a_users_own_text_is_shown_in_whichever_language_there_is() -> None:
    words = Words(Language.JA)
    assert words.localize({"ja": "受注", "en": "Orders"}) == "受注"
    assert words.localize({"en": "Orders"}) == "Orders"
    assert words.localize("Orders") == "Orders"
    assert words.localize(None) == ""


def test_an_unknown_key_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Words(Language.EN)("frame.no_such_word")


def sources(*places: str, ends: tuple[str, ...] = (".py",)) -> Iterator[str]:
    """The text of every file of these places."""
    for path in (ROOT / place for place in places):
        assert path.exists(), path
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.name.endswith(ends):
                yield file.read_text(encoding="utf-8")


@cache
def named() -> tuple[frozenset[str], frozenset[str]]:
    """Every key that the code names whole, and the beginning of every one it puts together."""
    namespaces = "|".join(namespace.removesuffix(".toml") for namespace in NAMESPACES)
    # board.py, board.css and board.html look like keys, but are files.
    key = re.compile(rf"(?:{namespaces})\.(?!(?:py|css|js|html)$)[a-z0-9_]*")
    whole, begun = set(), set()
    for template in sources("kpi_core", "pages", ends=(".html",)):
        whole |= set(re.findall(r"""\bwords\("([a-z0-9_.]+[a-z0-9_])\"""", template))
    for source in sources("app.py", *PLACES, "pages"):
        nodes = list(ast.walk(ast.parse(source)))
        strings = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        pieces = {id(piece) for string in strings for piece in string.values}
        firsts = (string.values[0] for string in strings)
        begun |= {str(first.value) for first in firsts if isinstance(first, ast.Constant)}
        whole |= {
            node.value
            for node in nodes
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in pieces
        }
    return frozenset(filter(key.fullmatch, whole)), frozenset(filter(key.fullmatch, begun))


def test_every_key_that_the_code_names_is_there() -> None:
    whole, _ = named()
    chosen = {f"{start}{ending}" for start, endings in CHOSEN.items() for ending in endings}
    assert sorted((whole | chosen) - entries(Language.EN).keys()) == []


def test_how_a_key_begins_is_listed() -> None:
    _, begun = named()
    assert begun <= CHOSEN.keys() | CODED.keys()


def test_no_key_is_left_over() -> None:
    used = set(named()[0])
    used |= {f"{start}{ending}" for start, endings in CHOSEN.items() for ending in endings}
    for start, places in CODED.items():
        text = "\n".join(sources(*places, ends=(".py", ".sql")))
        used |= {f"{start}{code}" for code in re.findall(r"""["']([a-z0-9_]+)["']""", text)}
    assert sorted(entries(Language.EN).keys() - used) == []
