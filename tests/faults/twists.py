"""The circumstances in which planted bugs show, and in which a sound service shows nothing."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.faults.checker import Evidence
from tests.faults.day import Day
from tests.faults.lived import lived
from tests.faults.nursery import Nursery
from tests.faults.remote import BROKEN, GONE, LOST, OK, Act, Sighting, slow
from tests.faults.stage import GO, STOP, Mould, Service, stage, until

Twist = Callable[..., Evidence]
"""Called with the nursery, the moulds, a folder, the kind of database and what is planted."""


def _killed(name: str, point: str) -> Twist:
    """Return a day on which the service dies at a point within a step, and not beside it."""

    def arm(service: Service) -> None:
        until(lambda: service.stage.busy() == 0)
        time.sleep(0.5)  # the engine looks once more after it has settled something
        service.arm(point)

    return partial(lived, before={name: arm}, patience=8.0)


def _drip(nursery: Nursery, moulds: Mould, folder: Path, kind: str, *plants: str) -> Evidence:
    script = (Act(drip=6.0, effect=False),)
    evidence = lived(nursery, moulds, folder, kind, "short_deadline", *plants, script=script)
    evidence.deadline = 2.0
    return evidence


def _gone(nursery: Nursery, moulds: Mould, folder: Path, kind: str, *plants: str) -> Evidence:
    return lived(nursery, moulds, folder, kind, *plants, script=(OK, OK, GONE), patience=4.0)


def _frozen(nursery: Nursery, moulds: Mould, folder: Path, kind: str, *plants: str) -> Evidence:
    """Stop a service while its receiver thinks, for longer than its lease; then let it go on."""
    with stage(nursery, moulds, folder, kind, plants=plants, HANDOFF_DELIVERY_LEASE_S="1") as made:
        first = made.serve()
        day = Day(made)
        made.remote.gate.clear()
        day.opened("c1")
        until(lambda: made.remote.ledger)
        first.child.send(STOP)
        made.remote.gate.set()
        _answered(made.remote.ledger)
        second = made.serve()
        made.services.reverse()
        until(lambda: len(made.remote.ledger) == 2, 15)
        made.settle()
        first.child.send(GO)
        until(lambda: _told(made.rows()["audit_entries"]) >= 2, 10)
        made.settle()
        assert second.child.alive
        return made.evidence()


def _answered(ledger: list[Sighting]) -> None:
    until(lambda: ledger[0].status is not None)


def _told(entries: list[dict[str, object]]) -> int:
    return sum(str(one["action"]).startswith("deliver") for one in entries)


TWISTS: dict[str, Twist] = {
    "plain": lived,
    "compared": lived,
    "drip": _drip,
    "frozen": _frozen,
    "gone": _gone,
    "failing": lambda *args: lived(*args, "quick_schedule", script=(BROKEN,) * 9),
    "slow": lambda *args: lived(*args, script=(OK, slow(4.0))),
    "unkeyed": lambda *args: lived(*args, keyed=False, script=(BROKEN, OK, LOST)),
    "skewed": lambda *args: lived(*args, "clock_an_hour_ahead"),
}


def twist(name: str) -> Twist:
    """Return what lives in some circumstances: one of the table, or `kill STEP POINT`."""
    if name.startswith("kill "):
        _, step, point = name.split()
        return _killed(step, point)
    return TWISTS[name]
