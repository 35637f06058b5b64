"""The imports page's own HTML: a file's line, an entry of the list, a receipt's months."""

from pathlib import Path

from kpi_core.web.templates import Templates

TEMPLATES = Templates(Path(__file__).with_name("templates"))


def file(name: str, detail: str = "") -> str:
    """A file by its name, and what it is."""
    return TEMPLATES.render("file.html", name=name, detail=detail)


def line(name: str, text: str, *, beside: str = "", is_whole: bool = False) -> str:
    """A name with a text beside it; `is_whole`: below it, in all its lines."""
    return TEMPLATES.render("line.html", name=name, text=text, beside=beside, is_whole=is_whole)
