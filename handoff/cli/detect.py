"""Judge every turn: go on, offer a person, or escalate (JSON Lines)."""

from pydantic import JsonValue

from handoff.cli.options import Files, Format, PolicyFile, load_policy
from handoff.cli.output import Pace, complain, emit
from handoff.cli.reading import Recordings
from handoff.detection import Decision, Detector
from handoff.detection.replay import decisions
from handoff.domain.turn import Conversation
from handoff.services.views import reason_view


def detect(files: Files, policy: PolicyFile = None, layout: Format = None) -> int:
    """Print what the detector decides after each turn, one line of JSON per turn.

    Exits with 1 if a line of a file had to be skipped.
    """
    detector = Detector(load_policy(policy))
    recordings = Recordings(files, layout, complain)
    with Pace("detect") as pace:
        for count, recording in enumerate(recordings, 1):
            conversation = recording.conversation
            emit(decision_line(conversation, d) for d in decisions(detector, conversation))
            pace.show(recordings.done, recordings.size, count)
    return 1 if recordings.skipped else 0


def decision_line(conversation: Conversation, decision: Decision) -> dict[str, JsonValue]:
    """Return the record that `handoff detect` prints for one turn."""
    return {
        "conversation_id": conversation.conversation_id,
        "turn_index": decision.turn_index,
        "action": decision.action.value,
        "score": decision.score,
        "reasons": [reason_view(reason) for reason in decision.reasons],
    }
