"""Names that people and files give to what they send: what may stand in one."""

import unicodedata

LONGEST = 100
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Kinds of signs that turn, hide or break the text around them: controls, marks that change the
direction of writing, halves of signs, ends of lines."""


def invisible_signs(text: str) -> str:
    """The invisible characters of a name, such as `U+202E`; empty where it has none."""
    found = {sign for sign in text if unicodedata.category(sign) in _INVISIBLE}
    return ", ".join(f"U+{ord(sign):04X}" for sign in sorted(found))


def visible(text: str) -> str:
    """The text without its invisible characters."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in _INVISIBLE)
