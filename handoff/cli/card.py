"""Write the handoff card of every conversation (JSON Lines)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import JsonValue

from handoff.cards import RENDERERS, Context, build_card, render, renderer
from handoff.cli.options import Files, Format, PolicyFile, load_policy
from handoff.cli.output import Pace, complain, emit
from handoff.cli.reading import Recordings
from handoff.detection import Detector
from handoff.detection.replay import decisions, first_escalation, until_turn
from handoff.domain.card import Card, card_json
from handoff.domain.turn import Conversation

CHARACTERS_PER_TOKEN = 4


class Until(StrEnum):
    """How much of a conversation a card is made from."""

    END = "end"
    FIRST_ESCALATION = "first-escalation"


def card(
    files: Files,
    until: Annotated[
        Until, typer.Option(help="Where a card stops; without an escalation at the end.")
    ] = Until.END,
    policy: PolicyFile = None,
    layout: Format = None,
    form: Annotated[
        str | None, typer.Option(help=f"Write it in this form, too: {', '.join(RENDERERS)}.")
    ] = None,
    language: Annotated[str, typer.Option(help="The labels' language, such as de.")] = "en",
) -> int:
    """Print the handoff card of each conversation, one line of JSON per conversation.

    The card's reason is the first escalation the policy would make. Exits with 1 if a line of a
    file had to be skipped.
    """
    detector = Detector(load_policy(policy))
    wanted = Wanted(form, language)
    recordings = Recordings(files, layout, complain)
    with Pace("card") as pace:
        for count, recording in enumerate(recordings, 1):
            emit([card_line(recording.conversation, detector, until, wanted)])
            pace.show(recordings.done, recordings.size, count)
    return 1 if recordings.skipped else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which form to write beside the plain text, if any, and in which language's labels."""

    form: str | None
    language: str

    def __post_init__(self) -> None:
        """Raise Invalid for a form that there is not."""
        if self.form is not None:
            renderer(self.form)

    def rendered(self, written: Card, spoken: str | None) -> dict[str, JsonValue]:
        """Return what the record has in addition."""
        if self.form is None:
            return {}
        context = Context(language=self.language, customer_language=spoken)
        return {"form": self.form, "rendered": render(written, self.form, context)}


def card_line(
    conversation: Conversation, detector: Detector, until: Until, wanted: Wanted
) -> dict[str, JsonValue]:
    """Return the record that `handoff card` prints for one conversation."""
    escalation = first_escalation(decisions(detector, conversation))
    if escalation and until is Until.FIRST_ESCALATION:
        conversation = until_turn(conversation, escalation.turn_index)
    written = build_card(conversation, escalation, rules=detector.policy.redaction, masked=True)
    text = render(written, "text", Context(language=wanted.language))
    return {
        "conversation_id": conversation.conversation_id,
        "card": card_json(written),
        "text": text,
        "tokens": -(-len(text) // CHARACTERS_PER_TOKEN),
        **wanted.rendered(written, conversation.language),
    }
