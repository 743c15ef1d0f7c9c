"""A day in a few seconds: everything that clients, people, receivers and timers do, once.

The same requests in the same order each time, so that two databases can be compared; what happens
in between (deaths, stops, answers of the receiver) is the test's to choose.
"""

from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any

from tests.faults.history import Call, Client
from tests.faults.remote import BROKEN as FAILS
from tests.faults.remote import LOST, Act, busy
from tests.faults.stage import Service, Stage, signed, until

CARD = "4111 1111 1111 1111"
HUMAN = "I want to talk to a human"
SCRIPT = (FAILS, Act(), LOST, Act(), Act(), busy(2))
Before = Mapping[str, Callable[[Service], None]]


class Day:
    """One pass through everything, on a stage with a running service."""

    def __init__(self, stage: Stage, before: Before | None = None) -> None:
        """Meet the people. `before` is called with the name of what comes next, where it has it."""
        self.stage = stage
        self.service = stage.services[0]
        self._before = before or {}
        self.bot, self.ada, self.bob, self.eve = (
            stage.client(name) for name in ("bot", "ada", "bob", "eve")
        )
        self.other = stage.client("eve", "other")
        self.ids: dict[str, str] = {}

    def run(self) -> None:
        """Live it."""
        self._talk()
        self._chat()
        self._voice()
        self._reserved()
        self._called_back()
        self._beside()
        self._at_once()

    def next(self, name: str) -> None:
        """Let the test do what it wants before a step."""
        if name in self._before:
            self._before[name](self.service)

    def opened(self, conversation: str, by: Client | None = None) -> str:
        """Return the escalation of a customer who asks for a person."""
        call = (by or self.bot).turn(conversation, "ask", HUMAN)
        key = str((call.json()["escalation"] or {}).get("escalation_id"))
        self.ids[conversation] = key
        return key

    def move(self, who: Client, escalation: str, verb: str, body: Any = None, **more: Any) -> Call:
        """Make a move under a key of its own."""
        more.setdefault("key", f"{who.who}-{escalation}-{verb}")
        return who.post(f"/v1/escalations/{escalation}/{verb}", body, **more)

    def _talk(self) -> None:
        self.next("turn")
        for number in range(3):
            self.bot.turn("c0", f"t{number}", f"my order {number} is late")
        self.bot.turn("c0", "t0", "my order 0 is late")
        self.bot.turn("c0", "t0", "something else altogether")
        self.bot.turn("c0", "pay", f"my card is {CARD} and it is fine")
        said = {"turn_id": "b1", "role": "bot", "text": "Let me look.", "epoch": 1}
        self.bot.post("/v1/conversations/c0/turns", said)

    def _chat(self) -> None:
        self.next("open")
        key = self.opened("c1")
        late = {"turn_id": "b1", "role": "bot", "text": "One more thing.", "epoch": 1}
        self.bot.post("/v1/conversations/c1/turns", late)
        self.next("claim")
        self.move(self.ada, key, "claim", if_match=1)
        self.move(self.bob, key, "claim", if_match=1)
        self.move(self.bob, key, "claim", key="again")
        self.next("note")
        self.move(self.ada, key, "note", {"text": "first note"}, key="n1")
        self.move(self.ada, key, "note", {"text": "first note"}, key="n1")
        self.move(self.ada, key, "note", {"text": "another note"}, key="n1")
        self.next("release")
        self.move(self.ada, key, "release", {"why": "lunch"})
        self.move(self.bob, key, "claim")
        self.move(self.bob, key, "release", key="stale", if_match=2)
        self.move(self.bob, key, "messages", {"text": "Hello, this is Bob."})
        self.bot.post("/v1/conversations/c1/turns", {**late, "turn_id": "b2"})
        self.next("move")
        self.move(self.bob, key, "dispose", {"outcome": "resolved"})

    def _voice(self) -> None:
        asks = {
            "conversation_id": "c2",
            "conversation": {"channel": "voice"},
            "transcript": [{"turn_id": "v1", "role": "customer", "text": "the line is bad"}],
            "context_summary": "wants a person",
        }
        call = self.bot.post("/v1/escalations", asks, key="open-c2")
        self.bot.post("/v1/escalations", asks, key="open-c2")
        key = call.json()["escalation"]["escalation_id"]
        self.move(self.eve, key, "reserve", {"human": "ada"})
        self.next("accept")
        self.move(self.ada, key, "accept")
        self.move(self.bot, key, "legs", {"leg_id": "l1", "state": "bridged"})
        self.move(self.ada, key, "return", {"brief": {"done": "told the price"}})
        said = {"turn_id": "b9", "role": "bot", "text": "Welcome back."}
        self.bot.post("/v1/conversations/c2/turns", said)

    def _reserved(self) -> None:
        key = self.opened("c3")
        self.next("timer")
        self.move(self.eve, key, "reserve", {"human": "bob"})
        self._wait(key, "state", "queued")
        self.move(self.eve, key, "defer", {"contact_at": "2099-01-01T00:00:00Z"})
        self.move(self.eve, key, "dispose", {"outcome": "unresolved"})
        key = self.opened("c4")
        self.move(self.ada, key, "dispose")
        self.move(self.bot, key, "cancel", {"why": "never mind"})
        self.bot.turn("c4", "more", "thank you")

    def _called_back(self) -> None:
        key = self.opened("c5")
        self.next("callback")
        for event, verb, more in (
            ("e1", "claim", {}),
            ("e2", "note", {"text": "seen by the other side"}),
            ("e2", "note", {"text": "seen by the other side"}),
            ("e3", "dispose", {"outcome": "resolved"}),
        ):
            told = {
                "type": f"escalation.{verb}",
                "data": {"escalation_id": key, "by": "zoe", **more},
            }
            body, headers = signed(event, told)
            self.bot.raw("/v1/callbacks/webhook/default", body, headers)

    def _beside(self) -> None:
        self.opened("c6", self.other)
        self.other.once("GET", "/v1/escalations")
        self.eve.once("GET", "/v1/escalations")
        self.move(self.other, self.ids["c6"], "claim")
        self.move(self.eve, self.ids["c6"], "claim")

    def _at_once(self) -> None:
        key = self.opened("c7")
        self.move(self.bob, key, "claim")
        twins = [self.stage.client("bob") for _ in range(4)]
        threads = [
            Thread(target=self.move, args=(twin, key, "note", {"text": "all at once"}))
            for twin in twins
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.next("deliver")
        key = self.opened("c8")
        self.bot.turn("c8", "more", "my order number is A-4711-22")
        self._wait(key, "card_version", 2)

    def _wait(self, escalation: str, name: str, value: Any) -> None:
        """Wait until an escalation is so; how often we look is no part of the day."""
        looker = self.stage.looker()
        until(lambda: looker.json(f"/v1/escalations/{escalation}")[name] == value, 8)
