"""Reads recordings with what their files say of how they went: for `evaluate` and replay alone."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from handoff.cli.layouts import Layout, read_conversation
from handoff.cli.output import Pace
from handoff.cli.reading import Recording, Recordings
from handoff.domain.turn import Conversation
from handoff.evaluation.gold import Case, gold_of, source_of


def cases(recordings: Recordings, pace: Pace) -> Iterator[Case]:
    """Yield each conversation with its source and gold, showing how far it is."""
    for count, (_, case) in enumerate(recordings.beside(_case), 1):
        yield case
        pace.show(recordings.done, recordings.size, count)


def unmasked_cases(
    recordings: Recordings, layout: Layout | None, pace: Pace
) -> Iterator[tuple[Case, Conversation]]:
    """Yield each conversation with its gold, and as it was before anything was masked.

    What a card should say, and what it must not, can only be told by what was really said.
    """

    def both(value: JsonValue, recording: Recording) -> tuple[Case, Conversation]:
        named = recording.conversation.conversation_id
        return _case(value, recording), read_conversation(value, layout, named)

    for count, (_, case) in enumerate(recordings.beside(both), 1):
        yield case
        pace.show(recordings.done, recordings.size, count)


def _case(value: JsonValue, recording: Recording) -> Case:
    unnamed = Path(recording.source).name.partition(".")[0]
    return Case(recording.conversation, source_of(value, unnamed), gold_of(value))
