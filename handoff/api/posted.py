"""A turn as it may be posted: bounds at the edge that turns already stored need not keep.

Masking happens after these bounds were checked, so what is stored may exceed them a little.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from handoff.api.fields import Instant, no_card
from handoff.domain.redaction import redact_turn
from handoff.domain.turn import Name, ToolCall, Turn

LAST_INDEX = 1_000_000_000
"""Far below what a stored index may be: whatever follows by order of arrival stays countable."""
LONGEST_GUESS = 2_000
"""Characters of one recogniser's hypothesis."""


def _identified(call: ToolCall) -> ToolCall:
    if call.call_id is not None:
        no_card(call.call_id)
    return call


class Posted(Turn):
    """A turn from outside, not masked yet."""

    turn_id: Annotated[Name, AfterValidator(no_card)] = Field(
        description="the runtime's id; a repeated one is the same turn"
    )
    index: int | None = Field(default=None, ge=0, le=LAST_INDEX)
    at: Instant | None = Field(default=None, description="when it was said, with its offset")
    nbest: tuple[Annotated[str, Field(max_length=LONGEST_GUESS)], ...] = Field(
        default=(), max_length=20
    )
    tool_call: Annotated[ToolCall, AfterValidator(_identified)] | None = None


def kept(posted: Posted) -> Turn:
    """Return a posted turn as it is stored: a plain turn, masked."""
    plain = Turn.__new__(Turn)
    plain.__setstate__(posted.__getstate__())  # as a pickle is read: a tenth of `model_construct`
    return redact_turn(plain)[0]
