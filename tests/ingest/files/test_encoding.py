"""Which encoding a file is in: concluded in a fixed order, or asked; never guessed."""

import codecs

import pytest

from kpi_core.ingest.files.how import How
from kpi_core.ingest.files.opened import Opened
from kpi_core.ingest.files.opening import open_file
from kpi_core.ingest.question import Question


def opened(content: bytes, **answers: str) -> Opened:
    return open_file(content, "any.csv", answers=answers)


def cells(file: Opened) -> list[list[str]]:
    assert file.table is not None
    return [row for _, row in file.table.head(file.table.rows)]


def asked(file: Opened) -> Question:
    assert file.table is None
    (question,) = [question for question in file.questions if question.open]
    assert question.key == "encoding"
    return question


TEXT = "番号,会社名\n1,㈱髙﨑～ソ能表①\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 * 2 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32-le"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "utf-32-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32-le"), "utf-32-le"),
        (TEXT.encode("utf-32-be"), "utf-32-be"),
        (TEXT.encode("cp932"), "cp932"),
    ],
)
def test_what_is_certain_is_not_asked(content: bytes, encoding: str) -> None:
    file = opened(content)
    assert (file.encoding, file.tables[0].header) == (encoding, ("番号", "会社名"))
    assert cells(file) == [["1", "㈱髙﨑～ソ能表①"]]
    assert "encoding" not in [question.key for question in file.questions]


@pytest.mark.parametrize("stray", ["\0", "a\0", "\0b", "\0\0"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_stray_nul_does_not_make_a_text_wide(stray: str, end: str) -> None:
    file = opened(end.join(["id,date,value", f"1,2026-01-01,{stray}", "2,2026-01-02,b"]).encode())
    assert file.table is not None
    assert file.encoding == "utf-8"
    assert [(issue.code, issue.line) for issue in file.table.issues] == [("nul_character", 2)]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF16_LE + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode("cp932"), "cp932"),
    ],
)
def test_a_wrong_mark_is_found_out_and_said(content: bytes, encoding: str) -> None:
    file = opened(content)
    assert file.table is not None
    assert file.encoding == encoding
    assert cells(file) == [["1", "㈱髙﨑～ソ能表①"]]
    assert [issue.code for issue in file.table.issues] == ["mark_wrong"]


@pytest.mark.parametrize(
    "rows",
    [
        "1,㈱①髙﨑～\n2,ソ能表予十\n",
        "1,ﾘｰﾄﾞ\n2,ｱﾎﾟ\n",
        "1,ﾘｰﾄﾞ\n",
        "1,Aﾌﾟﾗﾝ\n2,Webの広告\n3,X社\n",
        "1,髙\n2,濱\n",
        "1,渡邊 壽\n2,齋藤 檀\n",
    ],
)
def test_japanese_in_cp932_is_taken(rows: str) -> None:
    file = opened(("id,name\n" + rows).encode("cp932"))
    assert file.encoding == "cp932"
    assert cells(file) == [line.split(",") for line in rows.splitlines()]


LATIN = "id,name\n1,José Müller\n2,Renée Lafon\n3,CAFÉ\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (LATIN, "cp1252"),
        ("id,name\n1,Année\n2,Européen\n", "cp1252"),
        ("id,price\n1,50€\n", "cp1252"),
        ("id,name\n1,Renée Lafon\n2,Hélène\n", "mac_roman"),
        ("id,name\n1,Müller\n2,Böhm\n", "mac_roman"),
        ("番号,名前\n1,田中商事\n2,リード\n", "euc_jp"),
        ("id,name\n1,名前\n", "euc_jp"),
        ("id,name\n1,商談\n", "iso2022_jp"),
        ("id,name\n1,Λεωνίδας\n", "iso8859_7"),
    ],
)
def test_what_is_uncertain_is_asked_with_cells_as_they_read(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    question = asked(opened(content))
    right = [option for option in question.options if content.decode(option.value) == text]
    assert right
    assert any(set(option.examples) & set(text.replace("\n", ",").split(",")) for option in right)
    file = opened(content, encoding=right[0].value)
    assert cells(file) == [line.split(",") for line in text.splitlines()[1:]]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "euc_jp"])
def test_the_likeliest_encoding_is_offered_first(encoding: str) -> None:
    text = "id,name\n1,鈴木商事\n2,なまえ\n" if encoding == "euc_jp" else LATIN.replace("É", "e")
    content = text.encode(encoding)
    assert asked(opened(content)).options[0].value == encoding


def test_text_that_is_valid_cp932_but_is_not_japanese_is_asked() -> None:
    content = b"Classement;Ann\xe9e;Quartier\r\n1;2013;Europ\xe9en\r\n"
    assert content.decode("cp932").splitlines()[0] == "Classement;Ann馥;Quartier"
    question = asked(opened(content))
    examples = {option.value: option.examples for option in question.options}
    assert examples["cp1252"] == ("Année", "Européen")
    assert examples["cp932"] == ("Ann馥", "Europ馥n")


def test_an_encoding_that_a_mapping_names_is_taken_where_it_would_be_asked() -> None:
    for named in ("latin-1", "windows-1252"):
        file = open_file(LATIN.encode("latin-1"), "x.csv", How(encoding=named))
        assert cells(file)[0] == ["1", "José Müller"]
    file = open_file(TEXT.encode(), "x.csv", How(encoding="cp932"))
    assert file.encoding == "utf-8"


@pytest.mark.parametrize(
    ("content", "byte", "line"),
    [
        ("id,name\n1,商談\n2,商談".encode()[:-1], 22, 3),
        ("id,name\n1,商談\n".encode() + "2,商談\n".encode("cp932"), 19, 3),
    ],
)
def test_a_damaged_file_is_refused_with_the_byte_and_its_record(
    content: bytes, byte: int, line: int
) -> None:
    file = opened(content)
    assert file.refused
    assert [(i.code, i.value, i.line) for i in file.issues] == [
        ("encoding_broken", str(byte), line)
    ]


def test_bytes_of_no_encoding_are_never_replaced() -> None:
    file = opened(codecs.BOM_UTF16_LE + "a,b\n1,".encode("utf-16-le") + b"\x00\xd8,\x00\n\x00")
    assert [(issue.code, issue.value) for issue in file.issues] == [("encoding_broken", "14")]


def test_a_mark_in_the_middle_is_said() -> None:
    file = opened("a,b\n1,2\n\ufeffa,b\n3,4\n".encode())
    assert file.table is not None
    assert [(i.code, i.line, i.value) for i in file.table.issues] == [("mark_in_text", 3, "U+FEFF")]
    assert cells(file) == [["1", "2"], ["\ufeffa", "b"], ["3", "4"]]
