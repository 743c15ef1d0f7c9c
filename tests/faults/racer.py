"""A process that claims, reserves and takes the floor of a few escalations, against others like it.

`python -m tests.faults.racer FOLDER URL NAME TRIES` prints what it won, one line of JSON each, and
last how often it tried. Who loses is told so before anything was written. It says that it is ready,
and begins once stdin says `go` after the escalations: all that race are ready then.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from handoff.bootstrap import Settings, opened
from handoff.domain.audit import Actor, ActorKind
from handoff.domain.control import Controller
from handoff.domain.errors import Conflict, Forbidden, HandoffError
from handoff.domain.escalation import Escalation, State
from handoff.domain.ports import Transaction
from handoff.services import respond
from handoff.services.deps import Deps
from handoff.services.floor import pass_floor
from handoff.services.moving import found, head_of

TENANT = "default"
WAVE = 128
"""Tries at one escalation that are under way at once, in one process."""
SLICE_S = 0.02
"""For how long all processes turn to the same escalation."""
ACTS = ("claim", "claim", "reserve", "claim", "claim", "floor", "claim", "reserve")
Won = tuple[str, int, str] | None
"""What was won (a claim, a reservation, the floor), under which number, and by whom."""


@dataclass
class Racer:
    """Tries to win, and gives back what it won so that there is something to win again."""

    deps: Deps
    name: str
    hot: list[str]
    tried: int = 0
    waves: int = 0

    def wave(self) -> None:
        """Race for one escalation."""
        key = self.hot[int(time.time() / SLICE_S) % len(self.hot)]
        seen = self.deps.store.read(TENANT, lambda tx: head_of(tx, found(tx, key)).control.epoch)
        races = [self._race(key, number, seen) for number in range(WAVE)]
        self.waves += 1
        futures = [self.deps.store.submit(TENANT, race) for race in races]
        for future in futures:
            told = future.result()
            self.tried += 1
            if told is not None:
                print(json.dumps([key, *told]))
        self.deps.store.write(TENANT, partial(self._give_back, key))

    def _race(self, key: str, number: int, epoch: int) -> Callable[[Transaction], Won]:
        # Another act is the first in each wave: what comes first has the best chance.
        act = ACTS[(number + self.waves) % len(ACTS)]
        return partial(self._tried, act, key, f"{self.name}-{number}", epoch)

    def _tried(self, act: str, key: str, human: str, epoch: int, tx: Transaction) -> Won:
        try:
            return act, getattr(self, f"_{act}")(tx, found(tx, key), human, epoch), human
        except (Conflict, Forbidden):
            return None

    def _claim(self, tx: Transaction, it: Escalation, human: str, _: int) -> int:
        take = respond.accept if it.state is State.RESERVED else respond.claim
        by, at = Actor(ActorKind.HUMAN, human), self.deps.clock()
        return take(tx, self.deps, it, human, by=by, at=at).version

    def _reserve(self, tx: Transaction, it: Escalation, human: str, _: int) -> int:
        by, at = Actor(ActorKind.HUMAN, human), self.deps.clock()
        return respond.reserve(tx, self.deps, it, human, by=by, at=at).version

    def _floor(self, tx: Transaction, it: Escalation, human: str, epoch: int) -> int:
        by, at = Actor(ActorKind.HUMAN, human), self.deps.clock()
        talk = it.conversation_id
        return pass_floor(tx, talk, Controller.HUMAN, human, epoch, by=by, at=at).control.epoch

    def _give_back(self, key: str, tx: Transaction) -> None:
        it, at = found(tx, key), self.deps.clock()
        holder = it.owner or it.reserved_for or ""
        if not holder.startswith(f"{self.name}-"):
            return
        by = Actor(ActorKind.HUMAN, holder)
        if it.state is State.RESERVED:
            respond.decline(tx, self.deps, it, None, by=by, at=at)
        elif it.state is State.ACTIVE:
            respond.release(tx, self.deps, it, None, by=by, at=at)


def main(folder: str, url: str, name: str, tries: str) -> int:
    """Race until it was tried that often; a deadlock or a busy file costs a wave, no more."""
    settings = Settings(data_dir=Path(folder), database_url=url, semantic=False)
    with opened(settings) as deps:
        print("ready", flush=True)
        hot = list(iter(lambda: sys.stdin.readline().strip(), "go"))
        racer = Racer(deps, name, hot)
        while racer.tried < int(tries):
            try:
                racer.wave()
            except HandoffError as error:
                print(f"{name}: {error.message}", file=sys.stderr)
        print(json.dumps(racer.tried))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
