"""TOML from a user: read within bounds, or a finding with its place."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_PARTS = 50
"""Of a dotted key; tomllib takes the square of their number, a minute and 10 GB for 50,000."""

_MANY_PARTS = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]+[ \t]*\.[ \t]*){{{MOST_PARTS}}}""")
_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)$")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")


@dataclass(frozen=True)
class NotToml:
    """Why a text cannot be read. `code` names a sentence in each catalog that tells of such."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


def read_toml(text: str, most: int) -> dict[str, Any] | NotToml:
    """The document of a text of at most so many characters."""
    if len(text) > most:
        return NotToml("too_large", {"bound": f"{most:,}"})
    if not _is_unicode(text):
        return NotToml("not_unicode")
    if found := _MANY_PARTS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        return NotToml("too_many_parts", {"line": str(line), "bound": str(MOST_PARTS)})
    try:
        return tomllib.loads(text.removeprefix("\ufeff") + "\n")
    except tomllib.TOMLDecodeError as error:
        return _finding(str(error))
    except (RecursionError, ValueError):
        # tomllib lets two things through, without a place: brackets nested too deep, and
        # an integer of more digits than this process converts.
        return NotToml("too_deep")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _finding(said: str) -> NotToml:
    """tomllib words its findings in English only: we keep the place, and tell two kinds apart."""
    position = _POSITION.search(said)
    if position is None:
        return NotToml("not_toml_end")
    code = "defined_twice" if said.startswith(_TWICE) else "not_toml"
    return NotToml(code, {"line": position[1], "column": position[2]})
