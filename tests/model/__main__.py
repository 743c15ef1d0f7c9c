"""`make model-test`: real conversations, a real and really bad model, the whole two-speed path.

`--python` names the Python that has the model; `--conversations` how many; `--markdown` prints the
table as `handoff/cards/README.md` has it, with the date; `--dropped` each sentence that was
dropped, and why.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from handoff.cli.output import Pace
from handoff.cli.reading import Recordings
from handoff.cli.stage import own_settings, working
from handoff.domain.turn import Conversation
from tests.evaluation.rows import DATA
from tests.model.path import Result, walk
from tests.model.server import MODEL, serving

SOURCES = ("tau-airline", "sgd", "star", "multidogo", "twitter-care", "getgoing")
HEAD = ("measure", "found")
LIMITS = {"llm_deadline_s": 180, "llm_input_chars": 1_000, "llm_answer_tokens": 100}


def main(arguments: list[str], clock: Callable[[], datetime]) -> int:
    """Run it and print what was found; 1 if a card got worse."""
    parser = argparse.ArgumentParser(prog="make model-test")
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--conversations", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--dropped", action="store_true")
    told = parser.parse_args(arguments)
    if not DATA.is_dir():
        print(f"make model-test needs the shared data in {DATA}: skipped")
        return 0
    results = list(_results(told.python, told.threads, list(_chosen(told.conversations))))
    rows = _rows(results)
    if told.dropped:
        for result in results:
            for one in result.summary.dropped:
                print(f"{one.why:14}{list(one.turns)!s:16}{one.text}")
            for statement in result.told:
                print(f"{'SHOWN':14}{list(statement.turns)!s:16}{statement.text}")
    if told.markdown:
        at = clock()
        print(f"On {at.day} {at:%B %Y}, {MODEL} in 4 bits:\n")
        print("\n".join(f"| {a} | {b} |" for a, b in (HEAD, ("---", "---"), *rows)))
    else:
        table = Table(*HEAD, title="make model-test")
        for row in rows:
            table.add_row(*row)
        Console().print(table)
    return 1 if any(not result.same or result.ungrounded() for result in results) else 0


def _chosen(count: int) -> Iterator[Conversation]:
    """Yield conversations from every source in turn."""
    share = -(-count // len(SOURCES))
    for source in SOURCES:
        recordings = Recordings(sorted(DATA.glob(f"{source}-dev.jsonl*")), None, print)
        for number, recording in enumerate(recordings):
            if number >= share:
                break
            yield recording.conversation


def _results(python: Path, threads: int, conversations: list[Conversation]) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as name, serving(python, Path(name), threads) as url:
        told = {"llm_url": url, "llm_model": MODEL, "llm_local": True, "llm_at_once": 1, **LIMITS}
        settings = own_settings(Path(name) / "data", outbox_dir=Path(name) / "out", **told)
        with working(settings) as service, Pace("model-test") as pace:
            for count, conversation in enumerate(conversations, 1):
                yield walk(service, conversation)
                pace.show(count, len(conversations), count)


def _rows(results: list[Result]) -> list[tuple[str, str]]:
    drafts = [result.summary.draft for result in results if result.summary.draft]
    dropped = Counter(one.why for result in results for one in result.summary.dropped)
    shown = sum(len(result.told) for result in results)
    failed = Counter(result.summary.error for result in results if result.summary.error)
    took = [(draft.provenance.latency_ms or 0) / 1_000 for draft in drafts]
    opened = sorted(1_000 * result.opened_s for result in results)
    replaced = [r for r in results if r.told]
    reasons = ", ".join(f"{why} {count}" for why, count in dropped.most_common())
    wrong = [value for result in results for value in result.ungrounded()]
    return [
        ("conversations", f"{len(results)} from {', '.join(SOURCES)}"),
        ("version 1 on disk, p50 / slowest", f"{median(opened):.0f} / {opened[-1]:.0f} ms"),
        ("the model answered in the form asked for", f"{len(drafts)} of {len(results)}"),
        ("… its answers that were given up", _listed(failed)),
        (
            "… seconds for an answer, p50 / slowest",
            f"{median(took):.1f} / {max(took):.1f}" if took else "none",
        ),
        ("sentences it wrote", str(shown + sum(dropped.values()))),
        ("… dropped", f"{sum(dropped.values())} ({reasons})"),
        ("… shown", f"{shown} on {len(replaced)} cards"),
        ("version 2 sent to the connector", f"{_updated(replaced)} of {len(replaced)}"),
        ("cards on which anything but the story changed", str(sum(not r.same for r in results))),
        ("values shown that no cited turn has", str(len(wrong)) + "".join(f"; {w}" for w in wrong)),
    ]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in counts.most_common()) or "none"


def _updated(results: list[Result]) -> int:
    return sum(result.parcels == ("opened", "updated") for result in results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda: datetime.now(UTC)))
