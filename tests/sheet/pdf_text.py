"""The text of a PDF as Typst writes it: every letter that is on the page, in order."""

import re
import zlib

_FONT = re.compile(rb"/(f\d+) [\d.]+ Tf")
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {b"n": 10, b"r": 13, b"t": 9, b"b": 8, b"f": 12}


def pages(pdf: bytes) -> int:
    """How many pages there are."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def text_of(pdf: bytes) -> str:
    """All letters of the page; where a line wraps is not known, so spaces are left out."""
    objects = {
        int(found[1]): (found[2], _stream(found[3]))
        for found in re.finditer(
            rb"\n(\d+) 0 obj\s(.*?)(?:\sstream\r?\n(.*?)\s*endstream)?\s*endobj", pdf, re.DOTALL
        )
    }
    fonts = dict(re.findall(rb"/(f\d+) (\d+) 0 R", pdf))
    letters = {name: _letters(objects, int(number)) for name, number in fonts.items()}
    (content,) = (stream for _, stream in objects.values() if stream and b"\nBT" in stream)
    text, font, at, is_said = "", b"", 0, False
    while at < len(content):
        if found := _FONT.match(content, at):
            font, at = found[1], found.end()
            continue
        if found := _HEX.match(content, at):
            shown, end = bytes.fromhex(found[1].decode()), found.end()
        elif content[at : at + 1] == b"(":
            end = _end(content, at) + 1
            shown = _plain(content[at + 1 : end - 1])
        else:
            is_said &= content[at : at + 3] != b"EMC"
            at += 1
            continue
        if content.endswith(b"/ActualText", 0, at):  # said in place of the letters up to EMC
            text += shown.decode("utf-16" if shown.startswith(b"\xfe\xff") else "latin-1")
            is_said = True
        elif not is_said and not content.endswith(b"/Lang", 0, at):
            text += _decoded(shown, letters[font])
        at = end
    return squeezed(text)


def _end(content: bytes, at: int) -> int:
    """Where a literal string ends that begins at a bracket; brackets in it are balanced."""
    depth = 0
    while True:
        sign = content[at : at + 1]
        depth += (sign == b"(") - (sign == b")")
        if not depth:
            return at
        at += 2 if sign == b"\\" else 1


def _decoded(codes: bytes, letters: dict[int, str]) -> str:
    pairs = zip(codes[::2], codes[1::2], strict=True)
    return "".join(letters.get(a * 256 + b, "\ufffd") for a, b in pairs)


def squeezed(text: str) -> str:
    """The text without spaces, and without what lets a long name break."""
    return re.sub(r"[\s\u200b]", "", text)


def _stream(raw: bytes | None) -> bytes | None:
    if raw is None:
        return None
    try:
        return zlib.decompressobj().decompress(raw)
    except zlib.error:
        return raw


def _letters(objects: dict[int, tuple[bytes, bytes | None]], font: int) -> dict[int, str]:
    """Letters by the codes of a font."""
    pointed = re.search(rb"/ToUnicode (\d+) 0 R", objects[font][0])
    assert pointed is not None
    table = objects[int(pointed[1])][1]
    assert table is not None
    return {
        int(code, 16): bytes.fromhex(letter.decode()).decode("utf-16-be")
        for code, letter in re.findall(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>", table)
    }


def _plain(literal: bytes) -> bytes:
    """A literal string without its escapes."""

    def unescaped(found: re.Match[bytes]) -> bytes:
        sign = found[1]
        if sign.isdigit():
            return bytes([int(sign, 8)])
        if sign == b"\n":
            return b""
        return bytes([_ESCAPES[sign]]) if sign in _ESCAPES else sign

    return _ESCAPE.sub(unescaped, literal)
