"""Which numbers count work done: they can be actions (KAI), never the KPI."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

_APART = re.compile(r"[\s_\-./]+")


def counts_work(name: str) -> bool:
    """Whether a number's name, or that of its source, says that it counts work done.

    `mails_sent`, `Seminars held` and `架電数` do; `mqls` and `商談` do not.
    """
    text = f" {_folded(name)} "
    english, japanese = _words()
    return any(f" {word} " in text for word in english) or any(word in text for word in japanese)


def _folded(text: str) -> str:
    return _APART.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


@cache
def _words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    text = files("kpi_core.plans").joinpath("work_words.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)
    return tuple(map(_folded, words["en"])), tuple(map(_folded, words["ja"]))
