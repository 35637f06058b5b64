"""A form as browsers and curl send it, with a file and perhaps the mapping for it."""

from __future__ import annotations

from collections.abc import Callable

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

LARGEST_MAPPING = 256 * 1024
FILE, MAPPING = "file", "mapping"


class NotAForm(Exception):
    """It cannot be read, or holds what is not asked for. `code` is one of `api.<code>`."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


class Form:
    """Reads a form piece by piece. The file's bytes go to `take`; the mapping is held."""

    def __init__(self, boundary: bytes, take: Callable[[bytes], None]) -> None:
        self.file_name: str | None = None
        """None before a file starts."""
        self._take = take
        self._mapping: bytearray | None = None
        self._header = (bytearray(), bytearray())
        self._field = ""
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": lambda data, start, end: self._add(0, data[start:end]),
                    "on_header_value": lambda data, start, end: self._add(1, data[start:end]),
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._data,
                    "on_end": self._all_read,
                },
            )
        except FormParserError as error:
            raise NotAForm("form_unreadable") from error

    @property
    def mapping(self) -> str | None:
        """The mapping's text, where one was sent."""
        if self._mapping is None:
            return None
        try:
            return self._mapping.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise NotAForm("mapping_not_utf8") from error

    def read(self, piece: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise NotAForm("form_unreadable") from error

    def finish(self) -> None:
        """NotAForm where it ended too early or held no file."""
        if not self._ended:
            raise NotAForm("form_unreadable")
        if self.file_name is None:
            raise NotAForm("form_without_file")

    def _part_begins(self) -> None:
        self._field = ""
        self._header = (bytearray(), bytearray())

    def _add(self, which: int, piece: bytes) -> None:
        self._header[which].extend(piece)

    def _header_ends(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._header = (bytearray(), bytearray())
        if name.strip().lower() != b"content-disposition":
            return
        _, options = parse_options_header(value)
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if self._field == FILE and self.file_name is None:
            self.file_name = options.get(b"filename", b"").decode("utf-8", "replace")
        elif self._field == MAPPING and self._mapping is None:
            self._mapping = bytearray()
        elif self._field in (FILE, MAPPING):
            raise NotAForm("form_field_twice", self._field)

    def _headers_end(self) -> None:
        if self._field not in (FILE, MAPPING):
            raise NotAForm("form_unknown_field", self._field)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field == FILE:
            self._take(data[start:end])
        elif self._mapping is not None:
            self._mapping.extend(data[start:end])
            if len(self._mapping) > LARGEST_MAPPING:
                raise NotAForm("mapping_too_large")

    def _all_read(self) -> None:
        self._ended = True
