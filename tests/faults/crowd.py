"""Customers, a bot and people who talk, claim, answer and close without a pause, all at once."""

import random
from collections.abc import Callable
from threading import Event, Thread

from tests.faults.day import HUMAN
from tests.faults.stage import Stage

TEXTS = ("my order is late", "where is it", "that does not help", "hello?", "it says error 17")


class Crowd:
    """Some threads that each have one conversation after another, while used as a context."""

    def __init__(self, stage: Stage, size: int, chance: random.Random) -> None:
        """Meet."""
        self._stopping = Event()
        self.conversations = 0
        self.trouble: list[BaseException] = []
        self._threads = [
            Thread(target=self._go, args=(self._living(stage, name, chance.random()),))
            for name in range(size)
        ]

    def __enter__(self) -> "Crowd":
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let everybody come to the end of what they are at; raise what somebody stumbled over."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self.trouble:
            raise self.trouble[0]

    def _go(self, live: Callable[[], None]) -> None:
        try:
            live()
        except BaseException as error:  # noqa: BLE001 # raised again where the context ends
            self.trouble.append(error)

    def _living(self, stage: Stage, name: int, seed: float) -> Callable[[], None]:
        return lambda: self._live(stage, name, random.Random(seed))

    def _live(self, stage: Stage, name: int, chance: random.Random) -> None:
        bot, human = stage.client("bot"), stage.client(("ada", "bob")[name % 2])
        number = 0
        while not self._stopping.is_set():
            number += 1
            self.conversations += 1
            conversation = f"crowd-{name}-{number}"
            for turn in range(chance.randint(1, 4)):
                bot.turn(conversation, f"t{turn}", chance.choice(TEXTS))
            call = bot.turn(conversation, "ask", HUMAN)
            assert call.status == 200, f"{call.status}: {call.answer}"
            key = call.json()["escalation"]["escalation_id"]
            path = f"/v1/escalations/{key}"
            human.post(f"{path}/claim", {}, key=f"{key}-claim")
            for act in range(chance.randint(0, 3)):
                text = {"text": f"{conversation} {act}"}
                verb = chance.choice(("note", "messages"))
                human.post(f"{path}/{verb}", text, key=f"{key}-{act}")
            if chance.random() < 0.3:
                human.post(f"{path}/release", {}, key=f"{key}-release")
                human.post(f"{path}/claim", {}, key=f"{key}-again")
            if chance.random() < 0.8:
                human.post(f"{path}/dispose", {}, key=f"{key}-dispose")
