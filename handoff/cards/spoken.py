"""Values that were only spoken: announced by their name, or the answer to a question for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from handoff.cards.bare import bare_values
from handoff.cards.cues import (
    AFTER,
    GOODS,
    SENSITIVE,
    WEAK,
    Cue,
    Shape,
    cue_at,
    cues_in,
    is_everyday,
    may_announce,
)
from handoff.cards.shapes import take
from handoff.cards.tokens import Token, tokens
from handoff.domain.extracts import sentences
from handoff.domain.turn import Role, Turn

_ANSWER = 14
"""Words beyond which a turn is more than an answer."""
_QUESTION = ("?", "？", ":")
_OPENINGS = frozenset({"i am", "im", "this is", "myself"})
"""Cues by which people name themselves: in the bot's mouth they ask for nothing."""
_PLEASE = "please"
_ASKING = (*_QUESTION, _PLEASE)
_ASK = "ask_"
_INFORMS = ("inform_", "provide_", "give_", "tell_")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A value in the customer's words."""

    name: str
    value: str
    turn: int
    guessed: bool = False
    """Only its look says what it is."""


def spoken(turns: tuple[Turn, ...], language: str | None) -> tuple[Spoken, ...]:
    """Return the values in the customer's words, in numbered turns.

    Values whose mere look says what they are count only where nothing else is known: neither
    slots nor calls, nor what the bot asked.
    """
    told = any(turn.slots or turn.tool_call or _speaks(turn) for turn in turns)
    return tuple(_spoken(turns, language, look=not told))


def _speaks(turn: Turn) -> bool:
    return turn.role in (Role.BOT, Role.HUMAN) and bool(turn.text or turn.intent)


def _spoken(turns: tuple[Turn, ...], language: str | None, *, look: bool) -> Iterator[Spoken]:
    before: Turn | None = None
    ordering = look and _says(turns, GOODS)
    sensitive = look and _says(turns, SENSITIVE)
    for turn in turns:
        if turn.role in (Role.BOT, Role.HUMAN):
            before = turn
        elif turn.role is Role.CUSTOMER and turn.text and not informed(turn):
            asked = before is not None and _asks(before)
            if not (look or asked or may_announce(turn.text)):
                before = None
                continue
            spoken_in = turn.language or language
            parts = tokens(turn.text)
            index = turn.index or 0
            named = list(_named(turn.text, parts, spoken_in, alone=look))
            if not named and before is not None and asked and len(parts) <= _ANSWER:
                named = list(_answers(turn.text, parts, _asked(before), spoken_in))
            yield from (Spoken(name, value, index) for name, value in named)
            if look:
                rest = _without(turn.text, parts, [value for _, value in named])
                for name, value in bare_values(
                    rest, spoken_in, ordering=ordering, sensitive=sensitive
                ):
                    yield Spoken(name, value, index, guessed=True)
            before = None


def informed(turn: Turn) -> str:
    """Return the item that a customer's turn gives by its intent; slots say so better."""
    if turn.role is not Role.CUSTOMER or not turn.intent or turn.slots:
        return ""
    intent = turn.intent.casefold()
    return next((intent[len(start) :] for start in _INFORMS if intent.startswith(start)), "")


def _says(turns: tuple[Turn, ...], any_of: frozenset[str]) -> bool:
    """Tell whether the customer said any of these words."""
    said = (turn for turn in turns if turn.role is Role.CUSTOMER)
    return any(token.plain in any_of for turn in said for token in tokens(turn.text))


def _named(
    text: str, parts: tuple[Token, ...], language: str | None, *, alone: bool
) -> Iterator[tuple[str, str]]:
    """Yield what a cue announces; `alone`: nothing but the customer's words is known."""
    taken = 0
    for place, cue in cues_in(parts):
        if place == len(parts) or parts[place].start < taken:
            continue
        value = take(cue.shape, text, parts, place, language)
        if value and (
            " ".join(cue.words) not in WEAK or _is_name(value, text, parts[place:], alone=alone)
        ):
            taken = parts[place].start + 1
            yield cue.name, value


def _is_name(value: str, text: str, after: tuple[Token, ...], *, alone: bool) -> bool:
    """Tell whether words after a weak cue are a name: written as one, with nothing odd behind.

    Where nobody writes capitals a name cannot be told from a word, and is taken only if `alone`.
    """
    cased = text.lower() != text
    if not value[0].isupper() and (cased or not alone):
        return False
    end = text.find(value, after[0].start) + len(value)
    place = next((at for at, token in enumerate(after) if token.start >= end), None)
    if place is None or after[place].parted or after[place].has_digit:
        return True
    return after[place].plain in AFTER or cue_at(after, place) is not None


def _asks(turn: Turn) -> bool:
    """Tell whether a turn of the bot may ask for something."""
    by_intent = turn.intent is not None and turn.intent.casefold().startswith(_ASK)
    return by_intent or (
        any(mark in turn.audible for mark in _ASKING) and may_announce(turn.audible)
    )


def _asked(turn: Turn) -> list[Cue]:
    """Return what a turn of the bot asks for, by its last question or by its intent."""
    if turn.intent and turn.intent.casefold().startswith(_ASK):
        return [Cue(turn.intent[len(_ASK) :], Shape.CODE, ())]
    questions = [s for s in sentences(turn.audible) if s.endswith(_QUESTION) or _PLEASE in s]
    asked = cues_in(tokens(questions[-1])) if questions else ()
    return [cue for _, cue in asked if " ".join(cue.words) not in _OPENINGS]


def _answers(
    text: str, parts: tuple[Token, ...], asked: list[Cue], language: str | None
) -> Iterator[tuple[str, str]]:
    """Yield what a short turn answers, one value for each thing that was asked for."""
    place = 0
    for cue in asked:
        while place < len(parts) and is_everyday(parts[place], language):
            place += 1
        if place < len(parts) and (value := take(cue.shape, text, parts, place, language)):
            place += len(tokens(value))
            yield cue.name, value


def _without(text: str, parts: tuple[Token, ...], values: list[str]) -> str:
    """Return the text without its cues and the values that are named already."""
    cues = [
        text[parts[end - len(cue.words)].start : parts[end - 1].end] for end, cue in cues_in(parts)
    ]
    for known in (*values, *cues):
        text = text.replace(known, ", ", 1)
    return text
