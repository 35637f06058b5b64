"""The house keeps its own rules: the tree, the imports, and a README that tells the truth."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Container
from graphlib import TopologicalSorter
from pathlib import Path
from typing import get_args

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.wall_screen import Wall
from kpi_core.settings import SETTINGS
from tests.conftest import do_without

TOP = {
    ".ci", ".editorconfig", ".gitattributes", ".gitignore", ".pre-commit-config.yaml",
    ".streamlit", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
    "README.md", "SECURITY.md", "app.py", "benchmarks", "data", "docs",
    "kpi_core", "pages", "pyproject.toml", "requirements.in", "requirements.txt",
    "requirements-dev.in", "requirements-dev.txt", "tests",
}  # fmt: skip
CORE = {
    "__init__.py", "__main__.py", "analysis", "charts", "cli", "demo", "documents", "domain",
    "evaluation", "facts", "i18n", "ingest", "mapping", "parsing", "plans", "records", "reports",
    "server", "settings.py", "sheet", "sql_text.py", "tabular", "web",
}  # fmt: skip

EXCUSED = {
    "document",  # the two documents that users write, mappings and plans, are read alike
    "parse",
    "errors",  # of plans, and of records
    "revisions",
    "records",  # a package and its face
    "plans",
    "indicators",  # as declared, and as reported
    "plan_sheet",  # the printed plan, as reported and as set
    "track",  # the month's picture, on the page and on the wall
}
"""Names that modules of two packages share."""

FACES = {
    "analysis": "anomaly control_limits forecast working_back",
    "charts": "palette picture png sparkline spec track track_geometry trend",
    "cli": "main",
    "demo": "load",
    "documents": "fields pydantic_errors toml",
    "evaluation": "as_of forecast_basis history judgement month_end values",
    "facts": "attributes backup batch conflicts erase figures store zones",
    "facts.queries": "__init__",
    "ingest": (
        "case_text conflict_questions extract import_file inbox inspect issue_text progress "
        "question_text raw_archive rejected_rows resolve"
    ),
    "ingest.extract": "cell_sql column_types file_batch merge_rows preview staging",
    "ingest.inbox": "atomic_move held_files inbox_folder process_file sidecars watcher",
    "mapping": (
        "advisories columns covered_stages document header_match infer known_formats parse "
        "period_columns profile questions shipped synonyms unmapped_values"
    ),
    "mapping.shipped": "__init__",
    "parsing": (
        "date_evidence date_formats dates days_off number_evidence numbers periods phone_numbers "
        "pii stated_zones text_column text_dates"
    ),
    "plans": (
        "actions document document_values editing errors indicator indicators parse revisions "
        "starter_plans targets thresholds wall_screen work_done working_days"
    ),
    "plans.editing": "declared differences json_document rewrite",
    "records": (
        "audit changes displays errors fact_files import_receipts ledger mappings office_password "
        "planning records small_facts stages tokens workspace"
    ),
    "records.planning": "drafts plan_records proposals revisions",
    "reports": (
        "as_json board celebration countable counts goal headline indicators kpi months narrative "
        "plan_changes plan_sheet plan_text plans"
    ),
    "reports.months": "fiscal_year number_months rule_trial",
    "server": "app jobs lifespan",
    "sheet": "plan_sheet",
    "tabular": "file_cache limits opened_file rows table",
    "web": "api browser_key gate health live paths peer static templates unlock wall",
    "web.api": "__init__ api_error create_api",
    "web.wall": "access celebrations routes views",
}
"""The modules of each package that others may import, packages inside of it by their own names.

Every other module is private to its package. Those of `domain` and `i18n` are for everyone.
"""
FOR_EVERYONE = {"domain", "i18n"}
WIDEST_FACE = 15

IMPORT_ALL = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("streamlit", "pages"):
            raise ModuleNotFoundError(f"{name} is absent here", name=name)

sys.meta_path.insert(0, Absent())
import kpi_core
for module in pkgutil.walk_packages(kpi_core.__path__, "kpi_core."):
    importlib.import_module(module.name)
    print(module.name)
"""


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[Path]:
    """Every file that git has, from the project's folder."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        do_without("Not a git checkout: the tree cannot be held to what is in git.")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


@pytest.fixture(scope="session")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def targets(root: Path) -> set[str]:
    """What `make` can be asked for."""
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


def test_the_core_imports_where_streamlit_is_absent(root: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], cwd=root, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "kpi_core.domain" in run.stdout.splitlines()


def test_the_tree_is_the_one_we_drew(tracked: list[Path]) -> None:
    assert {path.parts[0] for path in tracked} <= TOP
    assert {path.parts[1] for path in tracked if path.parts[0] == "kpi_core"} <= CORE


def modules(root: Path) -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    files = [*(root / "kpi_core").rglob("*.py"), *(root / "pages").rglob("*.py"), root / "app.py"]
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in files
    }


def imported_by(path: Path, known: Container[str], *, types: bool = False) -> set[str]:
    """The modules that a module imports while it runs, or for `types` too; also in functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not types
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in for_types:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                found.add(full if full in known else node.module)
    return found


def test_a_module_name_occurs_once(root: Path) -> None:
    """Pages and commands are named for the noun they show; a few others are excused."""
    shown = ("pages", "kpi_core.cli", "app")
    names = Counter(name.rpartition(".")[2] for name in modules(root) if not name.startswith(shown))
    assert {name for name, count in names.items() if count > 1} <= EXCUSED


def test_no_imports_go_in_a_circle(root: Path) -> None:
    known = modules(root)
    graph = {name: imported_by(path, known) - {name} for name, path in known.items()}
    TopologicalSorter(graph).prepare()  # CycleError names the circle


def packages(root: Path) -> dict[str, Path]:
    """Every package of the core by its name within it, with its first file."""
    files = (root / "kpi_core").rglob("*/__init__.py")
    return {
        ".".join(path.parent.relative_to(root / "kpi_core").parts): path for path in sorted(files)
    }


def is_within(module: str, package: str) -> bool:
    """Whether a module is the package or below it."""
    return f"{module}.".startswith(f"kpi_core.{package}.")


def entered(root: Path) -> dict[str, set[str]]:
    """What is imported of each package from outside of it."""
    known, found = modules(root), {package: set[str]() for package in packages(root)}
    for name, path in known.items():
        for target in imported_by(path, known, types=True):
            for package, steps in found.items():
                if is_within(target, package) and not is_within(name, package):
                    below = target.removeprefix(f"kpi_core.{package}").removeprefix(".")
                    steps.add(below.partition(".")[0] or "__init__")
    return found


def test_a_package_is_entered_through_its_face(root: Path) -> None:
    public = {f"{name}.{step}" for name, face in FACES.items() for step in face.split()}
    used = {
        f"{name}.{step}"
        for name, steps in entered(root).items()
        if name not in FOR_EVERYONE
        for step in steps
    }
    assert used - public == set(), "Private modules are imported from outside of their package."
    assert public - used == set(), "Public modules are unused outside of their package."
    assert max(len(face.split()) for face in FACES.values()) <= WIDEST_FACE


def test_a_package_opens_with_a_sentence(root: Path) -> None:
    for name, path in packages(root).items():
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        assert re.fullmatch(r"[A-Z][^\n]+\.", docstring), name


def test_no_module_outside_plans_asks_for_the_kind_of_an_indicator(root: Path) -> None:
    kinds = {kind.__name__ for kind in get_args(get_args(Indicator)[0])}
    asked = re.compile(rf"isinstance\([^)]*\b({'|'.join(kinds)})\b")
    for name, path in modules(root).items():
        if not name.startswith("kpi_core.plans"):
            assert not asked.search(path.read_text(encoding="utf-8")), name


def test_no_question_names_a_stage(root: Path) -> None:
    """Stages are rows: a company's own are counted by the same SQL."""
    for path in (root / "kpi_core" / "facts" / "queries").glob("*.sql"):
        quoted = set(re.findall(r"'([^'\n]*)'", path.read_text(encoding="utf-8")))
        assert not quoted & {stage.value for stage in Stage} - {"lead"}, path.name


def test_help_is_shown_without_loading_what_reads_data(root: Path) -> None:
    code = (
        "import sys; from kpi_core.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'pandas', 'duckdb', 'pyarrow', 'altair', 'fastapi'} & sys.modules.keys()),"
        " file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert run.stderr.strip() == "[]"


def test_what_streamlit_looks_for_by_name_is_there(root: Path) -> None:
    for name in ("app.py", "pages/_shell.py", "pages/_runtime.py", "pages/_live.py"):
        assert (root / name).is_file(), name


def test_no_facts_are_in_git(tracked: list[Path]) -> None:
    assert not [path for path in tracked if ".duckdb" in path.name]
    data = [path.as_posix() for path in tracked if path.parts[0] == "data"]
    assert data == ["data/inbox/.gitkeep"]


def test_pins_name_no_place_to_get_them_from(root: Path) -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (root / name).read_text(encoding="utf-8").splitlines():
            assert re.match(r"#|    #|[a-z0-9._-]+==\S+( ; .+)?$", line), f"{name}: {line}"


def test_streamlit_sends_nothing_home_and_asks_nothing_at_start(root: Path) -> None:
    config = tomllib.loads((root / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["headless"] is True


def test_every_command_in_the_readme_can_be_run(readme: str, targets: set[str]) -> None:
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", readme, re.DOTALL))
    named = set(re.findall(r"\bmake ([a-z]+)", code))
    assert {"run", "test"} <= named <= targets


def test_the_readme_lists_the_settings_there_are(readme: str) -> None:
    rows = re.findall(r"^\| `(KPI_\w+)` \| (?:`([^`]*)`)? ?\| (.*?) \|$", readme, re.MULTILINE)
    assert rows == [tuple(setting) for setting in SETTINGS]


def documents(root: Path) -> list[Path]:
    """What is written for readers of the code and users of the board."""
    return [*root.glob("*.md"), *(root / "docs").rglob("*.md")]


def test_links_in_documents_point_at_files_that_are_there(root: Path) -> None:
    for path in documents(root):
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
        named += re.findall(r"src(?:set)?=\"(?!https?:)([^\"\s]+)", text)
        assert [name for name in named if not (path.parent / name).exists()] == [], path.name


def test_paths_in_documents_are_in_the_tree(root: Path) -> None:
    tops = "kpi_core|pages|tests|benchmarks|docs"
    for path in documents(root):
        named = re.findall(rf"`((?:{tops})/[\w./-]+)`", path.read_text(encoding="utf-8"))
        assert [name for name in named if not (root / name).exists()] == [], path.name


def test_make_targets_in_documents_are_in_the_makefile(root: Path, targets: set[str]) -> None:
    for path in documents(root):
        code = "\n".join(
            re.findall(r"```.*?```|`[^`\n]+`", path.read_text(encoding="utf-8"), re.DOTALL)
        )
        assert set(re.findall(r"\bmake ([a-z]+)", code)) <= targets, path.name


def test_the_map_of_the_house_names_every_package(root: Path) -> None:
    text = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    packages = {path.parent.name for path in (root / "kpi_core").glob("*/__init__.py")}
    assert [name for name in sorted(packages) if f"{name}/" not in text] == []


def test_the_readme_tells_what_may_be_said_of_a_wall(readme: str) -> None:
    told = dict(re.findall(r"`(\w+) = ([\w:]+)`", readme))
    said = tomllib.loads("\n".join(f"{name} = {told[name]}" for name in Wall.model_fields))
    assert said.pop("sleeps") is False  # what is said to undo the default
    assert Wall(**said) == Wall()
