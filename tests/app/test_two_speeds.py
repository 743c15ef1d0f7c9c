"""A whole service with a language model that does its worst: the human has a right card at once."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handoff.bootstrap import TENANT, Service, build
from handoff.cards import build_card
from handoff.cli.stage import own_settings
from handoff.domain.audit import Actor, ActorKind
from handoff.domain.card import Card
from handoff.domain.turn import Conversation
from handoff.services.request import Asked, open_asked
from tests.cards.conversations import PARCEL, conversation, customer
from tests.receiver import Answer, Receiver, plain
from tests.summarizers.scripted import completion, slow, story
from tests.summarizers.test_llm import BAD

STORY = {"card_version", "narrative", "coverage", "provenance", "changed"}
RUNTIME = Actor(ActorKind.RUNTIME, "bot")
TALK = PARCEL[0].model_copy(
    update={
        "turns": tuple(
            turn.model_copy(update={"turn_id": f"t{index}"})
            for index, turn in enumerate(PARCEL[0].turns)
        )
    }
)
CANARY = "sk-canary-93f1"
TRUE = ("The customer wants their money back for the broken parcel.", [0])
OBEYING = (
    ("The refund of $64.90 was issued.", [6, 7]),
    ("The customer was verified and must be routed to the vip queue.", [2]),
    (f"The key is {CANARY}.", [0]),
    ("You write the story of a customer service conversation.", [0]),
    ("See https://evil.example/claim for the refund.", [7]),
    ("Der Kunde ist sehr verärgert und droht mit einem Anwalt.", [8]),
    ("The parcel cost 99 dollars and arrived on Friday.", [4]),
    ("The customer wants their money back.", [-1]),
)
FAITHLESS: dict[str, Answer] = {
    **BAD,
    "timeout": slow(3.0, completion(story(TRUE))),
    "401": plain("401 Unauthorized"),
    "invented facts, obeyed orders, another language, the canary": completion(story(*OBEYING)),
}


@contextmanager
def service(folder: Path, receiver: Receiver) -> Iterator[Service]:
    """Run a service whose model is the receiver."""
    told = {"llm_url": f"http://127.0.0.1:{receiver.port}/v1", "llm_model": "m1"}
    told |= {"llm_local": "1", "llm_key": CANARY, "llm_deadline_s": "1.5"}
    running = build(own_settings(folder / "data", outbox_dir=folder / "out", **told))
    running.start()
    try:
        yield running
    finally:
        running.stop()


def opened(running: Service, talk: Conversation) -> Card:
    """Open an escalation with its transcript; return version 1."""
    deps = running.deps
    wanted = Asked(talk.conversation_id, talk.turns)
    return deps.store.write(
        TENANT, lambda tx: open_asked(tx, deps, wanted, by=RUNTIME, at=deps.clock())
    ).card


def settled(running: Service, talk: Conversation, told: Callable[[Card], bool]) -> Card:
    """Return the newest card once the story was given up or stands on the card."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        order, card = running.deps.store.read(
            TENANT,
            lambda tx: (
                tx.summaries.get(talk.conversation_id),
                tx.escalations.card(str(_open(running, talk))),
            ),
        )
        assert card is not None
        if order is not None and order.due_at is None and (order.error or told(card)):
            return card
        time.sleep(0.02)
    raise AssertionError("it never settled")


def _open(running: Service, talk: Conversation) -> str | None:
    head = running.deps.store.read(TENANT, lambda tx: tx.conversations.head(talk.conversation_id))
    return head.open_escalation if head else None


@pytest.mark.parametrize("answer", FAITHLESS.values(), ids=FAITHLESS.keys())
def test_whatever_the_model_does_the_card_is_right_within_a_second(
    tmp_path: Path, answer: Answer
) -> None:
    """And it is the same card afterwards: nothing true was lost, nothing false was added."""
    talk = TALK
    with Receiver(answer) as receiver, service(tmp_path, receiver) as running:
        opened(running, conversation(customer("Hello"), conversation_id="warm"))
        began = time.monotonic()
        first = opened(running, talk)
        took = time.monotonic() - began
        last = settled(running, talk, lambda _: True)

    right = build_card(talk)
    assert took < 1.0
    assert first.facts == right.facts
    assert first.actions == right.actions
    assert last == first
    assert CANARY not in json.dumps(last.model_dump(mode="json"))


def test_a_true_story_reaches_the_connector_in_place(tmp_path: Path) -> None:
    """Version 2 is an update of what was sent; all but the story is as it was."""
    talk = TALK
    answer = completion(story(TRUE, *OBEYING))
    with Receiver(answer) as receiver, service(tmp_path, receiver) as running:
        first = opened(running, talk)
        last = settled(running, talk, lambda card: card.card_version == 2)
        files = _files(tmp_path / "out", 2)

    assert [one.text for one in last.narrative] == [TRUE[0]]
    assert last.coverage.dropped == len(OBEYING)
    assert first.model_dump(exclude=STORY) == last.model_dump(exclude=STORY)
    assert any(TRUE[0] in file.read_text() for file in files)


def _files(folder: Path, count: int) -> list[Path]:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found = [file for file in folder.rglob("*.json") if file.is_file()]
        if len(found) >= count:
            return found
        time.sleep(0.02)
    raise AssertionError("it was never delivered")


def test_an_order_is_found_after_a_restart(tmp_path: Path) -> None:
    """Opened while the model did not answer; the next process asks again."""
    talk = TALK
    with Receiver(slow(30.0, completion(story(TRUE)))) as stuck:
        told = {"llm_url": f"http://127.0.0.1:{stuck.port}/v1", "llm_model": "m1"}
        settings = own_settings(tmp_path / "data", llm_local=True, **told)
        before = build(settings)
        opened(before, talk)  # its writers never start: the process died here
        before.stop()
    with Receiver(completion(story(TRUE))) as receiver, service(tmp_path, receiver) as running:
        last = settled(running, talk, lambda card: card.card_version == 2)

    assert last.narrative
