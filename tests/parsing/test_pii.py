"""What is somebody's: recognised, dropped or hashed."""

import pandas as pd
import pytest

from kpi_core.domain.mail_address import without_mail_in_name
from kpi_core.parsing.pii import (
    PersonKind,
    hashed,
    is_test_lead,
    looks_like_mail,
    may_name_persons,
    person_kind,
)


def kind(header: str, *cells: str) -> PersonKind | None:
    return person_kind(header, cells)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("First Name", PersonKind.NAME),
        ("firstname", PersonKind.NAME),
        ("LAST_NAME", PersonKind.NAME),
        ("Name", PersonKind.NAME),
        ("Lead Owner", PersonKind.NAME),
        ("氏名", PersonKind.NAME),
        ("氏名（カタカナ）", PersonKind.NAME),
        ("お客様氏名", PersonKind.NAME),
        ("ご担当者名", PersonKind.NAME),
        ("Ｅｍａｉｌ", PersonKind.MAIL),
        ("PersonEmail", PersonKind.MAIL),
        ("E-mail 2", PersonKind.MAIL),
        ("メールアドレス", PersonKind.MAIL),
        ("MobilePhone", PersonKind.PHONE),
        ("phone_number", PersonKind.PHONE),
        ("電話番号", PersonKind.PHONE),
        ("携帯", PersonKind.PHONE),
        ("Street Address", PersonKind.ADDRESS),
        ("address1", PersonKind.ADDRESS),
        ("郵便番号", PersonKind.ADDRESS),
        ("住所", PersonKind.ADDRESS),
        ("生年月日", PersonKind.BIRTHDAY),
        ("Date of Birth", PersonKind.BIRTHDAY),
        ("ip", PersonKind.NETWORK),
        ("twitter", PersonKind.PROFILE),
        ("Deal - Contact person", PersonKind.NAME),
        ("Lead - Contact person", PersonKind.NAME),
        ("Deal - Owner", PersonKind.NAME),
        ("Person - Name", PersonKind.NAME),
        ("Person - Phone", PersonKind.PHONE),
        ("Contact: Birthday", PersonKind.BIRTHDAY),
        ("先方：氏名", PersonKind.NAME),
        ("Person", PersonKind.NAME),
        ("お客様", PersonKind.NAME),
        ("名刺交換者", PersonKind.NAME),
        ("御社ご担当者", PersonKind.NAME),
        ("Ansprechpartner", PersonKind.NAME),
        ("Apellidos", PersonKind.NAME),
    ],
)
def test_a_header_tells_personal_data(header: str, expected: PersonKind) -> None:
    assert kind(header) is expected


@pytest.mark.parametrize(
    "header",
    ["Company", "会社名", "取引先名", "Account Name", "Deal Name", "商談名", "City",
     "市区町村", "State/Region",
     "Country", "都道府県", "Job Title", "役職", "部署", "Lead Source", "Stage", "Amount",
     "Create Date", "OwnerId",
     "campaign_name", "Product Name", "Website", "Email Opt Out", "EmailBouncedDate",
     "メール配信数", "店舗名", "Organization - Name", "会社：名前", "Deal - Title", "Deal - ID",
     "Lead - Source", "Person Score", "担当者数"],
)  # fmt: skip
def test_companies_towns_jobs_and_deals_are_nobodys(header: str) -> None:
    assert kind(header) is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("anna@example.net", "bob@example.org"), PersonKind.MAIL),
        (("090-1234-5678", "03-1234-5678"), PersonKind.PHONE),
        (("０９０１２３４５６７８",), PersonKind.PHONE),
        (("+81 90 1234 5678", "+1-588-734-6947x3743"), PersonKind.PHONE),
        (("(850) 644-4200", "703-757-1000"), PersonKind.PHONE),
        (("〒150-0001", "349-0222"), PersonKind.ADDRESS),
        (("東京都渋谷区神宮前1-2-3", "埼玉県南埼玉郡白岡町4-3-6"), PersonKind.ADDRESS),
        (("64642 Brianna Lane", "88 Clasper Way"), PersonKind.ADDRESS),
        (("44.242.120.158", "10.0.0.1"), PersonKind.NETWORK),
    ],
)
def test_cells_tell_personal_data_whatever_their_header(
    cells: tuple[str, ...], expected: PersonKind
) -> None:
    assert kind("x", *cells) is expected


@pytest.mark.parametrize(
    "cells",
    [("2026-01-05", "2026-01-06"), ("01-15-2026", "02-16-2026"),
     ("1234567", "20260105"), ("1767225600",), ("¥1,234",),
     ("MQL", "SQL"),
     ("1.2.3",), ("東京都", "埼玉県"), ("CONT-03a4142c-188d",)],
)  # fmt: skip
def test_dates_numbers_and_words_are_nobodys(cells: tuple[str, ...]) -> None:
    assert kind("x", *cells) is None


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("leads ann.lee@x.co.jp 2026.csv", "leads …@… 2026.csv"),
        ("ann@x.co.csv", "…@….csv"),
        ("ann@x.csv", "…@…"),
        ("リード　ａｎｎ＠x．co.csv", "リード　…@….csv"),
        ("leads @ 2026.csv", "leads @ 2026.csv"),
        ("leads", "leads"),
    ],
)
def test_a_file_is_named_without_a_mail_address(name: str, hidden: str) -> None:
    assert without_mail_in_name(name) == hidden


def test_a_header_that_only_sounds_personal_is_believed_less_than_its_cells() -> None:
    assert kind("Phone number verified", "true", "false") is None
    assert kind("Phone number verified", "+81 90 1234 5678") is PersonKind.PHONE


def test_a_hashed_address_is_known_for_one_and_stays_when_it_comes_back() -> None:
    once = hashed(pd.Series(["Anna@Example.net ", "anna@example.net"], dtype="str"), b"k" * 32)
    assert once[0] == once[1]
    assert once.str.fullmatch("mail:[0-9a-f]{32}").all()
    assert hashed(once, b"other").tolist() == once.tolist()
    assert not looks_like_mail(once).any()


@pytest.mark.parametrize(
    "cell",
    ["Ann Lee <ann@x.co>", "mailto:ann@x.co", "MAILTO:Ann@X.co?subject=Hello", "ann@x.co.",
     "ａｎｎ@ｘ．ｃｏ", "ａｎｎ＠ｘ．ｃｏ", "\u3000ann@x.co "],
)  # fmt: skip
def test_of_a_cell_with_an_address_the_address_is_hashed(cell: str) -> None:
    cells = pd.Series([cell, "ann@x.co"], dtype="str")
    assert looks_like_mail(cells).all()
    assert hashed(cells, b"k").nunique() == 1


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("Ann Lee", "Bob O'Neil", "Ludwig van Beethoven", "Roe, Cy", "Jean-Luc É. Picard"), True),
        (("山田 太郎", "鈴木　花子", "佐々木 サラ"), True),
        (("ask Ann Lee", "x", "to be called again"), False),
        (("CONT-1", "CONT-2"), False),
        (("受注", "失注"), False),
        ((), False),
    ],
)
def test_full_names_are_known_by_their_look(cells: tuple[str, ...], expected: bool) -> None:
    assert may_name_persons(cells) is expected


def test_two_secrets_give_two_hashes() -> None:
    mail = pd.Series(["anna@example.net"], dtype="str")
    assert hashed(mail, b"one")[0] != hashed(mail, b"two")[0]


def test_metas_test_leads_are_known() -> None:
    assert is_test_lead("<test lead: dummy data for full_name>")
    assert is_test_lead(" <Test Lead: dummy data for email>")
    assert not is_test_lead("test lead")
