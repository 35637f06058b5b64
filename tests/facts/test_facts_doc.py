"""`docs/facts.md` is true: its columns are those of the files, and its examples run."""

import re
from pathlib import Path

import pandas as pd
import pytest

from kpi_core.facts.batch import COLUMNS, KINDS
from kpi_core.facts.store import Store
from tests.facts.batches import batch
from tests.facts.files import NOW, File, leads, row

DOC = Path(__file__).parents[2] / "docs" / "facts.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)


def _large() -> File:
    """More leads than are kept beside the ledger."""
    return leads(*(row(str(n), lead="05-01", won="05-09") for n in range(1_001)))


def test_its_table_names_every_column_of_every_kind() -> None:
    text = DOC.read_text(encoding="utf-8")
    for kind in KINDS:
        line = next(line for line in text.splitlines() if f"`facts/{kind}/`" in line)
        for column in COLUMNS[kind]:
            assert f"`{column}`" in line, (kind, column)


def test_its_examples_run_and_count_what_was_imported(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.commit(batch(_large()), who="me", now=NOW)
    room: dict[str, object] = {"DATA": store.data}
    assert len(EXAMPLES) == 3
    for example in EXAMPLES:
        exec(example, room)  # what a reader would type
    printed = capsys.readouterr().out
    assert printed.count("1001") == 5  # two stages twice, and the leads of the source
    frame = pd.read_parquet(store.data / "facts" / "leads")
    assert len(frame) == 1_001
