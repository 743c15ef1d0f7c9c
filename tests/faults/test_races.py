"""Processes race for claims, reservations and the floor: there is one winner each time."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.checker import INVARIANTS, Evidence
from tests.faults.nursery import ROOT, Nursery
from tests.faults.racer import ACTS
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
    """Return what the racers printed after they were ready."""
    racers = RACERS[made.kind]
    command = [sys.executable, "-m", "tests.faults.racer", str(made.folder), url]
    processes = [
        subprocess.Popen(
            [*command, f"r{number}", str(tries // racers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(racers)
    ]
    try:
        assert [one.stdout.readline() for one in processes] == ["ready\n"] * racers  # type: ignore[union-attr] # piped
        with ThreadPoolExecutor(racers) as pool:
            told = list(pool.map(lambda one: one.communicate("\n".join([*hot, "go\n"])), processes))
        assert [one.returncode for one in processes] == [0] * racers
    finally:
        for one in processes:
            if one.poll() is None:
                one.kill()
                one.communicate()
    return [out for out, _ in told]


def double_wins(wins: list[Win]) -> list[tuple[str, str, int]]:
    """Return what two people won: a version of an escalation, or an epoch of the floor.

    Who has the floor and takes it again keeps its epoch.
    """
    winners: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for key, act, number, human in wins:
        winners[key, "floor" if act == "floor" else "escalation", number].add(human)
    return [what for what, who in winners.items() if len(who) > 1]


def judge(made: Stage, tries: int) -> None:
    """Race, and look for two winners: in what racers were told, and in the trail."""
    total, wins = raced(made, tries)
    run = Evidence(made.rows(), [], [], SECRET, made.began, made.began)
    # It ended when it began: nobody fires timers while they race, so that none is late.
    breaches = [what for name in JUDGES for what in INVARIANTS[name][1](run)]
    double = double_wins(wins)
    acts = Counter(act for _, act, _, _ in wins)
    count(raced=total, two_owners=len(double) + len(breaches))
    count(**{f"won:_{act}": times for act, times in acts.items()})

    assert total >= tries
    assert len(acts) == len(set(ACTS)), "somebody wins each kind, or it was no race for it"
    assert len({human.partition("-")[0] for *_, human in wins}) == RACERS[made.kind], "no race"
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
