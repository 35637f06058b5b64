"""Damaged files without end, for as long as it is given: `make fuzz`.

    python -m tests.ingest.fuzz --seconds 300 --seed 1

Each goes through a reader process, as a user's would. The file that breaks a rule, or ends its
reader, is written beside the store, and its path printed.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from kpi_core.facts.store import open_store
from kpi_core.tabular.file_cache import opened_files
from kpi_core.tabular.quarantine import FOLDER as QUARANTINE
from tests.conftest import ROOT
from tests.ingest.any_file import LARGEST_SEED, check, files, mutants


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(10**6)
    folder = Path(tempfile.mkdtemp(prefix="kpi-fuzz-"))
    seeds = [
        path.read_bytes()
        for path in files(ROOT.parent / "shared")
        if path.stat().st_size <= LARGEST_SEED
    ]
    store = open_store(folder / "data")
    opened_files(store.data)
    quarantine = store.data / QUARANTINE
    ends = time.monotonic() + arguments.seconds
    looked_at = taken_in = ended = 0
    for content in mutants(seeds, random.Random(seed)):
        if time.monotonic() > ends:
            break
        culprit = folder / f"seed-{seed}-{looked_at}.bin"
        try:
            receipt = check(store, content, "mutant.csv")
        except BaseException:
            culprit.write_bytes(content)
            print(f"Broken by {culprit} ({len(content):,} bytes)", file=sys.stderr)
            raise
        if quarantine.is_dir() and len(list(quarantine.iterdir())) > ended:
            ended += 1
            culprit.write_bytes(content)
            print(f"A reader was ended by {culprit} ({len(content):,} bytes)", file=sys.stderr)
        looked_at += 1
        taken_in += receipt is not None
    store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{looked_at:,} files (seed {seed}), {taken_in:,} taken in and back, "
        f"{ended:,} readers ended; peak {peak:,.0f} MB"
    )
    return 1 if ended else 0


if __name__ == "__main__":
    sys.exit(main())
