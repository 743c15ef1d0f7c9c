"""Kill -9 at any moment, of services, workers, Redis and PostgreSQL, while a crowd goes on."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from pathlib import Path

import pytest

from tests.faults.checker import Evidence, check
from tests.faults.checker.delivered import effects_and_unknown
from tests.faults.crowd import Crowd
from tests.faults.nursery import Nursery
from tests.faults.remote import BROKEN, LOST, OK, Act, busy
from tests.faults.stage import Mould, Stage, stage, until
from tests.faults.tally import count
from tests.redis_server import Server as Redis
from tests.redis_server import running as running_redis

pytestmark = pytest.mark.faults
SOAK_S = 60 * float(os.environ.get("SOAK", "0"))
LEASE = {"HANDOFF_DELIVERY_LEASE_S": "1"}
PLANTS = ("records_soon",)
"""So that what failed is followed to its end; the real delays are minutes and hours."""
ROUGH = (OK,) * 16 + (BROKEN, LOST, LOST, busy(1))
MOST_BETWEEN, PATIENCE_S = 6, 5.0
"""Answers with 2xx between two faults at most, and the seconds they are waited for."""
RECOVERY_S = 8.0
"""Seconds in which a service may still say 503 after its database was away."""
Fault = Callable[[Stage], None]


def acts(chance: random.Random) -> Iterator[Act]:
    """Yield how a receiver with moods answers."""
    yield from (chance.choice(ROUGH) for _ in repeat(None))


def strike(made: Stage, faults: list[Fault], chance: random.Random, seconds: float) -> None:
    """Do one fault after another for some time, then stop and wait for everything to settle.

    Between two of them something is acknowledged, however slow the machine: so that there is
    something to lose.
    """
    made.remote.script = acts(random.Random(chance.random()))
    end = time.monotonic() + seconds
    with Crowd(made, 3, chance) as crowd:
        while time.monotonic() < end and not crowd.trouble:
            enough = made.history.acknowledged + chance.randint(1, MOST_BETWEEN)
            until(lambda n=enough: made.history.acknowledged >= n, PATIENCE_S)
            time.sleep(chance.uniform(0.0, 0.05))
            chance.choice(faults)(made)
    made.remote.script = repeat(OK)
    made.settle(60)
    run = made.evidence()
    breaches = check(run)
    tell(made, run, len(breaches), crowd.conversations)

    assert breaches == []
    assert made.kills > seconds / 10


def tell(made: Stage, run: Evidence, breaches: int, conversations: int) -> None:
    """Count what was killed, what was acknowledged, and what came twice to the receiver."""
    came = effects_and_unknown(run).values()
    whose = "de_duplicating" if run.keyed else "plain"
    count(
        kills=made.kills,
        lost_or_doubled=breaches,
        conversations=conversations,
        acknowledged=made.history.acknowledged,
        deliveries=len(run.posted),
        **{f"{made.kind}:_kills_of_{what}": n for what, n in made.killed.items()},
        **{f"second_effects_at_a_{whose}_receiver": sum(times - 1 for times, _ in came)},
        **{f"unknown_outcomes_at_a_{whose}_receiver": sum(unknown for _, unknown in came)},
    )


def kill(number: int, made: Stage) -> None:
    """Kill a service or a worker and start it again."""
    made.services[number].kill()
    made.killed[made.services[number].command[0]] += 1


def restart_database(made: Stage) -> None:
    """End PostgreSQL at once, as a crash does, and start it again."""
    assert made.mould.server is not None
    began = time.time()
    made.mould.server.restart()
    made.kills += 1
    made.killed["postgresql"] += 1
    made.faults.append((began, time.time() + RECOVERY_S))


def flush(redis: Redis, made: Stage) -> None:
    """Let Redis forget everything."""
    with redis.client() as client:
        client.flushall()
    made.kills += 1
    made.killed["all that redis knew"] += 1


def restart_redis(redis: Redis, made: Stage) -> None:
    """Kill Redis, which keeps nothing, and start it again."""
    redis.stop()
    redis.start()
    made.kills += 1
    made.killed["redis"] += 1


def cut_power(redis: Redis, made: Stage) -> None:
    """Kill services, workers and Redis at once, and start them again."""
    began = time.time()
    for service in made.services:
        service.child.send(signal.SIGKILL)
    restart_redis(redis, made)
    for service in made.services:
        service.revive()
        made.killed[service.command[0]] += 1
    made.faults.append((began, time.time()))


@contextmanager
def apart(
    nursery: Nursery, moulds: Mould, folder: Path, kind: str, redis: Redis
) -> Iterator[Stage]:
    """Yield a service with two workers beside it."""
    told = {**LEASE, "HANDOFF_REDIS_URL": redis.url}
    with stage(nursery, moulds, folder, kind, plants=PLANTS, **told) as made:
        made.serve()
        made.follow()
        for _ in range(2):
            made.work()
        yield made


def storm(
    nursery: Nursery, moulds: Mould, folder: Path, kind: str, chance: random.Random, seconds: float
) -> None:
    """Kill the service that delivers by itself, over and over."""
    keyed = chance.random() < 0.5
    with stage(nursery, moulds, folder, kind, keyed=keyed, plants=PLANTS, **LEASE) as made:
        made.serve()
        made.follow()
        faults: list[Fault] = [partial(kill, 0)]
        if kind == "postgresql":
            faults = faults * 6 + [restart_database]
        strike(made, faults, chance, seconds)


def storm_apart(
    nursery: Nursery, moulds: Mould, folder: Path, kind: str, chance: random.Random, seconds: float
) -> None:
    """Kill whatever there is: a service, two workers, Redis, PostgreSQL."""
    with running_redis() as redis, apart(nursery, moulds, folder, kind, redis) as made:
        faults: list[Fault] = [partial(kill, number) for number in (0, 0, 1, 2)]
        faults += [partial(flush, redis), partial(restart_redis, redis), partial(cut_power, redis)]
        if kind == "postgresql":
            faults += [restart_database]
        strike(made, faults, chance, seconds)


def test_a_short_storm(
    nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str, seed: int
) -> None:
    """A few kills of everything."""
    storm_apart(nursery, moulds, tmp_path, kind, random.Random(seed), 6)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(3))
def test_a_storm_over_one_service(
    nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str, seed: int, part: int
) -> None:
    """Some hundred kills."""
    storm(nursery, moulds, tmp_path, kind, random.Random(f"{seed} {part}"), 60)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(2))
def test_a_storm_over_everything(
    nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str, seed: int, part: int
) -> None:
    """Of all that can be killed."""
    storm_apart(nursery, moulds, tmp_path, kind, random.Random(f"{seed} {part}"), 60)


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.skipif(not SOAK_S, reason="SOAK=minutes")
def test_soak(nursery: Nursery, moulds: Mould, tmp_path: Path) -> None:
    """Storms of a minute on either database in turn, with new seeds, for `SOAK` minutes."""
    until, number = time.monotonic() + SOAK_S, 0
    while time.monotonic() < until:
        number += 1
        seed = f"{time.time_ns()}"
        print(f"soak {number}: seed {seed}")
        kind = ("sqlite", "postgresql")[number % 2]
        run = (storm, storm_apart)[number // 2 % 2]
        run(nursery, moulds, tmp_path / str(number), kind, random.Random(seed), 60)
