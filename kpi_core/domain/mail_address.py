"""Mail addresses within a text: found, and made unreadable."""

import re

_IN_MAIL = r"[^\s@＠<>\"',;:()]"
MAIL = re.compile(rf"(?<!{_IN_MAIL}){_IN_MAIL}+[@＠]{_IN_MAIL}+[.．]{_IN_MAIL}+")
"""Looked for where a word begins: from each of its letters on, a long word takes minutes."""


def without_mail(text: str) -> str:
    """The text with every mail address in it made unreadable."""
    return MAIL.sub("…@…", text) if "@" in text or "＠" in text else text


def without_mail_in_name(name: str) -> str:
    """A file's name with every mail address in it made unreadable; its ending stays if it can."""
    stem, dot, ending = name.rpartition(".")
    hidden = without_mail(stem)
    return without_mail(name) if hidden == stem else f"{hidden}{dot}{ending}"
