"""Makes the view of a turn that every signal reads: words, phrases, intent, progress."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from handoff.detection.phrases import PhraseBook
from handoff.domain.signal import EMPTY
from handoff.domain.text import Known, Sense, TurnView, in_words, no_sense, normalise
from handoff.domain.turn import Role, Turn

CONTENT_WORDS: Final = 120
ASKS: Final = "asks_person"
_NOBODY_SAYS: Final[Mapping[str, str]] = {}


def read_turn(
    turn: Turn, index: int, known: Known, book: PhraseBook, sense: Sense = no_sense
) -> TurnView:
    """Return `turn` as signals see it, `known` being what was known before it."""
    text = "" if turn.secure_capture else normalise(turn.audible)
    words = tuple(text.split())
    customer = turn.role is Role.CUSTOMER
    spoken = customer or turn.role is Role.BOT
    intent = in_words(turn.intent) if turn.intent else ""
    said = book.read(text, words, known.language) if spoken and text else _NOBODY_SAYS
    if customer and text and ASKS not in said:
        said = _meant(turn.audible, said, known.language, book)
    intended = book.read_intent(intent, known.language) if intent else _NOBODY_SAYS
    done = customer and ("goal_done" in said or "goal_done" in intended)
    return TurnView(
        turn=turn,
        known=known,
        index=index,
        role=turn.role,
        text=text,
        words=words,
        content=frozenset(words[:CONTENT_WORDS]) - book.stop(known.language)
        if customer
        else frozenset(),
        intent=intent,
        said=said,
        intended=intended,
        progress=done or _progress(turn, known.slots),
        sense=sense,
    )


def _meant(
    written: str, said: Mapping[str, str], language: str | None, book: PhraseBook
) -> Mapping[str, str]:
    """Return what is `said`, and the request for a person that follows a "no" to something else."""
    rest = book.after_no(written, language)
    heard = book.read(rest, rest.split(), language) if rest else said
    return {**said, ASKS: heard[ASKS]} if ASKS in heard else said


def _progress(turn: Turn, slots: Mapping[str, JsonValue]) -> bool:
    if turn.tool_call is not None and turn.tool_call.ok:
        return True
    return any(name not in slots for name, value in turn.slots.items() if value not in EMPTY)
