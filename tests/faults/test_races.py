"""Processes race for claims, reservations and the floor: there is one winner each time."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.checker import INVARIANTS, Evidence
from tests.faults.nursery import ROOT, Nursery
from tests.faults.stage import SECRET, Mould, Stage, stage
from tests.faults.tally import count

pytestmark = pytest.mark.faults
RACERS = {"sqlite": 2, "postgresql": 3}
HOT = 12
"""Escalations that are raced for."""
JUDGES = ("I-3", "I-4", "I-5", "I-16", "I-21")
Win = tuple[str, str, int, str]


def raced(made: Stage, tries: int) -> tuple[int, list[Win]]:
    """Return how often it was tried by all, and what each won."""
    service = made.serve()
    bot = made.client("bot")
    asked = [bot.turn(f"hot-{n}", "ask", "I want to talk to a human") for n in range(HOT)]
    hot = [call.json()["escalation"]["escalation_id"] for call in asked]
    made.settle()
    service.child.kill()
    url = made.database or f"sqlite:///{made.folder / 'handoff.db'}"
    total, wins = 0, []
    for out in _run(made, url, hot, tries):
        *won, last = out.splitlines()
        total += int(last)
        wins += [tuple(json.loads(line)) for line in won]
    return total, wins


def _run(made: Stage, url: str, hot: list[str], tries: int) -> list[str]:
    """Return what the racers printed."""
    racers = RACERS[made.kind]
    command = [sys.executable, "-m", "tests.faults.racer", str(made.folder), url]
    told = [made.folder / f"won-{number}" for number in range(racers)]
    (made.folder / "hot").write_text("\n".join(hot))
    with ExitStack() as doors:
        processes = [
            subprocess.Popen(
                [*command, f"r{number}", str(tries // racers)],
                stdin=doors.enter_context((made.folder / "hot").open()),
                stdout=doors.enter_context(path.open("w")),
                cwd=ROOT,
            )
            for number, path in enumerate(told)
        ]
        try:
            assert [one.wait(1_500) for one in processes] == [0] * racers
        finally:
            for one in processes:
                if one.poll() is None:
                    one.kill()
                    one.wait()
    return [path.read_text() for path in told]


def judge(made: Stage, tries: int) -> None:
    """Race, and look for two winners: in what racers were told, and in the trail."""
    total, wins = raced(made, tries)
    run = Evidence(made.rows(), [], [], SECRET, made.began, made.began + 10**6)
    run.ended = max(entry["at"] for entry in run.rows["audit_entries"])
    breaches = [what for name in JUDGES for what in INVARIANTS[name][1](run)]
    double = [what for what, n in Counter(win[:3] for win in wins).items() if n > 1]
    who = Counter(win[3] for win in wins)
    count(raced=total, won=len(wins), two_owners=len(double) + len(breaches))

    assert total >= tries
    assert len(who) == RACERS[made.kind], "somebody won nothing: that was no race"
    assert double == []
    assert breaches == []


def test_a_few_thousand_races(nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str) -> None:
    """Nobody is an owner beside another one."""
    with stage(nursery, moulds, tmp_path, kind) as made:
        judge(made, 6_000)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_half_a_million_races(nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str) -> None:
    """On each of the two databases."""
    with stage(nursery, moulds, tmp_path, kind) as made:
        judge(made, 505_000)
