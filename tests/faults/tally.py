"""Counts what the fault tests did, over all their processes, and says it at the end."""

import json
import os
import sys
from collections import defaultdict
from pathlib import Path

VARIABLE = "FAULTS_TALLY"
"""Names the file in which it is counted; without it nothing is."""
WANTED = {"kills": 2_000, "raced": 1_000_000, "takeovers": 30, "planted bugs caught": 30}
"""What `make faults` must come to."""
NONE = (
    "lost or doubled",
    "two owners",
    "planted bugs missed",
    "second effects at a de duplicating receiver",
)
TWICE, UNKNOWN = (f"{what} at a plain receiver" for what in ("second effects", "unknown outcomes"))
"""The first is no more than the second: what may be lost comes again to who remembers nothing."""
MOST = "at most"
"""Begins the names of figures of which the greatest counts, not the sum."""


def count(**figures: float) -> None:
    """Add to figures; their names are written with spaces."""
    _keep({name.replace("_", " "): figure for name, figure in figures.items()})


def most(**figures: float) -> None:
    """Say figures of which the greatest counts."""
    _keep({f"{MOST} {name.replace('_', ' ')}": round(n, 2) for name, n in figures.items()})


def _keep(told: dict[str, float]) -> None:
    path = os.environ.get(VARIABLE)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


def main(path: Path) -> int:
    """Print the sums; return 1 if something was not done often enough, or went wrong."""
    sums: defaultdict[str, float] = defaultdict(float)
    for line in path.read_text(encoding="utf-8").splitlines():
        for name, figure in json.loads(line).items():
            sums[name] = max(sums[name], figure) if name.startswith(MOST) else sums[name] + figure
    for name, figure in sorted(sums.items()):
        print(f"{name}: {figure:,g}")
    few = [name for name, least in WANTED.items() if sums[name] < least]
    bad = [name for name in NONE if sums[name]]
    bad += [TWICE] if sums[TWICE] > sums[UNKNOWN] else []
    if few or bad:
        print(f"not enough: {few}; must not be: {bad}")
    return 1 if few or bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
