"""Operations, each of which a service may die in at every point it passes, and how they go on."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.day import HUMAN
from tests.faults.guardian import Guardian
from tests.faults.history import Client
from tests.faults.remote import Sighting
from tests.faults.stage import Service, Stage, signed, until

COMMIT = ("before_commit", "after_commit")
ANSWER = (*COMMIT, "before_answer")
POINTS = {
    "turn": (*ANSWER, "after_turn"),
    "open": (*ANSWER, "after_turn", "after_open"),
    "ask": (*ANSWER, "after_open"),
    "claim": (*ANSWER, "after_move"),
    "accept": (*ANSWER, "after_move"),
    "move": (*ANSWER, "after_move"),
    "callback": (*ANSWER, "after_move"),
    "timer": (*COMMIT, "after_move", "before_timer"),
    "deliver": ("before_deliver", "after_deliver", "after_settle", *COMMIT),
}
"""Operation to the points that it passes."""
EVERY = [(operation, point) for operation, points in POINTS.items() for point in points]
MOVES = ("release", "dispose", "return", "messages", "note")
TRIES = 5
PATIENCE_S, DEATH_S = 30.0, 3.0
"""Seconds for whatever must happen; and for a death where what was done is there already."""
QUICK = {
    "HANDOFF_CONNECT_S": "0.6",
    "HANDOFF_DELIVERY_LEASE_S": "1",
    "HANDOFF_CHECK_S": "600",
}


@dataclass
class Rounds:
    """Does operations on one stage, one after another, and lets the service die in each."""

    stage: Stage
    service: Service
    guardian: Guardian
    chance: random.Random
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    number: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Meet the people."""
        self.bot, self.ada, self.eve = (self.stage.client(name) for name in ("bot", "ada", "eve"))
        self._looker = self.stage.looker()

    def round(self, operation: str, point: str) -> None:
        """Do one operation in which the service dies at a point, and what follows on it.

        A timer may fire before the point is armed, where the machine is slow: then once more.
        """
        for _ in range(TRIES):
            self.number += 1
            if self._died(operation, point, f"r{self.number}"):
                self.hits[operation, point] += 1
                return
            if operation != "timer":
                break
        self.missed.append((operation, point))

    def _died(self, operation: str, point: str, conversation: str) -> bool:
        go = getattr(self, f"_{operation}")(conversation)
        until(lambda: self.stage.busy() == 0, PATIENCE_S)
        time.sleep(0.05)  # the engine looks once more after it has settled something
        before = self.guardian.deaths
        self._arm(operation, point)
        go()
        # What was done is told when it is there: by then it had passed all its points but the last.
        patience = DEATH_S if operation == "timer" else PATIENCE_S
        died = until(lambda: self.guardian.deaths > before, patience)
        self.service.disarm()
        self.stage.remote.choose = lambda _: None
        # Not before it is seen to answer: what is armed next would be met by the start.
        return died and until(lambda: self.guardian.revivals == self.guardian.deaths, PATIENCE_S)

    def _arm(self, operation: str, point: str) -> None:
        if operation == "deliver" and point in COMMIT:
            # The next commit after the receiver was reached is the one that settles it.
            def arrived(_: Sighting) -> None:
                self.stage.remote.choose = lambda _: None
                self.service.arm(point)

            self.stage.remote.choose = arrived
        else:
            self.service.arm(point)

    def _opened(self, conversation: str) -> str:
        call = self.bot.turn(conversation, "ask", HUMAN)
        return str(call.json()["escalation"]["escalation_id"])

    def _post(self, who: Client, key: str, verb: str, body: object = None) -> None:
        who.post(f"/v1/escalations/{key}/{verb}", body, key=f"{key}-{verb}-{self.number}")

    def _turn(self, conversation: str) -> Callable[[], object]:
        self.bot.turn(conversation, "t0", "good morning")
        return lambda: self.bot.turn(conversation, "t1", "my order is late")

    def _open(self, conversation: str) -> Callable[[], object]:
        self.bot.turn(conversation, "t0", "good morning")
        return lambda: self._opened(conversation)

    def _ask(self, conversation: str) -> Callable[[], object]:
        turns = [{"turn_id": "v1", "role": "customer", "text": "the line is bad"}]
        asks = {"conversation_id": conversation, "transcript": turns}
        return lambda: self.bot.post("/v1/escalations", asks, key=conversation)

    def _claim(self, conversation: str) -> Callable[[], object]:
        key = self._opened(conversation)
        return lambda: self._post(self.ada, key, "claim")

    def _accept(self, conversation: str) -> Callable[[], object]:
        key = self._opened(conversation)
        self._post(self.eve, key, "reserve", {"human": "ada"})
        return lambda: self._post(self.ada, key, "accept")

    def _move(self, conversation: str) -> Callable[[], object]:
        key = self._opened(conversation)
        self._post(self.ada, key, "claim")
        verb = self.chance.choice(MOVES[:3])
        return lambda: self._post(self.ada, key, verb)

    def _callback(self, conversation: str) -> Callable[[], object]:
        key = self._opened(conversation)
        told = {"type": "escalation.claim", "data": {"escalation_id": key, "by": "zoe"}}
        body, headers = signed(f"e-{conversation}", told)
        return lambda: self.bot.raw("/v1/callbacks/webhook/default", body, headers)

    def _timer(self, conversation: str) -> Callable[[], object]:
        asks = {"conversation_id": conversation, "conversation": {"channel": "voice"}}
        call = self.bot.post("/v1/escalations", asks, key=conversation)
        key = call.json()["escalation"]["escalation_id"]
        until(lambda: self.stage.busy() == 0, PATIENCE_S)
        self._post(self.ada, key, "claim")  # and her leg is never bridged
        path = f"/v1/escalations/{key}"
        return lambda: until(lambda: self._looker.json(path)["state"] == "queued", PATIENCE_S)

    def _deliver(self, conversation: str) -> Callable[[], object]:
        return lambda: self._opened(conversation)
