"""How many questions real exports ask before they can be imported.

    python -m benchmarks.questions [--small]

Every file of the exports in `../shared`, or where `KPI_SHARED` points, with the first offer taken
for each question. A question counts once, in whichever round it is asked. A file that is refused
is listed apart.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from datetime import datetime
from pathlib import Path

from kpi_core.ingest.inspect import inspect

MOST_MEDIAN, MOST = 2, 4
ROUNDS = 40
NOW = datetime.fromisoformat("2026-11-22 09:00")
SHARED = Path(os.environ.get("KPI_SHARED") or Path(__file__).parents[2] / "shared")


def asked(path: Path) -> tuple[str, ...] | None:
    """The keys of the questions about a file; None where it is refused."""
    answers: dict[str, str] = {}
    for _ in range(ROUNDS):
        found = inspect(path, path.name, now=NOW, answers=answers)
        if found.refused:
            return None
        if not found.answers_needed:
            return tuple(answers)
        answers |= {each.key: each.options[0].value for each in found.answers_needed}
    raise AssertionError(f"{path.name} goes on asking: {tuple(answers)}")


def main() -> None:
    """Print the questions by file, then their median and the most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="the first ten files")
    arguments = parser.parse_args()
    exports = SHARED / "exports"
    if not exports.is_dir():
        print(f"No real files at {exports}: set KPI_SHARED.")
        return
    cases = json.loads((exports / "cases.json").read_text(encoding="utf-8"))["cases"]
    files = sorted({str(file) for case in cases for file in case["files"]})
    counts = []
    for file in files[:10] if arguments.small else files:
        keys = asked(exports / file)
        if keys is None:
            print(f"{'refused':>8}  {file}")
            continue
        counts.append(len(keys))
        print(f"{len(keys):>8}  {file}  {' '.join(sorted({key.split(':')[0] for key in keys}))}")
    median, most = statistics.median(counts), max(counts)
    print(f"median {median:g} (at most {MOST_MEDIAN}), most {most} (at most {MOST})")


if __name__ == "__main__":
    main()
