"""Evidence in plain words: what happened, how often and where, as people count."""

import pytest

from handoff.cards.evidence import evidence_line, turn_words
from handoff.domain.decision import Reason
from handoff.signals import SIGNALS, Signal

TOOLS = {3: "get_order", 5: "get_order", 9: "transfer_to_human"}


def told(signal: str, value: object = None, *turns: int, strength: float = 1.0) -> str:
    """Return the words of evidence, and where."""
    reason = Reason(signal, None, strength, value, 1, turns)  # type: ignore[arg-type] # any value
    line = evidence_line(reason, TOOLS)
    return f"{line.text} ({line.where})"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            told("human_request", "get me a human", 2),
            "asked for a person: “get me a human” (turn 3)",
        ),
        (
            told("human_request", "call you", 2, strength=0.5),
            "asked how to reach a person: “call you” (turn 3)",
        ),
        (told("human_request", "yes please", 1, 2), "wants a person: “yes please” (turns 2, 3)"),
        (told("bot_request", "transfer_to_human", 9), "the bot called its transfer tool (turn 10)"),
        (told("bot_request", None, 8), "the bot asked for a person (turn 9)"),
        (told("tool_failure", 3, 3, 5), "the tool get_order failed 2 times in a row (turns 4, 6)"),
        (told("tool_failure", 1, 7), "a tool failed (turn 8)"),
        (
            told("repeat_intent", "order status", 0, 2, 4),
            "asked for the same 3 times: order status (turns 1, 3, 5)",
        ),
        (told("bot_loop", 3, 1, 3, 5), "the bot said nearly the same 3 times (turns 2, 4, 6)"),
        (
            told("slot_retry", "postcode", 1, 3, 5),
            "postcode was asked for or given 3 times (turns 2, 4, 6)",
        ),
        (
            told("no_progress", 6, 1, 12),
            "6 customer turns brought nothing new and nothing done (turns 2, 13)",
        ),
        (
            told("tool_loop", "get_order", 3, 5),
            "the tool get_order failed alike 2 times (turns 4, 6)",
        ),
        (
            told("frustration", "frustrated, sentiment", 2),
            "was upset: words of anger, a negative tone (turn 3)",
        ),
        (
            told("abandonment_risk", "noes", 2, 4),
            "was about to give up: one no after another (turns 3, 5)",
        ),
        (
            told("high_value_action", 2500.5, 3),
            "the tool get_order has an amount of 2,500.5, over the limit (1) (turn 4)",
        ),
        (
            told("returning_customer", 2, 0),
            "was handed over 2 times before about the same job (turn 1)",
        ),
        (told("slot_conflict", "date_from", 1, 3), "date from was changed 2 times (turns 2, 4)"),
        (told("big-refund", None, 1), "a rule of the policy: big refund (turn 2)"),
    ],
)
def test_evidence_reads_as_a_person_would_say_it(made: str, words: str) -> None:
    """No name of the engine's, and turns that count from one."""
    assert made == words


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_every_signal_has_words(signal: Signal) -> None:
    """A new one too: it is told as it explains itself."""
    name = signal.name

    words = told(name, "some words", 1, 3)

    assert name not in words
    assert words[0].islower()


def test_what_the_engine_made_of_it_stands_apart() -> None:
    """Strength, value, threshold and rule, for whoever tunes the policy."""
    line = evidence_line(Reason("tool_failure", "keeps-failing", 0.875, 3, 1, (1,)), {})
    slow = evidence_line(Reason("latency", None, 0.5, 5230, 4000, (1,)), {})

    assert line.aside == "strength 0.875, value 3, threshold 1, rule keeps-failing"
    assert slow.aside == "strength 0.5, value 5,230, threshold 4,000"
    assert turn_words(()) == ""
