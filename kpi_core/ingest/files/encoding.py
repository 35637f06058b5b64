"""Which encoding a file's bytes are in: known for certain, or said not to be."""

import codecs
import re

from kpi_core.ingest.finding import Code, about_file
from kpi_core.storage.facts import Issue

_SIGNATURES = {
    b"PK\x03\x04": "xlsx / zip",
    b"\x1f\x8b": "gz",
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "pdf",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
    b"PAR1": "parquet",
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)
_ESCAPE = re.compile(rb"\x1b\$[@B]")
"""Where Japanese begins in ISO-2022-JP, which is plain ASCII to look at."""
_IMPROBABLE = re.compile("[\x80-\x9f\ue000-\uf8ff]")
"""CP932 can be decoded to these; nobody's text has them."""


def to_utf8(content: bytes) -> bytes | Issue:
    """The text in UTF-8 without a byte-order mark, or the issue that forbids reading it.

    No character is ever replaced: what is not certain is refused.
    """
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            return about_file(Code.NOT_A_TABLE, value=kind)
    if _MARKUP.match(content):
        return about_file(Code.NOT_A_TABLE, value="html")
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding)
    if content.isascii() and (escape := _ESCAPE.search(content)):
        return _unknown(escape.start())
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return _from_cp932(content, error.start)
    return content


def _decoded(content: bytes, encoding: str) -> bytes | Issue:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        return _unknown(error.start)
    text = text.lstrip("\ufeff")
    if encoding != "utf-8" and text and not re.search("[\r\n\t,;|]", text):
        return _unknown(0)  # a wrong mark: the bytes of each character stand the other way round
    return text.encode()


def _from_cp932(content: bytes, first_bad_byte: int) -> bytes | Issue:
    try:
        text = content.decode("cp932")
    except UnicodeDecodeError:
        return _unknown(first_bad_byte)
    return _unknown(first_bad_byte) if _IMPROBABLE.search(text) else text.encode()


def _unknown(first_bad_byte: int) -> Issue:
    return about_file(Code.ENCODING_UNKNOWN, value=str(first_bad_byte))
