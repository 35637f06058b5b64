"""What is written for readers is plain English: docstrings, comments, texts and documents."""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

PRIVATE = re.compile(
    r"\b(told(?! apart)|heard|anew|nobody|somebody|whoever|deeds?|(?<!ha[sd] )(?<!have )begun"
    r"|(take|takes|taken|taking|took) (it |them |files? )?in|lets? in|lets? go|puts? away"
    r"|passe[sd] over|spoken of|ways? of reading)\b",
    re.IGNORECASE,
)
"""Old words of ours, for which the field has its own."""

NOT_YET = ("tests",)
"""Folders that are not held to it yet. The list only shrinks."""


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The docstrings of modules, classes and functions, and the texts below names."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, text


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a file that are written for readers, each with its first line."""
    text = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".py":
            yield from docstrings(ast.parse(text))
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                if token.type == tokenize.COMMENT:
                    yield token.start[0], token.string
        case ".sql":
            for number, line in enumerate(text.splitlines(), start=1):
                if "--" in line:
                    yield number, line.partition("--")[2]
        case ".toml":
            for number, line in enumerate(text.splitlines(), start=1):
                yield number, line.removeprefix("#") if line.startswith("#") else ""
            yield from texts(tomllib.loads(text))
        case _:
            listed = text.partition("| instead of | say |")[0]  # the table names the old words
            yield from enumerate(listed.splitlines(), start=1)


def texts(entries: dict[str, object]) -> Iterator[tuple[int, str]]:
    for entry in entries.values():
        if isinstance(entry, dict):
            yield from texts(entry)
        else:
            yield 0, str(entry)


def held(root: Path) -> list[Path]:
    """The files that are held to plain words."""
    files = [root / "app.py", *root.glob("*.md"), *(root / "docs").rglob("*.md")]
    files += (root / "kpi_core" / "i18n" / "en").glob("*.toml")
    for folder in ("kpi_core", "pages", "tests"):
        files += [path for end in ("py", "sql") for path in (root / folder).rglob(f"*.{end}")]
    return [path for path in files if not path.relative_to(root).as_posix().startswith(NOT_YET)]


def test_prose_uses_the_words_of_the_field(root: Path) -> None:
    found = [
        f"{path.relative_to(root)}:{line}: {', '.join(words)}"
        for path in held(root)
        for line, text in prose(path)
        if (words := [match[0] for match in PRIVATE.finditer(text)])
    ]
    assert found == []


def test_a_word_is_found_in_each_kind_of_prose(tmp_path: Path) -> None:
    said = {
        "a.py": '"""Nobody."""\n\nWAIT = 1  # anew\n"""Told at once."""\n',
        "a.sql": "-- what was taken in\nselect 1 as heard\n",
        "a.toml": '# Put away\nheard = "Told"\n[deed]\nother = "a way of reading"\n',
        "a.md": "Cells are told apart.\nIt has begun, not begun.\n",
    }
    found = {}
    for name, text in said.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        words = [match[0] for _, line in prose(tmp_path / name) for match in PRIVATE.finditer(line)]
        found[name] = sorted(words)
    assert found == {
        "a.py": ["Nobody", "Told", "anew"],
        "a.sql": ["taken in"],
        "a.toml": ["Put away", "Told", "way of reading"],
        "a.md": ["begun"],
    }
