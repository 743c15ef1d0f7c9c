"""The signals, in the order they are observed: each says in one way that the bot should stop."""

from handoff.domain.signal import Memory, Setting, Settings, Signal
from handoff.signals import (
    bot_loop,
    bot_request,
    human_request,
    low_confidence,
    no_progress,
    repeat_intent,
    repeat_request,
    slot_retry,
    tool_failure,
)

__all__ = ["SIGNALS", "Memory", "Setting", "Settings", "Signal"]

SIGNALS: tuple[Signal, ...] = (
    human_request.SIGNAL,
    bot_request.SIGNAL,
    tool_failure.SIGNAL,
    repeat_intent.SIGNAL,
    repeat_request.SIGNAL,
    bot_loop.SIGNAL,
    slot_retry.SIGNAL,
    low_confidence.SIGNAL,
    no_progress.SIGNAL,
)
