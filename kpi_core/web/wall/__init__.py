"""The wall: one number on an unattended screen, kept current."""

from pathlib import Path

from kpi_core.web.templates import Templates

FOLDER = Path(__file__).parent
TEMPLATES = Templates(FOLDER / "templates")
