"""Reads recordings with what their files say of how they went: for `evaluate` and replay alone."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from handoff.cli.output import Pace
from handoff.cli.reading import Recording, Recordings
from handoff.evaluation.gold import Case, gold_of, source_of


def cases(recordings: Recordings, pace: Pace) -> Iterator[Case]:
    """Yield each conversation with its source and gold, showing how far it is."""
    for count, (_, case) in enumerate(recordings.beside(_case), 1):
        yield case
        pace.show(recordings.done, recordings.size, count)


def _case(value: JsonValue, recording: Recording) -> Case:
    unnamed = Path(recording.source).name.partition(".")[0]
    return Case(recording.conversation, source_of(value, unnamed), gold_of(value))
