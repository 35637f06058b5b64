"""What a file is, by its first bytes."""

import codecs
import json
import re
from enum import StrEnum


class Kind(StrEnum):
    """What a file holds, by its content. The name does not matter."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    HTML = "html"
    GZ = "gz"
    ZIP = "zip"
    OTHER = "other"


LOOKED_AT = 1 << 16
"""Bytes from the start that decide."""

_KINDS = (
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"\x1f\x8b", Kind.GZ),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.XLS),
)
_OTHERS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"FEA1", "Feather"),
    (b"Obj\x01", "Avro"),
    (b"ORC", "ORC"),
    (b"SQLite format 3\0", "SQLite"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"{\\rtf", "RTF"),
    (b"\x7fELF", "ELF"),
    (b"<?xml", "XML"),
)
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|meta|body|table|style)\b", re.IGNORECASE
)
_XML_HTML = re.compile(rb"<(?:html|table)\b", re.IGNORECASE)
_JSON = re.compile(r'\ufeff?\s*(?:\{\s*["}]|\[\s*[\[{"\]\d-])')


def kind_of(start: bytes) -> tuple[Kind, str]:
    """The kind, and the name of what is none of ours. `start` is the first `LOOKED_AT` bytes."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        start = start.decode("utf-16", "ignore").encode()
    for signature, kind in _KINDS:
        if start.startswith(signature):
            return kind, kind.value
    if _MARKUP.match(start) or (start.lstrip().startswith(b"<?xml") and _XML_HTML.search(start)):
        return Kind.HTML, "HTML"
    for signature, name in _OTHERS:
        if start.startswith(signature) and not (name == "ORC" and start[3:4] in b",;|\t\r\n"):
            return Kind.OTHER, name
    if start[8:12] == b"DUCK":
        return Kind.OTHER, "DuckDB"
    if start[257:262] == b"ustar":
        return Kind.OTHER, "tar"
    if _is_json(start):
        return Kind.OTHER, "JSON"
    return Kind.CSV, ""


def _is_json(start: bytes) -> bool:
    """It begins as JSON does, and its first value, as far as it can be seen, is sound."""
    text = start.decode("utf-8", "ignore")
    if not _JSON.match(text):
        return False
    try:
        json.JSONDecoder().raw_decode(text.lstrip("\ufeff \t\r\n"))
    except json.JSONDecodeError as error:
        return len(start) >= LOOKED_AT and error.pos > len(text) - 1000
    return True
