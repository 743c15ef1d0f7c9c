"""`make evaluate`: measure on the shared conversations and print one table.

`--json` prints the rows as JSON, `--markdown` as README has them, with the date; `--reasons` lists
each escalation of the sources in which few should be, to be read.
"""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from tests.evaluation.measures import ROWS, reasons
from tests.evaluation.rows import DATA, Data, Row

HEAD = ("measure", "found", "bound")


def main(arguments: list[str], clock: Callable[[], datetime]) -> None:
    """Run every row function and print what it found."""
    data = Data()
    if not data.folder.is_dir():
        print(f"make evaluate needs the shared data in {DATA}: skipped")
        return
    if "--reasons" in arguments:
        print("\n".join(reasons(data)))
        return
    rows = [row for measure in ROWS for row in measure(data)]
    if "--json" in arguments:
        at = clock().date().isoformat()
        print(json.dumps({"date": at, "rows": [asdict(row) for row in rows]}, indent=1))
    elif "--markdown" in arguments:
        print(markdown(rows, clock()))
    else:
        table = Table(*HEAD, "met", title="make evaluate")
        for row in rows:
            table.add_row(row.measure, row.found, row.bound, "yes" if row.met else "NO")
        Console().print(table)


def markdown(rows: Iterable[Row], at: datetime) -> str:
    """Return the rows as README has them, under the day they were measured."""
    lines = [
        f"On {at.day} {at:%B %Y}; in brackets 95 % of resamples over conversations:",
        "",
        f"| {' | '.join(HEAD)} |",
        "| --- | --- | --- |",
    ]
    for row in rows:
        missed = "" if row.met else " – missed"
        lines.append(f"| {row.measure} | {row.found} | {row.bound}{missed} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:], lambda: datetime.now(UTC))
