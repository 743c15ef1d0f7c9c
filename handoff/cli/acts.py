"""The demo's acts: what bot, customer, human and supervisor do, one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from handoff.cli.feeding import about_of, over_http
from handoff.cli.reading import Recording
from handoff.cli.telling import Teller
from handoff.client import Client, ControlLost, Delivery
from handoff.domain.audit import first_break
from handoff.domain.delivery import DeliveryState
from handoff.domain.errors import HandoffError
from handoff.domain.turn import Conversation, Role, Turn

EPOCH = 1
"""What the bot's runtime learned at the beginning, and goes on using."""
PATIENCE = 10.0
"""Seconds in which every delivery must have arrived."""
GREETING = "Hello Maren, this is Ann. I have the carrier on the phone: your table comes on Friday."
THANKS = "Wonderful, that is in time. Thank you!"
BRIEF = {
    "done": "The carrier confirmed delivery by phone.",
    "promised": "The table arrives on Friday, before noon.",
}
GOODBYE = "Your table arrives on Friday before noon. Is there anything else I can do?"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who takes part: each over HTTP with a key of their own, and where cards arrive."""

    tell: Teller
    bot: Client
    human: Client
    supervisor: Client
    outbox: Path
    arrived: Mapping[str, str]
    """What the webhook's receiver has taken: `webhook-id` to event."""


def play(scene: Scene, conversations: list[Conversation]) -> bool:
    """Play all acts; return whether the record verifies at the end.

    Raises HandoffError where the service does not do what the demo shows.
    """
    first, *others = conversations
    escalation_id, late = _bot_gets_stuck(scene, first)
    _card_arrives(scene, escalation_id)
    _human_takes_over(scene, first.conversation_id, escalation_id, late)
    _bot_goes_on(scene, first.conversation_id, late)
    _others_come_in(scene, others)
    return _record_holds(scene, escalation_id)


def _bot_gets_stuck(scene: Scene, conversation: Conversation) -> tuple[str, Turn]:
    """Return the escalation, and the bot's turn that came too late."""
    tell, name = scene.tell, conversation.conversation_id
    tell.act("A customer and a bot", f"Conversation {name}, job {conversation.job}, turn by turn.")
    about, escalation_id, late = about_of(conversation), None, None
    for turn in conversation.turns:
        epoch = EPOCH if turn.role is Role.BOT else None
        try:
            answer = scene.bot.turn(name, turn, epoch=epoch, **about)
        except ControlLost as error:
            tell.refused(turn, error.detail)
            late = turn
            continue
        tell.turn(turn, answer)
        if answer.card is not None and answer.escalation is not None:
            escalation_id = answer.escalation.escalation_id
            tell.note(f"opened {escalation_id} in queue {answer.escalation.queue}")
    if escalation_id is None or late is None:
        raise HandoffError("the conversation was not escalated as the demo expects")
    return escalation_id, late


def _card_arrives(scene: Scene, escalation_id: str) -> None:
    tell = scene.tell
    tell.act("The card", "Stored with the escalation, and brought up to date by the last turn.")
    tell.card(str(scene.human.card(escalation_id, "text")))
    found = _delivered(scene, escalation_id)
    tell.act("Delivered", "The desk has it at once; the others as soon as they answer.")
    tell.deliveries(found)
    hooked = [d for d in found if d.connector == "webhook"]
    if any(d.delivery_id not in scene.arrived for d in hooked):
        raise HandoffError("the webhook's receiver lacks what is called delivered")
    files = len(list((scene.outbox / escalation_id).iterdir()))
    tell.say(f"{len(hooked)} webhooks came with a good signature; {files} files in the outbox.")


def _delivered(scene: Scene, escalation_id: str) -> list[Delivery]:
    until = monotonic() + PATIENCE
    while True:
        found = [d for d in scene.supervisor.deliveries() if d.escalation_id == escalation_id]
        if all(delivery.state is DeliveryState.CONFIRMED for delivery in found):
            return found[::-1]
        if monotonic() > until:
            raise HandoffError("not everything was delivered in time")
        sleep(0.05)


def _human_takes_over(scene: Scene, name: str, escalation_id: str, late: Turn) -> None:
    tell = scene.tell
    tell.act("A person takes over", "Ann claims it; what she says to the customer takes the floor.")
    taken = scene.human.claim(escalation_id)
    tell.note(f"{taken.state.value}, owner {taken.owner}")
    scene.human.message(escalation_id, GREETING)
    tell.spoken("human", GREETING)
    floor = scene.bot.control(name)
    tell.note(f"the floor is {floor.name}'s since epoch {floor.epoch}")
    _must_be_refused(scene, name, late)
    reply = Turn(turn_id=f"{name}-thanks", role=Role.CUSTOMER, text=THANKS)
    tell.turn(reply, scene.bot.turn(name, reply))
    closed = scene.human.hand_back(escalation_id, BRIEF)
    outcome = closed.outcome.value if closed.outcome else ""
    tell.note(f"handed back: {closed.state.value}, {outcome}")


def _must_be_refused(scene: Scene, name: str, late: Turn) -> None:
    try:
        scene.bot.turn(name, late, epoch=EPOCH)
    except ControlLost as error:
        scene.tell.note(
            f"the bot's late turn again: refused, {error.code}: {error.detail}", "bold red"
        )
        return
    raise HandoffError("a bot with an old epoch was let through")


def _bot_goes_on(scene: Scene, name: str, late: Turn) -> None:
    tell = scene.tell
    tell.act("The bot goes on", "It has the floor again, a new epoch, and the human's brief.")
    _must_be_refused(scene, name, late)
    floor = scene.bot.control(name)
    goodbye = Turn(turn_id=f"{name}-goodbye", role=Role.BOT, text=GOODBYE)
    answer = scene.bot.turn(name, goodbye, epoch=floor.epoch)
    tell.turn(goodbye, answer)
    brief = answer.return_brief or {}
    tell.note(f"epoch {floor.epoch}; brief: {'; '.join(map(str, brief.values()))}")
    scene.bot.end(name, "customer", "said goodbye")


def _others_come_in(scene: Scene, others: list[Conversation]) -> None:
    tell, feed = scene.tell, over_http(scene.bot)
    tell.act("More conversations", "The others that are shipped; who needs a person waits now.")
    rows = []
    for number, conversation in enumerate(others, 2):
        fed = feed(Recording(conversation, "demo.jsonl", number))
        if fed.problem is not None:
            raise HandoffError(fed.problem)
        reasons = ", ".join(e.reason_code for e in fed.escalations.values())
        turns = str(len(conversation.turns))
        rows.append((conversation.conversation_id, turns, reasons or "contained"))
    tell.table(("conversation", "turns", "came to"), rows)


def _record_holds(scene: Scene, escalation_id: str) -> bool:
    tell = scene.tell
    tell.act("The record", "The supervisor's figures, and the audit trail.")
    tell.report(scene.supervisor.report("transfers"))
    entries = list(scene.supervisor.audit())
    story = " → ".join(str(e["action"]) for e in entries if e["subject"] == escalation_id)
    tell.say(f"\n{escalation_id}: {story}")
    problem = first_break(entries)
    head = entries[-1]["entry_hash"]
    tell.say(problem or f"{len(entries)} audit entries, none changed; head {head}")
    return problem is None
