"""Workers die by kill -9 while a receiver thinks: others take over, with the leases as they are."""

import time
from pathlib import Path
from statistics import median

import pytest

from tests.faults.checker import check
from tests.faults.day import HUMAN
from tests.faults.nursery import Nursery
from tests.faults.sabotage import PATIENT_S
from tests.faults.stage import Mould, Stage, stage, until
from tests.faults.tally import count, most
from tests.redis_server import running as running_redis

pytestmark = [pytest.mark.faults, pytest.mark.long]
WORKERS = 20
"""They die at once, each in the middle of a delivery of its own."""
LONGEST_S, MEDIAN_S = 45.0, 35.0


def stalled(made: Stage) -> set[str]:
    """Return the keys of what workers are sending to a receiver that thinks, one each."""
    made.serve()
    made.follow()
    made.remote.gate.clear()
    bot = made.client("bot")
    for number in range(3 * WORKERS):
        bot.turn(f"c{number}", "ask", HUMAN)
    for _ in range(WORKERS):
        made.work(ready=False, HANDOFF_THREADS="1")
    assert until(lambda: len(made.remote.ledger) >= WORKERS, 300), len(made.remote.ledger)
    return {one.key for one in made.remote.ledger}


def kill_all(made: Stage) -> float:
    """Kill all workers; return when that began."""
    began = time.time()
    for worker in made.services[1:]:
        worker.child.kill()
    made.kills += WORKERS
    made.faults.append((began, time.time()))
    return began


@pytest.mark.timeout(600)
def test_what_killed_workers_were_sending_is_taken_over(
    nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str
) -> None:
    """Within 45 seconds, mostly 35: the lease, 30 at most, and the sweep; and nothing twice."""
    with (
        running_redis() as redis,
        stage(
            nursery, moulds, tmp_path, kind, plants=("patient",), HANDOFF_REDIS_URL=redis.url
        ) as made,
    ):
        keys = stalled(made)
        died = kill_all(made)
        made.remote.gate.set()
        for _ in range(2):
            made.work()
        made.settle(90)
        again = {one.key: one.began - died for one in made.remote.ledger if one.began > died}
        run = made.evidence()
        run.deadline = PATIENT_S
        breaches = check(run)
    took = sorted(again[key] for key in keys)
    count(kills=WORKERS, takeovers=len(took), lost_or_doubled=len(breaches))
    most(takeover_s=took[-1], median_takeover_s=median(took))

    assert breaches == []
    assert len(took) == WORKERS
    assert took[-1] <= LONGEST_S
    assert median(took) <= MEDIAN_S
