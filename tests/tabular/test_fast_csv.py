"""Two ways of reading delimited text: at once, and record by record with care."""

import csv
import io
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpi_core.tabular.byte_scan import survey
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.delimited_text import text_content
from kpi_core.tabular.encoding import start_of_text
from kpi_core.tabular.opened_file import How
from kpi_core.tabular.rows import HeldRows, ParquetRows
from kpi_core.tabular.table import Table

NEVER = 1 << 40
NO_SUCH_NAMES = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")


def tables(content: bytes | Path, from_bytes: int, how: How = How()) -> list[Table]:  # noqa: B008
    source = Source(content)
    seen = survey(source, start_of_text(source))
    found = text_content(source, seen, how, {}, at_once_from=from_bytes)
    return [part.found.table for part in found.parts if part.found]


def staged(table: Table) -> list[tuple[Any, ...]]:
    with duckdb.connect() as scratch:
        table.stage(scratch, "read")
        rows = scratch.execute("from read order by line").fetchall()
    return [(line, *(cell or "" for cell in cells)) for line, *cells in rows]


def same(content: bytes, how: How = How()) -> bool:  # noqa: B008
    """Both ways give the same; whether any table was read at once."""
    quick, careful = tables(content, 0, how), tables(content, NEVER, how)
    assert len(quick) == len(careful)
    for one, other in zip(quick, careful, strict=True):
        assert isinstance(other.body, HeldRows)
        assert one.header == other.header
        assert staged(one) == staged(other)
        assert one.head(3) == other.head(3)
        assert (one.rows, dict(one.left_out)) == (other.rows, dict(other.left_out))
        assert sorted(one.issues, key=str) == sorted(other.issues, key=str)
        assert (one.title, one.first_day, one.last_day) == (
            other.title, other.first_day, other.last_day,
        )  # fmt: skip
    return any(isinstance(table.body, ParquetRows) for table in quick)


CELLS = st.sampled_from(
    ["", "", "x", "y", "12", "2026-01-05", " ", "\u3000", " a ", "表", "ﾘｰﾄﾞ", 'say "hi"', '"',
     "a,b", "line\nbreak", "\r\n", "NULL", "#", "# note", "Total", "合計", "Total: x",
     "\ufeff", "\x00", "\x1b", "\u00a0", "id", "name", "\t", ";", "'"]
)  # fmt: skip
PLAIN = st.sampled_from(["x", "12", "2026-01-05", "", " ", "表 示", "a,b", 'say "hi"', "NULL"])


@st.composite
def written(draw: st.DrawFn, cells: st.SearchStrategy[str] = CELLS) -> bytes:
    """A file as some system may write it."""
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8))
    header = ["id", "name", "created", "memo"][:width]
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=draw(st.sampled_from(",\t;|")),
        lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    out.write(draw(st.sampled_from(["", "", "Report\n", "# Start date: 20260101\n\n", "sep=;\n"])))
    writer.writerow(header)
    writer.writerows(rows)
    mark = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"]))
    text = out.getvalue()
    return mark + (text if draw(st.booleans()) else text.rstrip("\r\n")).encode()


@settings(max_examples=40, deadline=None)
@given(written())
def test_both_ways_give_the_same_table(content: bytes) -> None:
    same(content)


@settings(max_examples=30, deadline=None)
@given(written(), st.data())
def test_both_ways_give_the_same_table_of_a_damaged_file(content: bytes, data: Any) -> None:
    at = data.draw(st.integers(0, len(content)))
    put = data.draw(st.sampled_from([b'"', b",", b"\n", b"\r", b"\n\n", b" ", b"x", b"\xe8", b"#"]))
    drop = data.draw(st.integers(0, 2))
    same(content[:at] + put + content[at + drop :])


@settings(max_examples=15, deadline=None)
@given(written(PLAIN), st.sampled_from([None, 0, 1, 2]))
@example(b"id,name\n,x\nx,x\n,x", 2)
def test_both_ways_agree_on_the_header_that_was_chosen(content: bytes, header: int | None) -> None:
    same(content, How(header=header))


@pytest.mark.parametrize(
    "content",
    [
        b"id,name\n1,x\n2,y\n",
        b'id,name\r\n"1","x\r\ny"\r\n"2","a ""b"""\r\n',
        "\ufeffid,名前\n1,表\n,\n\u3000, \nid,名前\n2,能\n".encode(),
        b"Report\nid,name\n1,x\n2,y",
        b"id,name\n1,x\n  , \n2,y\n",
        "番号,会社名\n1,㈱髙﨑\n".encode("cp932"),
        "id,name\n1,x\n".encode("utf-16"),
    ],
)
def test_sound_text_is_read_at_once(content: bytes) -> None:
    assert same(content)


BETWEEN = (
    b"Subtotal,,4\n", b",Total,4\n", " 小計,,\n".encode(), "\u3000合計：東京,x,\n".encode(),
    b"average,,2\n", b"TOTAL,2026-01-05,\n", b",,\nCampaign,Owner,Cost\n",
)  # fmt: skip
"""Records in the middle of a large file that are no plain rows of it."""


@pytest.mark.parametrize(
    "content",
    [
        b"id,name\n1\n2,y\n",
        b"id,name\n1,x\n\n2,y\n",
        b"id,name\n1,x\nTotal,2\n",
        b'id,name\n1,x\n"Total: a, b",2\n',
        b"id,name,at\n1,x,y\nReport,,\nCopyright (c) 2026 x,,\n" + b"Generated,,\n" * 30,
        b'id,name\n1,x "y" z"\n',
        b"id,name\n1,\0\n",
        b"id,name\n1,x\r\n2,y\n",
        b"id,name\n1,x\n# note\n",
        "id,name\n1,\ufeffx\n".encode(),
        *(b"id,name,n\n" + b"1,x,2\n" * 150 + row + b"2,y,3\n" * 150 for row in BETWEEN),
        b'"id","na\nme"\n1,x\n',
    ],
)
def test_unusual_text_is_read_with_care(content: bytes) -> None:
    assert not same(content)


@pytest.mark.parametrize(
    ("name", "decoy"),
    [
        ("report[1].csv", "report1.csv"),
        ("d[1]/report.csv", "d1/report.csv"),
        ("d[1]/report[!2].csv", "d1/report1.csv"),
        ("[", "x"),
        pytest.param("re*ort?.csv", "report1.csv", marks=NO_SUCH_NAMES),
        pytest.param("d*/report.csv", "d1/report.csv", marks=NO_SUCH_NAMES),
        pytest.param("a\\b[1].csv", "ab1.csv", marks=NO_SUCH_NAMES),
    ],
)
def test_a_name_that_looks_like_a_pattern_is_that_of_one_file(
    name: str, decoy: str, tmp_path: Path
) -> None:
    for each, row in ((name, "1,meant"), (decoy, "2,beside")):
        path = tmp_path / each
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"id,name\n{row}\n")
    (table,) = tables(tmp_path / name, 0)
    assert isinstance(table.body, ParquetRows)
    assert staged(table) == [(2, "1", "meant")]
