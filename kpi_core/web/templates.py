"""HTML from templates, with every value escaped."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension


class _OneLine(Extension):
    """Line breaks and indentation in a template are for its reader, and take no room on screen."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"\n\s*", "", source)


class Templates:
    """The templates of a folder."""

    def __init__(self, folder: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=[_OneLine],
        )

    def render(self, template: str, **values: Any) -> str:
        """A template with these values."""
        return self._environment.get_template(template).render(values)
