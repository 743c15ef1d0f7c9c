"""The service dies at each named point, within each operation, on both databases."""

import random
from pathlib import Path

import pytest

from handoff.services.points import POINTS as NAMED
from tests.faults.checker import check
from tests.faults.guardian import Guardian
from tests.faults.nursery import Nursery
from tests.faults.rounds import EVERY, POINTS, QUICK, Rounds
from tests.faults.stage import Mould, stage
from tests.faults.tally import count

pytestmark = [pytest.mark.faults, pytest.mark.long]
TIMES = 18
"""How often each point of each operation is died at, on each database."""


def test_every_named_point_is_died_at() -> None:
    """A new point must be added to the operations that pass it."""
    assert {point for points in POINTS.values() for point in points} == set(NAMED)


def died(
    nursery: Nursery, moulds: Mould, folder: Path, kind: str, chance: random.Random, times: int
) -> None:
    """Die at every point of every operation, in some order, and check what is left."""
    with stage(nursery, moulds, folder, kind, keyed=chance.random() < 0.7, **QUICK) as made:
        service = made.serve()
        made.follow()
        with Guardian(service) as guardian:
            rounds = Rounds(made, service, guardian, chance)
            for operation, point in chance.sample(EVERY * times, len(EVERY) * times):
                rounds.round(operation, point)
            made.settle()
        breaches = check(made.evidence())
    count(kills=made.kills, lost_or_doubled=len(breaches))

    assert rounds.missed == []
    assert set(rounds.hits) == set(EVERY)
    assert breaches == []


@pytest.mark.timeout(1_200)
def test_dying_anywhere_loses_and_doubles_nothing(
    nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str, seed: int
) -> None:
    """Each point of each operation once."""
    died(nursery, moulds, tmp_path, kind, random.Random(seed), 1)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("part", range(6))
def test_dying_anywhere_again_and_again(
    nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str, seed: int, part: int
) -> None:
    """In other orders, over all that died before."""
    chance = random.Random(f"{seed} {part} {kind}")
    died(nursery, moulds, tmp_path, kind, chance, TIMES // 6)
