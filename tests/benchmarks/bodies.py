"""The turns that the benchmarks send: an ordinary chat that does not escalate."""

import itertools
import json
from collections.abc import Callable, Iterator

from handoff import Turn
from tests.benchmarks.load import Body

SAID = (
    ("bot", "Hello! I can help with orders, deliveries and returns. What can I do for you?"),
    ("customer", "Hi, I would like to know when the lamp I ordered last week will be delivered."),
    ("bot", "Of course. Could you tell me the order number, please?"),
    ("customer", "It should be HK-20418, I ordered it on 12 March for 89.90 euros."),
    ("tool", ""),
    ("bot", "Thank you. Your order HK-20418 left our warehouse yesterday and arrives on Friday."),
    ("customer", "Great. Can it be left with the neighbour at number 14 if I am not at home?"),
    ("bot", "Yes, I have added that wish for the courier. Is there anything else?"),
    ("customer", "What happens if the lamp does not fit, how long do I have to send it back?"),
    ("bot", "You have thirty days from delivery; the return label is in the box."),
    ("customer", "Good to know. And does the bulb come with it or do I need to buy one?"),
    ("bot", "The bulb is included, an E27 with warm white light."),
)
INTENTS = {1: "order_status", 3: "give_order_number", 6: "delivery_wish", 8: "returns", 10: "item"}


def turn(number: int) -> dict[str, object]:
    """Return the `number`-th turn of an endless conversation, as a runtime sends it."""
    place = number % len(SAID)
    role, text = SAID[place]
    body: dict[str, object] = {"turn_id": f"t{number}", "index": number, "role": role, "text": text}
    if role == "customer":
        body |= {"text": f"{text} ({number})", "intent": INTENTS[place], "confidence": 0.93}
    if place == 3:
        body["slots"] = {"order_number": "HK-20418"}
    if role == "tool":
        result = {"order": "HK-20418", "state": "sent", "arrives": "Friday", "carrier": "DHL"}
        arguments = {"order_number": "HK-20418"}
        body["tool_call"] = {
            "name": "get_order",
            "arguments": arguments,
            "ok": True,
            "result": result,
        }
    return body


def turns(count: int) -> list[Turn]:
    """Return the first `count` turns."""
    return [Turn.model_validate(turn(number)) for number in range(count)]


def stream(name: str, length: int = 24) -> Callable[[int], Iterator[Body]]:
    """Return what each connection posts: conversation after conversation of `length` turns."""

    def bodies(connection: int) -> Iterator[Body]:
        for conversation in itertools.count():
            path = f"/v1/conversations/{name}-{connection}-{conversation}/turns"
            for number in range(length):
                yield path, json.dumps(turn(number)).encode()

    return bodies
