"""Which encoding a file is in: concluded in a fixed order, or asked; never guessed."""

import codecs
from collections.abc import Iterator

import pytest

from kpi_core.domain.question import Question
from kpi_core.tabular import byte_source
from kpi_core.tabular.byte_scan import survey
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.encoding import bad_byte, broken, encoding_of
from kpi_core.tabular.opened_file import How, Opened
from kpi_core.tabular.reader import open_file


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
        (codecs.BOM_UTF16_LE + TEXT.encode("cp932"), "cp932"),
        (codecs.BOM_UTF16_BE + TEXT.encode("cp932"), "cp932"),
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


@pytest.mark.parametrize(
    "words",
    [
        "A社 B社 第2回 ㈱ABC Web経由 iPhone用 Android用 BtoB向 PC版 T様 X線 Eメール B棟",
        "iPad用 Mac用 SNS用 JR線 JR西 NY店 A店 A市 B駅 K氏 S級 Web系 IT系 A型 AB型 A組 A群",
        "A館 A号 B案 A面 SaaS型 CSV形式 PDF等 AとB AのB DX化 PC内 Web上 GW中 MTG後 TEL済",
        "旧PC 新UI 元CEO 各SNS 全PC 他SNS 米IBM 独SAP 株ABC T字 Y軸 P値 A子 W杯 HP用 URL先",
        "TV局 DB名 AM着 Web側 A国 B県 C区 E村 F校 B園 AI活用 Web集客 IT業界 Excel出力 CRM導入",
        "②Aプラン ①Web A② プランB③ typeⅡ GalaxyⅡ 100㎏ A×B α版 TV・ラジオ （Web） 「Web」",
        "S席 GA版 R棟 L判 B液 A剤 K点 A表 B層 X脚 FC店 HR部 CS室 B科 GM職 DVD盤 iOS版 QA係 NG例",
        "A･B･C ｢Web｣ 03ｰ1234 A､B HPﾒｰﾙ",
    ],
)
def test_japanese_beside_latin_letters_is_taken(words: str) -> None:
    for word in words.split():
        file = opened(f"id,name\n1,{word}\n2,Smith\n".encode("cp932"))
        assert (file.encoding, cells(file)[0]) == ("cp932", ["1", word])


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


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("González Hernández Sánchez", "mac_roman"),
        ("São Açu Léa Éric Élodie Désiré Andrés Ramón Martín García João Conceição", "mac_roman"),
        ("Yáñez Núñez Íñigo Hélène Générale François Måns Pär LÉA RENÉE CAFÉS ÍÑIGO", "mac_roman"),
        ("Núñez Jesús Raúl José François Hélène Søren GARCÍA NÚÑEZ MUÑOZ Straße", "cp1252"),
        ("25°C £100 ¥100 50¢", "cp1252"),
    ],
)
def test_one_word_that_cp932_would_garble_is_asked(words: str, encoding: str) -> None:
    for word in words.split():
        for text in (f"id,name\n1,{word}\n", f"id,name\n{f'1,{word}{chr(10)}' * 5}"):
            question = asked(opened(text.encode(encoding)))
            assert encoding in [option.value for option in question.options], word


def test_misread_words_are_not_outvoted_by_what_is_repeated() -> None:
    text = "番号,名前\n" + "".join(f"{n},A社\n" for n in range(200))
    names = ["González", "Hernández", "Sánchez", "São"]
    mixed = text.encode("cp932") + "".join(f"9,{name}\n" for name in names).encode("mac_roman")
    assert asked(opened(mixed)).options
    assert opened(text.encode("cp932") + "9,L斬\n".encode("cp932")).encoding is None


def test_one_strange_word_among_much_japanese_is_not_asked() -> None:
    words = ["東京都", "大阪府", "名古屋", "株式会社", "商談中", "リード", "受注", "失注"]
    text = "番号,名前\n" + "".join(f"{n},{word}\n" for n, word in enumerate([*words, "L斬"]))
    assert opened(text.encode("cp932")).encoding == "cp932"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_what_is_behind_a_wrong_mark_is_asked_where_it_is_uncertain(mark: bytes) -> None:
    content = mark + LATIN.encode("cp1252")
    question = asked(opened(content))
    assert "José Müller" in question.options[0].examples
    file = opened(content, encoding="cp1252")
    assert cells(file)[0] == ["1", "José Müller"]
    assert file.table is not None
    assert [issue.code for issue in file.table.issues] == ["mark_wrong"]


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


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_a_damaged_file_is_told_the_same_however_it_is_cut_into_blocks(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(byte_source, "BLOCK", size)
    content = b"a,b\n\r\n1,\xe8\xa1\xa8\n2,\x85\n3,x\n"
    where = Source(content)
    assert bad_byte(where, "utf-8") == 14
    assert broken(where, "utf-8", 14).line == 4
    found = encoding_of(where, survey(where)).refused
    assert found is not None
    assert (found.code, found.line, found.value) == ("encoding_broken", 4, "14")


def test_of_a_damaged_file_no_more_is_held_than_a_block() -> None:
    read = 0

    class Counted(Source):
        def blocks(self, start: int = 0) -> Iterator[bytes]:
            nonlocal read
            for block in super().blocks(start):
                read += len(block)
                yield block

        def read(self, start: int = 0, count: int | None = None) -> bytes:
            assert count is not None
            assert count <= byte_source.BLOCK
            return super().read(start, count)

    sound, rest = b"\xe8\xa1\xa8\n" * byte_source.BLOCK, b"x\n" * byte_source.BLOCK
    damaged = Counted(sound + b"\x85\n" + rest)
    assert bad_byte(damaged, "utf-8") == len(sound)
    assert read <= len(sound) + byte_source.BLOCK
    read = 0
    assert broken(damaged, "utf-8", len(sound)).line == byte_source.BLOCK + 1
    assert read <= len(sound) + byte_source.BLOCK
    found = encoding_of(damaged, survey(damaged)).refused
    assert found == broken(damaged, "utf-8", len(sound))


def test_bytes_of_no_encoding_are_never_replaced() -> None:
    file = opened(codecs.BOM_UTF16_LE + "a,b\n1,".encode("utf-16-le") + b"\x00\xd8,\x00\n\x00")
    assert [(issue.code, issue.value) for issue in file.issues] == [("encoding_broken", "14")]


def test_a_mark_in_the_middle_is_said() -> None:
    file = opened("a,b\n1,2\n\ufeffa,b\n3,4\n".encode())
    assert file.table is not None
    assert [(i.code, i.line, i.value) for i in file.table.issues] == [("mark_in_text", 3, "U+FEFF")]
    assert cells(file) == [["1", "2"], ["\ufeffa", "b"], ["3", "4"]]
