"""What Slack shows of an escalation: the card, who has it, buttons, and the modal of a return."""

import json
from collections.abc import Mapping

from pydantic import JsonValue
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextBlock,
    InputBlock,
    MarkdownTextObject,
    PlainTextInputElement,
    PlainTextObject,
)
from slack_sdk.models.views import View

from handoff.cards import Context, render
from handoff.cards.slack import BLOCKS, escape
from handoff.domain.answers import told_in
from handoff.domain.connector import WITHDRAWN, Parcel
from handoff.domain.escalation import Escalation, State

EVENT_TYPE = "handoff_escalation"
"""Type of the metadata by which a message is found again."""
RETURN = "handoff_return"
"""Callback id of the return brief's modal."""
ACTIONS = {
    "handoff_claim": ("Claim", "claim"),
    "handoff_accept": ("Accept", "accept"),
    "handoff_decline": ("Decline", "decline"),
    "handoff_resolve": ("Resolve", "resolve"),
    "handoff_hand_back": ("Hand back", "return"),
}
"""Button to its label and to what it says to us."""
BUTTONS = {
    State.QUEUED: ("handoff_claim",),
    State.RESERVED: ("handoff_accept", "handoff_decline"),
    State.CONNECTING: ("handoff_resolve",),
    State.ACTIVE: ("handoff_resolve", "handoff_hand_back"),
    State.WRAPPING: ("handoff_resolve",),
}
"""State to the buttons that mean something in it."""
BRIEF = {"done": "What was done", "promised": "What was promised", "open": "What is still open"}
"""Field of a return brief to its label in the modal."""
LONGEST_BRIEF = 3_000


def message(parcel: Parcel) -> dict[str, str]:
    """Return what to show as arguments of `chat.postMessage` and `chat.update`."""
    context = Context(link=parcel.card_url)
    shown: dict[str, JsonValue] = json.loads(render(parcel.card, "slack", context))
    blocks = shown["blocks"]
    card = blocks[: BLOCKS - 2] if isinstance(blocks, list) else []
    return {
        "text": str(shown["text"]),
        "blocks": json.dumps([*card, *_standing(parcel)], ensure_ascii=False),
        "parse": "none",
        "link_names": "false",
        "metadata": metadata(parcel),
    }


def metadata(parcel: Parcel) -> str:
    """Return what a message carries for us alone: which delivery it is, of which escalation."""
    told = {
        "delivery_id": parcel.delivery_id,
        "escalation_id": parcel.escalation.escalation_id,
    }
    return json.dumps({"event_type": EVENT_TYPE, "event_payload": told})


def carried(message_: JsonValue) -> frozenset[str]:
    """Return the ids that a message of ours carries."""
    if told_in(message_, "metadata", "event_type") != EVENT_TYPE:
        return frozenset()
    ids = (
        told_in(message_, "metadata", "event_payload", name)
        for name in ("delivery_id", "escalation_id")
    )
    return frozenset(filter(None, ids))


def _standing(parcel: Parcel) -> list[JsonValue]:
    """Return who has it and what can be done, in blocks."""
    withdrawn = parcel.event == "withdrawn"
    words = WITHDRAWN if withdrawn else _words(parcel.escalation)
    blocks: list[JsonValue] = [
        ContextBlock(elements=[MarkdownTextObject(text=escape(words), verbatim=True)]).to_dict()
    ]
    buttons = () if withdrawn else BUTTONS.get(parcel.escalation.state, ())
    if buttons:
        elements = [
            ButtonElement(
                text=PlainTextObject(text=ACTIONS[name][0]),
                action_id=name,
                value=parcel.escalation.escalation_id,
                style="primary" if name == buttons[0] else None,
            )
            for name in buttons
        ]
        blocks.append(ActionsBlock(elements=elements).to_dict())
    return blocks


def _words(escalation: Escalation) -> str:
    """Return where the escalation stands, in a line."""
    told = f"{escalation.state} in {escalation.queue}, priority {escalation.priority}"
    if escalation.owner:
        told += f", {escalation.owner} has it"
    elif escalation.reserved_for:
        told += f", held for {escalation.reserved_for}"
    if escalation.outcome:
        told += f": {escalation.outcome}"
    return told[:1_000]


def return_modal(escalation_id: str) -> str:
    """Return the view that asks for a return brief, as JSON."""
    view = View(
        type="modal",
        callback_id=RETURN,
        private_metadata=escalation_id,
        title=PlainTextObject(text="Hand back"),
        submit=PlainTextObject(text="Hand back"),
        close=PlainTextObject(text="Cancel"),
        blocks=[
            InputBlock(
                block_id=name,
                label=PlainTextObject(text=label),
                optional=name != "done",
                element=PlainTextInputElement(
                    action_id=name, multiline=True, max_length=LONGEST_BRIEF
                ),
            )
            for name, label in BRIEF.items()
        ],
    )
    return json.dumps(view.to_dict())


def brief_of(values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the brief in the values of a submitted modal, without what was left empty."""
    brief: dict[str, JsonValue] = {}
    for name in BRIEF:
        block = values.get(name)
        element = block.get(name) if isinstance(block, dict) else None
        value = element.get("value") if isinstance(element, dict) else None
        if isinstance(value, str) and value.strip():
            brief[name] = value[:LONGEST_BRIEF].replace("\0", "")
    return brief
