"""The shipped conversations are what `handoff demo` promises."""

from handoff.cli.reading import Recordings
from handoff.cli.samples import samples
from handoff.detection import Detector, Policy
from handoff.domain.decision import Action
from handoff.domain.turn import Conversation
from handoff.evaluation.replay import decisions


def conversations() -> list[Conversation]:
    """Return the shipped conversations."""
    with samples() as path:
        return [recording.conversation for recording in Recordings([path], None, print)]


def test_all_but_one_escalate_each_for_its_own_reason() -> None:
    """The default policy hands over five of the six, for five reasons."""
    detector = Detector(Policy.default())
    reasons = {}

    for conversation in conversations():
        made = [d for d in decisions(detector, conversation) if d.action is Action.ESCALATE]
        reasons[conversation.conversation_id] = [d.reason_code for d in made]

    assert reasons == {
        "demo-parcel": ["tool_failed"],
        "demo-clinic-call": ["not_understood"],
        "demo-invoice": ["customer_requests_human_no_specific_reason"],
        "demo-locked-out": ["bot_stuck"],
        "demo-return": [],
        "demo-card-charge": ["bot_requested"],
    }


def test_the_samples_show_what_a_conversation_can_carry() -> None:
    """Channels, jobs, attributes, slots, tool calls, recogniser data and a barge-in all occur."""
    shipped = conversations()
    turns = [turn for conversation in shipped for turn in conversation.turns]

    assert {conversation.channel for conversation in shipped} == {"chat", "voice"}
    assert len({conversation.job for conversation in shipped}) == len(shipped)
    assert all(conversation.attributes and conversation.customer_key for conversation in shipped)
    for part in ("slots", "tool_call", "recognition_confidence", "nbest", "heard", "intent"):
        assert any(getattr(turn, part) for turn in turns), part
