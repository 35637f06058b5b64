"""A program that sets the sheet: texts in, PDF or PNG out. Its words are a folder and a kind."""

import json
import sys
from pathlib import Path

import typst

TEMPLATE = str(Path(__file__).with_name("plan_sheet.typ"))
DOTS_PER_INCH = 150

if __name__ == "__main__":
    fonts, kind = sys.argv[1:]
    drawn = typst.compile(
        TEMPLATE,
        font_paths=[fonts],
        ignore_system_fonts=True,
        format="png" if kind == "png" else "pdf",
        ppi=DOTS_PER_INCH,
        sys_inputs=json.loads(sys.stdin.buffer.read()),
    )
    assert isinstance(drawn, bytes), "more than one page"
    sys.stdout.buffer.write(drawn)
