"""Kill -9 at any moment, of services, workers, Redis and PostgreSQL, while a crowd goes on."""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from pathlib import Path

import pytest

from tests.faults.checker import check
from tests.faults.crowd import Crowd
from tests.faults.nursery import Nursery
from tests.faults.remote import BROKEN, LOST, OK, Act, busy
from tests.faults.stage import Mould, Stage, stage
from tests.faults.tally import count
from tests.redis_server import Server as Redis
from tests.redis_server import running as running_redis

pytestmark = pytest.mark.faults
SOAK_S = 60 * float(os.environ.get("SOAK", "0"))
LEASE = {"HANDOFF_DELIVERY_LEASE_S": "1"}
PLANTS = ("records_soon",)
"""So that what failed is followed to its end; the real delays are minutes and hours."""
ROUGH = (OK,) * 16 + (BROKEN, LOST, LOST, busy(1))
RECOVERY_S = 8.0
"""Seconds in which a service may still say 503 after its database was away."""
Fault = Callable[[Stage], None]


def acts(chance: random.Random) -> Iterator[Act]:
    """Yield how a receiver with moods answers."""
    yield from (chance.choice(ROUGH) for _ in repeat(None))


def strike(made: Stage, faults: list[Fault], chance: random.Random, seconds: float) -> None:
    """Do one fault after another for some time, then stop and wait for everything to settle."""
    made.remote.script = acts(random.Random(chance.random()))
    until = time.monotonic() + seconds
    with Crowd(made, 3, chance) as crowd:
        while time.monotonic() < until:
            time.sleep(chance.uniform(0.0, 0.5))
            chance.choice(faults)(made)
    made.remote.script = repeat(OK)
    made.settle(60)
    breaches = check(made.evidence())
    count(kills=made.kills, lost_or_doubled=len(breaches), conversations=crowd.conversations)

    assert breaches == []
    assert made.kills > seconds / 5


def kill(number: int, made: Stage) -> None:
    """Kill a service or a worker and start it again."""
    made.services[number].kill()


def restart_database(made: Stage) -> None:
    """End PostgreSQL at once, as a crash does, and start it again."""
    assert made.mould.server is not None
    began = time.time()
    made.mould.server.restart()
    made.kills += 1
    made.faults.append((began, time.time() + RECOVERY_S))


def flush(redis: Redis, made: Stage) -> None:
    """Let Redis forget everything."""
    with redis.client() as client:
        client.flushall()
    made.kills += 1


def restart_redis(redis: Redis, made: Stage) -> None:
    """Kill Redis, which keeps nothing, and start it again."""
    redis.stop()
    redis.start()
    made.kills += 1


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
        faults += [partial(flush, redis), partial(restart_redis, redis)]
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
