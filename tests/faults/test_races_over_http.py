"""People race through two services on one database: there is one winner each time."""

import random
import time
from pathlib import Path
from threading import Thread

import pytest

from tests.faults.checker import check
from tests.faults.day import HUMAN
from tests.faults.history import Client
from tests.faults.nursery import Nursery
from tests.faults.stage import Mould, stage
from tests.faults.tally import count

pytestmark = pytest.mark.faults
PEOPLE = ("ada", "bob", "eve")
HOT = 4
"""Escalations that are raced for."""


def race(client: Client, hot: list[tuple[str, str]], seed: str, until: float) -> None:
    """Claim, reserve, take the floor, and give back what was won, until the time is over.

    What is raced for changes every twentieth of a second, for everybody at once.
    """
    chance = random.Random(seed)
    while time.time() < until:
        conversation, key = hot[int(time.time() / 0.05) % len(hot)]
        path, me = f"/v1/escalations/{key}", {"human": client.who}
        control = f"/v1/conversations/{conversation}/control"
        verb = chance.choice(("claim", "claim", "accept", "reserve", "floor"))
        if verb == "floor":
            known = client.once("GET", control)
            if known.status == 200:
                told = {"holder": "human", "name": client.who, "epoch": known.json()["epoch"]}
                client.once("POST", control, told)
        elif client.once("POST", f"{path}/{verb}", me if verb == "reserve" else {}).status == 200:
            client.once("POST", f"{path}/{'decline' if verb == 'reserve' else 'release'}", {})


def raced(nursery: Nursery, moulds: Mould, folder: Path, kind: str, seed: int, span: float) -> None:
    """Race for some seconds, and let the whole checker judge."""
    with stage(nursery, moulds, folder, kind) as made:
        both = [made.serve(), made.serve()]
        bot = made.client("bot")
        asked = [bot.turn(f"hot-{n}", "ask", HUMAN) for n in range(HOT)]
        keys = [call.json()["escalation"]["escalation_id"] for call in asked]
        hot = [(f"hot-{n}", key) for n, key in enumerate(keys)]
        clients = [made.client(who, service=service) for service in both for who in PEOPLE]
        end = time.time() + span
        threads = [
            Thread(target=race, args=(client, hot, f"{seed} {number}", end))
            for number, client in enumerate(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made.settle()
        breaches = check(made.evidence())
        tries = [call for call in made.history.calls if call.method == "POST"]
    statuses = {call.status for call in tries}
    count(raced=len(tries), raced_over_http=len(tries), two_owners=len(breaches))

    assert breaches == []
    assert {200, 409} <= statuses


def test_a_few_races_through_two_services(
    nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str, seed: int
) -> None:
    """Nobody is an owner beside another one."""
    raced(nursery, moulds, tmp_path, kind, seed, 3)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_many_races_through_two_services(
    nursery: Nursery, moulds: Mould, tmp_path: Path, kind: str, seed: int
) -> None:
    """Some thousand on each of the two databases."""
    raced(nursery, moulds, tmp_path, kind, seed, 60)
