"""`make evaluate`: measure decisions and cards on the shared conversations, and print a table.

`--decisions` and `--cards` measure one of the two. `--json` prints the rows as JSON, `--readme`
writes them into the READMEs of detection and cards, with the date; `--reasons` lists each
escalation of the sources in which few should be, to be read.
"""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.evaluation.carded import card_rows
from tests.evaluation.measures import ROWS, reasons
from tests.evaluation.rows import DATA, Data, Row

PARTS = {"decisions": ROWS, "cards": [card_rows]}
"""What is measured, a part of a document each."""
_ROOM = Path(__file__).parents[2] / "handoff"
DOCUMENTS = {
    "decisions": _ROOM / "detection" / "README.md",
    "cards": _ROOM / "cards" / "README.md",
}
"""Where each part stands."""
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
    parts = {
        name: [row for measure in measures for row in measure(data)]
        for name, measures in PARTS.items()
        if f"--{name}" in arguments or not {f"--{part}" for part in PARTS} & {*arguments}
    }
    if "--json" in arguments:
        at = clock().date().isoformat()
        rows = [asdict(row) for rows in parts.values() for row in rows]
        print(json.dumps({"date": at, "rows": rows}, indent=1))
    elif "--readme" in arguments:
        for name, rows in parts.items():
            document = DOCUMENTS[name]
            text = filled(document.read_text(encoding="utf-8"), name, markdown(rows, clock()))
            document.write_text(text, encoding="utf-8")
    else:
        for name, rows in parts.items():
            table = Table(*HEAD, "met", title=f"make evaluate: {name}")
            for row in rows:
                table.add_row(row.measure, row.found, row.bound, "yes" if row.met else "NO")
            Console().print(table)


def filled(text: str, name: str, table: str) -> str:
    """Return a document's text with a part between its markers made anew."""
    before, begin, rest = text.partition(f"<!-- evaluate {name} -->\n")
    _, end, after = rest.partition(f"<!-- /evaluate {name} -->")
    assert begin, name
    assert end, name
    return f"{before}{begin}{table}\n{end}{after}"


def markdown(rows: Iterable[Row], at: datetime) -> str:
    """Return the rows as a document has them, under the day they were measured."""
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
