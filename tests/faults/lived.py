"""Lives a day on a database and returns what is left of it."""

from collections.abc import Callable
from pathlib import Path

from tests.faults.checker import Evidence
from tests.faults.day import CARD, SCRIPT, Day
from tests.faults.guardian import Guardian
from tests.faults.nursery import Nursery
from tests.faults.remote import Act
from tests.faults.stage import Mould, Service, Stage, stage

CANARIES = (CARD, CARD.replace(" ", ""))
TIMERS = {"HANDOFF_RESERVATION_S": "0.5", "HANDOFF_DELIVERY_LEASE_S": "1"}


def lived(
    nursery: Nursery,
    moulds: Mould,
    folder: Path,
    kind: str,
    *plants: str,
    keyed: bool = True,
    script: tuple[Act, ...] = SCRIPT,
    before: dict[str, Callable[[Service], None]] | None = None,
    patience: float = 20.0,
    while_it_lasts: Callable[[Stage], None] = lambda _: None,
) -> Evidence:
    """Return the evidence of one day.

    `plants` change the service, `before` meddles before a step, `while_it_lasts` right after the
    last one.
    """
    with stage(nursery, moulds, folder, kind, keyed=keyed, plants=plants, **TIMERS) as made:
        made.remote.plays(*script)
        service = made.serve()
        made.follow()
        service.sample()
        meddled = {"move": lambda one: one.stage.export(), **(before or {})}
        with Guardian(service):
            Day(made, meddled).run()
            while_it_lasts(made)
            made.settle(patience)
        service.sample()
        evidence = made.evidence()
        evidence.canaries = CANARIES
        evidence.undisturbed = not before
        return evidence
