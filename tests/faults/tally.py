"""Counts what the fault tests did, over all their processes, and says it at the end."""

import json
import os
import sys
from collections import Counter
from pathlib import Path

VARIABLE = "FAULTS_TALLY"
"""Names the file in which it is counted; without it nothing is."""
WANTED = {"kills": 2_000, "raced": 1_000_000, "takeovers": 30, "planted bugs caught": 30}
"""What `make faults` must come to."""
NONE = ("lost or doubled", "two owners", "planted bugs missed")


def count(**figures: float) -> None:
    """Add to figures; their names are written with spaces."""
    told = {name.replace("_", " "): figure for name, figure in figures.items()}
    path = os.environ.get(VARIABLE)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


def main(path: Path) -> int:
    """Print the sums; return 1 if something was not done often enough, or went wrong."""
    sums: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        sums.update(json.loads(line))
    for name, figure in sorted(sums.items()):
        print(f"{name}: {figure:,g}")
    few = [name for name, least in WANTED.items() if sums[name] < least]
    bad = [name for name in NONE if sums[name]]
    if few or bad:
        print(f"not enough: {few}; must be none: {bad}")
    return 1 if few or bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
