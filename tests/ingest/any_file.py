"""Files as bad as they come, and what must hold for every one of them."""

import gzip
import io
import random
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb

from kpi_core.domain.period import Period
from kpi_core.domain.question import open_questions
from kpi_core.domain.receipt import Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts.aggregate_sql import PLAIN_TALLIES
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inspect import Inspection, inspect

NOW = datetime.fromisoformat("2026-11-22 09:00")
ALWAYS = Period(date(1980, 1, 1), date(2050, 12, 31))
LARGEST_SEED = 100_000
SCRATCH = duckdb.connect()
ROUNDS = 60
"""More answers than this no file needs: each opens at most a few further questions."""

NASTY = (
    *(b'"', b'""', b"'", b"\0", b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b$B"),
    *(b",", b";", b"\t", b"|", b"sep=;\n", b"=cmd|'/c calc'!A1", b"<script>", b"\x80", b"\x82\xa0"),
    *(b"9" * 400, b"2026-02-30", b"0000-00-00", b"1e400", b"NaN", b"inf", b"\xe2\x80\xae", b"#"),
)


def files(shared: Path) -> list[Path]:
    """Every real and every tortured file."""
    found = [
        path
        for folder in ("exports", "torture")
        for path in sorted((shared / folder).rglob("*"))
        if path.is_file() and path.name not in ("SOURCE.txt", "README.md", "LICENSE.md")
    ]
    assert len(found) > 150
    return found


def mutants(seeds: list[bytes], chance: random.Random) -> Iterator[bytes]:
    """Files without end, each some seed damaged in a few ways."""
    while True:
        content = chance.choice(seeds)
        for _ in range(chance.randint(1, 4)):
            content = _damaged(content, seeds, chance)
        yield content


def _damaged(content: bytes, seeds: list[bytes], chance: random.Random) -> bytes:
    at, to = sorted((chance.randint(0, len(content)), chance.randint(0, len(content))))
    match chance.randrange(10):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + content[to:]
        case 2:
            return content[:to] + content[at:]
        case 3:
            return content[:at] + chance.choice(NASTY) + content[at:]
        case 4:
            return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        case 5:
            lines = content.splitlines(keepends=True)
            chance.shuffle(lines)
            return b"".join(lines)
        case 6:
            return content + chance.choice(seeds)
        case 7:
            encoding = chance.choice(("utf-16", "utf-16-le", "cp932", "euc_jp", "iso2022_jp"))
            return content.decode("utf-8", "ignore").encode(encoding, "ignore")
        case 8:
            return gzip.compress(content, 1)
        case _:
            return _zipped(content, chance)


def _zipped(content: bytes, chance: random.Random) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(chance.randint(1, 3)):
            name = chance.choice(("leads.csv", "../../etc/passwd", "/root/x.csv", "a/b.csv", "b"))
            archive.writestr(f"{number}{name}", content)
    return packed.getvalue()


def standing(store: Store) -> object:
    """All that a board is drawn from."""
    undated = {stage: store.undated(stage) for stage in Stage}
    return store.daily(PLAIN_TALLIES, ALWAYS), undated, store.leads()


def answered(content: bytes | Path, name: str) -> Inspection:
    """What is left when every question is answered with the first that is on offer."""
    answers: dict[str, str] = {}
    for _ in range(ROUNDS):
        with SCRATCH.cursor() as scratch:
            found = inspect(content, name, now=NOW, answers=answers, scratch=scratch)
        asked = [each for each in open_questions(found.questions) if each.key not in answers]
        if not asked:
            return found
        for question in asked:
            first = question.options[0].value if question.options else "x"
            answers[question.key] = first
    raise AssertionError(f"{name}: no end of questions: {[each.key for each in asked]}")


def check(store: Store, content: bytes | Path, name: str) -> Receipt | None:
    """Look at a file, take it in if it can be, and take it back: nothing else is changed by it.

    None where the file was refused; then it is said why.
    """
    before = standing(store)
    found = answered(content, name)
    if found.mapping is None:
        assert found.issues, f"{name}: neither a mapping nor a reason"
        assert standing(store) == before
        return None
    assert not open_questions(found.questions)
    receipt = import_file(store, content, name, found.mapping, who="test", now=NOW)
    assert receipt.facts >= 0
    if receipt.import_id is None:
        assert standing(store) == before
        return receipt
    after = standing(store)
    again = import_file(store, content, name, found.mapping, who="test", now=NOW)
    assert again.import_id is None, f"{name}: the same file twice is two imports"
    assert standing(store) == after
    store.undo(receipt.import_id, who="test", now=NOW)
    assert standing(store) == before, f"{name}: an undone import left something behind"
    return receipt
